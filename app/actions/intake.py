"""At the desk: 接待登记 and its four ends (R05–R17, T1–T4)."""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import select

from app.actions import audit
from app.actions.moves import Move, check_past, close_move, note_event, open_move
from app.actions.notices import leader_today, name_of, section_of, tell, unit_people
from app.actions.numbers import draw_number
from app.actions.office import listed, load_rules
from app.actions.people import roles_of
from app.actions.slips import active_unit
from app.domain.audit import AuditAction
from app.domain.deadlines import dispatch_due_at, due_at
from app.domain.due_words import full_time, reason_sentence
from app.domain.intake import check_intake, is_phone, required_fields
from app.domain.notice_kinds import NoticeKind
from app.domain.refusals import Code, Refusal
from app.domain.states import (
    Action,
    ComplaintAbout,
    ContactMode,
    DictKind,
    DueBasis,
    LimitClass,
    NumberKind,
    ReceptionOutcome,
    ResultType,
    Source,
    State,
)
from app.domain.words import word
from app.domain.workflow import REGISTER_ROLES
from app.extensions import db
from app.models import Account, Case, Reception, Rejection, Result
from app.models.phone import phone_marks

INTAKE_FIELDS = (
    "source", "reporter_type", "reporter_name", "company_name", "phone", "is_anonymous",
    "is_confidential", "category", "item_name", "item_kind", "apply_mode", "stuck_stage",
    "apply_no", "applied_on", "visits_count", "visits_note", "conduct_type", "complaint_about",
    "involved_person", "occurred_at", "suggestion_type", "involved_unit_id", "narrative",
    "demand", "preliminary_view", "proposed_class", "is_informed", "heard_from", "remark",
)  # fmt: skip


def may_register(by: Account, *, site_id: int) -> None:
    """Refuse whoever may not open a 接待登记 (T1)."""
    if not roles_of(by) & REGISTER_ROLES:
        raise Refusal(Code.ROLE_MISSING, action=Action.REGISTER)
    if by.site_id is not None and by.site_id != site_id:
        raise Refusal(Code.OTHER_SITE)


def _reception(
    *, site_id: int, outcome: ReceptionOutcome, by: Account, now: dt.datetime, **facts: object
) -> Reception:
    number = draw_number(site_id=site_id, series=NumberKind.RECEPTION, period=f"{now:%Y%m%d}")
    row = Reception(
        site_id=site_id,
        reception_no=f"JD{now:%Y%m%d}-{number:02d}",
        received_at=now,
        officer_id=by.id,
        outcome=outcome,
        **facts,
    )
    db.session.add(row)
    db.session.flush()
    return row


def answer(
    *,
    site_id: int,
    question: str,
    answer_text: str,
    by: Account,
    now: dt.datetime,
    reporter_name: str = "",
    phone: str = "",
) -> Reception:
    """End a reception as 咨询已答复: one line of question and answer, no case."""
    may_register(by, site_id=site_id)
    given = (("narrative", question), ("answer_text", answer_text))
    empty = [name for name, text in given if not text.strip()]
    if empty:
        raise Refusal(Code.FIELDS_MISSING, fields=empty)
    return _reception(
        site_id=site_id, outcome=ReceptionOutcome.ANSWERED, by=by, now=now,
        question=question.strip(), answer=answer_text.strip(),
        reporter_name=reporter_name.strip(), phone=phone.strip(),
    )  # fmt: skip


def register(*, site_id: int, facts: Mapping[str, object], by: Account, now: dt.datetime) -> Case:
    """Open a case as a draft with what is known so far (T1); returns it."""
    may_register(by, site_id=site_id)
    case = Case(
        site_id=site_id,
        state=State.DRAFT,
        registered_at=now,
        registered_by_id=by.id,
        source=Source.WINDOW,
    )
    db.session.add(case)
    _take_facts(case, facts)
    db.session.flush()
    reception = _reception(
        site_id=site_id, outcome=ReceptionOutcome.DRAFT, by=by, now=now, case_id=case.id,
        reporter_name=case.reporter_name, phone=case.phone,
        question=case.item_name or case.narrative[:200],
    )  # fmt: skip
    summary = f"{word(case.source)}接待登记，接待编号{reception.reception_no}"
    note_event(case, by=by, now=now, label=word(Action.REGISTER), summary=summary)
    return case


