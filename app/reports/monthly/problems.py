"""存在问题 of a month: units, items and grounds; no names, no numbers, nobody's own words."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.domain.due_words import full_time
from app.domain.states import Verdict
from app.domain.words import word
from app.extensions import db
from app.models import Case, Evaluation, ReturnRequest, Supervision, Unit
from app.reports.cohorts import BAD, is_valid
from app.reports.monthly.words_left_out import counted, is_kept_back, item_of
from app.reports.period import Period
from app.reports.scope import Scope

NOBODY = "（未明确承办单位）"
NOT_NAMED = "（不列明）"
LATE, RATED_BADLY, MEASURE, RETURN = "超时限", "差评", "督办", "不当退回"
KINDS = (LATE, RATED_BADLY, MEASURE, RETURN)
MARKS = {"common": Case.is_common_issue, "typical": Case.is_typical}


@dataclass(frozen=True)
class Problem:
    """A line of 存在问题: what kind, whose, about what, on which ground."""

    kind: str
    unit: str
    item: str
    ground: str


def problems(period: Period, scope: Scope) -> list[Problem]:
    """Return what went wrong in the month, kind by kind and in each by the units' order."""
    return [*_late(period, scope), *_badly_rated(period, scope), *_measures(period, scope),
            *_returns(period, scope)]  # fmt: skip


def marked_items(mark: str, period: Period, scope: Scope) -> list[str]:
    """Return the items of what was closed in the month and marked 共性问题 or 典型案例."""
    closed = counted("achieved_rate", "d", period, scope)
    query = select(Case).where(closed, MARKS[mark])
    return list(dict.fromkeys(item_of(c) for c in db.session.scalars(query.order_by(Case.id))))


def _late(period: Period, scope: Scope) -> Iterator[Problem]:
    query = (
        select(Case)
        .outerjoin(Unit, Case.lead_unit_id == Unit.id)
        .where(counted("overdue_rate", "n", period, scope))
        .options(joinedload(Case.lead_unit))
        .order_by(Unit.sort_order, Case.first_due_at, Case.id)
    )
    for case in db.session.scalars(query):
        yield _problem(LATE, case, case.lead_unit, _how_late(case, period.now))


def _how_late(case: Case, now: dt.datetime) -> str:
    if case.first_due_at is None:
        return ""
    due = f"应于{full_time(case.first_due_at)}前办结"
    finished = case.first_finished_at or case.finished_at
    if case.is_extended_late:
        return f"{due}，逾期申请延期"
    if finished is None or finished > now:
        return f"{due}，尚未办结"
    return f"{due}，实际于{full_time(finished)}办结"


def _badly_rated(period: Period, scope: Scope) -> Iterator[Problem]:
    rated = select(Case.id).where(counted("bad_rate", "n", period, scope))
    query = (
        select(Evaluation)
        .where(Evaluation.case_id.in_(rated))
        .where(Evaluation.eval_level.in_(BAD), is_valid(Evaluation))
        .options(joinedload(Evaluation.case).joinedload(Case.lead_unit))
        .order_by(Evaluation.evaluated_at, Evaluation.id)
    )
    for rating in sorted(db.session.scalars(query), key=lambda e: _place(e.case.lead_unit)):
        ruled = {None: "待核实", Verdict.JUSTIFIED: "核实属实"}.get(
            rating.verdict, "核实结论待批准"
        )
        ground = f"评价为“{word(rating.eval_level)}”，{ruled}"
        yield _problem(RATED_BADLY, rating.case, rating.case.lead_unit, ground)


def _place(unit: Unit | None) -> tuple[int, int]:
    return (unit.sort_order, unit.id) if unit else (-1, 0)


def _measures(period: Period, scope: Scope) -> Iterator[Problem]:
    query = (
        select(Supervision)
        .join(Unit, Supervision.unit_id == Unit.id)
        .where(counted("supervise_cnt", "n", period, scope))
        .options(joinedload(Supervision.case), joinedload(Supervision.unit))
        .order_by(Unit.sort_order, Supervision.issued_at, Supervision.id)
    )
    for row in db.session.scalars(query):
        yield _problem(MEASURE, row.case, row.unit, f"{word(row.kind)}：{word(row.ground)}")


def _returns(period: Period, scope: Scope) -> Iterator[Problem]:
    query = (
        select(ReturnRequest)
        .join(ReturnRequest.unit)
        .where(counted("bad_return_rate", "n", period, scope))
        .options(joinedload(ReturnRequest.case), joinedload(ReturnRequest.unit))
        .order_by(Unit.sort_order, ReturnRequest.requested_at, ReturnRequest.id)
    )
    for row in db.session.scalars(query):
        yield _problem(RETURN, row.case, row.unit, "申请退回未获同意")


def _problem(kind: str, case: Case | None, unit: Any, ground: str) -> Problem:
    if case is not None and is_kept_back(case):
        return Problem(kind, NOT_NAMED, item_of(case), ground)
    return Problem(kind, unit.name if unit else NOBODY, item_of(case) if case else "—", ground)
