"""Twenty thousand cases beside an office's own: as many as twenty years bring."""

import datetime as dt
from typing import Any

from sqlalchemy import insert, select

from app.domain.states import (
    Category,
    ContactMode,
    DueBasis,
    EvalChannel,
    EvalLevel,
    LimitClass,
    ReporterType,
    ResultStatus,
    ResultType,
    SlipKind,
    SolvedLevel,
    Source,
    State,
)
from app.extensions import db
from app.models import Case, Evaluation, Result, Slip
from tests.factories import NARRATIVE, Office, at

START = at("2022-10-10 09:30")
OPEN_EVERY = 100  # one in a hundred is still in work
CHUNK = 2000


def crowd(office: Office, how_many: int) -> None:
    """Insert closed and open cases with slip, result and rating, spread over four years."""
    for first in range(0, how_many, CHUNK):
        numbers = range(first, min(first + CHUNK, how_many))
        db.session.execute(insert(Case), [case_row(office, n) for n in numbers])
    query = select(Case.id, Case.ledger_no, Case.state).where(Case.ledger_no.startswith("9"))
    rows = db.session.execute(query.order_by(Case.id)).all()
    db.session.execute(insert(Slip), [_slip(office, key, n) for n, (key, *_) in enumerate(rows)])
    closed = [key for key, _no, state in rows if state is State.ARCHIVED]
    db.session.execute(insert(Result), [_result(office, key) for key in closed])
    db.session.execute(insert(Evaluation), [_rating(office, key) for key in closed])


def case_row(office: Office, n: int) -> dict[str, Any]:
    """Return the n-th case as a row for one bulk insert: closed, but for one in a hundred."""
    registered = START + dt.timedelta(minutes=n * 100)
    due = registered + dt.timedelta(days=1)
    is_open = n % OPEN_EVERY == 0
    finished = None if is_open else due - dt.timedelta(hours=2)
    return {
        "site_id": office.site.id, "state": State.HANDLING if is_open else State.ARCHIVED,
        "version": 1, "event_count": 6, "round_no": 1, "is_ledger_void": False,
        "ledger_no": f"9{n // 9000:03d}-{n % 9000:04d}",
        "source": Source.WINDOW, "reporter_type": ReporterType.PERSON,
        "reporter_name": "郁东篱", "company_name": "", "phone": f"1600000{n % 10000:04d}",
        "is_anonymous": False, "is_confidential": False,
        "category": Category.NOT_ACCEPTED, "item_name": f"事项{n}", "apply_no": "",
        "visits_note": "", "involved_person": "", "narrative": NARRATIVE, "demand": "",
        "preliminary_view": "", "is_informed": True, "heard_from": "", "remark": "",
        "registered_at": registered, "registered_by_id": office.officer.id,
        "is_backfilled": False, "submitted_at": registered, "dispatch_due_at": due,
        "is_carried_over": False, "first_dispatched_at": registered, "dispatched_at": registered,
        "lead_unit_id": office.units["land"].id, "is_lead_final": False,
        "limit_class": LimitClass.ONE_DAY, "is_class_changed": False, "is_class_asked": False,
        "complex_grounds": "", "signed_at": registered, "due_at": due, "original_due_at": due,
        "due_from_at": registered, "due_basis": DueBasis.LIMIT, "due_reason": "",
        "is_due_provisional": False, "calendar_version": "", "ext_total": 0,
        "is_extended_late": False, "is_extension_pending": False, "is_return_pending": False,
        "is_auto_escalated": False, "finished_at": finished, "first_finished_at": finished,
        "first_due_at": due, "result_type": None if is_open else ResultType.SOLVED,
        "is_achieved": None if is_open else True, "is_common_issue": False, "is_typical": False,
        "is_repeat": False, "eval_level": None if is_open else EvalLevel.GOOD,
    }  # fmt: skip


def _slip(office: Office, case_id: int, n: int) -> dict[str, Any]:
    return {
        "site_id": office.site.id, "year_no": 1990, "slip_no": n + 1, "case_id": case_id,
        "unit_id": office.units["land"].id, "slip_kind": SlipKind.LEAD, "subject": "事项",
        "content": "请办理", "limit_class": LimitClass.ONE_DAY, "due_at": START,
        "issued_at": START, "issued_by_id": office.clerk.id, "signed_at": START,
        "signed_by_id": office.land_head.id, "reply_text": "", "is_void": False,
        "void_reason": "", "print_count": 0, "remark": "",
    }  # fmt: skip


def _result(office: Office, case_id: int) -> dict[str, Any]:
    return {
        "case_id": case_id, "unit_id": office.units["land"].id, "round_no": 1,
        "result_type": ResultType.SOLVED, "is_achieved": True, "handling_note": "已办",
        "reply_text": "已答复", "reply_mode": ContactMode.PHONE, "replied_at": START,
        "improvement": "", "is_common_issue": False, "short_reason": "", "legal_basis": "",
        "unit_person": "", "submitted_at": START, "submitted_by_id": office.land_head.id,
        "status": ResultStatus.CONFIRMED, "decision_note": "",
    }  # fmt: skip


def _rating(office: Office, case_id: int) -> dict[str, Any]:
    return {
        "case_id": case_id, "round_no": 1, "eval_level": EvalLevel.GOOD,
        "solved_level": SolvedLevel.SOLVED, "reasons": "", "opinion": "", "evaluated_at": START,
        "channel": EvalChannel.CALL, "entered_by_id": office.officer.id, "verify_note": "",
        "approve_opinion": "",
    }  # fmt: skip
