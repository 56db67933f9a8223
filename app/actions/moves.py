"""One move of a case: checked against the table before, one event row after."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from app.actions.calendars import calendar_of, hold_calendar
from app.actions.facts import facts_of
from app.actions.office import load_rules
from app.actions.people import actor_of
from app.domain.masking import without_reporter
from app.domain.refusals import Code, Refusal
from app.domain.rules import Rules
from app.domain.states import Action, State
from app.domain.workdays import WorkCalendar
from app.domain.workflow import Transition, check, require_fields
from app.extensions import db
from app.models import Account, Case, CaseEvent


@dataclass(frozen=True)
class Move:
    """A move that the table allows: who, when, by which line, with the office's rules and days."""

    case: Case
    line: Transition
    by: Account
    now: dt.datetime
    rules: Rules
    calendar: WorkCalendar


def lock_case(case_id: int, *, seen_version: int | None = None) -> Case:
    """Return the case locked for a move.

    Raises Refusal(NOT_FOUND), or Refusal(STALE) when somebody changed it since `seen_version`.
    """
    hold_calendar()
    case = db.session.execute(
        select(Case)
        .where(Case.id == case_id)
        # Linked cases refer to each other (重复反映): a full lock would stop the other one's move.
        .with_for_update(key_share=True)
        # What the session read before the lock may be old by now.
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if case is None:
        raise Refusal(Code.NOT_FOUND)
    if seen_version is not None and case.version != seen_version:
        raise Refusal(Code.STALE)
    return case


def open_move(
    case: Case,
    action: Action,
    *,
    by: Account,
    now: dt.datetime,
    values: Mapping[str, object] | None = None,
    also: Iterable[str] = (),
) -> Move:
    """Return the move, or raise the Refusal of the table or of a field that is not filled in.

    `also` names fields this case needs beside those of the table's line.
    """
    rules = load_rules()
    hold_calendar()  # a case made in this very unit of work was never locked
    calendar = calendar_of(case.site_id)
    actor = actor_of(by, site_id=case.site_id, day=now.date(), about=case.complaint_about)
    line = check(action, facts_of(case, calendar=calendar, rules=rules), actor, now, rules)
    require_fields(line, values or {}, also)
    return Move(case, line, by, now, rules, calendar)


def close_move(
    move: Move,
    summary: str,
    *,
    target: State | None = None,
    reason: str = "",
    label: str = "",
    facts: Mapping[str, object] | None = None,
) -> CaseEvent:
    """Set the new state and write the one event row of the move; flushes.

    `target` must stand in the table's line (None: the state stays).
    """
    case = move.case
    if target is not None and target not in move.line.targets:
        raise ValueError(f"{move.line.code} does not lead to {target}")
    old = case.state
    case.state = target or old
    _count_event(case, move.now)
    event = CaseEvent(
        case=case,
        action=move.line.action,
        label=label,
        old_state=old,
        new_state=case.state,
        round_no=case.round_no,
        at=move.now,
        by_id=move.by.id,
        by_unit_id=move.by.unit_id,
        summary=unnamed(case, summary),
        reason=unnamed(case, reason),
        facts=unnamed(case, json.dumps(facts or {}, ensure_ascii=False, default=str)),
    )
    db.session.add(event)
    db.session.flush()
    return event


def note_event(case: Case, *, by: Account, now: dt.datetime, label: str, summary: str) -> CaseEvent:
    """Write a timeline row that is no move of the table (登记, 时限重新计算)."""
    _count_event(case, now)
    event = CaseEvent(
        case=case,
        action=None,
        label=label,
        old_state=case.state,
        new_state=case.state,
        round_no=case.round_no,
        at=now,
        by_id=by.id,
        by_unit_id=by.unit_id,
        summary=unnamed(case, summary),
    )
    db.session.add(event)
    db.session.flush()
    return event


def unnamed(case: Case, text: str) -> str:
    """Return a text without the reporter: the timeline is kept for ever, his data are not."""
    return without_reporter(text, name=case.reporter_name or "", company="", phone=case.phone or "")


def _count_event(case: Case, now: dt.datetime) -> None:
    """Whatever happened may have moved a clock: the scan looks at the case anew."""
    case.event_count += 1
    case.next_look_at = now


def check_past(at: dt.datetime, *, now: dt.datetime, after: dt.datetime | None, field: str) -> None:
    """Refuse a time that lies in the future, or before what it must follow."""
    if at > now:
        raise Refusal(Code.TIME_IN_FUTURE, field=field)
    if after is not None and at < after.replace(second=0, microsecond=0):
        raise Refusal(Code.TIME_ORDER, field=field, after=after)