def _take_facts(case: Case, facts: Mapping[str, object]) -> None:
    unknown = set(facts) - set(INTAKE_FIELDS)
    if unknown:
        raise ValueError(f"no such intake fields: {sorted(unknown)}")
    for name, value in facts.items():
        # Members of the closed sets are texts too, and stripping one would lose its class.
        setattr(case, name, value.strip() if type(value) is str else value)
    if case.is_anonymous:
        case.reporter_name = case.company_name = case.phone = ""
    if case.phone and not is_phone(case.phone):
        raise Refusal(Code.FIELD_INVALID, field="phone")
    case.phone = (case.phone or "").replace("-", "").replace(" ", "")


def save_draft(case: Case, *, facts: Mapping[str, object], by: Account, now: dt.datetime) -> Case:
    """Change a draft's facts; refuses once it has left the desk."""
    may_register(by, site_id=case.site_id)
    if case.state is not State.DRAFT:
        raise Refusal(Code.NOT_EDITABLE)
    before = intake_values(case)
    _take_facts(case, facts)
    case.event_count += 1
    db.session.flush()
    # A draft's timeline tells of moves only. Which fields, not what: 审计员 reads no cases.
    changed = {name: "…" for name, value in intake_values(case).items() if value != before[name]}
    about = (audit.CASE, case.id, case.ledger_no or f"编号{case.id}")
    audit.note(AuditAction.CHANGED, about=about, after=changed)
    return case


def intake_values(case: Case) -> dict[str, object]:
    """Return what was written down at the desk, by the names of INTAKE_FIELDS."""
    return {name: getattr(case, name) for name in INTAKE_FIELDS}


def _set_outcome(case: Case, outcome: ReceptionOutcome) -> None:
    for row in db.session.execute(select(Reception).where(Reception.case_id == case.id)).scalars():
        row.outcome = outcome
        row.reporter_name, row.phone = case.reporter_name, case.phone
        row.question = case.item_name or row.question


def _draw_ledger_no(case: Case, now: dt.datetime) -> None:
    """Give the case its 台账编号; a draft that came back keeps the one it had."""
    if case.ledger_no is None:
        number = draw_number(site_id=case.site_id, series=NumberKind.LEDGER, period=str(now.year))
        case.ledger_no = f"{now.year}-{number:04d}"


def submit(case: Case, *, by: Account, now: dt.datetime) -> Case:
    """Hand the ledger entry to 督办考核科 (R16, T3); refuses while something is missing."""
    values = intake_values(case)
    needed = required_fields(values)
    move = open_move(case, Action.SUBMIT, by=by, now=now, values=values, also=needed)
    _check_facts(case, values, now)
    case.submitted_at = now
    case.dispatch_due_at, case.is_carried_over = dispatch_due_at(move.calendar, now, move.rules)
    _mark_repeat(case, now)
    _set_outcome(case, ReceptionOutcome.ACCEPTED)
    _draw_ledger_no(case, now)
    carried = "（顺延：临近下班或非工作时间）" if case.is_carried_over else ""
    summary = f"台账编号{case.ledger_no}，应于{full_time(case.dispatch_due_at)}前交办{carried}"
    close_move(move, summary, target=State.TO_DISPATCH)
    tell(
        _dispatchers(case, now),
        text=f"{name_of(case)}待交办，{summary}",
        kind=NoticeKind.TO_DISPATCH,
        now=now,
        case=case,
    )
    return case


