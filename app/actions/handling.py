"""The unit at work: 签收, 联系反映人, 说明, 时限类别, 提交办结 (R22–R28, T8, T13, T14, T20)."""

import datetime as dt
from collections.abc import Sequence

from app.actions.dispatch import check_grounds
from app.actions.facts import live_slips
from app.actions.moves import Move, check_past, close_move, open_move
from app.actions.notices import leader_today, name_of, section_of, tell, unit_people
from app.actions.office import listed
from app.actions.recompute import set_due
from app.domain.deadlines import due_at
from app.domain.due_words import full_time
from app.domain.notice_kinds import NoticeKind
from app.domain.refusals import Code, Refusal
from app.domain.states import (
    Action,
    ComplexGround,
    ContactMode,
    DictKind,
    DueBasis,
    LimitClass,
    RequestStatus,
    ResultType,
    State,
)
from app.domain.words import word
from app.extensions import db
from app.models import Account, Case, Contact, Explanation, Result, Slip


def _own_slip(case: Case, by: Account) -> Slip:
    slip = next((s for s in live_slips(case) if s.unit_id == by.unit_id), None)
    if slip is None:
        raise Refusal(Code.NOT_LEAD_UNIT)
    return slip


def sign(case: Case, *, by: Account, now: dt.datetime) -> Slip:
    """Sign for the lead unit's slip (T8); moves the clock only if the office set so (D-01)."""
    move = open_move(case, Action.SIGN, by=by, now=now)
    slip = _own_slip(case, by)
    slip.signed_at, slip.signed_by_id = now, by.id
    case.signed_at = now
    if move.rules.limit_starts_at == "sign" and case.due_basis is DueBasis.LIMIT:
        _restart_at_signature(move)
    target = State.HANDLING if case.state is State.TO_SIGN else None
    close_move(move, f"{slip.unit.name}签收交办单NO {slip.no}", target=target)
    return slip


def _restart_at_signature(move: Move) -> None:
    case = move.case
    if case.limit_class is None:
        return
    due = due_at(move.calendar, move.now, case.limit_class.days, move.rules)
    case.due_from_at = move.now
    set_due(case, due, now=move.now, rules=move.rules, original=due)


def sign_co(case: Case, *, by: Account, now: dt.datetime) -> Slip:
    """Sign for a 协办 slip; the case's state is the lead unit's."""
    move = open_move(case, Action.SIGN_CO, by=by, now=now)
    slip = _own_slip(case, by)
    slip.signed_at, slip.signed_by_id = now, by.id
    close_move(move, f"{slip.unit.name}签收协办交办单NO {slip.no}")
    return slip


def co_reply(case: Case, *, reply_text: str, by: Account, now: dt.datetime) -> Slip:
    """Write what a 协办 unit contributed; the lead unit is told."""
    move = open_move(case, Action.CO_REPLY, by=by, now=now, values={"reply_text": reply_text})
    slip = _own_slip(case, by)
    slip.reply_text, slip.replied_at, slip.replied_by_id = reply_text.strip(), now, by.id
    close_move(move, f"{slip.unit.name}协办回复：{reply_text.strip()}")
    tell(
        unit_people(case, case.lead_unit_id),
        text=f"{name_of(case)}协办单位已回复",
        kind=NoticeKind.CO_REPLY,
        now=now,
        case=case,
    )
    return slip


def contact(
    case: Case,
    *,
    contacted_at: dt.datetime,
    mode: ContactMode,
    note: str,
    is_reached: bool = True,
    by: Account,
    now: dt.datetime,
) -> Contact:
    """Record a contact with the reporter; the first one that reached him is the response (T13)."""
    values = {"contacted_at": contacted_at, "mode": mode, "note": note}
    move = open_move(case, Action.CONTACT, by=by, now=now, values=values)
    check_past(contacted_at, now=now, after=case.dispatched_at, field="contacted_at")
    row = Contact(
        case=case, unit_id=case.lead_unit_id, contacted_at=contacted_at, mode=mode,
        note=note.strip(), is_reached=is_reached, by_id=by.id,
    )  # fmt: skip
    db.session.add(row)
    if is_reached and case.first_contact_at is None:
        case.first_contact_at = contacted_at
    reached = "" if is_reached else "（未联系上）"
    close_move(move, f"{contacted_at:%m-%d %H:%M}{word(mode)}联系反映人{reached}：{note.strip()}")
    return row


