"""服务评价, 回访, 差评核实: the reporter's word, never assumed (R39, R53, D-26, T23–T26)."""

import datetime as dt
from collections.abc import Sequence

from app.actions.closing import leave_closing, start_redo
from app.actions.facts import current_evaluation
from app.actions.group import open_agenda
from app.actions.moves import Move, check_past, close_move, open_move
from app.actions.notices import leader_today, name_of, section_of, tell, unit_people
from app.actions.people import roles_of
from app.domain.deadlines import verify_due_at
from app.domain.due_words import full_time
from app.domain.notice_kinds import NoticeKind
from app.domain.refusals import Code, Refusal
from app.domain.states import (
    UNIT_ROLES,
    Action,
    CallOutcome,
    ContactMode,
    EvalChannel,
    EvalLevel,
    SolvedLevel,
    State,
    Verdict,
)
from app.domain.words import word
from app.extensions import db
from app.models import Account, Callback, Case, Evaluation


def evaluate(
    case: Case,
    *,
    level: EvalLevel,
    solved: SolvedLevel,
    channel: EvalChannel,
    reasons: Sequence[str] = (),
    opinion: str = "",
    evaluated_at: dt.datetime | None = None,
    by: Account,
    now: dt.datetime,
) -> Evaluation:
    """Record the rating of this round and feed it back to unit and leader (R53, T23).

    基本满意 or better archives the case; a bad one must be verified within 1 working day.
    """
    values = {"level": level, "solved": solved, "channel": channel}
    move = open_move(case, Action.EVALUATE, by=by, now=now, values=values)
    at = evaluated_at or now
    check_past(at, now=now, after=case.confirmed_at, field="evaluated_at")
    row = Evaluation(
        case=case, round_no=case.round_no, eval_level=level, solved_level=solved,
        channel=channel, reasons="、".join(reasons), opinion=opinion.strip(), evaluated_at=at,
        entered_by_id=by.id,
    )  # fmt: skip
    db.session.add(row)
    case.eval_level = level
    words = f"评价{word(level)}，问题{word(solved)}"
    if level.is_bad:
        # From when the section can know of it, however old the paper is.
        row.verify_due_at = case.verify_due_at = verify_due_at(move.calendar, now, move.rules)
        words += f"；应于{full_time(row.verify_due_at)}前核实"
        close_move(move, words, reason=opinion)
    else:
        case.archived_at = now
        close_move(move, words, target=State.ARCHIVED, reason=opinion)
    _feed_back(case, words, now=now, is_bad=level.is_bad)
    return row


def _feed_back(case: Case, words: str, *, now: dt.datetime, is_bad: bool) -> None:
    """Tell unit and leader what the reporter said (R53), and the section what it must verify."""
    section = section_of(case, now) if is_bad else []
    leaders = [case.confirmed_by, *leader_today(case, now)]
    tell(
        [*unit_people(case, case.lead_unit_id), *leaders, *section],
        text=f"{name_of(case)}{words}",
        kind=NoticeKind.EVALUATED,
        now=now,
        case=case,
    )


def call_back(
    case: Case,
    *,
    outcome: CallOutcome,
    called_at: dt.datetime,
    mode: ContactMode | None = None,
    unit_made_contact: bool | None = None,
    solved: SolvedLevel | None = None,
    opinion: str = "",
    follow_up: str = "",
    by: Account,
    now: dt.datetime,
) -> Callback:
    """Record one call; what the reporter rates in it is recorded as a rating of its own."""
    values = {"outcome": outcome, "called_at": called_at}
    move = open_move(case, Action.CALL_BACK, by=by, now=now, values=values)
    check_past(called_at, now=now, after=case.confirmed_at, field="called_at")
    attempt = sum(c.round_no == case.round_no for c in case.callbacks) + 1
    row = Callback(
        case=case, round_no=case.round_no, attempt_no=attempt, called_at=called_at,
        mode=mode or ContactMode.PHONE,
        outcome=outcome, unit_made_contact=unit_made_contact, solved_level=solved,
        opinion=opinion.strip(), follow_up=follow_up.strip(), by_id=by.id,
    )  # fmt: skip
    db.session.add(row)
    heard = f"：{opinion.strip()}" if opinion.strip() else ""
    close_move(move, f"第{attempt}次回访，{word(outcome)}{heard}")
    return row


def close_unrated(case: Case, *, by: Account, now: dt.datetime) -> None:
    """Archive as 未评价 after the window and a call; never as satisfied (D-28)."""
    move = open_move(case, Action.CLOSE_UNRATED, by=by, now=now)
    case.archived_at = now
    words = "未评价（匿名）" if case.is_anonymous else "评价期满，回访后仍未评价"
    close_move(move, f"{words}，归档", target=State.ARCHIVED)


