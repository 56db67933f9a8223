"""What must hold at every instant of 2019 to 2026, beside a slow count by hand."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.deadlines import (
    Card,
    card,
    dispatch_due_at,
    due_at,
    extended_due_at,
    is_overdue,
    yellow_from,
)
from app.official import default_calendar
from tests.domain import notices
from tests.domain.moments import ZONE

CALENDAR = default_calendar()
MINUTE = dt.timedelta(minutes=1)

FIRST = dt.datetime(2019, 1, 1, tzinfo=ZONE)
LAST = dt.datetime(2026, 11, 30, tzinfo=ZONE)


def spans_of_seconds(most: dt.timedelta) -> st.SearchStrategy[dt.timedelta]:
    return st.integers(0, int(most.total_seconds())).map(lambda n: dt.timedelta(seconds=n))


instants = spans_of_seconds(LAST - FIRST).map(lambda span: FIRST + span)
spells = spans_of_seconds(dt.timedelta(days=30))
limits = st.integers(0, 12)


def close_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(17), ZONE)


def noon_after(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(notices.nth_workday(day, 1), dt.time(12), ZONE)


def due_by_hand(start: dt.datetime, days: int) -> dt.datetime:
    today = start.date()
    if days:
        return close_of(notices.nth_workday(today, days))
    if notices.is_workday(today) and close_of(today) - start >= 60 * MINUTE:
        return close_of(today)
    return noon_after(today)


def seconds_by_hand(start: dt.datetime, end: dt.datetime) -> int:
    """Count the business seconds day by day, span by span."""
    total = dt.timedelta(0)
    day = start.date()
    while day <= end.date():
        for opens, closes in ((9, 12), (13, 17)):
            first = max(start, dt.datetime.combine(day, dt.time(opens), ZONE))
            last = min(end, dt.datetime.combine(day, dt.time(closes), ZONE))
            if notices.is_workday(day) and last > first:
                total += last - first
        day += dt.timedelta(days=1)
    return int(total.total_seconds())


@settings(max_examples=500)
@given(instants, limits)
def test_due_equals_the_count_by_hand(start: dt.datetime, days: int) -> None:
    assert due_at(CALENDAR, start, days).at == due_by_hand(start, days)


@settings(max_examples=300)
@given(instants)
def test_dispatch_equals_the_rule_by_hand(received: dt.datetime) -> None:
    today = received.date()
    same_day = notices.is_workday(today) and close_of(today) - received >= 30 * MINUTE
    expected = close_of(today) if same_day else noon_after(today)

    assert dispatch_due_at(CALENDAR, received) == (expected, not same_day)


@given(instants, limits)
def test_due_is_after_the_start_and_within_business(start: dt.datetime, days: int) -> None:
    due = due_at(CALENDAR, start, days)

    assert due.at > start
    assert notices.is_workday(due.at.date())
    assert due.at.hour == (12 if due.carried_over else 17)
    assert not due.provisional


@given(instants, limits, limits)
def test_due_grows_with_the_days(start: dt.datetime, few: int, more: int) -> None:
    few, more = sorted((few, more))

    assert due_at(CALENDAR, start, few).at <= due_at(CALENDAR, start, more).at


@given(instants, spells, limits)
def test_due_grows_with_the_start(start: dt.datetime, later: dt.timedelta, days: int) -> None:
    assert due_at(CALENDAR, start, days).at <= due_at(CALENDAR, start + later, days).at


@given(instants, limits, st.integers(1, 6), st.integers(1, 6))
def test_two_extensions_are_one_of_their_sum(
    start: dt.datetime, days: int, first: int, second: int
) -> None:
    due = due_at(CALENDAR, start, days).at
    between = extended_due_at(CALENDAR, due, first).at

    both = extended_due_at(CALENDAR, between, second).at

    assert both == extended_due_at(CALENDAR, due, first + second).at


@given(instants, limits)
def test_skipped_days_and_counted_days_fill_the_time_between(start: dt.datetime, days: int) -> None:
    due = due_at(CALENDAR, start, days)
    skipped = sum((run.last - run.first).days + 1 for run in due.skipped)
    counted = CALENDAR.count_workdays(start.date(), due.at.date())

    assert skipped + counted == (due.at.date() - start.date()).days
    assert all(notices.is_workday(day) and day.weekday() > 4 for day in due.make_up_days)


@settings(max_examples=300)
@given(instants, spells)
def test_working_time_equals_the_count_by_hand(start: dt.datetime, spell: dt.timedelta) -> None:
    end = start + spell

    assert CALENDAR.working_seconds(start, end) == seconds_by_hand(start, end)


@given(instants, spells, spells)
def test_working_time_adds_up(
    start: dt.datetime, first: dt.timedelta, second: dt.timedelta
) -> None:
    middle, end = start + first, start + first + second

    assert CALENDAR.working_seconds(start, end) == CALENDAR.working_seconds(
        start, middle
    ) + CALENDAR.working_seconds(middle, end)


@given(instants, st.integers(1, 20 * 7 * 3600))
def test_walking_there_takes_the_time_and_no_less_would_do(start: dt.datetime, spell: int) -> None:
    second = dt.timedelta(seconds=1)
    end, begin = (
        CALENDAR.add_working_seconds(start, spell),
        CALENDAR.working_time_before(start, spell),
    )

    assert CALENDAR.working_seconds(start, end) == spell
    assert CALENDAR.working_seconds(start, end - second) == spell - 1
    assert CALENDAR.working_seconds(begin, start) == spell
    assert CALENDAR.working_seconds(begin + second, start) == spell - 1


@given(instants, limits, st.integers(0, 7), spells)
def test_card_only_ever_gets_worse(
    start: dt.datetime, days: int, extension: int, spell: dt.timedelta
) -> None:
    due = due_at(CALENDAR, start, days).at
    due = extended_due_at(CALENDAR, due, extension).at if extension else due
    extended = extension > 0
    ranks = list(Card)

    def rank(now: dt.datetime) -> int:
        return ranks.index(card(CALENDAR, days, due, now, extended=extended, issued_at=start))

    assert rank(start) <= rank(start + spell) <= rank(start + 2 * spell)
    assert (rank(start + spell) == ranks.index(Card.RED)) == is_overdue(due, start + spell)


@given(instants, limits)
def test_yellow_lies_between_issue_and_due(start: dt.datetime, days: int) -> None:
    due = due_at(CALENDAR, start, days).at
    threshold = yellow_from(CALENDAR, days, due, extended=False, issued_at=start)

    assert start <= threshold < due


@given(instants, limits, st.integers(-23 * 60, 23 * 60))
def test_zone_the_time_is_written_in_does_not_matter(
    start: dt.datetime, days: int, minutes: int
) -> None:
    elsewhere = start.astimezone(dt.timezone(dt.timedelta(minutes=minutes)))

    assert due_at(CALENDAR, elsewhere, days).at == due_at(CALENDAR, start, days).at
