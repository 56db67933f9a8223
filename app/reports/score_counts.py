"""What 量化考核 counts of a month: the records of each kind by unit, one statement a kind.

Who opens a number sees the very records that made it, because nothing is counted but records.

A record falls into the month in which it became certain, and into no other: 红牌 when the case
fell due, 未当日签收 when the day closed, 不当退回 and 差评属实 when it was ruled, 差评整改不到位
when the rectification fell due (or was rated bad again), measures when they were issued,
典型案例 when the case was first marked. It falls on the unit that was 主办 at that time.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ScalarSelect, and_, exists, func, not_, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from app.actions.calendars import calendar_of
from app.actions.corrections import MARKED, TYPICAL
from app.domain.states import (
    Action,
    RequestStatus,
    ResultStatus,
    ScoreKind,
    SlipKind,
    SupervisionKind,
    Verdict,
)
from app.domain.workdays import WorkCalendar
from app.extensions import db
from app.models import (
    Case,
    CaseEvent,
    Evaluation,
    Result,
    ReturnRequest,
    Slip,
    Supervision,
)
from app.reports import cohorts as c
from app.reports import slip_cohorts as s
from app.reports.measures import overdue
from app.reports.period import Condition, Period
from app.reports.scope import SITE_OF, UNIT_OF, Rows
from app.reports.timings import close_of_day

LONGEST_HOLIDAY = dt.timedelta(days=31)
Found = dict[int, tuple[int, ...]]
"""Unit → the ids of its records."""


def scored(rows: Rows, *times: Any) -> Condition:
    """Return whether a row's case may score at all: not 已撤回 or 并案 (domain/2.3).

    A paper case entered afterwards (补登) does only where its true times were given.
    """
    return s.of_case(rows, c.kept(), *([c.timely(*times)] if times else []))


def _result_unit(case_id: Any, *rounds: Condition) -> ScalarSelect[Any]:
    """Return the unit whose confirmed result ended a round of the case."""
    return (
        select(Result.unit_id)
        .where(Result.case_id == case_id, Result.status == ResultStatus.CONFIRMED, *rounds)
        .order_by(Result.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _or_lead(unit: ScalarSelect[Any], rows: Rows) -> ColumnElement[Any]:
    """Return the unit of the round, the present 主办 while there is none."""
    return func.coalesce(unit, UNIT_OF[rows])


# -- the kinds ------------------------------------------------------------------------------------


def _unsigned(period: Period) -> Condition:
    """Return the 主办 slips that may fall into the month; the day's close is judged outside."""
    early = Period(period.start - LONGEST_HOLIDAY, period.end, period.now)
    is_lead = Slip.slip_kind == SlipKind.LEAD
    return and_(early.holds(Slip.issued_at), is_lead, scored(Slip, Slip.signed_at))


def _bad_returns(period: Period) -> Condition:
    refused = ReturnRequest.status == RequestStatus.REFUSED
    return and_(refused, period.holds(ReturnRequest.decided_at), scored(ReturnRequest))


def _justified(rating: type[Evaluation]) -> Condition:
    return and_(rating.eval_level.in_(c.BAD), rating.verdict == Verdict.JUSTIFIED)


def _bad_ratings(period: Period) -> Condition:
    """差评属实; while it waits for a ruling, or was ruled 误评 or 不合理, it counts nothing."""
    return and_(_justified(Evaluation), period.holds(Evaluation.verified_at), scored(Evaluation))


def _bad_fixes(period: Period) -> Condition:
    """差评整改不到位: not rectified in time, else in time and justly rated bad again; once each."""
    in_time = s.next_result(Result.submitted_at <= Evaluation.redo_due_at)
    given = or_(s.next_result(), s.of_case(Evaluation, Case.is_backfilled.is_(False)))
    late = and_(s.bad_ratings_due(period), not_(in_time), given)
    again = aliased(Evaluation)
    rated_again = exists().where(
        again.case_id == Evaluation.case_id,
        again.round_no == Evaluation.round_no + 1,
        _justified(again),
        period.holds(again.verified_at),
    )
    return or_(late, and_(_justified(Evaluation), scored(Evaluation), in_time, rated_again))


