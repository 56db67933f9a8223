"""Which cases an indicator looks at in a period, and which of them count as good.

domain/2.3 has the formulas. 已撤回 and 并案 are out of all of them, with their slips.
"""

from typing import Any

from sqlalchemy import ScalarSelect, and_, case, exists, false, func, not_, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from app.domain.states import (
    CallOutcome,
    Category,
    EvalLevel,
    RequestStatus,
    ResultStatus,
    SlipKind,
    SolvedLevel,
    State,
    Verdict,
)
from app.models import Callback, Case, Contact, Evaluation, Extension, GroupReview, Result, Slip
from app.reports.period import Condition, Period

LEFT_OUT = (State.WITHDRAWN, State.MERGED)
CONTENT = tuple(level for level in EvalLevel if not level.is_bad)
BAD = tuple(level for level in EvalLevel if level.is_bad)
UNREAL = (Verdict.MISTAKEN, Verdict.UNREASONABLE)
# 研究期间无时限（D-38）；退回待交办、改不予受理的，原时限随交办单作废。
WITHOUT_DUE = (State.GROUP_REVIEW, State.TO_DISPATCH, State.DRAFT, State.REJECTED)


def kept() -> Condition:
    """Return whether a case counts anywhere."""
    return Case.state.not_in(LEFT_OUT)


def timely(*times: Any) -> Condition:
    """Return whether a case belongs into a figure of timeliness.

    One that was entered afterwards (补登) does only where its true times were given.
    """
    given = and_(Case.has_true_times.is_(True), *(time.is_not(None) for time in times))
    return or_(Case.is_backfilled.is_(False), given)


# -- 受理, 交办 ----------------------------------------------------------------------------------


def accepted(period: Period) -> Condition:
    """受理量: a ledger number, registered in the period; voided by 改不予受理 it counts nothing."""
    numbered = and_(Case.ledger_no.is_not(None), Case.is_ledger_void.is_(False))
    return and_(kept(), numbered, period.holds(Case.registered_at))


def of_category(category: Category) -> Condition:
    """受理类别."""
    return Case.category == category


def repeated() -> Condition:
    """重复反映: the case carries the mark, be it for an earlier or a reopened case."""
    return Case.is_repeat.is_(True)


def dispatched(period: Period) -> Condition:
    """Cases handed over in the period for the first time; 当场办结 has no slip and never is."""
    return and_(kept(), period.holds(Case.first_dispatched_at))


def first_contact() -> ColumnElement[Any]:
    """Return when the 主办 first reached the reporter: after a reassignment the new unit's call."""
    called = select(func.min(Contact.contacted_at)).where(
        Contact.case_id == Case.id,
        Contact.unit_id == Case.lead_unit_id,
        Contact.is_reached.is_(True),
    )
    answered = select(func.min(Result.replied_at)).where(
        Result.case_id == Case.id, Result.unit_id == Case.lead_unit_id
    )
    own = func.coalesce(called.scalar_subquery(), answered.scalar_subquery())
    is_first_unit = Case.dispatched_at == Case.first_dispatched_at
    return case((is_first_unit, Case.first_contact_at), else_=own)


def extended() -> Condition:
    """延期: there is an approved extension, whenever it was approved."""
    return exists().where(Extension.case_id == Case.id, Extension.status == RequestStatus.AGREED)


def escalated() -> Condition:
    """提交领导小组: the case ever came before the group."""
    return Case.escalated_at.is_not(None)


def extension_expired(period: Period) -> Condition:
    """延期届满未办结 (D-38): brought before the group in the period because time ran out."""
    ran_out = select(GroupReview.case_id).where(
        GroupReview.is_auto.is_(True), period.holds(GroupReview.asked_at)
    )
    return and_(kept(), Case.id.in_(ran_out))


def ran_out_at() -> ScalarSelect[Any]:
    """Return when the clock brought the case before the group."""
    return (
        select(func.min(GroupReview.asked_at))
        .where(GroupReview.case_id == Case.id, GroupReview.is_auto.is_(True))
        .scalar_subquery()
    )


# -- 时限 ----------------------------------------------------------------------------------------


def first_finish() -> ColumnElement[Any]:
    """Return the first finish; a result still to be signed counts from its submission (D-18)."""
    waiting = and_(Case.round_no == 1, Case.state == State.TO_CONFIRM)
    return func.coalesce(Case.first_finished_at, case((waiting, Case.finished_at)))


def last_handed_over() -> ColumnElement[Any]:
    """Return when the unit that finished got its slip: after a reassignment the new one (D-14)."""
    latest = (
        select(func.max(Slip.issued_at))
        .where(
            Slip.case_id == Case.id,
            Slip.slip_kind == SlipKind.LEAD,
            Slip.issued_at <= first_finish(),
        )
        .correlate(Case)
        .scalar_subquery()
    )
    return func.coalesce(latest, Case.first_dispatched_at)


def due(period: Period) -> Condition:
    """应办结: due in the period, finished or past due; who may still be in time counts later.

    The due time is that of the first finish, approved extensions and the group's new limit in it.
    An unfinished case has none while the group deliberates (D-38), or once its slip was voided
    and it waits for another one.
    """
    finished = first_finish().is_not(None)
    missed = and_(Case.first_due_at < period.now, Case.state.not_in(WITHOUT_DUE))
    return and_(
        kept(),
        timely(first_finish()),
        period.holds(Case.first_due_at),
        or_(finished, missed),
    )


