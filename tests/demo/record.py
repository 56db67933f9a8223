"""A case in the database, written down as sample_cases.json writes one."""

import datetime as dt
import enum
from typing import Any

from app.domain.states import SlipKind
from app.domain.words import word
from app.models import Case, Evaluation, Result

KINDS = {SlipKind.LEAD: "main", SlipKind.CO: "co"}


def as_record(case: Case) -> dict[str, Any]:
    """Return every field of the file but its own id and the course."""
    first = next((r for r in _results(case) if r.round_no == 1), None)
    return {
        **_intake(case),
        **_hand_over(case),
        **_requests(case),
        "final_due": time(case.first_due_at),
        "finished_at": time(case.first_finished_at),
        "on_time": first and bool(case.first_finished_at <= case.first_due_at),
        "result": text(first and first.result_type),
        "achieved": first and first.is_achieved,
        "evaluation": _rating(case, 1),
        "redo": _redo(case),
        "withdrawn_at": time(case.withdrawn_at),
        "cause": case.cause.full_name if case.cause else "",
    }


def time(at: dt.datetime | None) -> str | None:
    """Return an instant as the file writes it."""
    return at and f"{at:%Y-%m-%dT%H:%M}"


def text(member: enum.StrEnum | None) -> str:
    """Return the Chinese word, or nothing."""
    return word(member) if member else ""


def _results(case: Case) -> list[Result]:
    return sorted(case.results, key=lambda r: r.id)


def _intake(case: Case) -> dict[str, Any]:
    return {
        "ledger_no": case.ledger_no,
        "category": int(case.category.value),
        "reporter_type": word(case.reporter_type),
        "reporter": case.reporter,
        "phone": case.phone,
        "source": word(case.source),
        "item": case.item_name,
        "narrative": case.narrative,
        "registered_at": time(case.registered_at),
        "dispatch_due": time(case.dispatch_due_at),
    }


def _hand_over(case: Case) -> dict[str, Any]:
    slips = sorted(case.slips, key=lambda s: s.slip_no)
    planned = f"（待交办，拟：{case.involved_unit.name}）" if case.involved_unit else ""
    return {
        "slips": [
            {"no": s.no, "unit": s.unit.name, "kind": "old" if s.is_void else KINDS[s.slip_kind]}
            for s in slips
        ],
        "dispatched_at": time(case.dispatched_at),
        "limit_days": case.limit_class and case.limit_class.days,
        "signed_at": time(case.signed_at),
        "lead_unit": case.lead_unit.name if case.lead_unit else planned,
        "original_due": time(case.original_due_at),
    }


def _requests(case: Case) -> dict[str, Any]:
    returned = next(iter(case.return_requests), None)
    extension = next(iter(case.extensions), None)
    review = next(iter(case.group_reviews), None)
    return {
        "returned": returned
        and {
            "unit": returned.unit.name,
            "slip_at": time(returned.slip.issued_at),
            "requested_at": time(returned.requested_at),
            "agreed_at": time(returned.decided_at),
        },
        "extension": extension
        and {
            "days": extension.days_granted or extension.days_asked,
            "applied_at": time(extension.applied_at),
            "approved_at": time(extension.decided_at),
            "new_due": time(extension.new_due_at or extension.asked_due_at),
        },
        "group_review": review
        and {"met_at": time(review.met_at), "new_due": time(review.new_due_at)},
    }


def _of_round(case: Case, round_no: int) -> Evaluation | None:
    return next((e for e in case.evaluations if e.round_no == round_no), None)


def _rating(case: Case, round_no: int) -> dict[str, Any] | None:
    found = _of_round(case, round_no)
    if found is None:
        return None
    rating = {
        "date": f"{found.evaluated_at:%Y-%m-%d}",
        "level": word(found.eval_level),
        "solved": word(found.solved_level),
    }
    # The file names only the verdict that a leader approved; 属实 shows as the redo.
    approved = word(found.verdict) if found.approved_at else None
    return rating | {"verified": approved} if round_no == 1 else rating


def _redo(case: Case) -> dict[str, Any] | None:
    bad = _of_round(case, 1)
    if bad is None or bad.redo_due_at is None:
        return None
    again = next(r for r in _results(case) if r.round_no == 2)
    return {
        "started_at": time(bad.verified_at),
        "due": time(bad.redo_due_at),
        "finished_at": time(again.submitted_at),
        "evaluation": _rating(case, 2),
    }