def _typical(period: Period) -> Condition:
    """办成典型案例: marked still, and 办成 by the latest result; dated by the first mark."""
    marked = (
        select(func.min(CaseEvent.at))
        .where(
            CaseEvent.case_id == Case.id,
            CaseEvent.action == Action.MARK_TYPICAL,
            CaseEvent.summary.startswith(f"{MARKED}{TYPICAL}"),
        )
        .scalar_subquery()
    )
    achieved = c.latest_result(Result.is_achieved)
    return and_(c.kept(), Case.is_typical.is_(True), achieved.is_(True), period.holds(marked))


def _missed_the_day(
    calendar: WorkCalendar,
    period: Period,
    issued: dt.datetime,
    signed: dt.datetime | None,
    voided: dt.datetime | None,
) -> bool:
    """Return whether a slip lay unsigned when its day closed, in this month; void ones lie not."""
    close = close_of_day(calendar, issued)
    if not period.covers(close) or close >= period.now:
        return False
    return not any(moment is not None and moment <= close for moment in (signed, voided))


@dataclass(frozen=True)
class Tally:
    """Which rows of a table count in a month, and whose they are.

    `judge` has the last word where the working calendar decides: it is given the `times`.
    """

    rows: Rows
    on: Callable[[Period], Condition]
    unit: ColumnElement[Any]
    times: tuple[Any, ...] = ()
    judge: Callable[..., bool] | None = None


def _of_kind(kind: SupervisionKind) -> Tally:
    return Tally(Supervision, lambda period: s.measures(period, kind), UNIT_OF[Supervision])


_RATED_UNIT = _or_lead(
    _result_unit(Evaluation.case_id, Result.round_no == Evaluation.round_no), Evaluation
)
TALLIES: dict[ScoreKind, Tally] = {
    ScoreKind.RED: Tally(
        Case, overdue, _or_lead(_result_unit(Case.id, Result.round_no == 1), Case)
    ),
    ScoreKind.UNSIGNED: Tally(
        Slip, _unsigned, UNIT_OF[Slip],
        (Slip.issued_at, Slip.signed_at, Slip.voided_at), _missed_the_day,
    ),
    ScoreKind.BAD_RETURN: Tally(ReturnRequest, _bad_returns, UNIT_OF[ReturnRequest]),
    ScoreKind.BAD_RATING: Tally(Evaluation, _bad_ratings, _RATED_UNIT),
    ScoreKind.BAD_FIX: Tally(Evaluation, _bad_fixes, _RATED_UNIT),
    ScoreKind.NOTICE: _of_kind(SupervisionKind.NOTICE),
    ScoreKind.INTERVIEW: _of_kind(SupervisionKind.INTERVIEW),
    ScoreKind.CIRCULAR: _of_kind(SupervisionKind.CIRCULAR),
    ScoreKind.TYPICAL: Tally(Case, _typical, _or_lead(_result_unit(Case.id), Case)),
}  # fmt: skip


# -- counting -------------------------------------------------------------------------------------


def count(kinds: Iterable[ScoreKind], *, site_id: int, period: Period) -> dict[ScoreKind, Found]:
    """Return the records of each kind by unit, as of `period.now`; one statement a kind."""
    return {kind: _records(TALLIES[kind], site_id, period) for kind in kinds}


def _records(tally: Tally, site_id: int, period: Period) -> Found:
    query = (
        select(tally.rows.id, tally.unit.label("of_unit"), *tally.times)
        .where(SITE_OF[tally.rows] == site_id, tally.on(period))
        .order_by(tally.rows.id)
    )
    judge = tally.judge and partial(tally.judge, calendar_of(site_id), period)
    found: dict[int, list[int]] = {}
    for key, unit_id, *times in db.session.execute(query):
        if unit_id is not None and (judge is None or judge(*times)):
            found.setdefault(unit_id, []).append(key)
    return {unit_id: tuple(keys) for unit_id, keys in found.items()}


def less(
    found: Mapping[ScoreKind, Found], without: Iterable[tuple[ScoreKind, int]]
) -> dict[ScoreKind, Found]:
    """Return the records less those that were excluded, by kind and id."""
    out = set(without)
    return {
        kind: {
            unit: kept
            for unit, keys in units.items()
            if (kept := tuple(key for key in keys if (kind, key) not in out))
        }
        for kind, units in found.items()
    }
