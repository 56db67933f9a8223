"""Who is told of a stage (domain/2.2): the unit, the section, the day's leader, the desk."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property

from sqlalchemy import select

from app.actions.calendars import calendar_of
from app.actions.notices import leader_today, section_of, unit_people
from app.actions.people import accounts_with, group_head
from app.domain.notice_kinds import NoticeKind
from app.domain.rules import Rules
from app.domain.stages import unsigned_from
from app.domain.states import Role
from app.domain.workdays import WorkCalendar
from app.extensions import db
from app.models import Account, Case, Slip

UNIT, SECTION, LEADER, DESK, HEAD = "unit", "section", "leader", "desk", "head"

PARTS: dict[NoticeKind, tuple[str, ...]] = {
    NoticeKind.DISPATCH_SOON: (SECTION,),
    NoticeKind.DISPATCH_LATE: (SECTION, LEADER),
    NoticeKind.EXPLANATION_MISSING: (UNIT,),
    NoticeKind.REMINDER: (UNIT,),
    NoticeKind.YELLOW: (UNIT, SECTION),
    NoticeKind.RED: (UNIT, SECTION, LEADER),
    NoticeKind.MEASURE_DRAFTED: (SECTION,),
    NoticeKind.INTERVIEW_ADVISED: (SECTION, LEADER),
    NoticeKind.GROUP_WAITING: (HEAD, SECTION, LEADER),
    NoticeKind.EVALUATION_OVER: (DESK,),
    NoticeKind.VERIFY_LATE: (SECTION, LEADER),
}


class Audience:
    """Finds the people of a stage at one instant; each office, unit and leader is read once."""

    def __init__(self, cases: Iterable[Case], *, now: dt.datetime) -> None:
        self.now = now
        self._keys = [case.id for case in cases]
        self._found: dict[tuple[object, ...], list[Account]] = {}
        self._calendars: dict[int, WorkCalendar] = {}

    def of(self, case: Case, kind: NoticeKind, rules: Rules) -> list[Account]:
        """Return whom a stage of the case is told, each once."""
        if kind is NoticeKind.UNSIGNED:
            groups = [self._unit(case, unit) for unit in self._unsigned_units(case, rules)]
        else:
            groups = [self._part(case, part) for part in PARTS[kind]]
        return list({person.id: person for group in groups for person in group}.values())

    def _part(self, case: Case, part: str) -> list[Account]:
        if part == UNIT:
            return self._unit(case, case.lead_unit_id)
        find: dict[str, Callable[[], list[Account | None]]] = {
            SECTION: lambda: section_of(case, self.now),
            LEADER: lambda: leader_today(case, self.now),
            DESK: lambda: [*accounts_with(Role.DUTY_OFFICER, site_id=case.site_id)],
            HEAD: lambda: [self._head(case.site_id)],
        }
        return self._once((part, case.site_id, case.complaint_about), find[part])

    def _unit(self, case: Case, unit_id: int | None) -> list[Account]:
        key = (UNIT, case.site_id, unit_id, case.is_confidential)
        return self._once(key, lambda: [*unit_people(case, unit_id)])

    def _once(
        self, key: tuple[object, ...], find: Callable[[], list[Account | None]]
    ) -> list[Account]:
        if key not in self._found:
            self._found[key] = [person for person in find() if person is not None]
        return self._found[key]

    def _head(self, site_id: int) -> Account | None:
        head = group_head(site_id=site_id, day=self.now.date())
        return head.account if head else None

    def _unsigned_units(self, case: Case, rules: Rules) -> list[int]:
        """Return the units whose slip has waited too long, in the order of the slips."""
        calendar = self.calendar(case.site_id)
        return [
            unit_id
            for unit_id, issued_at in self._unsigned[case.id]
            if unsigned_from(calendar, issued_at, case.limit_class, rules) <= self.now
        ]

    def calendar(self, site_id: int) -> WorkCalendar:
        """Return the calendar of a site, asked for once."""
        if site_id not in self._calendars:
            self._calendars[site_id] = calendar_of(site_id)
        return self._calendars[site_id]

    @cached_property
    def _unsigned(self) -> dict[int, list[tuple[int, dt.datetime]]]:
        found: dict[int, list[tuple[int, dt.datetime]]] = defaultdict(list)
        rows = db.session.execute(
            select(Slip.case_id, Slip.unit_id, Slip.issued_at)
            .where(Slip.case_id.in_(self._keys), Slip.is_void.is_(False), Slip.signed_at.is_(None))
            .order_by(Slip.id)
        )
        for case_id, unit_id, issued_at in rows:
            found[case_id].append((unit_id, issued_at))
        return found