def explain(
    case: Case,
    *,
    basic_facts: str,
    verification: str,
    policy_basis: str,
    difficulty: str,
    proposal: str,
    units_needed: str = "",
    expected_on: dt.date | None = None,
    by: Account,
    now: dt.datetime,
) -> Explanation:
    """Write the 问题处理说明 (R27); a later one replaces it, all are kept."""
    values = {
        "basic_facts": basic_facts, "verification": verification, "policy_basis": policy_basis,
        "difficulty": difficulty, "proposal": proposal,
    }  # fmt: skip
    move = open_move(case, Action.EXPLAIN, by=by, now=now, values=values)
    row = Explanation(
        case=case, unit_id=case.lead_unit_id, round_no=case.round_no,
        units_needed=units_needed, expected_on=expected_on, written_at=now,
        written_by_id=by.id, **values,
    )  # fmt: skip
    db.session.add(row)
    close_move(move, f"形成《问题处理说明》：{proposal.strip()}")
    return row


def ask_class(
    case: Case,
    *,
    complex_grounds: Sequence[ComplexGround],
    reason: str,
    by: Account,
    now: dt.datetime,
) -> None:
    """Ask the section for the 3-day class (D-07); the clock runs on."""
    values = {"complex_grounds": list(complex_grounds), "reason": reason}
    move = open_move(case, Action.ASK_CLASS, by=by, now=now, values=values)
    case.is_class_asked = True
    case.complex_grounds = ",".join(g.value for g in complex_grounds)
    grounds = "、".join(word(g) for g in complex_grounds)
    close_move(move, f"申请调整为3个工作日（{grounds}）", reason=reason)
    tell(
        section_of(case, now),
        text=f"{name_of(case)}申请调整时限类别",
        kind=NoticeKind.ASK_CLASS,
        now=now,
        case=case,
    )


def change_class(
    case: Case, *, complex_grounds: Sequence[ComplexGround], by: Account, now: dt.datetime
) -> None:
    """Raise 1 day to 3 days, counted from the original issue (D-07, T14)."""
    values = {"complex_grounds": list(complex_grounds)}
    move = open_move(case, Action.CHANGE_CLASS, by=by, now=now, values=values)
    check_grounds(LimitClass.THREE_DAYS, complex_grounds)
    if case.due_from_at is None or case.due_at is None:
        raise Refusal(Code.ACTION_CLOSED, action=Action.CHANGE_CLASS)
    old = case.due_at
    case.limit_class, case.is_class_changed = LimitClass.THREE_DAYS, True
    case.is_class_asked = False
    case.complex_grounds = ",".join(g.value for g in complex_grounds)
    due = due_at(move.calendar, case.due_from_at, 3, move.rules)
    set_due(case, due, now=now, rules=move.rules, original=due)
    for slip in live_slips(case):
        slip.limit_class = LimitClass.THREE_DAYS
    close_move(move, f"时限类别由1个工作日调整为3个工作日，自原交办时间起算，"
               f"应办结时间由{full_time(old)}调整为{full_time(due.at)}")  # fmt: skip
    tell(
        unit_people(case, case.lead_unit_id),
        text=f"{name_of(case)}时限类别已调整",
        kind=NoticeKind.CLASS_CHANGED,
        now=now,
        case=case,
    )


