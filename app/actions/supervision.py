"""催办, 督办通知单, 约谈, 通报, 移送 on a case or a unit, with 反馈 and 销号 (R48–R50, T30)."""

import datetime as dt
from typing import Any

from sqlalchemy import select

from app.actions.moves import close_move, note_event, open_move
from app.actions.notices import name_of, tell, tell_office
from app.actions.numbers import draw_number
from app.actions.people import accounts_with, approving_leader, roles_of
from app.actions.slips import active_unit
from app.domain.due_words import full_time
from app.domain.notice_kinds import NoticeKind
from app.domain.refusals import Code, Refusal
from app.domain.states import (
    UNIT_ROLES,
    Action,
    ComplaintAbout,
    NumberKind,
    Role,
    State,
    SuperviseGround,
    SupervisionKind,
)
from app.domain.words import word
from app.extensions import db
from app.models import Account, Case, MeasureDraft, Supervision

SUPERVISORS = frozenset({Role.SUPERVISOR, Role.DUTY_LEADER, Role.GROUP_HEAD})

# What each measure needs beside ground and requirement (§3.5).
KIND_FIELDS: dict[SupervisionKind, tuple[str, ...]] = {
    SupervisionKind.URGE: (),
    SupervisionKind.NOTICE: ("feedback_due_at",),
    SupervisionKind.INTERVIEW: ("interviewee", "place"),
    SupervisionKind.CIRCULAR: ("document_no",),
    SupervisionKind.TRANSFER: ("transfer_to",),
}
# What the clock called for is past once the matter has come to its end.
ENDED = frozenset(
    {State.TO_EVALUATE, State.ARCHIVED, State.WITHDRAWN, State.MERGED, State.REJECTED}
)


def supervise(
    case: Case,
    *,
    kind: SupervisionKind,
    ground: SuperviseGround,
    requirement: str,
    unit_id: int | None = None,
    by: Account,
    now: dt.datetime,
    **details: object,
) -> Supervision:
    """Take a measure on a case against its lead unit or another of its units (T30).

    Drafts of the same measure on the case and unit are settled with it.
    """
    values = {"kind": kind, "ground": ground, "requirement": requirement}
    move = open_move(case, Action.SUPERVISE, by=by, now=now, values=values)
    target = unit_id or case.lead_unit_id or case.involved_unit_id
    if target is None:
        raise Refusal(Code.FIELDS_MISSING, fields=["unit_id"])
    if target not in {case.lead_unit_id, case.involved_unit_id, *(s.unit_id for s in case.slips)}:
        raise Refusal(Code.FIELD_INVALID, field="unit_id")
    row = _measure(
        site_id=case.site_id, case=case, kind=kind, ground=ground, requirement=requirement,
        unit_id=target, by=by, now=now, details=details,
    )  # fmt: skip
    due = f"，应于{full_time(row.feedback_due_at)}前反馈" if row.feedback_due_at else ""
    number = f"{row.series_no}" if row.series_no else ""
    close_move(move, f"{word(kind)}{number}（{row.unit.name}）：{word(ground)}；{requirement}{due}",
               label=word(kind))  # fmt: skip
    _settle_drafts_of(row, by=by, now=now)
    return row


def _settle_drafts_of(row: Supervision, *, by: Account, now: dt.datetime) -> None:
    """Whoever took the measure from the case's own page needs no draft of it any more."""
    drafts = select(MeasureDraft).where(
        MeasureDraft.case_id == row.case_id,
        MeasureDraft.unit_id == row.unit_id,
        MeasureDraft.kind == row.kind,
        MeasureDraft.settled_at.is_(None),
    )
    for draft in db.session.scalars(drafts):
        draft.settled_at, draft.settled_by_id, draft.supervision_id = now, by.id, row.id


def issue_draft(
    draft: MeasureDraft, *, by: Account, now: dt.datetime, **values: Any
) -> Supervision:
    """下发: take the drafted measure in the person's own words, and settle the draft with it.

    `values` are those of `supervise`. Refuses a draft that was settled already.
    """
    _require_open(draft)
    row = supervise(draft.case, **values, by=by, now=now)
    draft.settled_at, draft.settled_by_id, draft.supervision_id = now, by.id, row.id
    db.session.flush()
    return row


def drop_draft(draft: MeasureDraft, *, reason: str = "", by: Account, now: dt.datetime) -> None:
    """不下发, with the reason; that the matter has come to its end is reason enough."""
    about = draft.case.complaint_about
    if about is ComplaintAbout.SECTION and roles_of(by) & SUPERVISORS <= {Role.SUPERVISOR}:
        raise Refusal(Code.ABOUT_SECTION)
    _may_supervise(by, site_id=draft.site_id, now=now, about=about)
    _require_open(draft)
    if not reason.strip() and draft.case.state not in ENDED:
        raise Refusal(Code.FIELDS_MISSING, fields=["reason"])
    draft.settled_at, draft.settled_by_id = now, by.id
    draft.settle_note = reason.strip() or f"事项{word(draft.case.state)}"
    db.session.flush()