def _dispatchers(case: Case, now: dt.datetime) -> list[Account | None]:
    """Return who hands the case over: the section; about a leader, the head of the group (D-22)."""
    about_leader = case.complaint_about is ComplaintAbout.LEADER
    return leader_today(case, now) if about_leader else section_of(case, now)


def _check_facts(case: Case, values: Mapping[str, object], now: dt.datetime) -> None:
    """Refuse what is missing at the desk, or happened only after it was told."""
    check_intake(values)
    if case.occurred_at is not None:
        check_past(case.occurred_at, now=now, after=None, field="occurred_at")
    if case.applied_on is not None and case.applied_on > now.date():
        raise Refusal(Code.TIME_IN_FUTURE, field="applied_on")


def _mark_repeat(case: Case, now: dt.datetime) -> None:
    """Link a case of the same phone and item of the last 30 days as 重复反映 (D-25)."""
    earlier = same_phone_cases(phone=case.phone, site_id=case.site_id, now=now)
    same = [c for c in earlier if c.id != case.id and c.item_name == case.item_name]
    case.is_repeat = bool(same)
    case.related_case_id = same[0].id if same else None


def same_phone_cases(*, phone: str, site_id: int, now: dt.datetime) -> list[Case]:
    """Return the site's numbered cases of the same phone in the last 30 days, newest first."""
    marks = phone_marks(phone)
    if not marks:
        return []
    since = now - dt.timedelta(days=load_rules().recent_phone_days)
    query = (
        select(Case)
        .where(Case.phone_mark.in_(marks), Case.site_id == site_id)
        .where(Case.registered_at >= since, Case.registered_at <= now)
        .where(Case.ledger_no.is_not(None))
        .order_by(Case.registered_at.desc(), Case.id.desc())
    )
    return list(db.session.execute(query).scalars())


def reject(
    case: Case,
    *,
    ground: int,
    legal_basis: str,
    explain_text: str,
    referred_to: str,
    is_understood: bool | None = None,
    by: Account,
    now: dt.datetime,
) -> Rejection:
    """End a draft as 不予受理 with its own number (R11, R12, R17, T2)."""
    values = {
        "ground": ground, "legal_basis": legal_basis, "explain_text": explain_text,
        "referred_to": referred_to,
    }  # fmt: skip
    move = open_move(case, Action.REJECT, by=by, now=now, values=values)
    if not case.item_name:
        raise Refusal(Code.FIELDS_MISSING, fields=["item_name"])
    row = add_rejection(case, by=by, now=now, is_understood=is_understood, **values)
    # A draft that came back from the section has a number already, and it stays listed.
    case.is_ledger_void = case.ledger_no is not None
    close_move(move, f"不予受理登记{row.rejection_no}：{row.ground.name}；引导去向：{referred_to}",
               target=State.REJECTED)  # fmt: skip
    return row


def add_rejection(case: Case, *, by: Account, now: dt.datetime, **values: object) -> Rejection:
    """Write the row of 不予受理登记 with its BY number; used at the desk and by the section."""
    ground = listed(values.pop("ground"), DictKind.GROUND, field="ground")
    number = draw_number(site_id=case.site_id, series=NumberKind.REJECTION, period=str(now.year))
    row = Rejection(
        site_id=case.site_id,
        rejection_no=f"BY{now.year}-{number:04d}",
        rejected_at=now,
        officer_id=by.id,
        case_id=case.id,
        reporter_name=case.reporter_name,
        phone=case.phone,
        item_name=case.item_name,
        ground_id=ground,
        **values,
    )
    db.session.add(row)
    _set_outcome(case, ReceptionOutcome.REJECTED)
    db.session.flush()
    return row


