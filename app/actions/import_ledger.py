"""补登 of paper ledgers: closed matters with their own numbers, times and names.

Nobody is told and no clock runs: the cases are 已归档 from the first moment. They count in 受理量;
in figures of timeliness only where the paper gives the times of day.
"""

import datetime as dt
from collections.abc import Hashable, Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import select

from app.actions.calendars import calendar_of
from app.actions.import_rows import Importer, People, Written, unit_named, units_by_name
from app.actions.numbers import go_on_after
from app.actions.office import load_rules
from app.actions.past_papers import Paper, records_of
from app.domain.calendar_parts import CalendarError
from app.domain.deadlines import due_at
from app.domain.import_faults import BadImport, Fault
from app.domain.import_kinds import ImportKind
from app.domain.import_table import Read
from app.domain.import_values import When
from app.domain.states import NumberKind
from app.extensions import db
from app.models import Case, Slip, Unit

MASKS = "*＊●"
BATCH = 500  # matters flushed at once


class LedgerImporter(Importer):
    """A row a matter; numbers that exist already are refused, none is ever changed."""

    kind = ImportKind.LEDGER
    writes_rows = False

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.site_id, self.by_id = self.site.id, self.by.id
        self.people = People(self.site.id)
        self.units = units_by_name(self.site.id, also_closed=True)
        self.calendar, self.rules = calendar_of(self.site.id), load_rules()
        self.taken = _numbers(self.site.id)
        self.slips: dict[tuple[int, int], str] = dict.fromkeys(_slip_numbers(self.site.id), "")
        self.papers: list[Paper] = []

    def key(self, values: Mapping[str, Any]) -> Hashable:
        """No two matters of one number."""
        return values["ledger_no"]

    def write(self, read: Read) -> Written:
        """Check the row against itself and the book; it is written by `save`."""
        values = read.values
        number = values["ledger_no"]
        if number in self.taken:
            raise BadImport(Fault.NUMBER_TAKEN, field="ledger_no", number=number)
        if int(number[:4]) != values["registered"].at.year:
            raise BadImport(Fault.OTHER_YEAR, field="ledger_no")
        _check_reporter(values)
        _check_times(values, self.now)
        units = [unit_named(self.units, name, field="units") for name in values.get("units", [])]
        _check_result(values, units)
        paper = Paper(
            values=values, units=units, slips=self._slips(values, units),
            original_due=self._original_due(values), line=read.line,
        )  # fmt: skip
        self.papers.append(paper)
        return Written(is_new=True)

    def _slips(self, values: Mapping[str, Any], units: list[Unit]) -> list[tuple[int, int]]:
        """Return (year, number) of each slip; refuses one that is known or has no unit."""
        if not values.get("slips"):
            return []
        if len(values["slips"]) > len(units):
            raise BadImport(Fault.SLIPS_AND_UNITS, field="slips")
        if "limit" not in values:
            raise BadImport(Fault.LIMIT_MISSING, field="limit")
        year = values.get("issued", values["registered"]).at.year
        found = [(own or year, number) for own, number in values["slips"]]
        for slip in found:
            if slip in self.slips or found.count(slip) > 1:
                name = f"{slip[0]}-{slip[1]:04d}"
                raise BadImport(Fault.NUMBER_TAKEN, field="slips", number=name)
        self.slips.update(dict.fromkeys(found, values["ledger_no"]))
        return found

    def _original_due(self, values: Mapping[str, Any]) -> dt.datetime | None:
        """Return the due time before the extension; paper has only the last one (R28)."""
        due, issued, limit = values.get("due"), values.get("issued"), values.get("limit")
        if due is None or not values.get("extended"):
            return due.at if due else None
        if issued is None or not issued.is_exact or limit is None:
            return None
        try:
            return due_at(self.calendar, issued.at, limit.days, self.rules).at
        except CalendarError:
            return None

    def save(self) -> None:
        """Write all matters, and let the counters go on after the highest numbers."""
        for start in range(0, len(self.papers), BATCH):
            for paper in self.papers[start : start + BATCH]:
                db.session.add_all(
                    records_of(
                        paper, site_id=self.site_id,
                        officer_id=self._account(paper.values.get("officer")),
                        by=self.by, now=self.now, run_id=self.run_id,
                    )
                )  # fmt: skip
            db.session.flush()
        self._move_counters()

    def _account(self, name: str | None) -> int:
        """Return the account of a 值班人员 who still has one; else of whoever imports."""
        if name:
            with suppress(BadImport):
                return self.people.find(name, field="officer").id
        return self.by_id

    def _move_counters(self) -> None:
        ledger = [(int(p.values["ledger_no"][:4]), int(p.values["ledger_no"][5:]))
                  for p in self.papers]  # fmt: skip
        slips = [slip for paper in self.papers for slip in paper.slips]
        for series, numbers in ((NumberKind.LEDGER, ledger), (NumberKind.SLIP, slips)):
            for year in sorted({year for year, _number in numbers}):
                highest = max(number for own, number in numbers if own == year)
                go_on_after(site_id=self.site_id, series=series, period=str(year), last_no=highest)


def _check_reporter(values: Mapping[str, Any]) -> None:
    """Refuse names an export has masked, and anonymous reports where there are none (D-21)."""
    name = values.get("reporter", "")
    if any(mark in name for mark in MASKS):
        raise BadImport(Fault.MASKED, field="reporter")
    if not name:
        raise BadImport(Fault.EMPTY, field="reporter")


def _check_times(values: Mapping[str, Any], now: dt.datetime) -> None:
    """Refuse times in the future or out of their order, and a 是否按时 that they contradict."""
    before: When | None = None
    for key in ("registered", "issued", "finished"):
        moment: When | None = values.get(key)
        if moment is None:
            continue
        if moment.at > now:
            raise BadImport(Fault.FUTURE, field=key)
        if before is not None and _precedes(moment, before):
            raise BadImport(Fault.TOO_EARLY, field=key)
        before = moment
    due = values.get("due")
    if due is not None and _precedes(due, values.get("issued") or values["registered"]):
        raise BadImport(Fault.TOO_EARLY, field="due")
    said, finished = values.get("on_time"), values.get("finished")
    if said is None or due is None or finished is None:
        return
    is_late = _precedes(due, finished)
    # Asked for after the due time, an extension leaves the matter late (D-11).
    if said == is_late and not (said is False and values.get("extended")):
        raise BadImport(Fault.NOT_ON_TIME, field="on_time")


def _precedes(one: When, other: When) -> bool:
    """Return whether one is before the other; without times of day the dates decide."""
    if one.is_exact and other.is_exact:
        return one.at < other.at
    return one.at.date() < other.at.date()


def _check_result(values: Mapping[str, Any], units: list[Unit]) -> None:
    """Refuse a result nobody answers for (R22), or of which nobody knows whether it helped."""
    if not any(name in values for name in ("finished", "result", "achieved", "level")):
        return
    if not units:
        raise BadImport(Fault.UNIT_MISSING, field="units")
    if "achieved" not in values:
        raise BadImport(Fault.ACHIEVED_MISSING, field="achieved")


def _numbers(site_id: int) -> set[str]:
    query = select(Case.ledger_no).where(Case.site_id == site_id, Case.ledger_no.is_not(None))
    return {str(number) for number in db.session.execute(query).scalars()}


def _slip_numbers(site_id: int) -> list[tuple[int, int]]:
    query = select(Slip.year_no, Slip.slip_no).where(Slip.site_id == site_id)
    return [(year, number) for year, number in db.session.execute(query)]
