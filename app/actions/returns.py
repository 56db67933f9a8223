"""“Not ours”: 申请退回 and what the section or the leader makes of it (D-14, D-15, T9–T12)."""

import datetime as dt

from app.actions.dispatch import dispatch_words, leave_unit, start_clock
from app.actions.facts import lead_slip
from app.actions.handling import lapse_requests
from app.actions.moves import Move, close_move, open_move
from app.actions.notices import leader_today, name_of, section_of, tell, unit_people
from app.actions.slips import active_unit, issue_slip, void_co_slip, void_slip
from app.domain.notice_kinds import NoticeKind
from app.domain.refusals import Code, Refusal
from app.domain.states import Action, RequestStatus, SlipKind, State
from app.extensions import db
from app.models import Account, Case, ReturnRequest, Slip


def request_return(
    case: Case, *, reason: str, suggest_unit_id: int, by: Account, now: dt.datetime
) -> ReturnRequest:
    """Ask to be released, once a unit and in time; the clock runs on (D-15, T9)."""
    values = {"reason": reason, "suggest_unit_id": suggest_unit_id}
    move = open_move(case, Action.REQUEST_RETURN, by=by, now=now, values=values)
    unit = active_unit(suggest_unit_id, site_id=case.site_id, field="suggest_unit_id")
    slip = lead_slip(case)
    if slip is None or unit.id == case.lead_unit_id:
        raise Refusal(Code.SAME_UNIT, field="suggest_unit_id")
    # D-14: the section decides the same day; asked after closing time, the next one.
    day = move.calendar.next_workday(now.date() - dt.timedelta(days=1))
    if now >= move.calendar.close_of(day):
        day = move.calendar.next_workday(day)
    row = ReturnRequest(
        case=case, slip_id=slip.id, unit_id=slip.unit_id, reason=reason.strip(),
        suggest_unit_id=unit.id, requested_at=now, requested_by_id=by.id,
        decide_due_at=move.calendar.close_of(day),
    )  # fmt: skip
    db.session.add(row)
    case.is_return_pending = True
    close_move(move, f"{slip.unit.name}申请退回，建议交{unit.name}办理", reason=reason)
    second = len(case.return_requests) > 1
    readers = leader_today(case, now) if second else section_of(case, now)
    tell(
        readers,
        text=f"{name_of(case)}申请退回，待审",
        kind=NoticeKind.RETURN_ASKED,
        now=now,
        case=case,
    )
    return row


def _pending(case: Case) -> ReturnRequest:
    return next(r for r in case.return_requests if r.status is RequestStatus.PENDING)


def _decide(
    move: Move, *, status: RequestStatus, opinion: str, unit_id: int | None
) -> ReturnRequest:
    row = _pending(move.case)
    row.status, row.opinion, row.assigned_unit_id = status, opinion.strip(), unit_id
    row.decided_at, row.decided_by_id = move.now, move.by.id
    move.case.is_return_pending = False
    if status is RequestStatus.AGREED:
        # What the leaving unit asked for beside it is not the next unit's wish.
        lapse_requests(move.case, move.now)
    return row


def reassign(
    case: Case, *, lead_unit_id: int, opinion: str = "", by: Account, now: dt.datetime
) -> Slip:
    """Agree and issue a new slip to the new unit at once; its clock starts there (D-14, T10)."""
    move = open_move(case, Action.REASSIGN, by=by, now=now, values={"lead_unit_id": lead_unit_id})
    unit = active_unit(lead_unit_id, site_id=case.site_id, field="lead_unit_id")
    if unit.id == case.lead_unit_id:
        raise Refusal(Code.SAME_UNIT, field="lead_unit_id")
    request = _decide(move, status=RequestStatus.AGREED, opinion=opinion, unit_id=unit.id)
    old = request.slip
    void_slip(old, reason="改派", now=now)
    void_co_slip(case, unit.id, now=now)
    due = start_clock(move, lead_unit_id=unit.id)
    slip = issue_slip(move, unit=unit, kind=SlipKind.LEAD, content=old.content, due=due.at)
    close_move(move, f"同意改派，原交办单NO {old.no}作废；{dispatch_words(case, due)}",
               target=State.TO_SIGN, reason=opinion)  # fmt: skip
    tell(
        unit_people(case, old.unit_id),
        text=f"{name_of(case)}已同意改派",
        kind=NoticeKind.RELEASED,
        now=now,
        case=case,
        is_linked=False,
    )
    return slip