def resolve_on_spot(
    case: Case,
    *,
    lead_unit_id: int,
    unit_person: str,
    result_type: ResultType,
    handling_note: str,
    reply_text: str,
    is_achieved: bool = True,
    cause_id: int | None = None,
    by: Account,
    now: dt.datetime,
) -> Result:
    """End a draft as 当场办结 with a named unit (D-05, T4): a ledger entry, no slip."""
    values = {
        "lead_unit_id": lead_unit_id, "unit_person": unit_person, "result_type": result_type,
        "handling_note": handling_note, "reply_text": reply_text,
    }  # fmt: skip
    move = open_move(case, Action.RESOLVE_ON_SPOT, by=by, now=now, values=values)
    _check_facts(case, intake_values(case), now)
    _check_on_spot(case, lead_unit_id, result_type, cause_id)
    _finish_at_desk(move, lead_unit_id)
    case.result_type, case.is_achieved, case.cause_id = result_type, is_achieved, cause_id
    result = Result(
        case=case, unit_id=lead_unit_id, round_no=case.round_no, result_type=result_type,
        is_achieved=is_achieved, handling_note=handling_note, reply_text=reply_text,
        reply_mode=ContactMode.IN_PERSON, replied_at=now, cause_id=cause_id,
        unit_person=unit_person, submitted_at=now, submitted_by_id=by.id,
    )  # fmt: skip
    db.session.add(result)
    _mark_repeat(case, now)
    _set_outcome(case, ReceptionOutcome.ON_SPOT)
    _draw_ledger_no(case, now)
    words = f"当场协调办结，台账编号{case.ledger_no}，承办人员{unit_person}：{handling_note}"
    close_move(move, words, target=State.TO_CONFIRM)
    _tell_finished(case, now)
    return result


def _check_on_spot(
    case: Case, lead_unit_id: int, result_type: ResultType, cause_id: int | None
) -> None:
    """Refuse all but 已解决 by a unit of the site: 立即 knows no other result (R24)."""
    if result_type is not ResultType.SOLVED:
        raise Refusal(Code.FIELD_INVALID, field="result_type")
    active_unit(lead_unit_id, site_id=case.site_id, field="lead_unit_id")
    if cause_id is not None:
        listed(cause_id, DictKind.CAUSE, field="cause_id")


def _tell_finished(case: Case, now: dt.datetime) -> None:
    office = [*section_of(case, now), *leader_today(case, now)]
    text = f"{name_of(case)}当场办结，待审签"
    tell(
        [*office, *unit_people(case, case.lead_unit_id)],
        text=text,
        kind=NoticeKind.TO_CONFIRM,
        now=now,
        case=case,
    )


def _finish_at_desk(move: Move, lead_unit_id: int) -> None:
    """Set the clock of 立即 from the registration on, and finish it now."""
    case, now = move.case, move.now
    due = due_at(move.calendar, case.registered_at, 0, move.rules)
    case.limit_class, case.due_basis = LimitClass.IMMEDIATE, DueBasis.LIMIT
    case.lead_unit_id, case.due_from_at = lead_unit_id, case.registered_at
    case.due_at = case.original_due_at = case.first_due_at = due.at
    case.due_reason, case.calendar_version = reason_sentence(due, "登记"), due.calendar_version
    case.is_due_provisional, case.due_computed_at = due.provisional, now
    case.submitted_at = case.first_contact_at = case.finished_at = now


def delete_draft(case: Case, *, by: Account, now: dt.datetime) -> None:
    """Delete one's own draft of the same day; nothing numbered is ever deleted (D-37)."""
    own_today = case.registered_by_id == by.id and case.registered_at.date() == now.date()
    if case.state is not State.DRAFT or case.ledger_no is not None or not own_today:
        raise Refusal(Code.DRAFT_NOT_OWN)
    for row in db.session.execute(select(Reception).where(Reception.case_id == case.id)).scalars():
        row.case_id, row.outcome = None, ReceptionOutcome.DELETED
    # A draft binds nobody yet: the database takes its timeline with it; the log keeps the deed.
    audit.note(AuditAction.DELETED, about=(audit.CASE, case.id, f"编号{case.id}"))
    db.session.delete(case)
    db.session.flush()
