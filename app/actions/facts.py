"""A stored case as the facts that the workflow rules look at."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from app.domain.deadlines import return_until
from app.domain.facts import CaseFacts
from app.domain.rules import Rules
from app.domain.states import CallOutcome, RequestStatus, ResultStatus, SlipKind
from app.domain.workdays import WorkCalendar
from app.models import Case, Evaluation, GroupReview, Result, Slip


def live_slips(case: Case) -> list[Slip]:
    """Return the slips that are not void, in the order of their numbers."""
    return sorted((s for s in case.slips if not s.is_void), key=lambda s: (s.year_no, s.slip_no))


def lead_slip(case: Case) -> Slip | None:
    """Return the live slip of the 主办 unit, or None before the hand-over."""
    return next((s for s in live_slips(case) if s.slip_kind is SlipKind.LEAD), None)


def assigned_unit_id(case: Case) -> int | None:
    """Return the unit a leader has named as 主办 for good, None if nobody has (D-14)."""
    if not case.is_lead_final:
        return None
    return next((r.assigned_unit_id for r in reversed(case.return_requests)), None)


def open_review(case: Case) -> GroupReview | None:
    """Return the group review that nobody has confirmed yet."""
    return next((r for r in case.group_reviews if r.confirmed_at is None), None)


def current_evaluation(case: Case) -> Evaluation | None:
    """Return the rating of the current round."""
    return next((e for e in case.evaluations if e.round_no == case.round_no), None)


def open_result(case: Case) -> Result | None:
    """Return the submitted result that waits for its 审签."""
    return next((r for r in case.results if r.status is ResultStatus.SUBMITTED), None)


def current_result(case: Case) -> Result | None:
    """Return the latest result that was not sent back."""
    kept = [r for r in case.results if r.status is not ResultStatus.SENT_BACK]
    return max(kept, key=lambda r: r.id, default=None)


def facts_of(case: Case, *, calendar: WorkCalendar, rules: Rules) -> CaseFacts:
    """Return what the workflow asks about a case; reads only already related rows."""
    return CaseFacts(
        state=case.state,
        site_id=case.site_id,
        registered_by_id=case.registered_by_id,
        is_anonymous=case.is_anonymous,
        is_confidential=case.is_confidential,
        complaint_about=case.complaint_about,
        limit_class=case.limit_class,
        lead_unit_id=case.lead_unit_id,
        round_no=case.round_no,
        due_at=case.due_at,
        due_basis=case.due_basis,
        explained=any(e.unit_id == case.lead_unit_id for e in case.explanations),
        class_changed=case.is_class_changed,
        class_asked=case.is_class_asked,
        was_dispatched=case.first_dispatched_at is not None,
        confirmed_by_id=case.confirmed_by_id,
        extension_total=case.ext_total,
        lead_is_final=case.is_lead_final,
        eval_until=case.eval_until,
        reopen_until=_reopen_until(case, rules),
        **_slip_facts(case, calendar, rules),
        **_request_facts(case),
        **_closing_facts(case),
        **_voice_facts(case),
    )


def _slip_facts(case: Case, calendar: WorkCalendar, rules: Rules) -> dict[str, Any]:
    live = live_slips(case)
    lead = lead_slip(case)
    until: dt.datetime | None = None
    if lead and case.limit_class:
        until = return_until(calendar, lead.issued_at, case.limit_class.days, rules)
    units = {s.unit_id for s in live} | ({case.lead_unit_id} if case.lead_unit_id else set())
    return {
        "co_unit_ids": frozenset(s.unit_id for s in live if s.slip_kind is SlipKind.CO),
        "unsigned_unit_ids": frozenset(s.unit_id for s in live if s.signed_at is None),
        "all_unit_ids": frozenset(units),
        "return_until": until,
    }


def _request_facts(case: Case) -> dict[str, Any]:
    pending = RequestStatus.PENDING
    extension = next((e for e in case.extensions if e.status is pending), None)
    request = next((r for r in case.return_requests if r.status is pending), None)
    review = open_review(case)
    return {
        "extension_applicant_id": extension.applied_by_id if extension else None,
        "extension_asked_late": bool(extension and extension.is_late),
        "extension_count": sum(e.status is RequestStatus.AGREED for e in case.extensions),
        "return_requester_unit_id": request.unit_id if request else None,
        "return_count": len(case.return_requests),
        "returned_by_units": tuple(r.unit_id for r in case.return_requests),
        "decision_recorded": review is not None and review.recorded_at is not None,
    }


def _closing_facts(case: Case) -> dict[str, Any]:
    result = open_result(case)
    evaluation = current_evaluation(case)
    return {
        "result_by_id": result.submitted_by_id if result else None,
        "eval_level": evaluation.eval_level if evaluation else None,
        "eval_entered_by_id": evaluation.entered_by_id if evaluation else None,
        "verdict": evaluation.verdict if evaluation else None,
        "verdict_approved": bool(evaluation and evaluation.approved_at),
        "handler_ids": frozenset(_handlers(case)),
    }


def _handlers(case: Case) -> Iterator[int]:
    """Yield everybody who acted for a unit in the case (D-35)."""
    yield from (s.signed_by_id for s in case.slips if s.signed_by_id)
    yield from (s.replied_by_id for s in case.slips if s.replied_by_id)
    yield from (r.requested_by_id for r in case.return_requests)
    yield from (e.applied_by_id for e in case.extensions)
    yield from (e.written_by_id for e in case.explanations)
    yield from (c.by_id for c in case.contacts)
    # 当场办结 is written down by the desk: whoever did the work stands in `unit_person`.
    yield from (r.submitted_by_id for r in case.results if not r.unit_person)


def _voice_facts(case: Case) -> dict[str, Any]:
    """Return what is known of the reporter's word: calls of this round, the latest rating read."""
    calls = [c for c in case.callbacks if c.round_no == case.round_no]
    latest = max(case.evaluations, key=lambda e: e.round_no, default=None)
    return {
        "callbacks": len(calls),
        "callback_days": len({c.called_at.date() for c in calls}),
        "was_answered": any(c.outcome is not CallOutcome.NO_ANSWER for c in calls),
        "unit_has_read": latest is None or latest.unit_read_at is not None,
        "leader_has_read": latest is None or latest.leader_read_at is not None,
    }


def _reopen_until(case: Case, rules: Rules) -> dt.datetime | None:
    """Return the last instant of the 30 calendar days after closing (D-25)."""
    if case.finished_at is None:
        return None
    last_day = case.finished_at + dt.timedelta(days=rules.repeat_days)
    return last_day.replace(hour=23, minute=59, second=59, microsecond=0)
