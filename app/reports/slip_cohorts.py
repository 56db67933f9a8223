"""What an indicator counts beside cases: slips, requests, bad ratings, measures, the desk's log.

Each condition stands alone on its own table: what it asks of the case it asks in a subquery.
"""

from typing import Any

from sqlalchemy import ScalarSelect, and_, exists, or_, select
from sqlalchemy.orm import aliased

from app.domain.states import RequestStatus, ResultStatus, SlipKind, SupervisionKind, Verdict
from app.models import (
    Case,
    Evaluation,
    GroupReview,
    Reception,
    Rejection,
    Result,
    ReturnRequest,
    Slip,
    Supervision,
)
from app.reports.cohorts import BAD, kept
from app.reports.period import Condition, Period

MEASURES = (SupervisionKind.NOTICE, SupervisionKind.INTERVIEW, SupervisionKind.CIRCULAR)


def of_case(rows: Any, *conditions: Condition) -> Condition:
    """Return whether the case of a row satisfies the conditions.

    Asked row by row through the case's key: conditions that compare the two would make `IN` read
    every case for every row.
    """
    return exists().where(Case.id == rows.case_id, *conditions).correlate(rows)


# -- 交办单 --------------------------------------------------------------------------------------


def issued(period: Period) -> Condition:
    """Every slip issued in the period, also one voided since: it was issued."""
    return and_(period.holds(Slip.issued_at), of_case(Slip, kept()))


def handed_over(period: Period) -> Condition:
    """当日转办: slips whose 应交办时间 is in the period: every one of every 交办 and 改派.

    A 协办 added later and the slip of a 研究决定 have none: they do not follow from the ledger.
    """
    due = select(Case.id).where(kept(), period.holds(Case.dispatch_due_at))
    lead = aliased(Slip)
    beside_lead = exists().where(
        lead.case_id == Slip.case_id,
        lead.slip_kind == SlipKind.LEAD,
        lead.issued_at == Slip.issued_at,
    )
    of_group = exists().where(
        GroupReview.case_id == Slip.case_id, GroupReview.confirmed_at == Slip.issued_at
    )
    return and_(Slip.case_id.in_(due), beside_lead, ~of_group)


def dispatch_due() -> ScalarSelect[Any]:
    """Return the 应交办时间 of a slip's case."""
    return (
        select(Case.dispatch_due_at)
        .where(Case.id == Slip.case_id)
        .correlate(Slip)
        .scalar_subquery()
    )


def handed_over_in_time() -> Condition:
    """当日转办, kept: issued until 应交办时间, which closing and carrying over are in (D-02)."""
    return of_case(Slip, Slip.issued_at <= Case.dispatch_due_at)


def returned() -> Condition:
    """退回: the unit asked to give the slip back, however it ended."""
    return Slip.id.in_(select(ReturnRequest.slip_id))


def reassigned() -> Condition:
    """改派: the return was agreed to."""
    agreed = ReturnRequest.status == RequestStatus.AGREED
    return Slip.id.in_(select(ReturnRequest.slip_id).where(agreed))


def return_requests(period: Period) -> Condition:
    """退回申请 asked in the period."""
    return and_(period.holds(ReturnRequest.requested_at), of_case(ReturnRequest, kept()))


def refused() -> Condition:
    """不当退回: refused, or answered by naming the same unit as 主办."""
    return ReturnRequest.status == RequestStatus.REFUSED


# -- 差评, 督办 ----------------------------------------------------------------------------------


def bad_ratings_due(period: Period) -> Condition:
    """差评整改: justified bad ratings due in the period, rectified or past due.

    One that goes to the group after the last round has no rectification of its own.
    """
    missed = Evaluation.redo_due_at < period.now
    return and_(
        Evaluation.eval_level.in_(BAD),
        Evaluation.verdict == Verdict.JUSTIFIED,
        period.holds(Evaluation.redo_due_at),
        of_case(Evaluation, kept()),
        or_(missed, next_result()),
    )


def rectified() -> Condition:
    """整改: the result of the next round was submitted in time and not sent back (D-18)."""
    return next_result(Result.submitted_at <= Evaluation.redo_due_at)


def next_result(*conditions: Condition) -> Condition:
    """Return whether the round after a bad rating has a result that was not sent back."""
    return exists().where(
        Result.case_id == Evaluation.case_id,
        Result.round_no == Evaluation.round_no + 1,
        Result.status != ResultStatus.SENT_BACK,
        *conditions,
    )


def measures(period: Period, *kinds: SupervisionKind) -> Condition:
    """督办、约谈、通报 of the period (all three unless named); 催办 and 移送 are none of them."""
    alone = Supervision.case_id.is_(None)
    return and_(
        Supervision.kind.in_(kinds or MEASURES),
        period.holds(Supervision.issued_at),
        or_(alone, of_case(Supervision, kept())),
    )


# -- 接待 ----------------------------------------------------------------------------------------


def receptions(period: Period) -> Condition:
    """接待: every record of the period, whatever became of it: the person was there."""
    return period.holds(Reception.received_at)


def rejections(period: Period) -> Condition:
    """不予受理: every record of the period, at the desk or by 改不予受理."""
    return period.holds(Rejection.rejected_at)