def _require_open(draft: MeasureDraft) -> None:
    if draft.settled_at is not None:
        raise Refusal(Code.ALREADY_DONE)


def supervise_unit(
    *,
    site_id: int,
    unit_id: int,
    kind: SupervisionKind,
    ground: SuperviseGround,
    requirement: str,
    by: Account,
    now: dt.datetime,
    **details: object,
) -> Supervision:
    """Take a measure on a unit, tied to no case."""
    _may_supervise(by, site_id=site_id, now=now)
    if not requirement.strip():
        raise Refusal(Code.FIELDS_MISSING, fields=["requirement"])
    return _measure(
        site_id=site_id, case=None, kind=kind, ground=ground, requirement=requirement,
        unit_id=unit_id, by=by, now=now, details=details,
    )  # fmt: skip


def _may_supervise(
    by: Account, *, site_id: int, now: dt.datetime, about: ComplaintAbout | None = None
) -> None:
    """Refuse all but the section and today's leader (R36; domain/6.4)."""
    roles = roles_of(by)
    if not roles & SUPERVISORS:
        raise Refusal(Code.ROLE_MISSING, action=Action.SUPERVISE)
    if by.site_id is not None and by.site_id != site_id:
        raise Refusal(Code.OTHER_SITE)
    if Role.SUPERVISOR in roles:
        return
    leader = approving_leader(site_id=site_id, day=now.date(), about=about)
    if leader is None or leader.id != by.id:
        raise Refusal(Code.NOT_DUTY_LEADER_TODAY)


def _measure(
    *,
    site_id: int,
    case: Case | None,
    kind: SupervisionKind,
    ground: SuperviseGround,
    requirement: str,
    unit_id: int,
    by: Account,
    now: dt.datetime,
    details: dict[str, object],
) -> Supervision:
    empty = [name for name in KIND_FIELDS[kind] if not details.get(name)]
    if empty:
        raise Refusal(Code.FIELDS_MISSING, fields=empty)
    due = details.get("feedback_due_at")
    if isinstance(due, dt.datetime) and due <= now:
        raise Refusal(Code.DUE_IN_PAST, field="feedback_due_at")
    unit = active_unit(unit_id, site_id=site_id, field="unit_id")
    series_no = ""
    if kind is SupervisionKind.NOTICE:
        number = draw_number(site_id=site_id, series=NumberKind.SUPERVISION, period=str(now.year))
        series_no = f"督办〔{now.year}〕{number}号"
    row = Supervision(
        site_id=site_id, case=case, kind=kind, ground=ground, requirement=requirement.strip(),
        unit=unit, series_no=series_no, issued_at=now, issued_by_id=by.id, **details,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _tell_unit(row, now)
    return row


def _tell_unit(row: Supervision, now: dt.datetime) -> None:
    heads = accounts_with(Role.UNIT_HEAD, site_id=row.site_id, unit_id=row.unit_id)
    words = f"{word(row.kind)}，{word(row.ground)}"
    if row.case is not None:
        text = f"{name_of(row.case)}：{words}"
        tell(heads, text=text, kind=NoticeKind.SUPERVISED, now=now, case=row.case)
        return
    tell_office(
        heads, about=f"measure:{row.id}", text=f"{row.unit.name}：{words}",
        kind=NoticeKind.SUPERVISED, round_no=0, site_id=row.site_id, now=now,
    )  # fmt: skip


def give_feedback(row: Supervision, *, feedback: str, by: Account, now: dt.datetime) -> None:
    """The unit answers a measure; refuses another unit and an answered or closed one."""
    if not roles_of(by) & UNIT_ROLES or by.unit_id != row.unit_id:
        raise Refusal(Code.NOT_LEAD_UNIT)
    if row.closed_at is not None or row.feedback_at is not None:
        raise Refusal(Code.ALREADY_DONE)
    if not feedback.strip():
        raise Refusal(Code.FIELDS_MISSING, fields=["feedback"])
    row.feedback, row.feedback_at, row.feedback_by_id = feedback.strip(), now, by.id
    if row.case is not None:
        note_event(row.case, by=by, now=now, label=f"{word(row.kind)}反馈",
                   summary=f"{row.unit.name}：{feedback.strip()}")  # fmt: skip


def close_supervision(row: Supervision, *, note: str, by: Account, now: dt.datetime) -> None:
    """销号: the section or a leader is content with what was done."""
    _may_supervise(by, site_id=row.site_id, now=now)
    if row.closed_at is not None:
        raise Refusal(Code.ALREADY_DONE)
    if not note.strip():
        raise Refusal(Code.FIELDS_MISSING, fields=["note"])
    row.closed_at, row.closed_by_id, row.close_note = now, by.id, note.strip()
    if row.case is not None:
        note_event(row.case, by=by, now=now, label=f"{word(row.kind)}销号", summary=note.strip())