def release(case: Case, *, reason: str, by: Account, now: dt.datetime) -> None:
    """Agree and void the old slips; the case is handed over anew by a later 交办 (T10)."""
    move = open_move(case, Action.RELEASE, by=by, now=now, values={"reason": reason})
    request = _decide(move, status=RequestStatus.AGREED, opinion=reason, unit_id=None)
    void_slip(request.slip, reason="改派", now=now)
    number = request.slip.no
    _void_co_slips(case, now)
    leave_unit(case)
    close_move(move, f"同意改派，原交办单NO {number}作废，另行交办", target=State.TO_DISPATCH,
               reason=reason)  # fmt: skip
    tell(
        unit_people(case, request.unit_id),
        text=f"{name_of(case)}已同意退回",
        kind=NoticeKind.RELEASED,
        now=now,
        case=case,
        is_linked=False,
    )


def _void_co_slips(case: Case, now: dt.datetime) -> None:
    for slip in case.slips:
        if not slip.is_void:
            void_slip(slip, reason="改派", now=now)


def refuse_return(case: Case, *, reason: str, by: Account, now: dt.datetime) -> None:
    """Refuse: the unit goes on, its clock never stopped (D-15, T11)."""
    move = open_move(case, Action.REFUSE_RETURN, by=by, now=now, values={"reason": reason})
    _decide(move, status=RequestStatus.REFUSED, opinion=reason, unit_id=case.lead_unit_id)
    close_move(move, "不同意退回，由原单位继续办理", reason=reason)
    tell(
        unit_people(case, case.lead_unit_id),
        text=f"{name_of(case)}不同意退回，请继续办理",
        kind=NoticeKind.RETURN_REFUSED,
        now=now,
        case=case,
    )


def assign_lead(
    case: Case, *, lead_unit_id: int, opinion: str, by: Account, now: dt.datetime
) -> None:
    """The leader names the 主办 for good (D-14, T12).

    The same unit goes on; another one gets its slip from the section, whose 交办 follows (R18).
    """
    values = {"lead_unit_id": lead_unit_id, "opinion": opinion}
    move = open_move(case, Action.ASSIGN_LEAD, by=by, now=now, values=values)
    unit = active_unit(lead_unit_id, site_id=case.site_id, field="lead_unit_id")
    stays = unit.id == case.lead_unit_id
    status = RequestStatus.REFUSED if stays else RequestStatus.AGREED
    request = _decide(move, status=status, opinion=opinion, unit_id=unit.id)
    case.is_lead_final = True
    if stays:
        close_move(move, f"带班领导指定{unit.name}主办，继续办理", reason=opinion)
        tell(
            unit_people(case, unit.id),
            text=f"{name_of(case)}由带班领导指定您单位主办",
            kind=NoticeKind.ASSIGNED,
            now=now,
            case=case,
        )
        return
    void_slip(request.slip, reason="指定主办", now=now)
    _void_co_slips(case, now)
    leave_unit(case)
    summary = f"带班领导指定{unit.name}主办，原交办单NO {request.slip.no}作废，待交办"
    close_move(move, summary, target=State.TO_DISPATCH, reason=opinion)
    tell(
        section_of(case, now),
        text=f"{name_of(case)}{summary}",
        kind=NoticeKind.TO_DISPATCH,
        now=now,
        case=case,
    )
