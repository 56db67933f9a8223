"""The clocks of many cases read at once for the scan, and when to look at them again."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import and_, select, update

from app.domain.stages import RUNNING, Clocks
from app.domain.states import LimitClass, RequestStatus, State
from app.extensions import db
from app.models import Case, Evaluation, Explanation, Extension, Slip


def read_clocks(cases: Sequence[Case]) -> dict[int, Clocks]:
    """Return case id → clocks; four statements, however many cases there are."""
    keys = [case.id for case in cases]
    unsigned = _unsigned(keys)
    explained = _explained(cases)
    waiting = _extensions_waiting(keys)
    unverified = _unverified(keys)
    return {
        case.id: Clocks(
            state=case.state,
            round_no=case.round_no,
            lead_unit_id=case.lead_unit_id,
            limit_class=case.limit_class,
            due_basis=case.due_basis,
            submitted_at=case.submitted_at,
            dispatch_due_at=case.dispatch_due_at,
            dispatched_at=case.dispatched_at,
            due_from_at=case.due_from_at,
            due_at=case.due_at,
            due_computed_at=case.due_computed_at,
            escalated_at=case.escalated_at,
            eval_until=case.eval_until if _awaits_rating(case) else None,
            verify_due_at=case.verify_due_at if case.id in unverified else None,
            unsigned_since=tuple(unsigned[case.id]),
            lacks_explanation=(
                case.limit_class is LimitClass.THREE_DAYS
                and case.state in RUNNING
                and case.id not in explained
            ),
            is_extension_waiting=case.id in waiting,
        )
        for case in cases
    }


def look_again(*, now: dt.datetime, site_id: int | None = None) -> None:
    """Let the scan look at every watched case: hours, thresholds or the clock itself changed."""
    query = update(Case).where(Case.next_look_at.is_not(None)).values(next_look_at=now)
    if site_id is not None:
        query = query.where(Case.site_id == site_id)
    db.session.execute(query.execution_options(synchronize_session=False))


def _awaits_rating(case: Case) -> bool:
    return case.state is State.TO_EVALUATE and case.eval_level is None and not case.is_anonymous


def _unsigned(keys: Sequence[int]) -> dict[int, list[dt.datetime]]:
    found: dict[int, list[dt.datetime]] = defaultdict(list)
    rows = db.session.execute(
        select(Slip.case_id, Slip.issued_at).where(
            Slip.case_id.in_(keys), Slip.is_void.is_(False), Slip.signed_at.is_(None)
        )
    )
    for case_id, issued_at in rows:
        found[case_id].append(issued_at)
    return found


def _explained(cases: Sequence[Case]) -> set[int]:
    """Return the cases whose present lead unit has written its 问题处理说明."""
    query = select(Explanation.case_id).join(
        Case, and_(Case.id == Explanation.case_id, Case.lead_unit_id == Explanation.unit_id)
    )
    keys = [case.id for case in cases]
    return set(db.session.execute(query.where(Explanation.case_id.in_(keys))).scalars())


def _extensions_waiting(keys: Sequence[int]) -> set[int]:
    """Return the cases whose extension was asked in time and not decided (D-11)."""
    query = select(Extension.case_id).where(
        Extension.case_id.in_(keys),
        Extension.status == RequestStatus.PENDING,
        Extension.is_late.is_(False),
    )
    return set(db.session.execute(query).scalars())


def _unverified(keys: Sequence[int]) -> set[int]:
    query = (
        select(Evaluation.case_id)
        .join(Case, and_(Case.id == Evaluation.case_id, Case.round_no == Evaluation.round_no))
        .where(Evaluation.case_id.in_(keys), Evaluation.verdict.is_(None))
    )
    return set(db.session.execute(query).scalars())
