"""A case as it stood at an instant: what was overwritten since, from the rows that keep it."""

from typing import Any

from sqlalchemy import ScalarSelect, Table, and_, case, exists, false, func, not_, null, or_, select

from app.actions.calendars import calendar_of
from app.actions.corrections import CORRECTABLE
from app.actions.office import load_rules
from app.domain.deadlines import evaluation_until
from app.domain.states import Action, RequestStatus, ResultStatus, SlipKind, State
from app.extensions import db
from app.models import Case, CaseEvent
from app.reports.past_rows import Facts, Past, Value, is_contacted

NUMBERING = (Action.SUBMIT, Action.RESOLVE_ON_SPOT)
REFUSING = (Action.REJECT, Action.REJECT_LATE)
ANSWERING = (Action.CONTACT, Action.RESOLVE, Action.RESOLVE_ON_SPOT)
# What sets or clears 评价期限.
TURNING = (Action.CONFIRM, Action.VERIFY, Action.REOPEN, Action.DECIDE_AFTER_REDO)


def is_known(past: Past) -> Value:
    """Return whether the case was in the book: its record, not the day it is about, decides."""
    cases = past.table("cases").c
    events = past.table("case_events").alias()
    first = select(func.min(events.c.at)).where(events.c.case_id == cases.id).scalar_subquery()
    return past.happened(func.coalesce(first, cases.registered_at, type_=cases.registered_at.type))


def case_facts(past: Past) -> Facts:
    """Return the facts of a case that later moves may have changed."""
    cases = past.table("cases").c
    times = (cases.first_dispatched_at, cases.withdrawn_at, cases.archived_at, cases.confirmed_at)
    return {
        **past.until_now(*times),
        **_corrected(past),
        **_standing(past),
        **_handed_over(past),
        **_finished(past),
        **_dues(past),
    }


def _last_move(past: Past, column: str, fallback: Value) -> Value:
    """Return what the latest move up to the instant left behind."""
    cases, events = past.table("cases").c, past.table("case_events").alias()
    found = (
        select(events.c[column])
        .where(events.c.case_id == cases.id, past.happened(events.c.at))
        .order_by(events.c.id.desc())
        .limit(1)
        # Also where another subquery asks for it, as its own case's and nobody else's.
        .correlate(past.table("cases"))
        .scalar_subquery()
    )
    return func.coalesce(found, fallback, type_=fallback.type)


def _corrected(past: Past) -> Facts:
    """Return the words before they were put right (更正记录)."""
    cases = past.table("cases").c
    found = {}
    for name in CORRECTABLE:
        rows = past.table("corrections").alias()
        before = (
            select(rows.c.old_phone if name == "phone" else rows.c.old_value)
            .where(rows.c.case_id == cases.id, rows.c.field == name)
            .where(past.later(rows.c.corrected_at))
            .order_by(rows.c.id)
            .limit(1)
            .scalar_subquery()
        )
        found[name] = func.coalesce(before, cases[name], type_=cases[name].type)
    return found


def _standing(past: Past) -> Facts:
    """Return state, round, number and marks."""
    cases = past.table("cases").c

    def later(*actions: Action) -> Value:
        """Whether it was done afterwards, and had never been done before."""
        done = past.moved(cases.id, *actions)
        return and_(not_(done), past.moved(cases.id, *actions, later=True))

    was_repeat = cases.related_case_id.is_not(None)
    return {
        "state": _last_move(past, "new_state", cases.state),
        "round_no": _last_move(past, "round_no", cases.round_no),
        "ledger_no": case((later(*NUMBERING), null()), else_=cases.ledger_no),
        "is_ledger_void": case((later(*REFUSING), false()), else_=cases.is_ledger_void),
        # 重办 marks a case as told again; at the desk the mark came with the earlier case.
        "is_repeat": case(
            (later(*NUMBERING), false()),
            (later(Action.REOPEN), was_repeat),
            else_=cases.is_repeat,
        ),
    }


