"""督办考核科 hands a case over, sends it back, or takes it out (R18–R21, T5–T7, T28)."""

import datetime as dt
from collections.abc import Sequence

from app.actions.calendars import calendar_of
from app.actions.facts import assigned_unit_id, live_slips
from app.actions.intake import add_rejection
from app.actions.moves import Move, check_past, close_move, lock_case, note_event, open_move
from app.actions.notices import name_of, tell, unit_people
from app.actions.office import load_rules
from app.actions.recompute import set_due
from app.actions.slips import (
    active_unit,
    issue_co_slips,
    issue_slip,
    slip_names,
    void_slip,
)
from app.domain.deadlines import Due, due_at
from app.domain.due_words import full_time, preview_sentence
from app.domain.notice_kinds import NoticeKind
from app.domain.refusals import Code, Refusal
from app.domain.states import (
    Action,
    ComplexGround,
    DueBasis,
    LimitClass,
    SlipKind,
    State,
)
from app.domain.transitions import OPEN_STATES
from app.domain.words import word
from app.models import Account, Case, Rejection, Slip, Unit


def dispatch(
    case: Case,
    *,
    lead_unit_id: int,
    content: str,
    limit_class: LimitClass,
    co_unit_ids: Sequence[int] = (),
    complex_grounds: Sequence[ComplexGround] = (),
    by: Account,
    now: dt.datetime,
) -> list[Slip]:
    """Issue the slips of a case, the lead unit's first, and start its clock (T7, D-01)."""
    values = {"lead_unit_id": lead_unit_id, "content": content, "limit_class": limit_class}
    move = open_move(case, Action.DISPATCH, by=by, now=now, values=values)
    check_grounds(limit_class, complex_grounds)
    lead = active_unit(lead_unit_id, site_id=case.site_id, field="lead_unit_id")
    check_assigned(case, lead)
    co_units = [active_unit(u, site_id=case.site_id, field="co_unit_ids") for u in co_unit_ids]
    if lead in co_units or len(set(co_unit_ids)) != len(co_unit_ids):
        raise Refusal(Code.UNIT_TWICE, field="co_unit_ids", unit=lead.name)
    case.limit_class = limit_class
    case.complex_grounds = ",".join(g.value for g in complex_grounds)
    due = start_clock(move, lead_unit_id=lead.id)
    issue_slip(move, unit=lead, kind=SlipKind.LEAD, content=content, due=due.at)
    issue_co_slips(move, units=co_units, content=content, due=due)
    close_move(move, dispatch_words(case, due), target=State.TO_SIGN)
    return live_slips(case)


def check_grounds(limit_class: LimitClass, grounds: Sequence[ComplexGround]) -> None:
    """Refuse the 3-day class without one of its three grounds (R26)."""
    if limit_class is LimitClass.THREE_DAYS and not grounds:
        raise Refusal(Code.CLASS_GROUND_MISSING, field="complex_grounds")


def check_assigned(case: Case, lead: Unit) -> None:
    """Refuse another lead unit than the one a leader has named for good (D-14)."""
    assigned = assigned_unit_id(case)
    if assigned is not None and lead.id != assigned:
        raise Refusal(Code.RETURN_FINAL, field="lead_unit_id")


def start_clock(move: Move, *, lead_unit_id: int) -> Due:
    """Set lead unit and due time from this instant; extensions of an earlier slip are over."""
    case = move.case
    if case.limit_class is None:
        raise Refusal(Code.FIELDS_MISSING, fields=["limit_class"])
    due = due_at(move.calendar, move.now, case.limit_class.days, move.rules)
    case.lead_unit_id, case.dispatched_at, case.due_from_at = lead_unit_id, move.now, move.now
    case.first_dispatched_at = case.first_dispatched_at or move.now
    case.due_basis, case.signed_at = DueBasis.LIMIT, None
    set_due(case, due, now=move.now, rules=move.rules, original=due)
    return due


def dispatch_words(case: Case, due: Due) -> str:
    """Return the timeline's sentence of a hand-over."""
    limit = word(case.limit_class) if case.limit_class else ""
    grounds = "、".join(word(ComplexGround(g)) for g in case.complex_grounds.split(",") if g)
    kind = f"{limit}（{grounds}）" if grounds else limit
    return f"{slip_names(case)}；{kind}，应于{full_time(due.at)}前办结"


