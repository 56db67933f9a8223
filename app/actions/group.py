"""领导小组集体研究: how a case comes before the group and back to work (R32, T18, T19)."""

import datetime as dt
from collections.abc import Sequence

from app.actions.facts import lead_slip, open_review
from app.actions.handling import lapse_requests
from app.actions.moves import Move, close_move, open_move
from app.actions.notices import leader_today, name_of, section_of, tell, unit_people
from app.actions.people import group_head, group_members
from app.actions.recompute import spread_due
from app.actions.slips import active_unit, issue_slip, void_co_slip, void_slip
from app.domain.due_words import full_time
from app.domain.notice_kinds import NoticeKind
from app.domain.quorum import has_quorum
from app.domain.refusals import Code, Refusal
from app.domain.states import (
    Action,
    ComplaintAbout,
    ContactMode,
    DecisionType,
    DueBasis,
    ResultType,
    Role,
    SlipKind,
    State,
)
from app.domain.words import word
from app.extensions import db
from app.models import Account, Case, GroupMember, GroupReview, Result


def escalate(case: Case, *, by: Account, now: dt.datetime, reason: str = "") -> GroupReview:
    """Bring a case before the group: a leader with a reason, or the job when time ran out (T18)."""
    move = open_move(case, Action.ESCALATE, by=by, now=now, values={"reason": reason})
    is_auto = Role.SYSTEM in move.line.who
    row = open_agenda(move, reason=reason, is_auto=is_auto)
    words = "延期届满仍未办结，自动提交领导小组集体研究" if is_auto else "提交领导小组集体研究"
    close_move(move, words, target=State.GROUP_REVIEW, reason=reason)
    _tell_group(case, now)
    return row


def open_agenda(move: Move, *, reason: str, is_auto: bool) -> GroupReview:
    """Put the case on the group's agenda; what was pending has lapsed."""
    case = move.case
    lapse_requests(case, move.now)
    case.escalated_at = move.now  # a second time before the group, its days count anew
    case.is_auto_escalated = case.is_auto_escalated or is_auto
    row = GroupReview(
        case=case, round_no=case.round_no, asked_at=move.now, asked_by_id=move.by.id,
        is_auto=is_auto, reason=reason.strip(),
    )  # fmt: skip
    db.session.add(row)
    return row


def _tell_group(case: Case, now: dt.datetime) -> None:
    people = [m.account for m in group_members(site_id=case.site_id, day=now.date())]
    if case.complaint_about is ComplaintAbout.LEADER:
        people = []  # D-22: it may be about one of them; the head calls the meeting
    office = [*leader_today(case, now), *section_of(case, now)]
    tell(
        [*people, *office, *unit_people(case, case.lead_unit_id)],
        text=f"{name_of(case)}已提交领导小组集体研究",
        kind=NoticeKind.GROUP_REVIEW,
        now=now,
        case=case,
    )


def record_decision(
    case: Case,
    *,
    met_at: dt.datetime,
    chair_id: int,
    attendee_ids: Sequence[int],
    decision_type: DecisionType,
    decision: str,
    lead_unit_id: int,
    new_due_at: dt.datetime | None = None,
    co_units: str = "",
    place: str = "",
    observers: str = "",
    unit_report: str = "",
    discussion: str = "",
    by: Account,
    now: dt.datetime,
) -> GroupReview:
    """Write the group's record, which counts when the 组长 has confirmed it (T19).

    Refuses without quorum, with a chair who was not there, or without a new due time.
    """
    values = {
        "met_at": met_at, "chair_id": chair_id, "attendee_ids": list(attendee_ids),
        "decision_type": decision_type, "decision": decision, "lead_unit_id": lead_unit_id,
    }  # fmt: skip
    move = open_move(case, Action.RECORD_DECISION, by=by, now=now, values=values)
    row = _reviewed(case)
    _check_meeting(move, row, met_at, decision_type, new_due_at)
    row.attendees = _attendees(move, met_at, chair_id, attendee_ids)
    active_unit(lead_unit_id, site_id=case.site_id, field="lead_unit_id")
    row.met_at, row.chair_id, row.place = met_at, chair_id, place.strip()
    said = (observers, unit_report, discussion)
    row.observers, row.unit_report, row.discussion = (text.strip() for text in said)
    row.decision_type, row.decision = decision_type, decision.strip()
    row.lead_unit_id, row.co_units, row.new_due_at = lead_unit_id, co_units.strip(), new_due_at
    row.recorded_at, row.recorded_by_id = now, by.id
    close_move(move, f"{met_at:%m-%d %H:%M}集体研究，{word(decision_type)}：{decision.strip()}")
    _tell_head(case, now)
    return row


def _reviewed(case: Case) -> GroupReview:
    """Return the review that waits for its record, or refuse."""
    row = open_review(case)
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return row


def _tell_head(case: Case, now: dt.datetime) -> None:
    head = group_head(site_id=case.site_id, day=now.date())
    text = f"{name_of(case)}研究决定待确认"
    people = [head.account if head else None]
    tell(people, text=text, kind=NoticeKind.TO_CONFIRM_DECISION, now=now, case=case)


