"""Which cases are yellow, red or overdue at an instant, asked of the database; nothing is stored.

The same answers as `standing` gives for one loaded case; a test compares them.
"""

import datetime as dt
from collections.abc import Callable, Mapping

from sqlalchemy import and_, case, false, func, or_
from sqlalchemy.sql.elements import ColumnElement

from app.domain.deadlines import yellow_from
from app.domain.rules import Rules
from app.domain.states import DueBasis, LimitClass, State
from app.domain.workdays import WorkCalendar
from app.models import Case
from app.reports.standing import RUNNING

Calendars = Mapping[int, WorkCalendar]
Span = tuple[dt.datetime, dt.datetime]

OPEN = (
    State.TO_DISPATCH, State.TO_SIGN, State.HANDLING, State.REDO, State.GROUP_REVIEW,
    State.TO_CONFIRM,
)  # fmt: skip
DAY = dt.timedelta(days=1)
INSTANT = dt.timedelta(microseconds=1)
LONGEST_REST = 60  # days looked ahead; no office rests so long


def next_due() -> ColumnElement[dt.datetime | None]:
    """Return what a list of work is sorted by: the next instant that somebody has to keep."""
    return case(
        (Case.state == State.TO_DISPATCH, Case.dispatch_due_at),
        (Case.state.in_(RUNNING), Case.due_at),
        (Case.state == State.TO_CONFIRM, Case.due_at),
        (Case.state == State.GROUP_REVIEW, Case.escalated_at),
        (Case.state == State.TO_EVALUATE, func.coalesce(Case.verify_due_at, Case.eval_until)),
    )


def is_overdue(now: dt.datetime) -> ColumnElement[bool]:
    """Return the condition of an open case that is past its due time, or was finished past it."""
    late_dispatch = and_(Case.state == State.TO_DISPATCH, Case.dispatch_due_at < now)
    late_work = and_(_running(), or_(Case.due_at < now, Case.is_extended_late.is_(True)))
    late_finish = and_(
        Case.state == State.TO_CONFIRM,
        or_(Case.finished_at > Case.due_at, Case.is_extended_late.is_(True)),
    )
    return or_(late_dispatch, late_work, late_finish)


def is_red(calendars: Calendars, rules: Rules, now: dt.datetime) -> ColumnElement[bool]:
    """Return the condition of a red card: overdue, or too long before the leading group (D-38)."""
    waiting = [
        and_(
            Case.site_id == site_id,
            Case.state == State.GROUP_REVIEW,
            Case.escalated_at < _review_red_before(calendar, rules, now),
        )
        for site_id, calendar in calendars.items()
    ]
    return or_(is_overdue(now), *waiting)


def is_yellow(calendars: Calendars, rules: Rules, now: dt.datetime) -> ColumnElement[bool]:
    """Return the condition of a yellow card (domain/2.2)."""
    per_site = [
        and_(Case.site_id == site_id, _due_soon(calendar, rules, now))
        for site_id, calendar in calendars.items()
    ]
    return and_(
        _running(), Case.due_at >= now, Case.is_extended_late.is_(False), or_(false(), *per_site)
    )


def yellow_spans(
    calendar: WorkCalendar, days: int, now: dt.datetime, rules: Rules, *, extended: bool
) -> list[Span]:
    """Return the spans of due times that show a yellow card at `now`, ends included."""

    def warns(due: dt.datetime) -> bool:
        start = yellow_from(calendar, days, due, extended=extended, issued_at=now, rules=rules)
        return start <= now

    spans: list[Span] = []
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for day in (midnight + n * DAY for n in range(LONGEST_REST)):
        first, last = max(now, day), day + DAY - INSTANT
        if warns(first):
            spans.append((first, last if warns(last) else _last_true(warns, first, last)))
        elif calendar.is_workday(day.date()):
            break  # later days are counted from this one, so none of them warns yet
    return spans


def _last_true(
    warns: Callable[[dt.datetime], bool], low: dt.datetime, high: dt.datetime
) -> dt.datetime:
    """Return the last instant at which `warns` holds; it does at `low` and not at `high`."""
    while high - low > INSTANT:
        middle = low + ((high - low) // 2)
        low, high = (middle, high) if warns(middle) else (low, middle)
    return low


def _running() -> ColumnElement[bool]:
    return and_(
        Case.state.in_(RUNNING),
        Case.due_at.is_not(None),
        Case.dispatched_at.is_not(None),
        Case.due_from_at.is_not(None),
    )


def _due_soon(calendar: WorkCalendar, rules: Rules, now: dt.datetime) -> ColumnElement[bool]:
    """Return the condition on due time, class and basis; each kind warns at another distance."""
    first_limit = Case.due_basis == DueBasis.LIMIT
    at_once = and_(first_limit, Case.limit_class == LimitClass.IMMEDIATE)
    long = or_(Case.due_basis.is_(None), ~first_limit, Case.limit_class == LimitClass.THREE_DAYS)
    one_day = and_(first_limit, Case.limit_class == LimitClass.ONE_DAY)
    kinds = ((at_once, 0, False), (one_day, 1, False), (long, 3, True))
    return or_(
        false(),
        *(
            and_(kind, Case.due_at.between(first, last))
            for kind, days, extended in kinds
            for first, last in yellow_spans(calendar, days, now, rules, extended=extended)
        ),
    )


def _review_red_before(calendar: WorkCalendar, rules: Rules, now: dt.datetime) -> dt.datetime:
    """Return the midnight before which a case must have been escalated to be red today."""
    day = calendar.previous_workday(now.date() + DAY, rules.group_target_days + 1)
    return dt.datetime.combine(day, dt.time(), now.tzinfo)
