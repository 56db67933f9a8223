"""Due times computed anew after a change of the calendar: open cases once, closed ones never."""

import datetime as dt

from sqlalchemy import select

from app.actions.office import load_rules
from app.domain.deadlines import (
    Due,
    co_due_at,
    dispatch_due_at,
    due_at,
    extended_due_at,
    redo_due_at,
)
from app.domain.due_words import full_time, reason_sentence
from app.domain.rules import Rules
from app.domain.states import DueBasis, SlipKind, State
from app.domain.workdays import WorkCalendar
from app.extensions import db
from app.models import Account, Case, CaseEvent

DUE_STATES = (State.TO_SIGN, State.HANDLING, State.TO_CONFIRM, State.REDO)
LABEL = "时限重新计算"


def recompute_open_cases(
    *, site_id: int, calendar: WorkCalendar, by: Account, now: dt.datetime, why: str
) -> int:
    """Recompute the site's open cases; write old → new into the timeline of each changed one.

    Returns the number of cases whose due time changed. A rerun changes nothing.
    """
    rules = load_rules()
    cases = db.session.execute(
        select(Case)
        .where(Case.site_id == site_id, Case.state.in_((State.TO_DISPATCH, *DUE_STATES)))
        .order_by(Case.id)
        .with_for_update(key_share=True, of=Case)
        .execution_options(populate_existing=True)
    ).scalars()
    return sum(_recompute(case, calendar, rules, by, now, why) for case in cases)


def _recompute(
    case: Case, calendar: WorkCalendar, rules: Rules, by: Account, now: dt.datetime, why: str
) -> bool:
    if case.state is State.TO_DISPATCH:
        return _recompute_dispatch(case, calendar, rules, by, now, why)
    if case.due_from_at is None or case.due_basis in (None, DueBasis.GROUP):
        return False
    original, due = _dues(case, calendar, rules)
    old, case.calendar_version = case.due_at, calendar.version
    case.is_due_provisional = original.provisional or due.provisional
    if due.at == old or old is None:
        return False
    set_due(case, due, now=now, rules=rules, original=original)
    for rating in case.evaluations:
        if rating.redo_due_at == old:
            rating.redo_due_at = due.at
    _note(case, by, now, why, f"应办结时间由{full_time(old)}调整为{full_time(due.at)}")
    return True


def _dues(case: Case, calendar: WorkCalendar, rules: Rules) -> tuple[Due, Due]:
    """Return the original due time and the one in force (extended, or of the redo)."""
    start = case.due_from_at
    if start is None or case.limit_class is None:
        raise ValueError("a case in work has a start and a class")
    if case.due_basis is DueBasis.REDO:
        redo = redo_due_at(calendar, start, rules)
        return redo, redo
    original = due_at(calendar, start, case.limit_class.days, rules)
    if case.due_basis is DueBasis.EXTENSION:
        return original, extended_due_at(calendar, original.at, case.ext_total)
    return original, original


def set_due(
    case: Case, due: Due, *, now: dt.datetime, rules: Rules, original: Due | None = None
) -> None:
    """Write a due time with its reason onto the case and its live slips."""
    basis = case.due_basis
    if original is not None and basis is not DueBasis.REDO:
        case.original_due_at = original.at
    case.due_at = due.at
    case.is_due_provisional = due.provisional or bool(original and original.provisional)
    case.calendar_version = due.calendar_version
    case.due_computed_at = now
    events = {DueBasis.EXTENSION: "原时限届满", DueBasis.REDO: "重办"}
    event = events.get(basis, "交办") if basis else "交办"
    case.due_reason = reason_sentence(due, event)[:300]
    spread_due(case, due.at, calendar=due.calendar, rules=rules)


def spread_due(case: Case, at: dt.datetime, *, calendar: WorkCalendar, rules: Rules) -> None:
    """Write the case's due time onto its live slips: 协办 keep half a day less (D-13).

    Until the first result is confirmed it is also the one the first result is measured by.
    """
    if case.first_finished_at is None:
        case.first_due_at = at
    for slip in case.slips:
        if slip.is_void:
            continue
        if slip.slip_kind is SlipKind.LEAD:
            slip.due_at = at
        elif slip.replied_at is None:
            slip.due_at = co_due_at(calendar, at, slip.issued_at, rules)


def _recompute_dispatch(
    case: Case, calendar: WorkCalendar, rules: Rules, by: Account, now: dt.datetime, why: str
) -> bool:
    # A case that was handed over once has kept or missed its 当日转办 already.
    if case.submitted_at is None or case.dispatch_due_at is None or case.first_dispatched_at:
        return False
    old = case.dispatch_due_at
    case.dispatch_due_at, case.is_carried_over = dispatch_due_at(calendar, case.submitted_at, rules)
    if case.dispatch_due_at == old:
        return False
    new = case.dispatch_due_at
    _note(case, by, now, why, f"应交办时间由{full_time(old)}调整为{full_time(new)}")
    return True


def _note(case: Case, by: Account, now: dt.datetime, why: str, what: str) -> None:
    case.event_count += 1
    # Also where every stage was told long ago: a later due time has them all before it again.
    case.next_look_at = now
    db.session.add(
        CaseEvent(
            case=case,
            label=LABEL,
            old_state=case.state,
            new_state=case.state,
            round_no=case.round_no,
            at=now,
            by_id=by.id,
            summary=f"{why}，{what}",
        )
    )
