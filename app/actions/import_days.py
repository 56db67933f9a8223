"""Importing what days are made of: both rosters, business hours, and the site's own days."""

import datetime as dt
from collections.abc import Collection, Hashable, Mapping
from typing import Any, ClassVar

from sqlalchemy import select

from app.actions.calendars import overrides_changed, put_override, timetable_changed
from app.actions.import_rows import Importer, People, Written
from app.actions.leaders import set_leader
from app.actions.rosters import set_half_day, shifts_between
from app.actions.timetables import put_timetable
from app.domain.calendar_parts import CalendarError, CalendarProblem, DayKind
from app.domain.import_kinds import DAY_WORDS, ImportKind
from app.domain.import_table import Read
from app.domain.import_values import squeezed
from app.domain.refusals import Code, Refusal
from app.domain.states import Half, Role
from app.extensions import db
from app.models import Account, DayOverride, LeaderRoster, Timetable

FIRST_YEAR = 2019  # of the calendar the program ships with
_KINDS: dict[DayKind, str] = {kind: words for words, kind in DAY_WORDS.items()}


class _OfDays(Importer):
    """A kind with one row a day."""

    def key(self, values: Mapping[str, Any]) -> Hashable:
        """No two rows of one day."""
        return values["day"]

    def refuse_past(self, day: dt.date) -> None:
        """Leave days gone by as they were."""
        if day < self.now.date():
            raise Refusal(Code.NOT_EDITABLE, field="day")


class LeaderImporter(_OfDays):
    """领导带班排班."""

    kind = ImportKind.LEADERS
    column_of: ClassVar[Mapping[str, str]] = {
        "leader_id": "leader", "substitute_id": "substitute",
    }  # fmt: skip

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.people = People(self.site.id)

    def write(self, read: Read) -> Written:
        """Put the leader down for the day."""
        values = read.values
        row = db.session.execute(
            select(LeaderRoster).where(
                LeaderRoster.site_id == self.site.id, LeaderRoster.day == values["day"]
            )
        ).scalar_one_or_none()
        before = _roster_facts(row)
        named = {key: self._person(key, value) for key, value in values.items() if key != "day"}
        after = {**before, **named}
        changes = self.changes(_shown(before), _shown(after)) if row else ()
        if row and not changes:
            return Written(is_new=False)
        self.refuse_past(values["day"])
        substitute = after["substitute"]
        set_leader(
            site_id=self.site.id, day=values["day"], leader_id=after["leader"].id,
            substitute_id=substitute.id if substitute else None,
            is_leader_away=after["is_leader_away"], remark=after["remark"],
            by=self.by, now=self.now,
        )  # fmt: skip
        return Written(is_new=row is None, changes=changes)

    def _person(self, key: str, value: Any) -> Any:
        if key not in ("leader", "substitute"):
            return value
        roles = (Role.DUTY_LEADER, Role.GROUP_HEAD)
        return self.people.find(value, field=key, roles=roles)


def _roster_facts(row: LeaderRoster | None) -> dict[str, Any]:
    if row is None:
        return {"leader": None, "substitute": None, "is_leader_away": False, "remark": ""}
    return {
        "leader": row.leader, "substitute": row.substitute,
        "is_leader_away": row.is_leader_away, "remark": row.remark,
    }  # fmt: skip


def _shown(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.name if isinstance(value, Account) else value
            for key, value in facts.items()}  # fmt: skip


