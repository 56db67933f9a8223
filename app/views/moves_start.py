"""What a form holds when it opens: the sensible first answer to each of its questions."""

from typing import Any

from flask_babel import gettext as _

from app.actions.facts import open_review
from app.domain.states import (
    Category,
    ComplexGround,
    ContactMode,
    EvalChannel,
    LimitClass,
    RequestStatus,
    SuperviseGround,
    SupervisionKind,
)
from app.models import Case, MeasureDraft
from app.reports.papers.annexes import discreet
from app.reports.standing import standing
from app.views.scene import Scene

Start = dict[str, Any]


def dispatch(scene: Scene) -> Start:
    """Return the unit involved, the proposed class and the narrative with the demand."""
    case = _case(scene)
    released = [r for r in case.return_requests if r.status is RequestStatus.AGREED]
    suggested = released[-1].suggest_unit_id if released and not case.is_lead_final else None
    # D-06: a suggestion is answered within 3 days unless the section says otherwise.
    usual = LimitClass.ONE_DAY
    if case.category is Category.SUGGESTION:
        usual = LimitClass.THREE_DAYS
    return {
        "lead_unit_id": suggested or case.involved_unit_id,
        "limit_class": case.limit_class or case.proposed_class or usual,
        "complex_grounds": grounds_of(case),
        "content": content_of(case),
    }


def content_of(case: Case) -> str:
    """Return what a slip says of the case: what happened and what is asked for, not by whom."""
    demand = _("Demand: %(text)s", text=case.demand) if case.demand else ""
    return discreet("\n".join(part for part in (case.narrative, demand) if part), case)


def grounds_of(case: Case) -> list[ComplexGround]:
    """Return the grounds of complexity noted so far."""
    return [ComplexGround(value) for value in case.complex_grounds.split(",") if value]


def add_co_unit(scene: Scene) -> Start:
    """Return the same content as the lead unit's."""
    return {"content": content_of(_case(scene))}


def reject_late(scene: Scene) -> Start:
    """Return the explanation's opener, this person and this minute."""
    return {
        "explain_text": explanation_opener(),
        "informed_by": scene.by.name,
        "informed_at": scene.now,
    }


def explanation_pattern() -> str:
    """Return the first words of an explanation (§5.6), with gaps for basis and referral."""
    return _(
        "We have taken note of what you reported. According to {basis}, this matter cannot be"
        " handled at present, because …. You may turn to {referral} with it."
    )


def explanation_opener() -> str:
    """Return the pattern with its gaps open."""
    return explanation_pattern().format(basis="……", referral="……")


def suggested_unit(scene: Scene) -> Start:
    """Return the unit that the one asking for a return suggests."""
    asked = [r for r in _case(scene).return_requests if r.status is RequestStatus.PENDING]
    return {"lead_unit_id": asked[-1].suggest_unit_id if asked else None}


def contact(scene: Scene) -> Start:
    """Return a call of this minute that reached the reporter."""
    return {"contacted_at": scene.now, "mode": ContactMode.PHONE, "is_reached": True}


def explain(scene: Scene) -> Start:
    """Return the unit's latest explanation, which a new one replaces."""
    rows = _case(scene).explanations
    latest = max(rows, key=lambda e: e.id, default=None)
    names = ("basic_facts", "verification", "policy_basis", "difficulty", "proposal",
             "units_needed", "expected_on")  # fmt: skip
    return {name: getattr(latest, name) for name in names} if latest else {}


def grounds(scene: Scene) -> Start:
    """Return the grounds the unit named."""
    return {"complex_grounds": grounds_of(_case(scene))}


def resolve(scene: Scene) -> Start:
    """Return an answer by phone of this minute; after a return, the text that was sent back."""
    start: Start = {"reply_mode": ContactMode.PHONE, "replied_at": scene.now}
    rows = [r for r in _case(scene).results if r.round_no == _case(scene).round_no]
    latest = max(rows, key=lambda r: r.id, default=None)
    names = ("result_type", "is_achieved", "short_reason", "legal_basis", "handling_note",
             "reply_text", "cause_id", "improvement", "is_common_issue")  # fmt: skip
    return start | ({name: getattr(latest, name) for name in names} if latest else {})


def approve_extension(scene: Scene) -> Start:
    """Return the days asked for."""
    asked = [e for e in _case(scene).extensions if e.status is RequestStatus.PENDING]
    return {"days": asked[-1].days_asked if asked else None, "opinion": _("Agreed.")}


def decision(scene: Scene) -> Start:
    """Return the record written so far, else a meeting of now under the head's chair."""
    case, row = _case(scene), open_review(_case(scene))
    head = next((m.id for m in scene.members if m.is_head), None)
    start: Start = {"met_at": scene.now, "chair_id": head, "lead_unit_id": case.lead_unit_id}
    if row is None or row.recorded_at is None:
        return start
    names = ("met_at", "place", "chair_id", "observers", "unit_report", "discussion",
             "decision_type", "decision", "lead_unit_id", "co_units", "new_due_at")  # fmt: skip
    kept = {name: getattr(row, name) for name in names}
    return kept | {"attendee_ids": [m.id for m in row.attendees]}


def call_back(scene: Scene) -> Start:
    """Return a telephone call of this minute."""
    return {"called_at": scene.now, "mode": ContactMode.PHONE}


def evaluate(scene: Scene) -> Start:
    """Return a rating of this minute with what the last call heard; never a level."""
    case = _case(scene)
    calls = [call for call in case.callbacks if call.round_no == case.round_no]
    heard = max(calls, key=lambda call: call.id, default=None)
    return {
        "evaluated_at": scene.now,
        "channel": EvalChannel.CALL,
        "solved": heard.solved_level if heard else None,
        "opinion": heard.opinion if heard else "",
    }


def supervise(scene: Scene) -> Start:
    """Return what the clock drafted; else a reminder to the lead unit, overdue if that is so."""
    case = _case(scene)
    drafts = [draft for draft in case.measure_drafts if draft.settled_at is None]
    if drafts:
        return drafted(min(drafts, key=lambda draft: draft.id), scene)
    stand = standing(case, calendar=scene.calendar, rules=scene.rules, now=scene.now)
    ground = SuperviseGround.OVERDUE if stand.is_overdue else SuperviseGround.SLOW
    return {"kind": SupervisionKind.URGE, "unit_id": case.lead_unit_id, "ground": ground}


def drafted(draft: MeasureDraft, scene: Scene) -> Start:
    """Return a measure as it was drafted; the answer is due by the next close of business."""
    return {
        "kind": draft.kind,
        "unit_id": draft.unit_id,
        "ground": SuperviseGround.OVERDUE,
        "requirement": draft.requirement,
        "feedback_due_at": scene.calendar.next_close(scene.now.date()),
    }


def typical(scene: Scene) -> Start:
    """Return the marks as they are."""
    case = _case(scene)
    return {"is_typical": case.is_typical, "is_common_issue": case.is_common_issue}


def _case(scene: Scene) -> Case:
    if scene.case is None:
        raise LookupError("a move needs its case")
    return scene.case