def _handed_over(past: Past) -> Facts:
    """Return unit, hand-over, first contact and the way before the group."""
    cases, slips = past.table("cases").c, past.table("slips").alias()
    issued = _lead_slips(past, slips).where(past.happened(slips.c.issued_at))
    live = or_(slips.c.voided_at.is_(None), past.later(slips.c.voided_at))
    unit = issued.with_only_columns(slips.c.unit_id).where(live)
    ever = _lead_slips(past, slips).exists()
    since = issued.with_only_columns(func.max(slips.c.issued_at)).scalar_subquery()
    reviews = past.table("group_reviews").alias()
    asked = select(func.max(reviews.c.asked_at)).where(
        reviews.c.case_id == cases.id, past.happened(reviews.c.asked_at)
    )
    auto = select(reviews.c.id).where(reviews.c.case_id == cases.id, reviews.c.is_auto)
    auto_later = and_(
        auto.where(past.later(reviews.c.asked_at)).exists(),
        not_(auto.where(past.happened(reviews.c.asked_at)).exists()),
    )
    moved_on, again = past.later(cases.dispatched_at), past.later(cases.escalated_at)
    return {
        "lead_unit_id": case(
            (ever, _last(unit, slips)),
            (past.moved(cases.id, Action.RESOLVE_ON_SPOT, later=True), null()),
            else_=cases.lead_unit_id,
        ),
        "dispatched_at": case((moved_on, since), else_=cases.dispatched_at),
        "first_contact_at": _first_contact(past),
        "escalated_at": case((again, asked.scalar_subquery()), else_=cases.escalated_at),
        "is_auto_escalated": case((auto_later, false()), else_=cases.is_auto_escalated),
    }


def _lead_slips(past: Past, slips: Any) -> Any:
    return select(slips).where(
        slips.c.case_id == past.table("cases").c.id, slips.c.slip_kind == SlipKind.LEAD
    )


def _last(query: Any, rows: Any) -> ScalarSelect[Any]:
    found: ScalarSelect[Any] = query.order_by(rows.c.id.desc()).limit(1).scalar_subquery()
    return found


def _first_contact(past: Past) -> Value:
    """Return the first contact if somebody had written it down (it never changes after)."""
    cases, contacts = past.table("cases").c, past.table("contacts").alias()
    reached = exists().where(
        contacts.c.case_id == cases.id, contacts.c.is_reached, is_contacted(past, contacts.c)
    )
    noted = or_(
        not_(past.moved(cases.id, *ANSWERING, later=True)),
        past.moved(cases.id, Action.RESOLVE, Action.RESOLVE_ON_SPOT),
        reached,
    )
    there = and_(past.happened(cases.first_contact_at), noted)
    return case((there, cases.first_contact_at))


def _finished(past: Past) -> Facts:
    """Return the finish of the round, and the first one once a leader had signed it."""
    cases, results = past.table("cases").c, past.table("results").alias()
    own = select(results).where(results.c.case_id == cases.id)
    back = and_(results.c.status == ResultStatus.SENT_BACK, past.happened(results.c.decided_at))
    stands = own.where(
        past.happened(results.c.submitted_at),
        not_(back),
        results.c.round_no == _last_move(past, "round_no", cases.round_no),
    ).with_only_columns(results.c.submitted_at)
    finished = case(
        (own.exists(), _last(stands, results)),
        else_=past.known(cases.finished_at, cases.finished_at),
    )
    turned = past.moved(cases.id, *TURNING, later=True)
    return {
        "finished_at": finished,
        "first_finished_at": case((_is_unsigned(past), null()), else_=cases.first_finished_at),
        "eval_until": case((turned, null()), else_=cases.eval_until),
    }


def _is_unsigned(past: Past) -> Value:
    """Return whether the first result was still to be signed."""
    cases, results = past.table("cases").c, past.table("results").alias()
    first = (
        select(func.min(results.c.decided_at))
        .where(results.c.case_id == cases.id, results.c.status == ResultStatus.CONFIRMED)
        .scalar_subquery()
    )
    return func.coalesce(past.later(first), past.later(cases.first_finished_at), false())


# -- due times -----------------------------------------------------------------------------------


def _voided_due(past: Past) -> Any:
    """Return the due time of the slip that was the 主办's then and was voided later."""
    slips = past.table("slips").alias()
    return _last(
        _lead_slips(past, slips)
        .where(past.happened(slips.c.issued_at), past.later(slips.c.voided_at))
        .with_only_columns(slips.c.due_at),
        slips,
    )