class ShiftImporter(_OfDays):
    """值班排班: a row a day, a blank half-day stays as it is."""

    kind = ImportKind.SHIFTS
    halves: ClassVar[Mapping[str, Half]] = {"am": Half.AM, "pm": Half.PM}

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.people = People(self.site.id)

    def write(self, read: Read) -> Written:
        """Give each half-day named exactly its officers."""
        day = read.values["day"]
        held = shifts_between(site_id=self.site.id, first=day, last=day)
        before: dict[str, str] = {}
        after: dict[str, str] = {}
        for key, half in self.halves.items():
            if key not in read.values:
                continue
            officers = [self._officer(name, key) for name in read.values[key]]
            stored = held.get((day, half), [])
            before[key], after[key] = _names(stored), "、".join(o.name for o in officers)
            if {o.id for o in officers} == set(stored):
                after[key] = before[key]
                continue
            self.refuse_past(day)
            self._set(day, half, [o.id for o in officers], key)
        return Written(is_new=not held and bool(after), changes=self.changes(before, after))

    def _officer(self, name: str, key: str) -> Account:
        return self.people.find(name, field=key, roles=(Role.DUTY_OFFICER,))

    def _set(self, day: dt.date, half: Half, officers: Collection[int], key: str) -> None:
        try:
            set_half_day(
                site_id=self.site.id, day=day, half=half, officers=officers,
                by=self.by, now=self.now,
            )  # fmt: skip
        except Refusal as refusal:
            refusal.facts["field"] = key
            raise


def _names(officers: Collection[int]) -> str:
    return "、".join(db.session.get_one(Account, pk).name for pk in officers)


class HoursImporter(Importer):
    """办公时间, found again by their first day; checked when all of them are written."""

    kind = ImportKind.HOURS

    def key(self, values: Mapping[str, Any]) -> Hashable:
        """One plan a first day and set of weekdays."""
        return (values["valid_from"], values.get("weekdays", ""))

    def write(self, read: Read) -> Written:
        """Add the hours, or change what the row says of them."""
        values = dict(read.values)
        ends_previous = values.pop("ends_previous", False)
        row = self._row(values)
        is_new = row is None
        if row is None:
            row = Timetable(site_id=self.site.id, valid_to=None)
            values = {"weekdays": "1234567", **values}
        before = {name: getattr(row, name) for name in values}
        put_timetable(row, values, ends_previous=ends_previous, by=self.by, now=self.now)
        return Written(is_new, () if is_new else self.changes(before, values))

    def _row(self, values: Mapping[str, Any]) -> Timetable | None:
        rows = (
            db.session.execute(
                select(Timetable).where(
                    Timetable.site_id == self.site.id, Timetable.valid_from == values["valid_from"]
                )
            )
            .scalars()
            .all()
        )
        same_name = [row for row in rows if squeezed(row.name) == squeezed(values["name"])]
        return next(iter(same_name or rows), None)

    def finish(self) -> None:
        """Refuse a calendar that contradicts itself, else compute open cases anew."""
        timetable_changed(site_id=self.site.id, by=self.by, now=self.now)


class DayImporter(_OfDays):
    """工作日调整: the site's own days, each with the paper behind it."""

    kind = ImportKind.DAYS

    def write(self, read: Read) -> Written:
        """Set the day."""
        values = read.values
        day = values["day"]
        if not FIRST_YEAR <= day.year <= self.now.year + 1:
            raise CalendarError(CalendarProblem.OUT_OF_RANGE, field="day")
        row = db.session.execute(
            select(DayOverride).where(DayOverride.site_id == self.site.id, DayOverride.day == day)
        ).scalar_one_or_none()
        before = {"note": ""}
        if row:
            before = {"kind": _KINDS[row.kind], "notice_no": row.notice_no, "note": row.note}
        after = {**before, **values, "kind": _KINDS[values["kind"]]}
        after.pop("day")
        changes = self.changes(before, after) if row else ()
        if row is None or changes:
            put_override(
                site_id=self.site.id, day=day, kind=values["kind"],
                notice_no=after["notice_no"], note=after["note"], by=self.by, now=self.now,
            )  # fmt: skip
        return Written(row is None, changes)

    def finish(self) -> None:
        """Refuse a calendar that contradicts itself, else compute open cases anew."""
        overrides_changed(site_id=self.site.id, by=self.by, now=self.now)
