"""延期: asked by the unit, decided by the day's leader (R29–R31, D-10, D-11, T15–T17)."""

import datetime as dt

from app.actions.moves import Move, close_move, open_move
from app.actions.notices import leader_today, name_of, section_of, tell, unit_people
from app.actions.recompute import set_due
from app.domain.deadlines import Due, extended_due_at, is_overdue, latest_extended_due
from app.domain.due_words import full_time
from app.domain.notice_kinds import NoticeKind
from app.domain.refusals import Code, Refusal
from app.domain.states import Action, DueBasis, RequestStatus
from app.extensions import db
from app.models import Account, Case, Extension


def _dues(case: Case) -> tuple[dt.datetime, dt.datetime]:
    """Return the due time in force and the original one; both are there in 办理中."""
    if case.due_at is None or case.original_due_at is None:
        raise Refusal(Code.ACTION_CLOSED, action=Action.APPLY_EXTENSION, state=case.state)
    return case.due_at, case.original_due_at


def days_left(move: Move) -> int:
    """Return how many working days may still be granted under the cap and its basis (D-10)."""
    case, rules = move.case, move.rules
    _, original = _dues(case)
    left = rules.extension_cap_days - case.ext_total
    if case.dispatched_at is not None:
        latest = latest_extended_due(move.calendar, case.dispatched_at, original, rules)
        while left > 0 and _extended(move, left).at > latest:
            left -= 1
    return left


def _extended(move: Move, days: int) -> Due:
    """Return the due time of `days` more, counted after the original one."""
    _, original = _dues(move.case)
    return extended_due_at(move.calendar, original, move.case.ext_total + days)


def check_days(move: Move, days: int) -> Due:
    """Return the due time that `days` more would give, or refuse beyond the cap (D-10)."""
    left = days_left(move)
    if not 1 <= days <= left:
        cap, total = move.rules.extension_cap_days, move.case.ext_total
        raise Refusal(Code.EXTENSION_CAP, field="days", total=total, cap=cap, left=left)
    return _extended(move, days)


def apply_extension(
    case: Case,
    *,
    days: int,
    reason: str,
    work_done: str,
    reporter_told: str = "",
    by: Account,
    now: dt.datetime,
) -> Extension:
    """Apply for 1…(7−Σ) working days (T15); after the due time it is marked late for good."""
    values = {"days": days, "reason": reason, "work_done": work_done}
    move = open_move(case, Action.APPLY_EXTENSION, by=by, now=now, values=values)
    due, _ = _dues(case)
    asked = check_days(move, days).at
    row = Extension(
        case=case, unit_id=case.lead_unit_id, round_no=case.round_no, days_asked=days,
        reason=reason.strip(), work_done=work_done.strip(), reporter_told=reporter_told.strip(),
        is_late=is_overdue(due, now), former_due_at=due, asked_due_at=asked, applied_at=now,
        applied_by_id=by.id, status=RequestStatus.PENDING,
    )  # fmt: skip
    db.session.add(row)
    case.is_extension_pending = True
    late = "（逾期申请，批准后仍记为超期）" if row.is_late else ""
    close_move(move, f"申请延期{days}个工作日，拟延至{full_time(asked)}{late}", reason=reason)
    tell(
        [*leader_today(case, now), *section_of(case, now)],
        text=f"{name_of(case)}申请延期{days}个工作日，待批",
        kind=NoticeKind.EXTENSION_ASKED,
        now=now,
        case=case,
    )
    return row


def pending_extension(case: Case) -> Extension:
    """Return the application that waits for a decision; Refusal if there is none."""
    row = next((e for e in case.extensions if e.status is RequestStatus.PENDING), None)
    if row is None:
        raise Refusal(Code.NO_EXTENSION_PENDING)
    return row


def comment_extension(case: Case, *, opinion: str, by: Account, now: dt.datetime) -> None:
    """Write the section's opinion beside the application; it decides nothing (R30)."""
    move = open_move(case, Action.COMMENT_EXTENSION, by=by, now=now, values={"opinion": opinion})
    pending_extension(case).section_opinion = opinion.strip()
    close_move(move, f"督办考核科对延期申请的意见：{opinion.strip()}")


def approve_extension(
    case: Case, *, days: int, opinion: str, by: Account, now: dt.datetime
) -> Extension:
    """Grant the application, with the days asked or fewer (T16).

    Asked in time and granted late is valid and not overdue; asked late stays late (D-11).
    """
    values = {"days": days, "opinion": opinion}
    move = open_move(case, Action.APPROVE_EXTENSION, by=by, now=now, values=values)
    row = pending_extension(case)
    if days > row.days_asked:
        raise Refusal(Code.EXTENSION_DAYS_RAISED, field="days", asked=row.days_asked)
    former, due = _dues(case)[0], check_days(move, days)
    case.ext_total += days
    case.due_basis, case.is_extension_pending = DueBasis.EXTENSION, False
    was_provisional = case.is_due_provisional
    set_due(case, due, now=now, rules=move.rules)
    case.is_due_provisional = was_provisional or due.provisional
    row.status, row.days_granted, row.new_due_at = RequestStatus.AGREED, days, due.at
    row.decided_at, row.decided_by_id, row.opinion = now, by.id, opinion.strip()
    # A change of class or calendar may have moved it while the application waited.
    row.former_due_at = former
    case.is_extended_late = case.is_extended_late or row.is_late
    less = f"（申请{row.days_asked}个）" if days < row.days_asked else ""
    moved = f"应办结时间由{full_time(former)}延至{full_time(due.at)}"
    words = f"批准延期{days}个工作日{less}，{moved}"
    if row.is_late:
        words += "；申请已逾期，仍记为超期"
    case.remark = "；".join(x for x in (case.remark, f"{now:%Y-%m-%d}{words}") if x)
    close_move(move, words, reason=opinion)
    tell(
        [*unit_people(case, case.lead_unit_id), *section_of(case, now)],
        text=f"{name_of(case)}{words}",
        kind=NoticeKind.EXTENDED,
        now=now,
        case=case,
    )
    return row


def refuse_extension(case: Case, *, opinion: str, by: Account, now: dt.datetime) -> Extension:
    """Refuse the application: the original due time stands (T17)."""
    move = open_move(case, Action.REFUSE_EXTENSION, by=by, now=now, values={"opinion": opinion})
    row = pending_extension(case)
    row.status, row.decided_at, row.decided_by_id = RequestStatus.REFUSED, now, by.id
    row.opinion = opinion.strip()
    case.is_extension_pending = False
    close_move(move, "不同意延期，仍按原时限办结", reason=opinion)
    tell(
        [*unit_people(case, case.lead_unit_id), *section_of(case, now)],
        text=f"{name_of(case)}不同意延期",
        kind=NoticeKind.EXTENSION_REFUSED,
        now=now,
        case=case,
    )
    return row
