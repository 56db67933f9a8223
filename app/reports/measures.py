"""How each indicator is counted: its table and the conditions of domain/2.3, as data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select, true

from app.domain.rules import Rules
from app.domain.states import Category, RequestStatus, ResultStatus, State, SupervisionKind
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


@dataclass(frozen=True, eq=False)
class Cohort:
    """The rows that an indicator looks at; `moment` places each of them in a period."""

    rows: Rows
    all: On
    moment: Any


@dataclass(frozen=True)
class Counted:
    """Which rows of a cohort are n, all of it being d; without `hit` n is all and there is no d.

    With `amount` n is the sum of it. Rows of `partly` weigh half a case in n where the office has
    set so (部分解决). `beside` is a cohort that belongs to d as well (不予受理率: 受理量).
    """

    cohort: Cohort
    hit: Condition | None = None
    amount: Any = None
    partly: Condition | None = None
    beside: Cohort | None = None

    @property
    def rows(self) -> Rows:
        """The table."""
        return self.cohort.rows

    def all(self, period: Period) -> Condition:
        """Return the condition of d."""
        return self.cohort.all(period)


@dataclass(frozen=True)
class Timed:
    """What needs the working calendar: two times of a row, judged one by one.

    `moment` places a row in a period; `judge` returns what it adds to n (0 or 1 for a rate,
    minutes or days for an average). `needs` narrows the rows further, and `among` before their
    moments are worked out.
    """

    rows: Rows
    moment: Any
    start: Any
    end: Any
    judge: Judge
    needs: Condition
    among: On | None = None

    def all(self, period: Period) -> Condition:
        """Return the condition of the rows of a period."""
        near = [self.among(period)] if self.among else []
        return and_(*near, period.holds(self.moment), self.needs)


Measure = Counted | Timed


def overdue(period: Period) -> Condition:
    """超期: what is due in the period and not on time."""
    return and_(c.due(period), c.overdue())


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


def _replied(period: Period) -> Condition:
    """Cases somebody was answered in, in the period."""
    return Case.id.in_(select(Result.case_id).where(period.holds(Result.replied_at)))


def _finished(period: Period) -> Condition:
    """Cases that were finished in the period, and those that wait for the leader's signature."""
    return or_(period.holds(Case.first_finished_at), Case.state == State.TO_CONFIRM)


ACCEPTED = Cohort(Case, c.accepted, Case.registered_at)
DISPATCHED = Cohort(Case, c.dispatched, Case.first_dispatched_at)
EXTENDED = Cohort(Case, lambda period: and_(c.dispatched(period), c.extended()),
                  Case.first_dispatched_at)  # fmt: skip
RAN_OUT = Cohort(Case, c.extension_expired, c.ran_out_at())
DUE = Cohort(Case, c.due, Case.first_due_at)
FIRST_DUE = Cohort(Case, c.first_limit_due, Case.original_due_at)
CLOSED = Cohort(Case, c.closed, c.latest_result(Result.submitted_at))
RATED = Cohort(Case, c.rated, c.latest_result(Result.submitted_at))
CALLED = Cohort(Case, c.to_call_back, c.latest_result(Result.submitted_at))
HANDED_OVER = Cohort(Slip, s.handed_over, s.dispatch_due())
ISSUED = Cohort(Slip, s.issued, Slip.issued_at)
RETURNS = Cohort(ReturnRequest, s.return_requests, ReturnRequest.requested_at)
BAD_DUE = Cohort(Evaluation, s.bad_ratings_due, Evaluation.redo_due_at)
SUPERVISED = Cohort(Supervision, s.measures, Supervision.issued_at)
RECEIVED = Cohort(Reception, s.receptions, Reception.received_at)
REJECTED = Cohort(Rejection, s.rejections, Rejection.rejected_at)

MEASURES: dict[str, Measure] = {
    "accept_cnt": Counted(ACCEPTED),
    **{f"category_{k.value}": Counted(ACCEPTED, c.of_category(k)) for k in Category},
    "consult_cnt": Counted(RECEIVED),
    "oos_cnt": Counted(REJECTED),
    "oos_rate": Counted(REJECTED, true(), beside=ACCEPTED),
    "repeat_rate": Counted(ACCEPTED, c.repeated()),
    "same_day_rate": Counted(HANDED_OVER, s.handed_over_in_time()),
    "sign_rate": Timed(
        Slip, Slip.issued_at, Slip.issued_at, Slip.signed_at, signed_in_time,
        s.of_case(Slip, c.kept(), c.timely(Slip.signed_at)),
    ),
    # The unit's slip counts: after a reassignment the new one (D-14).
    "response_rate": Timed(
        Case, Case.first_dispatched_at, Case.dispatched_at, c.first_contact(),
        contacted_same_day, and_(c.kept(), Case.phone != "", c.timely(Case.first_contact_at)),
    ),
    "return_rate": Counted(ISSUED, s.returned()),
    "bad_return_rate": Counted(RETURNS, s.refused()),
    "reassign_rate": Counted(ISSUED, s.reassigned()),
    "finish_rate": Counted(DUE, c.finished()),
    "ontime_rate": Counted(DUE, c.on_time()),
    "ontime_noext_rate": Counted(FIRST_DUE, c.in_first_limit()),
    "overdue_rate": Counted(DUE, c.overdue()),
    "ext_rate": Counted(DISPATCHED, c.extended()),
    "ext_avg": Counted(EXTENDED, amount=_extension_days()),
    "ext_expired_cnt": Counted(RAN_OUT),
    "escal_rate": Counted(DISPATCHED, c.escalated()),
    "avg_hours": Timed(
        Case, c.first_finish(), c.last_handed_over(), c.first_finish(), worked_minutes,
        and_(c.kept(), Case.first_dispatched_at.is_not(None), c.timely(c.first_finish())),
        _finished,
    ),
    "total_days": Timed(
        Case, _first_reply(), Case.registered_at, _first_reply(), answered_after_days,
        and_(c.kept(), c.timely(Case.registered_at)), _replied,
    ),
    "achieved_rate": Counted(CLOSED, c.achieved()),
    "solved_rate": Counted(RATED, c.solved(), partly=c.partly_solved()),
    "satisfy_rate": Counted(RATED, c.content()),
    "eval_rate": Counted(CLOSED, c.evaluated()),
    "bad_rate": Counted(RATED, c.badly_rated()),
    "bad_fix_rate": Counted(BAD_DUE, s.rectified()),
    "callback_rate": Counted(CALLED, c.called_back()),
    "redo_rate": Counted(CLOSED, c.redone()),
    "supervise_cnt": Counted(SUPERVISED),
    "notice_cnt": Counted(SUPERVISED, Supervision.kind == SupervisionKind.NOTICE),
    "interview_cnt": Counted(SUPERVISED, Supervision.kind == SupervisionKind.INTERVIEW),
    "circular_cnt": Counted(SUPERVISED, Supervision.kind == SupervisionKind.CIRCULAR),
}  # fmt: skip
"""Everything but 带班到岗率, which is counted in half-days: see `app.reports.indicators`."""
