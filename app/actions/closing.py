"""审签 and the ends of a case: confirmed, sent back, withdrawn, reopened (T21, T22, T27, T29)."""

import datetime as dt

from app.actions.facts import open_result
from app.actions.handling import lapse_requests
from app.actions.moves import Move, close_move, open_move
from app.actions.notices import leader_today, name_of, section_of, tell, unit_people
from app.actions.recompute import set_due
from app.domain.deadlines import evaluation_until, redo_due_at
from app.domain.due_words import full_time
from app.domain.notice_kinds import NoticeKind
from app.domain.refusals import Code, Refusal
from app.domain.states import Action, DueBasis, ResultStatus, State
from app.models import Account, Case, Result


def _decide_result(move: Move, status: ResultStatus, note: str) -> Result:
    row = open_result(move.case)
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    row.status, row.decided_at, row.decided_by_id = status, move.now, move.by.id
    row.decision_note = note.strip()
    return row


def send_back(case: Case, *, reason: str, by: Account, now: dt.datetime) -> Result:
    """Send a result back: the submission is void and the clock has been running (D-18, T21)."""
    move = open_move(case, Action.SEND_BACK, by=by, now=now, values={"reason": reason})
    row = _decide_result(move, ResultStatus.SENT_BACK, reason)
    _void_finish(case)
    # What the group sent back to work stays 办理中, in whatever round.
    target = State.REDO if case.due_basis is DueBasis.REDO else State.HANDLING
    close_move(move, "退回补办，原提交办结作废，时限连续计算", target=target, reason=reason)
    tell(
        unit_people(case, case.lead_unit_id),
        text=f"{name_of(case)}退回补办",
        kind=NoticeKind.SENT_BACK,
        now=now,
        case=case,
    )
    return row


def _void_finish(case: Case) -> None:
    """Take the three facts back to those of the latest confirmed result, if there is one."""
    kept = [r for r in case.results if r.status is ResultStatus.CONFIRMED]
    latest = max(kept, key=lambda r: r.submitted_at, default=None)
    case.finished_at = None
    case.result_type = latest.result_type if latest else None
    case.is_achieved = latest.is_achieved if latest else None


def confirm(case: Case, *, by: Account, now: dt.datetime) -> Result:
    """带班领导签字: the case is 办结 as of its submission and may be rated (D-18, T22)."""
    move = open_move(case, Action.CONFIRM, by=by, now=now)
    row = _decide_result(move, ResultStatus.CONFIRMED, "")
    case.confirmed_at, case.confirmed_by_id = now, by.id
    case.first_finished_at = case.first_finished_at or case.finished_at
    case.eval_until = evaluation_until(move.calendar, now, move.rules)
    case.eval_level = None
    until = f"，请于{full_time(case.eval_until)}前登记评价" if not case.is_anonymous else ""
    close_move(move, f"带班领导签字确认办结{until}", target=State.TO_EVALUATE)
    tell(
        unit_people(case, case.lead_unit_id),
        text=f"{name_of(case)}已确认办结",
        kind=NoticeKind.CONFIRMED,
        now=now,
        case=case,
    )
    return row


def start_redo(move: Move) -> str:
    """Open the next round with its own due time (D-26); returns the words of it."""
    case = move.case
    due = redo_due_at(move.calendar, move.now, move.rules)
    case.round_no += 1
    case.due_basis, case.due_from_at = DueBasis.REDO, move.now
    set_due(case, due, now=move.now, rules=move.rules)
    leave_closing(case)
    return f"第{case.round_no}轮办理，应于{full_time(due.at)}前办结"


def leave_closing(case: Case) -> None:
    """Forget what stood at the end of a round when the next one begins."""
    case.finished_at = case.confirmed_at = case.archived_at = None
    case.eval_level = case.eval_until = case.verify_due_at = None


def reopen(case: Case, *, reason: str, by: Account, now: dt.datetime) -> None:
    """Reopen an archived case told again within 30 days, not under a new number (D-25, T29)."""
    move = open_move(case, Action.REOPEN, by=by, now=now, values={"reason": reason})
    case.is_repeat = True
    words = start_redo(move)
    close_move(move, f"30日内再次反映，{words}", target=State.REDO, reason=reason)
    tell(
        [*unit_people(case, case.lead_unit_id), *leader_today(case, now)],
        text=f"{name_of(case)}重办，{words}",
        kind=NoticeKind.REDO,
        now=now,
        case=case,
    )


def withdraw(case: Case, *, reason: str, proof: str, by: Account, now: dt.datetime) -> None:
    """Close a case its reporter took back, with reason and proof; out of all rates (D-24, T27)."""
    values = {"reason": reason, "proof": proof}
    move = open_move(case, Action.WITHDRAW, by=by, now=now, values=values)
    lapse_requests(case, now)
    _void_finish(case)  # nobody signs it any more
    case.withdrawn_at = now
    close_move(move, f"反映人撤回，凭证：{proof.strip()}", target=State.WITHDRAWN, reason=reason)
    tell(
        [*unit_people(case, case.lead_unit_id), *section_of(case, now)],
        text=f"{name_of(case)}反映人已撤回",
        kind=NoticeKind.WITHDRAWN,
        now=now,
        case=case,
    )
