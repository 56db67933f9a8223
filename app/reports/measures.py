"""How each indicator is counted: its table and the conditions of domain/2.3, as data."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import and_, func, not_, select

from app.domain.rules import Rules
from app.domain.states import Category, RequestStatus, ResultStatus, SupervisionKind
from app.domain.workdays import WorkCalendar
from app.models import (
    Case,
    Evaluation,
    Extension,
    Reception,
    Rejection,
    Result,
    ReturnRequest,
    Slip,
    Supervision,
)
from app.reports import cohorts as c
from app.reports import slip_cohorts as s
from app.reports.period import Condition, Period
from app.reports.scope import Rows
from app.reports.timings import (
    answered_after_days,
    contacted_same_day,
    signed_in_time,
    worked_minutes,
)

On = Callable[[Period], Condition]
Judge = Callable[[WorkCalendar, Rules, Any, Any], int | None]


@dataclass(frozen=True)
class Counted:
    """n and d as conditions on one table; without `hit` n is all and there is no d.

    With `amount` n is the sum of it over all. Rows of `partly` weigh half a case in n where the
    office has set so (部分解决). `beside` is a table whose `beside_all` belongs to d
    as well (不予受理率: what was accepted).
    """

    rows: Rows
    all: On
    hit: On | None = None
    amount: Any = None
    partly: On | None = None
    beside: Rows | None = None
    beside_all: On | None = None


@dataclass(frozen=True)
class Timed:
    """What needs the working calendar: two times of a row, judged one by one.

    `moment` places a row in a period; `judge` returns what it adds to n (0 or 1 for a rate,
    minutes or days for an average). `needs` narrows the rows further.
    """

    rows: Rows
    moment: Any
    start: Any
    end: Any
    judge: Judge
    needs: Condition

    def all(self, period: Period) -> Condition:
        """Return the condition of the rows of a period."""
        return and_(period.holds(self.moment), self.needs)


Measure = Counted | Timed


def overdue(period: Period) -> Condition:
    """超期: what is due and not on time; 1 − 按时办结率 by construction."""
    return and_(c.due(period), not_(func.coalesce(c.on_time(period), False)))


def _extension_days() -> Any:
    """Return the approved days of a case, of all its extensions together."""
    return (
        select(func.coalesce(func.sum(Extension.days_granted), 0))
        .where(Extension.case_id == Case.id, Extension.status == RequestStatus.AGREED)
        .scalar_subquery()
    )


def _first_reply() -> Any:
    """Return when the reporter was first answered: of the first result not sent back."""
    return (
        select(func.min(Result.replied_at))
        .where(Result.case_id == Case.id, Result.status != ResultStatus.SENT_BACK)
        .scalar_subquery()
    )


def _of_kind(kind: SupervisionKind) -> Counted:
    return Counted(Supervision, s.measures, lambda period: s.measures(period, kind))


MEASURES: dict[str, Measure] = {
    "accept_cnt": Counted(Case, c.accepted),
    **{
        f"category_{kind.value}": Counted(Case, c.accepted, partial(c.of_category, category=kind))
        for kind in Category
    },
    "consult_cnt": Counted(Reception, s.receptions),
    "oos_cnt": Counted(Rejection, s.rejections),
    "oos_rate": Counted(
        Rejection, s.rejections, s.rejections, beside=Case, beside_all=c.accepted
    ),
    "repeat_rate": Counted(Case, c.accepted, c.repeated),
    "same_day_rate": Counted(Slip, s.handed_over, s.handed_over_in_time),
    "sign_rate": Timed(
        Slip, Slip.issued_at, Slip.issued_at, Slip.signed_at, signed_in_time,
        s.of_case(Slip, c.kept(), c.timely(Slip.signed_at)),
    ),
    # The unit's slip counts: after a reassignment the new one (D-14).
    "response_rate": Timed(
        Case, Case.first_dispatched_at, Case.dispatched_at, c.first_contact(),
        contacted_same_day, and_(c.kept(), Case.phone != "", c.timely(Case.first_contact_at)),
    ),
    "return_rate": Counted(Slip, s.issued, s.returned),
    "bad_return_rate": Counted(ReturnRequest, s.return_requests, s.refused_requests),
    "reassign_rate": Counted(Slip, s.issued, s.reassigned),
    "finish_rate": Counted(Case, c.due, c.finished_of_due),
    "ontime_rate": Counted(Case, c.due, c.on_time),
    "ontime_noext_rate": Counted(Case, c.first_limit_due, c.in_first_limit),
    "overdue_rate": Counted(Case, c.due, overdue),
    "ext_rate": Counted(Case, c.dispatched, c.extended),
    "ext_avg": Counted(Case, c.extended, amount=_extension_days()),
    "ext_expired_cnt": Counted(Case, c.extension_expired),
    "escal_rate": Counted(Case, c.dispatched, c.escalated),
    "avg_hours": Timed(
        Case, c.first_finish(), c.last_handed_over(), c.first_finish(), worked_minutes,
        and_(c.kept(), Case.first_dispatched_at.is_not(None), c.timely(c.first_finish())),
    ),
    "total_days": Timed(
        Case, _first_reply(), Case.registered_at, _first_reply(), answered_after_days,
        and_(c.kept(), c.timely(Case.registered_at)),
    ),
    "achieved_rate": Counted(Case, c.closed, c.achieved),
    "solved_rate": Counted(Case, c.rated, c.solved, partly=c.partly_solved),
    "satisfy_rate": Counted(Case, c.rated, c.content),
    "eval_rate": Counted(Case, c.closed, c.evaluated),
    "bad_rate": Counted(Case, c.rated, c.badly_rated),
    "bad_fix_rate": Counted(Evaluation, s.bad_ratings_due, s.bad_ratings_fixed),
    "callback_rate": Counted(Case, c.to_call_back, c.called_back),
    "redo_rate": Counted(Case, c.closed, c.redone),
    "supervise_cnt": Counted(Supervision, s.measures),
    "notice_cnt": _of_kind(SupervisionKind.NOTICE),
    "interview_cnt": _of_kind(SupervisionKind.INTERVIEW),
    "circular_cnt": _of_kind(SupervisionKind.CIRCULAR),
}  # fmt: skip
"""Everything but 带班到岗率, which is counted in half-days: see `app.reports.indicators`."""
