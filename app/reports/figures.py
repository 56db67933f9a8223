"""The five numbers of the home page, each n of d, and the cases that each one counted.

domain/2.3 has the formulas. 已撤回 and 并案 are out of all of them, with their slips.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import SQLColumnExpression, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from app.domain.states import EvalLevel, ResultStatus, State, Verdict
from app.extensions import db
from app.models import Case, Evaluation, Result, Slip

Condition = ColumnElement[bool]
LEFT_OUT = (State.WITHDRAWN, State.MERGED)
CONTENT = tuple(level for level in EvalLevel if not level.is_bad)
UNREAL = (Verdict.MISTAKEN, Verdict.UNREASONABLE)


@dataclass(frozen=True)
class Period:
    """From `start` up to, not including, `end`; `now` is when the figure is asked for."""

    start: dt.datetime
    end: dt.datetime
    now: dt.datetime

    def holds(self, moment: SQLColumnExpression[Any]) -> Condition:
        """Return whether a time lies in the period."""
        return and_(moment >= self.start, moment < self.end)


@dataclass(frozen=True)
class Figure:
    """How many of how many; `hit` and `all` are the conditions of the rows counted."""

    key: str
    n: int
    d: int | None = None

    @property
    def rate(self) -> str:
        """Return the percentage to two decimals, or — where nothing is to be counted."""
        return f"{100 * self.n / self.d:.2f}%" if self.d else "—"


@dataclass(frozen=True)
class Cohort:
    """The rows a figure is about and those of them that count as good; `rows` names their table."""

    rows: type[Case] | type[Slip]
    all: Callable[[Period], Condition]
    hit: Callable[[Period], Condition]


def month_of(now: dt.datetime) -> Period:
    """Return the calendar month of `now`."""
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Period(start, (start + dt.timedelta(days=32)).replace(day=1), now)


def _kept() -> Condition:
    return Case.state.not_in(LEFT_OUT)


# 受理量：有台账编号、在期内登记的事项。A number that was made void by 改不予受理 counts nothing.
def _accepted(period: Period) -> Condition:
    numbered = and_(Case.ledger_no.is_not(None), Case.is_ledger_void.is_(False))
    return and_(_kept(), numbered, period.holds(Case.registered_at))


# 当日转办率：应交办时间在期内的交办单。Slips that follow later (协办, 改派, 研究决定) are not due
# from the ledger's receipt, so only those of the first hand-over count.
def _to_hand_over(period: Period) -> Condition:
    return exists().where(
        Case.id == Slip.case_id,
        Slip.issued_at == Case.first_dispatched_at,
        _kept(),
        period.holds(Case.dispatch_due_at),
    )


def _handed_over_in_time(period: Period) -> Condition:
    in_time = exists().where(Case.id == Slip.case_id, Slip.issued_at <= Case.dispatch_due_at)
    return and_(_to_hand_over(period), in_time)


def _first_finish() -> ColumnElement[dt.datetime | None]:
    """Return the first finish; a result still to be signed counts from its submission (D-18)."""
    waiting = and_(Case.round_no == 1, Case.state == State.TO_CONFIRM)
    return func.coalesce(Case.first_finished_at, case((waiting, Case.finished_at)))


# 按时办结率：应办结时间在期内的事项，办结与否都算；还没有到期又没有办结的，还不能说按不按时。
# While the group deliberates there is no due time (D-38).
def _due(period: Period) -> Condition:
    finished = _first_finish().is_not(None)
    without_due = and_(Case.state == State.GROUP_REVIEW, ~finished)
    return and_(
        _kept(),
        period.holds(Case.first_due_at),
        or_(finished, Case.first_due_at < period.now),
        ~without_due,
    )


def _on_time(period: Period) -> Condition:
    return and_(
        _due(period),
        _first_finish() <= Case.first_due_at,
        Case.is_extended_late.is_(False),
    )


def _closed(period: Period, *conditions: Condition) -> Condition:
    """Return whether the latest confirmed result was submitted in the period."""
    later = aliased(Result)
    is_latest = ~exists().where(
        later.case_id == Result.case_id,
        later.status == ResultStatus.CONFIRMED,
        later.id > Result.id,
    )
    return and_(
        _kept(),
        exists().where(
            Result.case_id == Case.id,
            Result.status == ResultStatus.CONFIRMED,
            period.holds(Result.submitted_at),
            is_latest,
            *conditions,
        ),
    )


# 办成率：已办结中结果为办成的；重办过的以最近一次办结为准。
def _achieved(period: Period) -> Condition:
    return _closed(period, Result.is_achieved.is_(True))


# 满意率：基本满意以上／有效评价；每件取最近一次有效评价，误评、不合理（经批准）和未评价不计。
def _rated(period: Period, *conditions: Condition) -> Condition:
    later = aliased(Evaluation)
    is_latest = ~exists().where(
        later.case_id == Evaluation.case_id, later.round_no > Evaluation.round_no, _valid(later)
    )
    rated = exists().where(
        Evaluation.case_id == Case.id, _valid(Evaluation), is_latest, *conditions
    )
    return and_(_closed(period), rated)


def _valid(rating: type[Evaluation]) -> Condition:
    return or_(
        rating.verdict.is_(None), rating.verdict.not_in(UNREAL), rating.approved_at.is_(None)
    )


def _content(period: Period) -> Condition:
    return _rated(period, Evaluation.eval_level.in_(CONTENT))


COHORTS: dict[str, Cohort] = {
    "accepted": Cohort(Case, _accepted, _accepted),
    "same_day": Cohort(Slip, _to_hand_over, _handed_over_in_time),
    "on_time": Cohort(Case, _due, _on_time),
    "achieved": Cohort(Case, _closed, _achieved),
    "satisfied": Cohort(Case, _rated, _content),
}
"""受理量, 当日转办率, 按时办结率, 办成率, 满意率, in the order of the home page."""


def count(key: str, *, period: Period, scope: Condition) -> Figure:
    """Return one figure over the cases (for 当日转办率: slips) inside `scope`; one statement."""
    cohort = COHORTS[key]
    hit = func.coalesce(func.sum(case((cohort.hit(period), 1), else_=0)), 0)
    query = select(func.count(), hit).select_from(cohort.rows)
    d, n = db.session.execute(query.where(scope, cohort.all(period))).one()
    return Figure(key, int(d)) if key == "accepted" else Figure(key, int(n), int(d))


def counted(name: str, *, period: Period) -> Condition:
    """Return the condition behind a name of a list: “on_time” all, “on_time-hit”, “on_time-miss”.

    Raises KeyError for a name that counts nothing.
    """
    key, _, part = name.partition("-")
    cohort = COHORTS[key]
    if part == "hit":
        return cohort.hit(period)
    if part == "miss":
        return and_(cohort.all(period), ~func.coalesce(cohort.hit(period), false()))
    return cohort.all(period)
