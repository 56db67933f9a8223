"""Where a case stands at an instant: card, remaining time, tags. Calculated, never stored."""

import datetime as dt
from dataclasses import dataclass

from app.domain.deadlines import Card, card, is_overdue, remaining_seconds
from app.domain.rules import Rules
from app.domain.states import DueBasis, LimitClass, State
from app.domain.workdays import WorkCalendar
from app.models import Case

RUNNING = frozenset({State.TO_SIGN, State.HANDLING, State.REDO})
FINISHED = frozenset({State.TO_CONFIRM, State.TO_EVALUATE, State.ARCHIVED})


@dataclass(frozen=True)
class Tag:
    """A mark beside a case: `kind` is a look of the theme, `key` a word of views.labels.TAGS."""

    key: str
    kind: str
    count: int = 0


@dataclass(frozen=True)
class Standing:
    """What a page shows of a case's clock; `remaining` is in business seconds, negative when late.

    `days_in_review` counts working days before the leading group (D-38).
    """

    card: Card
    is_overdue: bool
    due_at: dt.datetime | None = None
    remaining: int | None = None
    days_in_review: int | None = None
    tags: tuple[Tag, ...] = ()


def standing(case: Case, *, calendar: WorkCalendar, rules: Rules, now: dt.datetime) -> Standing:
    """Return where the case stands at `now`; reads only the case's own row."""
    tags = tuple(_tags(case))
    if case.state is State.TO_DISPATCH and case.dispatch_due_at:
        late = is_overdue(case.dispatch_due_at, now)
        left = remaining_seconds(calendar, case.dispatch_due_at, now)
        shown = Card.RED if late else Card.NONE
        return Standing(shown, late, case.dispatch_due_at, left, tags=tags)
    if case.state is State.GROUP_REVIEW and case.escalated_at:
        days = calendar.count_workdays(case.escalated_at.date(), now.date())
        shown = Card.RED if days > rules.group_target_days else Card.NONE
        return Standing(shown, False, None, None, days, tags)
    if case.state in RUNNING and case.due_at and case.dispatched_at:
        return _running(case, calendar, rules, now, tags)
    if case.state in FINISHED:
        late = was_late(case)
        return Standing(Card.RED if late else Card.NONE, late, case.due_at, tags=tags)
    return Standing(Card.NONE, False, tags=tags)


def _running(
    case: Case, calendar: WorkCalendar, rules: Rules, now: dt.datetime, tags: tuple[Tag, ...]
) -> Standing:
    if case.due_at is None or case.due_from_at is None:
        return Standing(Card.NONE, False, tags=tags)
    days = case.limit_class.days if case.limit_class else LimitClass.ONE_DAY.days
    extended = case.due_basis is not DueBasis.LIMIT
    shown = card(
        calendar, days, case.due_at, now, extended=extended, issued_at=case.due_from_at,
        rules=rules,
    )  # fmt: skip
    # D-11: asked late and granted all the same: the red card stays.
    late = case.is_extended_late or is_overdue(case.due_at, now)
    left = remaining_seconds(calendar, case.due_at, now)
    return Standing(Card.RED if late else shown, late, case.due_at, left, tags=tags)


def was_late(case: Case) -> bool:
    """Return whether a finished case was finished after the due time of its round (D-18)."""
    if case.is_extended_late:
        return True
    return bool(case.finished_at and case.due_at and is_overdue(case.due_at, case.finished_at))


def _tags(case: Case) -> list[Tag]:
    """Return the marks of domain/5.3, in the order a clerk looks for them."""
    classes = {
        LimitClass.IMMEDIATE: Tag("immediate", "immediate"),
        LimitClass.ONE_DAY: Tag("one_day", "one-day"),
        LimitClass.THREE_DAYS: Tag("three_days", "three-days"),
    }
    found = [classes[case.limit_class]] if case.limit_class else []
    marks = (
        (case.is_confidential, Tag("confidential", "secret")),
        (case.is_anonymous, Tag("anonymous", "muted")),
        (case.is_extension_pending, Tag("extension_pending", "pending")),
        (case.ext_total > 0, Tag("extended", "extended", case.ext_total)),
        (case.is_return_pending, Tag("return_pending", "pending")),
        (case.is_class_asked, Tag("class_asked", "pending")),
        (case.round_no > 1, Tag("round", "redo", case.round_no)),
        (case.is_carried_over and case.state is State.TO_DISPATCH, Tag("carried", "info")),
        (case.is_due_provisional and case.state in RUNNING, Tag("provisional", "provisional")),
        (case.is_repeat, Tag("repeat", "info")),
        (case.is_backfilled, Tag("backfilled", "late-entry")),
        (case.is_typical, Tag("typical", "done")),
        (case.is_common_issue, Tag("common", "info")),
    )
    return found + [tag for on, tag in marks if on]