def return_draft(case: Case, *, reason: str, by: Account, now: dt.datetime) -> None:
    """Send an incomplete entry back to the desk; its number stays, its clock restarts (T5)."""
    move = open_move(case, Action.RETURN_DRAFT, by=by, now=now, values={"reason": reason})
    close_move(move, "退回值班人员补正", target=State.DRAFT, reason=reason)
    tell(
        [case.registered_by],
        text=f"{name_of(case)}被退回补正",
        kind=NoticeKind.RETURNED,
        now=now,
        case=case,
    )


def reject_late(
    case: Case,
    *,
    ground: int,
    legal_basis: str,
    explain_text: str,
    referred_to: str,
    informed_by: str,
    informed_at: dt.datetime,
    is_understood: bool | None = None,
    by: Account,
    now: dt.datetime,
) -> Rejection:
    """Turn a submitted entry into 不予受理; its ledger number is marked void and stays (T6)."""
    values = {
        "ground": ground, "legal_basis": legal_basis, "explain_text": explain_text,
        "referred_to": referred_to, "informed_by": informed_by, "informed_at": informed_at,
    }  # fmt: skip
    move = open_move(case, Action.REJECT_LATE, by=by, now=now, values=values)
    check_past(informed_at, now=now, after=None, field="informed_at")
    row = add_rejection(case, by=by, now=now, is_understood=is_understood, **values)
    case.is_ledger_void = True
    summary = f"改为不予受理，登记编号{row.rejection_no}，台账编号{case.ledger_no}作废"
    close_move(move, summary, target=State.REJECTED, reason=explain_text)
    return row


def void_slips(case: Case, *, reason: str, by: Account, now: dt.datetime) -> None:
    """Take unsigned slips back, e.g. for a wrong unit: they stay listed as 作废 (D-37)."""
    move = open_move(case, Action.VOID_SLIPS, by=by, now=now, values={"reason": reason})
    numbers, slips = slip_names(case), live_slips(case)
    for slip in slips:
        void_slip(slip, reason=reason, now=now)
    leave_unit(case)
    close_move(move, f"交办单作废：{numbers}", target=State.TO_DISPATCH, reason=reason)
    for slip in slips:
        # The case is no longer theirs to open, so the notice leads nowhere.
        tell(
            unit_people(case, slip.unit_id),
            text=f"交办单NO {slip.no}已作废，不再办理",
            kind=NoticeKind.VOID,
            now=now,
            case=case,
            is_linked=False,
        )


def leave_unit(case: Case) -> None:
    """Forget lead unit and due time when a case goes back to 待交办."""
    case.lead_unit_id = case.due_at = case.original_due_at = None
    case.due_basis = case.signed_at = case.due_from_at = None
    case.due_reason, case.is_due_provisional = "", False


def add_co_unit(case: Case, *, unit_id: int, content: str, by: Account, now: dt.datetime) -> Slip:
    """Bring in another unit with its own slip while the lead unit works (D-13)."""
    values = {"unit_id": unit_id, "content": content}
    move = open_move(case, Action.ADD_CO_UNIT, by=by, now=now, values=values)
    unit = active_unit(unit_id, site_id=case.site_id, field="unit_id")
    (slip,) = issue_co_slips(move, units=[unit], content=content)
    close_move(move, f"增加协办：NO {slip.no} {unit.name}")
    return slip


def merge(case: Case, *, target_id: int, reason: str, by: Account, now: dt.datetime) -> None:
    """Join a case not yet handed over to another open one of the site (T28)."""
    values = {"target_id": target_id, "reason": reason}
    move = open_move(case, Action.MERGE, by=by, now=now, values=values)
    target = lock_case(target_id)
    if target.id == case.id or target.site_id != case.site_id or target.state not in OPEN_STATES:
        raise Refusal(Code.MERGE_TARGET, field="target_id")
    case.related_case_id = target.id
    close_move(move, f"并入{target.ledger_no}“{target.item_name}”", target=State.MERGED,
               reason=reason)  # fmt: skip
    # Whoever works on the other one learns that somebody else is waiting for it too.
    note_event(target, by=by, now=now, label=word(Action.MERGE),
               summary=f"{case.ledger_no}“{case.item_name}”并入本件")  # fmt: skip


def dispatch_preview(*, site_id: int, limit_class: LimitClass, now: dt.datetime) -> str:
    """Return the due time and its reason as they would be if issued at `now` (§5.6)."""
    due = due_at(calendar_of(site_id), now, limit_class.days, load_rules())
    return preview_sentence(due)