def read_evaluation(case: Case, *, by: Account, now: dt.datetime) -> Evaluation:
    """Leave the unit's or the leader's read mark on the latest rating (R53)."""
    move = open_move(case, Action.READ_EVALUATION, by=by, now=now)
    row = max(case.evaluations, key=lambda e: e.round_no)
    if roles_of(by) & UNIT_ROLES:
        row.unit_read_at, row.unit_read_by_id = now, by.id
        who = "承办窗口（科室）"
    else:
        row.leader_read_at, row.leader_read_by_id = now, by.id
        who = "带班领导"
    close_move(move, f"{who}已阅评价（{word(row.eval_level)}）")
    return row


def _rated(move: Move) -> Evaluation:
    row = current_evaluation(move.case)
    if row is None:
        raise Refusal(Code.NO_BAD_EVALUATION)
    return row


def verify(
    case: Case, *, verdict: Verdict, verify_note: str, by: Account, now: dt.datetime
) -> Evaluation:
    """Rule on a bad rating: 属实 starts a redo; 误评 or 不合理 waits for the leader (T24, T25)."""
    values = {"verdict": verdict, "verify_note": verify_note}
    move = open_move(case, Action.VERIFY, by=by, now=now, values=values)
    row = _rated(move)
    justified = verdict is Verdict.JUSTIFIED
    if justified and case.round_no >= move.rules.max_rounds:
        raise Refusal(Code.REDO_LIMIT, field="verdict", rounds=move.rules.max_rounds)
    row.verdict, row.verify_note = verdict, verify_note.strip()
    row.verified_at, row.verified_by_id = now, by.id
    if not justified:
        close_move(move, f"差评核实：{word(verdict)}，报带班领导审批", reason=verify_note)
        tell(
            leader_today(case, now),
            text=f"{name_of(case)}差评核实结论待审批",
            kind=NoticeKind.VERDICT_ASKED,
            now=now,
            case=case,
        )
        return row
    words = start_redo(move)
    row.redo_due_at = case.due_at
    close_move(move, f"差评核实：属实，{words}", target=State.REDO, reason=verify_note)
    tell(
        unit_people(case, case.lead_unit_id),
        text=f"{name_of(case)}差评属实，{words}",
        kind=NoticeKind.REDO,
        now=now,
        case=case,
    )
    return row


def approve_verdict(
    case: Case, *, agreed: bool, opinion: str, by: Account, now: dt.datetime
) -> Evaluation:
    """The leader agrees that a bad rating was mistaken, or sends the verification back (T25)."""
    values = {"agreed": agreed, "opinion": opinion}
    move = open_move(case, Action.APPROVE_VERDICT, by=by, now=now, values=values)
    row = _rated(move)
    ruled = word(row.verdict) if row.verdict else ""
    row.approve_opinion = opinion.strip()
    if not agreed:
        row.verdict = row.verified_at = row.verified_by_id = None
        close_move(move, f"不同意核实结论“{ruled}”，重新核实", reason=opinion)
        tell(
            section_of(case, now),
            text=f"{name_of(case)}差评须重新核实",
            kind=NoticeKind.VERDICT_REFUSED,
            now=now,
            case=case,
        )
        return row
    row.approved_at, row.approved_by_id = now, by.id
    case.archived_at = now
    close_move(move, f"批准核实结论“{ruled}”，不计入差评率，归档", target=State.ARCHIVED,
               reason=opinion)  # fmt: skip
    return row


def decide_after_redo(
    case: Case, *, to_group: bool, opinion: str, by: Account, now: dt.datetime
) -> None:
    """After the last redo and a bad rating again the leader decides: archive or group (D-26)."""
    values = {"to_group": to_group, "opinion": opinion}
    move = open_move(case, Action.DECIDE_AFTER_REDO, by=by, now=now, values=values)
    row = _rated(move)
    row.verdict, row.verify_note = Verdict.JUSTIFIED, opinion.strip()
    row.verified_at, row.verified_by_id = now, by.id
    if to_group:
        case.round_no += 1
        leave_closing(case)
        open_agenda(move, reason=opinion, is_auto=False)
        close_move(move, "多轮差评，带班领导决定提交领导小组", target=State.GROUP_REVIEW,
                   reason=opinion)  # fmt: skip
        return
    case.archived_at = now
    close_move(move, "多轮差评，带班领导决定归档", target=State.ARCHIVED, reason=opinion)