def resolve(
    case: Case,
    *,
    result_type: ResultType,
    is_achieved: bool,
    handling_note: str,
    reply_text: str,
    reply_mode: ContactMode,
    replied_at: dt.datetime,
    cause_id: int,
    improvement: str = "",
    is_common_issue: bool = False,
    short_reason: str = "",
    legal_basis: str = "",
    by: Account,
    now: dt.datetime,
) -> Result:
    """Submit the result: 办结 from this instant if it is confirmed later (R23, D-18, T20, T26)."""
    values = {
        "result_type": result_type, "is_achieved": is_achieved, "handling_note": handling_note,
        "reply_text": reply_text, "reply_mode": reply_mode, "replied_at": replied_at,
        "cause_id": cause_id,
    }  # fmt: skip
    move = open_move(case, Action.RESOLVE, by=by, now=now, values=values)
    _check_result(case, result_type, is_achieved, short_reason, legal_basis)
    listed(cause_id, DictKind.CAUSE, field="cause_id")
    # D-19: the reporter is answered before the result is submitted, in this round.
    redone = case.due_basis is DueBasis.REDO
    since = case.due_from_at if redone else case.dispatched_at
    check_past(replied_at, now=now, after=since, field="replied_at")
    row = Result(
        case=case, unit_id=case.lead_unit_id, round_no=case.round_no, improvement=improvement,
        is_common_issue=is_common_issue, short_reason=short_reason, legal_basis=legal_basis,
        submitted_at=now, submitted_by_id=by.id, **values,
    )  # fmt: skip
    db.session.add(row)
    _finish(move, row)
    return row


def _finish(move: Move, row: Result) -> None:
    """Write the three facts of the result onto the case and close the move."""
    case, now = move.case, move.now
    case.finished_at, case.result_type = now, row.result_type
    case.is_achieved, case.cause_id = row.is_achieved, row.cause_id
    case.is_common_issue = case.is_common_issue or row.is_common_issue
    case.first_contact_at = case.first_contact_at or row.replied_at
    lapse_requests(case, now)
    achieved = "已办成" if row.is_achieved else "未办成"
    replied = f"已于{row.replied_at:%m-%d %H:%M}{word(row.reply_mode)}答复反映人"
    close_move(
        move,
        f"{word(row.result_type)}，{achieved}；{row.handling_note.strip()}；"
        f"{replied}：{row.reply_text.strip()}",
        target=State.TO_CONFIRM,
    )
    tell(
        [*section_of(case, now), *leader_today(case, now)],
        text=f"{name_of(case)}已提交办结，待审签",
        kind=NoticeKind.TO_CONFIRM,
        now=now,
        case=case,
    )


def _check_result(
    case: Case, result_type: ResultType, is_achieved: bool, short_reason: str, legal_basis: str
) -> None:
    """Refuse what the plan does not allow as a result (D-09, D-23)."""
    # R28: 妥善答复 is lawful for the 3-day class; elsewhere it needs a reason.
    short = case.limit_class is not LimitClass.THREE_DAYS
    if result_type is ResultType.ANSWERED and short and not short_reason.strip():
        raise Refusal(Code.LIMIT_NEEDS_REASON, field="short_reason")
    if result_type is ResultType.UNLAWFUL and not legal_basis.strip():
        raise Refusal(Code.RESULT_NEEDS_BASIS, field="legal_basis")
    # D-09, D-23: these are 办结 but not 办成.
    never_achieved = result_type in (ResultType.UNLAWFUL, ResultType.UNFOUNDED)
    short_answer = result_type is ResultType.ANSWERED and short
    if is_achieved and (never_achieved or short_answer):
        raise Refusal(Code.RESULT_NOT_ACHIEVED, field="is_achieved")


def lapse_requests(case: Case, now: dt.datetime) -> None:
    """Close applications that the move has overtaken; they stay in the record as 已失效."""
    for row in [*case.extensions, *case.return_requests]:
        if row.status is RequestStatus.PENDING:
            row.status, row.decided_at = RequestStatus.LAPSED, now
    if case.is_class_asked:
        case.complex_grounds = ""  # they were the grounds of a class that was not given
    case.is_extension_pending = case.is_return_pending = case.is_class_asked = False