def finished() -> Condition:
    """办结: in time or not."""
    return first_finish().is_not(None)


def on_time() -> Condition:
    """按时办结: finished until the final due time; an extension asked late stays late (D-11)."""
    return and_(first_finish() <= Case.first_due_at, Case.is_extended_late.is_(False))


def overdue() -> Condition:
    """超期: what is due and not on time; 1 − 按时办结率 by construction."""
    return not_(func.coalesce(on_time(), false()))


def first_limit_due(period: Period) -> Condition:
    """首限应办结: as 应办结 by the original limit; a case before the group has missed it (D-38)."""
    finished = first_finish().is_not(None)
    return and_(
        kept(),
        timely(first_finish()),
        period.holds(Case.original_due_at),
        or_(finished, Case.original_due_at < period.now),
    )


def in_first_limit() -> Condition:
    """首限办结: finished until the original due time."""
    return first_finish() <= Case.original_due_at


# -- 办结, 评价 ----------------------------------------------------------------------------------


def latest_result(column: Any) -> ScalarSelect[Any]:
    """Return a column of the latest confirmed result of the case."""
    return (
        select(column)
        .where(Result.case_id == Case.id, Result.status == ResultStatus.CONFIRMED)
        .order_by(Result.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def closed(period: Period) -> Condition:
    """已办结: the latest confirmed result was submitted in the period (D-18)."""
    later = aliased(Result)
    is_latest = ~exists().where(
        later.case_id == Result.case_id,
        later.status == ResultStatus.CONFIRMED,
        later.id > Result.id,
    )
    # A paper ledger may tell the result and not its day: then no month can count it.
    is_dated = or_(Case.is_backfilled.is_(False), Case.finished_at.is_not(None))
    found = select(Result.case_id).where(
        Result.status == ResultStatus.CONFIRMED, period.holds(Result.submitted_at), is_latest
    )
    return and_(kept(), is_dated, Case.id.in_(found))


def achieved() -> Condition:
    """办成: the latest result says so; 妥善答复 in short classes never does (D-09)."""
    return latest_result(Result.is_achieved).is_(True)


def is_valid(rating: type[Evaluation]) -> Condition:
    """Return whether a rating is 有效评价: not ruled 误评 or 不合理 with the leader's approval."""
    return or_(
        rating.verdict.is_(None), rating.verdict.not_in(UNREAL), rating.approved_at.is_(None)
    )


def rated(period: Period) -> Condition:
    """有效评价: closed cases with a valid rating."""
    found = exists().where(Evaluation.case_id == Case.id, is_valid(Evaluation))
    return and_(closed(period), found)


def _latest_rating(column: Any) -> ScalarSelect[Any]:
    """Return a column of the latest valid rating of the case."""
    return (
        select(column)
        .where(Evaluation.case_id == Case.id, is_valid(Evaluation))
        .order_by(Evaluation.round_no.desc())
        .limit(1)
        .scalar_subquery()
    )


def content() -> Condition:
    """满意: the latest valid rating is 基本满意 or better."""
    return _latest_rating(Evaluation.eval_level).in_(CONTENT)


def solved() -> Condition:
    """解决: the latest valid rating says 已解决."""
    return _latest_rating(Evaluation.solved_level) == SolvedLevel.SOLVED


def partly_solved() -> Condition:
    """部分解决: weighs what the office has set, nothing by default (domain/2.3)."""
    return _latest_rating(Evaluation.solved_level) == SolvedLevel.PARTLY


def evaluated() -> Condition:
    """参评: somebody rated it at all, be it that the rating was ruled away."""
    return exists().where(Evaluation.case_id == Case.id)


def badly_rated() -> Condition:
    """差评: in any round; it counts until it is ruled away, so also while it waits for a ruling."""
    return _has_bad(is_valid(Evaluation))


def _has_bad(*conditions: Condition) -> Condition:
    return exists().where(
        Evaluation.case_id == Case.id, Evaluation.eval_level.in_(BAD), *conditions
    )


def to_call_back(period: Period) -> Condition:
    """应回访: a named reporter who let the window pass without a rating (D-28), or rated badly.

    (国办发〔2019〕51号：实名差评回访率100%。) Paper ledgers (补登) do not tell of calls.
    """
    in_window = exists().where(
        Evaluation.case_id == Case.id,
        Evaluation.round_no == Case.round_no,
        Evaluation.evaluated_at <= Case.eval_until,
    )
    unrated = and_(Case.eval_until < period.now, ~in_window)
    is_known = and_(Case.is_anonymous.is_(False), Case.is_backfilled.is_(False))
    return and_(closed(period), is_known, or_(unrated, _has_bad()))


def called_back() -> Condition:
    """已回访: somebody answered a call, or the bad rating was verified with him (D-26)."""
    answered = exists().where(
        Callback.case_id == Case.id, Callback.outcome != CallOutcome.NO_ANSWER
    )
    verified = _has_bad(Evaluation.verified_at.is_not(None))
    return or_(answered, verified)


def redone() -> Condition:
    """重办: the case needed another round, after a bad rating or within 30 days."""
    return Case.round_no > 1