def _check_meeting(
    move: Move,
    row: GroupReview,
    met_at: dt.datetime,
    decision_type: DecisionType,
    new_due_at: dt.datetime | None,
) -> None:
    if met_at > move.now:
        raise Refusal(Code.TIME_IN_FUTURE, field="met_at")
    if met_at < row.asked_at.replace(second=0, microsecond=0):
        raise Refusal(Code.TIME_ORDER, field="met_at", after=row.asked_at)
    if decision_type is DecisionType.FINAL_ANSWER:
        return
    if new_due_at is None:
        raise Refusal(Code.FIELDS_MISSING, fields=["new_due_at"])
    if new_due_at <= met_at or new_due_at <= move.now:
        raise Refusal(Code.DUE_IN_PAST, field="new_due_at")


def _attendees(
    move: Move, met_at: dt.datetime, chair_id: int, attendee_ids: Sequence[int]
) -> list[GroupMember]:
    """Return the members who were there; refuses without quorum (D-12)."""
    members = group_members(site_id=move.case.site_id, day=met_at.date())
    present = [m for m in members if m.id in set(attendee_ids)]
    if len(present) < len(set(attendee_ids)):
        raise Refusal(Code.NOT_GROUP_MEMBER, field="attendee_ids")
    if chair_id not in {m.id for m in present}:
        raise Refusal(Code.CHAIR_NOT_ATTENDING, field="chair_id")
    if not has_quorum(len(present), len(members), move.rules):
        facts = {"present": len(present), "members": len(members)}
        raise Refusal(Code.QUORUM_MISSING, field="attendee_ids", **facts)
    return present


def confirm_decision(case: Case, *, by: Account, now: dt.datetime) -> GroupReview:
    """The 组长 confirms: back to work with the group's due time, or 依法终结答复 (T19)."""
    move = open_move(case, Action.CONFIRM_DECISION, by=by, now=now)
    row = open_review(case)
    if row is None or row.lead_unit_id is None or row.decision_type is None:
        raise Refusal(Code.DECISION_MISSING)
    row.confirmed_at, row.confirmed_by_id = now, by.id
    words = f"{word(row.decision_type)}：{row.decision}"
    if row.decision_type is DecisionType.FINAL_ANSWER:
        _answer_for_good(move, row)
        close_move(move, words, target=State.TO_CONFIRM)
        office = [*section_of(case, now), *leader_today(case, now)]
        text = f"{name_of(case)}依法终结答复，待审签"
        people = [*office, *unit_people(case, case.lead_unit_id)]
        tell(people, text=text, kind=NoticeKind.TO_CONFIRM, now=now, case=case)
        return row
    if row.new_due_at is None or row.new_due_at <= now:
        raise Refusal(Code.DUE_IN_PAST, field="new_due_at")
    case.due_at, case.due_basis, case.is_due_provisional = row.new_due_at, DueBasis.GROUP, False
    limit = f"限{full_time(row.new_due_at)}前办结"
    case.due_reason = f"领导小组{row.met_at:%Y-%m-%d}集体研究决定，{limit}"
    case.due_computed_at = now
    case.is_lead_final = True
    _hand_to_lead(move, row)
    spread_due(case, row.new_due_at, calendar=move.calendar, rules=move.rules)
    close_move(move, f"{words}，新时限{full_time(row.new_due_at)}", target=State.HANDLING)
    tell(
        [*unit_people(case, case.lead_unit_id), *section_of(case, now)],
        text=f"{name_of(case)}领导小组已作出决定，限{full_time(row.new_due_at)}前办结",
        kind=NoticeKind.DECIDED,
        now=now,
        case=case,
    )
    return row


def _hand_to_lead(move: Move, row: GroupReview) -> None:
    """Give the group's lead unit its slip if it is another one; else move the slip's due time."""
    case, slip, due = move.case, lead_slip(move.case), row.new_due_at
    if due is None or row.lead_unit_id is None:
        return
    if slip is not None and slip.unit_id == row.lead_unit_id:
        return
    unit = active_unit(row.lead_unit_id, site_id=case.site_id, field="lead_unit_id")
    if slip is not None:
        void_slip(slip, reason="领导小组改定主办", now=move.now)
    void_co_slip(case, unit.id, now=move.now)
    case.lead_unit_id, case.dispatched_at, case.signed_at = unit.id, move.now, None
    case.first_dispatched_at = case.first_dispatched_at or move.now
    issue_slip(
        move,
        unit=unit,
        kind=SlipKind.LEAD,
        content=row.decision,
        due=due,
        issued_by_id=row.recorded_by_id,  # R18: slips are the section's
    )


def _answer_for_good(move: Move, row: GroupReview) -> None:
    """Write the group's 依法终结答复 as the result that waits for its 审签."""
    case = move.case
    db.session.add(
        Result(
            case=case, unit_id=row.lead_unit_id, round_no=case.round_no,
            result_type=ResultType.UNLAWFUL, is_achieved=False, handling_note=row.decision,
            reply_text=row.decision, reply_mode=ContactMode.WRITTEN, replied_at=move.now,
            legal_basis=row.decision, submitted_at=move.now, submitted_by_id=row.recorded_by_id,
        )
    )  # fmt: skip
    case.finished_at, case.result_type, case.is_achieved = move.now, ResultType.UNLAWFUL, False
    # D-38: what the group answers for good is in time; there is no new limit to miss.
    case.due_at, case.due_basis, case.is_due_provisional = move.now, DueBasis.GROUP, False
    case.due_reason = f"领导小组{row.met_at:%Y-%m-%d}集体研究决定，依法终结答复"
    spread_due(case, move.now, calendar=move.calendar, rules=move.rules)
