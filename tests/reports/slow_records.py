"""All records of the database in memory, for counting slowly, and the questions asked of a case."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.actions.calendars import calendar_of
from app.domain.states import (
    ResultStatus,
    SlipKind,
    State,
    Verdict,
)
from app.extensions import db
from app.models import (
    Case,
    Evaluation,
    Supervision,
)
from app.reports.period import Period

DAY = dt.timedelta(days=1)
HOURS_TO_SIGN = 2


@dataclass
class Counted:
    """The rows that count as good, all rows looked at, and the sum where it is an average."""

    good: list[Any] = field(default_factory=list)
    all: list[Any] = field(default_factory=list)
    total: int = 0

    def add(self, row: Any, is_good: bool = True, worth: int = 0) -> None:
        self.all.append(row)
        self.total += worth
        if is_good:
            self.good.append(row)


class Office:
    """All records of the database, and the questions asked of a case."""

    def __init__(
        self, cases: Iterable[Case], site_id: int, unit_id: int | None, period: Period
    ) -> None:
        self.period, self.unit_id, self.now = period, unit_id, period.now
        self.site_id = site_id
        self.calendar = calendar_of(site_id)
        every = [c for c in cases if c.site_id == site_id]
        self.kept = [c for c in every if c.state not in (State.WITHDRAWN, State.MERGED)]
        self.cases = [c for c in self.kept if unit_id in (None, c.lead_unit_id)]
        self.slips = [
            s for c in self.kept for s in c.slips
            if unit_id is None or (s.unit_id == unit_id and s.slip_kind is SlipKind.LEAD)
        ]  # fmt: skip
        self.measures = self.at_site(Supervision)

    def at_site(self, model: type[Any]) -> list[Any]:
        return [row for row in _all(model) if row.site_id == self.site_id]

    def inside(self, moment: dt.datetime | None) -> bool:
        return moment is not None and self.period.start <= moment < self.period.end

    def accepted(self) -> list[Case]:
        return [
            c for c in self.cases
            if c.ledger_no and not c.is_ledger_void and self.inside(c.registered_at)
        ]  # fmt: skip

    def dispatched(self) -> list[Case]:
        return [c for c in self.cases if self.inside(c.first_dispatched_at)]

    def closed(self) -> list[tuple[Case, Any]]:
        found = []
        for case in self.cases:
            signed = [r for r in case.results if r.status is ResultStatus.CONFIRMED]
            last = max(signed, key=lambda r: r.id, default=None)
            if case.is_backfilled and case.finished_at is None:
                continue  # the paper does not say when
            if last is not None and self.inside(last.submitted_at):
                found.append((case, last))
        return found

    def rated(self) -> list[tuple[Case, Evaluation]]:
        found = []
        for case, _result in self.closed():
            valid = [e for e in case.evaluations if is_valid(e)]
            if valid:
                found.append((case, max(valid, key=lambda e: e.round_no)))
        return found

    def due(self) -> list[tuple[Case, dt.datetime | None]]:
        found = []
        for case in self.cases:
            finish = first_finish(case)
            if not self.inside(case.first_due_at) or untimed(case, finish):
                continue
            no_due_time = case.state in (
                State.GROUP_REVIEW, State.TO_DISPATCH, State.DRAFT, State.REJECTED
            )  # fmt: skip
            if finish is not None or (case.first_due_at < self.now and not no_due_time):
                found.append((case, finish))
        return found

    def worked(self, start: dt.datetime, end: dt.datetime) -> int:
        """Return business seconds, day by day and span by span."""
        total, day = 0.0, start.date()
        while day <= end.date():
            if self.calendar.is_workday(day):
                for first, last in self.calendar.spans(day):
                    total += max(0.0, (min(end, last) - max(start, first)).total_seconds())
            day += DAY
        return int(total)

    def closing_after(self, moment: dt.datetime) -> dt.datetime:
        """Return the close of the day, or of the next working day where that is over."""
        day = moment.date()
        while not self.calendar.is_workday(day) or moment >= self.calendar.spans(day)[-1][1]:
            day, moment = day + DAY, dt.datetime.combine(day + DAY, dt.time(), moment.tzinfo)
        return self.calendar.spans(day)[-1][1]

    def workdays(self, after: dt.date, until: dt.date) -> int:
        days = (after + DAY * n for n in range(1, (until - after).days + 1))
        return sum(self.calendar.is_workday(day) for day in days)


def all_cases() -> list[Case]:
    """Return every case with all that hangs on it, to be held while it is counted."""
    parts = (
        "slips", "results", "evaluations", "callbacks", "extensions", "return_requests",
        "group_reviews", "contacts",
    )  # fmt: skip
    query = select(Case).order_by(Case.id).execution_options(populate_existing=True)
    query = query.options(*(selectinload(getattr(Case, name)) for name in parts))
    return list(db.session.execute(query).scalars())


def _all(model: type[Any]) -> Iterable[Any]:
    return db.session.execute(select(model).order_by(model.id)).scalars()


def is_valid(rating: Evaluation) -> bool:
    unreal = rating.verdict in (Verdict.MISTAKEN, Verdict.UNREASONABLE)
    return not (unreal and rating.approved_at is not None)


def untimed(case: Case, moment: dt.datetime | None) -> bool:
    """Tell whether a paper case does not give its times, and so has no timeliness."""
    return case.is_backfilled and (moment is None or not case.has_true_times)


def first_finish(case: Case) -> dt.datetime | None:
    if case.first_finished_at is not None:
        return case.first_finished_at
    unsigned = case.round_no == 1 and case.state is State.TO_CONFIRM
    return case.finished_at if unsigned else None


def first_reply(case: Case) -> dt.datetime | None:
    replies = [r.replied_at for r in case.results if r.status is not ResultStatus.SENT_BACK]
    return min(replies, default=None)