def _dues(past: Past) -> Facts:
    """Return the due times; before its first hand-over a case had none.

    The first one is fixed once the first result is signed. Until then an extension tells the one
    it replaced, and so does the slip that was voided; a decision of the group replaced the last
    extension's, or the original one.
    """
    cases = past.table("cases").c
    unhanded = and_(
        past.later(func.coalesce(cases.first_dispatched_at, cases.submitted_at,
                                 type_=cases.submitted_at.type)),
        cases.original_due_at.is_not(None) | cases.first_due_at.is_not(None),
    )  # fmt: skip
    voided = _voided_due(past)
    before_all = _former_due(past, after=False)
    original = case(
        (unhanded, null()),
        (voided.is_not(None), func.coalesce(before_all, voided)),
        else_=cases.original_due_at,
    )
    former = _former_due(past, after=True)
    granted = _granted_due(past)
    decided = _decided_later(past)
    first = case(
        (unhanded, null()),
        (not_(_is_unsigned(past)) & cases.first_finished_at.is_not(None), cases.first_due_at),
        (former.is_not(None), former),
        (decided, func.coalesce(granted, original)),
        (voided.is_not(None), voided),
        else_=cases.first_due_at,
    )
    return {
        "original_due_at": original,
        "first_due_at": first,
        "is_extended_late": _is_late(past),
    }


def _agreed(past: Past, rows: Any) -> Any:
    return select(rows).where(
        rows.c.case_id == past.table("cases").c.id, rows.c.status == RequestStatus.AGREED
    )


def _former_due(past: Past, *, after: bool) -> ScalarSelect[Any]:
    """Return the due time before an extension of the slip in force at the instant.

    `after`: of the first one granted later, as the due time that was in force; else of the first
    one of all, as the original due time.
    """
    rows, slips = past.table("extensions").alias(), past.table("slips").alias()
    reviews = past.table("group_reviews").alias()
    own = (slips.c.case_id == rows.c.case_id, slips.c.slip_kind == SlipKind.LEAD)
    anew = exists().where(
        *own, past.later(slips.c.issued_at), slips.c.issued_at <= rows.c.decided_at
    )
    query = _agreed(past, rows).with_only_columns(rows.c.former_due_at).where(~anew)
    if after:
        between = exists().where(
            reviews.c.case_id == rows.c.case_id,
            past.later(reviews.c.confirmed_at),
            reviews.c.confirmed_at <= rows.c.decided_at,
        )
        query = query.where(past.later(rows.c.decided_at), not_(between))
    else:
        current = select(func.max(slips.c.issued_at)).where(*own, past.happened(slips.c.issued_at))
        query = query.where(rows.c.decided_at >= current.scalar_subquery())
    found: ScalarSelect[Any] = query.order_by(rows.c.decided_at).limit(1).scalar_subquery()
    return found


def _granted_due(past: Past) -> ScalarSelect[Any]:
    """Return the due time of the last extension granted on the slip in force."""
    rows, slips = past.table("extensions").alias(), past.table("slips").alias()
    current = select(func.max(slips.c.issued_at)).where(
        slips.c.case_id == rows.c.case_id,
        slips.c.slip_kind == SlipKind.LEAD,
        past.happened(slips.c.issued_at),
    )
    query = _agreed(past, rows).with_only_columns(rows.c.new_due_at)
    query = query.where(
        past.happened(rows.c.decided_at), rows.c.decided_at >= current.scalar_subquery()
    )
    return _last(query, rows)


def _decided_later(past: Past) -> Value:
    reviews = past.table("group_reviews").alias()
    return exists().where(
        reviews.c.case_id == past.table("cases").c.id, past.later(reviews.c.confirmed_at)
    )


def _is_late(past: Past) -> Value:
    """Return 逾期申请延期 if it had been granted by then."""
    cases, rows = past.table("cases").c, past.table("extensions").alias()
    late = _agreed(past, rows).where(rows.c.is_late)
    is_later = and_(
        late.where(past.later(rows.c.decided_at)).exists(),
        not_(late.where(past.happened(rows.c.decided_at)).exists()),
    )
    return case((is_later, false()), else_=cases.is_extended_late)


# -- 评价期限 ------------------------------------------------------------------------------------


def restore_windows(past: Past) -> None:
    """Count 评价期限 anew where a later round cleared it: it is stored nowhere else."""
    table: Table = Case.__table__
    signed = (
        select(func.max(CaseEvent.at))
        .where(CaseEvent.case_id == Case.id, CaseEvent.action == Action.CONFIRM)
        .scalar_subquery()
    )
    query = select(Case.id, Case.site_id, signed.label("signed")).where(
        Case.state.in_((State.TO_EVALUATE, State.ARCHIVED)),
        Case.eval_until.is_(None),
        signed.is_not(None),
    )
    rules = load_rules()
    for row in db.session.execute(query).all():
        until = evaluation_until(calendar_of(row.site_id), row.signed, rules)
        db.session.execute(table.update().where(table.c.id == row.id).values(eval_until=until))
