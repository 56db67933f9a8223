"""The calendar as a value: whose word counts, which hours a day has, what is refused whole."""

import datetime as dt
from typing import Any

import pytest

from app.domain.calendar_parts import (
    CalendarError,
    CalendarProblem,
    DayKind,
    OfficialDay,
    Override,
    Timetable,
)
from app.domain.workdays import WorkCalendar
from app.official import default_calendar, official_days
from tests.domain.moments import at, day

NINE, NOON, ONE, FIVE = dt.time(9), dt.time(12), dt.time(13), dt.time(17)
DAY_HOURS = ((NINE, NOON), (ONE, FIVE))
NEW_YEAR = dt.date(2026, 1, 1)
ALL_YEAR = Timetable(DAY_HOURS, NEW_YEAR)
CALENDAR = default_calendar()


def calendar(**parts: Any) -> WorkCalendar:
    given = {
        "official_days": tuple(official_days(2026, 2027)),
        "published_years": frozenset({2026}),
        "timetables": (ALL_YEAR,),
    }
    return WorkCalendar(**{**given, **parts})


def refused(**parts: Any) -> CalendarError:
    with pytest.raises(CalendarError) as caught:
        calendar(**parts)
    return caught.value


# -- whose word counts -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "kind", "works"),
    [
        ("2026-10-09 周五", DayKind.WORKDAY, True),
        ("2026-10-10 周六", DayKind.SWAPPED_ON, True),
        ("2026-10-11 周日", DayKind.WEEKEND, False),
        ("2026-10-01 周四", DayKind.HOLIDAY, False),
        ("2026-10-06 周二", DayKind.SWAPPED_OFF, False),
    ],
)
def test_notice_goes_before_the_week(on: str, kind: DayKind, works: bool) -> None:
    assert CALENDAR.day_kind(day(on)) is kind
    assert CALENDAR.is_workday(day(on)) is works


@pytest.mark.parametrize(
    ("on", "kind", "works"),
    [
        ("2026-10-09 周五", DayKind.CLOSED, False),
        ("2026-10-10 周六", DayKind.CLOSED, False),
        ("2026-10-11 周日", DayKind.OPENED, True),
        ("2026-10-01 周四", DayKind.OPENED, True),
        ("2026-10-07 周三", DayKind.MORNING_ONLY, True),
    ],
)
def test_site_goes_before_the_notice(on: str, kind: DayKind, works: bool) -> None:
    local = calendar(overrides=(Override(day(on), kind, "县政府通知"),))

    assert local.day_kind(day(on)) is kind
    assert local.is_workday(day(on)) is works
    assert local.next_workday(day(on) - dt.timedelta(days=1), 1) >= day(on)
    assert (local.next_workday(day(on) - dt.timedelta(days=1), 1) == day(on)) is works


# -- counting ------------------------------------------------------------------------------------


def test_counting_forth_and_back() -> None:
    before, after = day("2026-09-30 周三"), day("2026-10-08 周四")

    assert CALENDAR.next_workday(before) == after
    assert CALENDAR.previous_workday(after) == before
    assert CALENDAR.previous_workday(day("2026-10-05 周一"), 2) == day("2026-09-29 周二")
    assert CALENDAR.count_workdays(before, after) == 1
    assert CALENDAR.count_workdays(after, before) == -1
    assert CALENDAR.count_workdays(before, day("2026-10-07 周三")) == 0


@pytest.mark.parametrize("n", [0, -1, 10**6])
def test_counting_nothing_or_too_far_is_refused(n: int) -> None:
    for count in (CALENDAR.next_workday, CALENDAR.previous_workday):
        with pytest.raises(CalendarError) as caught:
            count(day("2026-10-09 周五"), n)
        assert caught.value.problem is CalendarProblem.OUT_OF_RANGE


@pytest.mark.parametrize(
    ("after", "until", "provisional"),
    [
        ("2026-12-30 周三", "2026-12-31 周四", False),
        ("2026-12-31 周四", "2026-12-31 周四", False),
        ("2026-12-31 周四", "2027-01-01 周五", True),
        ("2026-12-01 周二", "2028-01-03 周一", True),
        ("2027-03-01 周一", "2027-03-02 周二", True),
    ],
)
def test_looking_at_a_year_without_notice_is_provisional(
    after: str, until: str, provisional: bool
) -> None:
    assert CALENDAR.is_provisional_between(day(after), day(until)) is provisional


# -- hours ---------------------------------------------------------------------------------------


def test_working_day_has_two_spans_and_a_day_off_none() -> None:
    friday, sunday = day("2026-10-09 周五"), day("2026-10-11 周日")

    assert CALENDAR.spans(friday) == (
        (at("2026-10-09 周五 09:00"), at("2026-10-09 周五 12:00")),
        (at("2026-10-09 周五 13:00"), at("2026-10-09 周五 17:00")),
    )
    assert CALENDAR.spans(sunday) == ()
    for ask in (CALENDAR.open_of, CALENDAR.close_of):
        with pytest.raises(CalendarError) as caught:
            ask(sunday)
        assert caught.value.problem is CalendarProblem.NOT_A_WORKDAY


def test_half_day_keeps_its_half_and_closes_earlier() -> None:
    local = calendar(
        overrides=(
            Override(dt.date(2026, 10, 9), DayKind.MORNING_ONLY),
            Override(dt.date(2026, 10, 12), DayKind.AFTERNOON_ONLY),
        )
    )

    assert local.close_of(dt.date(2026, 10, 9)) == at("2026-10-09 周五 12:00")
    assert local.open_of(dt.date(2026, 10, 12)) == at("2026-10-12 周一 13:00")


def test_half_of_unbroken_hours_ends_at_noon() -> None:
    local = calendar(
        timetables=(Timetable(((NINE, FIVE),), NEW_YEAR),),
        overrides=(
            Override(dt.date(2026, 10, 9), DayKind.MORNING_ONLY),
            Override(dt.date(2026, 10, 12), DayKind.AFTERNOON_ONLY),
        ),
    )

    assert local.hours(dt.date(2026, 10, 9)) == ((NINE, NOON),)
    assert local.hours(dt.date(2026, 10, 12)) == ((NOON, FIVE),)


def test_seasons_change_the_close_from_their_first_day() -> None:
    summer = ((dt.time(8, 30), NOON), (dt.time(14, 30), dt.time(18)))
    local = calendar(
        timetables=(
            Timetable(DAY_HOURS, NEW_YEAR, dt.date(2026, 4, 30)),
            Timetable(summer, dt.date(2026, 5, 1), dt.date(2026, 9, 30)),
            Timetable(DAY_HOURS, dt.date(2026, 10, 1)),
        )
    )

    assert local.close_of(day("2026-04-30 周四")).time() == FIVE
    assert local.close_of(day("2026-05-06 周三")).time() == dt.time(18)
    assert local.close_of(day("2026-10-08 周四")).time() == FIVE
    assert (
        local.working_seconds(at("2026-04-30 周四 00:00"), at("2026-05-07 周四 00:00")) == 14 * 3600
    )


def test_make_up_day_without_hours_of_its_own_keeps_the_friday_hours() -> None:
    week = Timetable(DAY_HOURS, NEW_YEAR, weekdays=frozenset(range(4)))
    friday = Timetable(((NINE, NOON),), NEW_YEAR, weekdays=frozenset({4}))
    saturday = Timetable(((ONE, FIVE),), NEW_YEAR, weekdays=frozenset({5}))

    assert calendar(timetables=(week, friday)).hours(day("2026-10-10 周六")) == ((NINE, NOON),)
    assert calendar(timetables=(week, friday, saturday)).hours(day("2026-10-10 周六")) == (
        (ONE, FIVE),
    )


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-10-09 周五 09:00", "2026-10-09 周五 17:00", 7),
        ("2026-10-09 周五 12:00", "2026-10-09 周五 13:00", 0),
        ("2026-10-09 周五 11:30", "2026-10-09 周五 13:30", 1),
        ("2026-10-09 周五 00:00", "2026-10-10 周六 00:00", 7),
        ("2026-09-30 周三 16:00", "2026-10-08 周四 10:00", 2),
        ("2026-10-03 周六 09:00", "2026-10-03 周六 17:00", 0),
        (
            "2019-01-01 周二 00:00",
            "2027-01-01 周五 00:00",
            7 * (250 + 249 + 250 + 249 + 249 + 251 + 248 + 248),
        ),
    ],
)
def test_working_time_is_the_overlap_with_business_hours(start: str, end: str, hours: int) -> None:
    assert CALENDAR.working_seconds(at(start), at(end)) == hours * 3600
    assert CALENDAR.working_seconds(at(end), at(start)) == -hours * 3600


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-10-09 周五 09:00", 3, "2026-10-09 周五 12:00"),
        ("2026-10-09 周五 09:00", 4, "2026-10-09 周五 14:00"),
        ("2026-10-09 周五 16:00", 4, "2026-10-10 周六 12:00"),
        ("2026-09-30 周三 20:00", 7, "2026-10-08 周四 17:00"),
        ("2026-10-09 周五 12:30", 1, "2026-10-09 周五 14:00"),
        ("2026-10-11 周日 10:00", 0, "2026-10-11 周日 10:00"),
    ],
)
def test_adding_working_time_ends_at_the_first_instant_that_has_it(
    start: str, hours: int, end: str
) -> None:
    assert CALENDAR.add_working_seconds(at(start), hours * 3600) == at(end)


@pytest.mark.parametrize(
    ("end", "hours", "start"),
    [
        ("2026-10-09 周五 17:00", 3, "2026-10-09 周五 14:00"),
        ("2026-10-09 周五 12:00", 3, "2026-10-09 周五 09:00"),
        ("2026-10-09 周五 17:00", 4, "2026-10-09 周五 13:00"),
        ("2026-10-09 周五 10:00", 2, "2026-10-08 周四 16:00"),
        ("2026-10-08 周四 11:00", 3, "2026-09-30 周三 16:00"),
        ("2026-10-11 周日 10:00", 0, "2026-10-11 周日 10:00"),
    ],
)
def test_walking_back_working_time_ends_at_the_last_instant_that_has_it(
    end: str, hours: int, start: str
) -> None:
    assert CALENDAR.working_time_before(at(end), hours * 3600) == at(start)


def test_working_time_beyond_the_calendar_is_refused() -> None:
    for walk in (CALENDAR.add_working_seconds, CALENDAR.working_time_before):
        with pytest.raises(CalendarError):
            walk(at("2026-10-09 周五 10:00"), 10**9)


# -- refused whole ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spans",
    [
        ((NOON, NINE),),
        ((NINE, NINE),),
        ((NINE, ONE), (NOON, FIVE)),
        ((ONE, FIVE), (NINE, NOON)),
        ((NINE, dt.time(10)), (dt.time(10, 30), NOON), (ONE, FIVE)),
    ],
)
def test_reversed_overlapping_or_too_many_spans_are_refused(spans: Any) -> None:
    with pytest.raises(CalendarError) as caught:
        Timetable(spans, NEW_YEAR)
    assert caught.value.problem is CalendarProblem.SPANS_INVALID


def test_calendar_without_hours_is_refused() -> None:
    with pytest.raises(CalendarError) as caught:
        Timetable((), NEW_YEAR)
    assert caught.value.problem is CalendarProblem.NO_HOURS
    assert refused(timetables=()).problem is CalendarProblem.NO_HOURS


def test_validity_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(CalendarError) as caught:
        Timetable(DAY_HOURS, NEW_YEAR, dt.date(2025, 12, 31))
    assert caught.value.problem is CalendarProblem.VALIDITY_REVERSED


def test_two_timetables_for_one_weekday_at_one_time_are_refused() -> None:
    fridays = Timetable(((NINE, NOON),), dt.date(2026, 6, 1), weekdays=frozenset({4}))
    error = refused(timetables=(ALL_YEAR, fridays))

    assert error.problem is CalendarProblem.TIMETABLES_OVERLAP
    assert error.facts["weekday"] == 4


def test_timetables_that_meet_without_overlap_are_accepted() -> None:
    first = Timetable(DAY_HOURS, NEW_YEAR, dt.date(2026, 6, 30))
    second = Timetable(DAY_HOURS, dt.date(2026, 7, 1))

    assert calendar(timetables=(second, first)).is_workday(day("2026-07-01 周三"))


def test_working_day_that_no_timetable_covers_is_refused() -> None:
    gap = (
        Timetable(DAY_HOURS, NEW_YEAR, dt.date(2026, 6, 29)),
        Timetable(DAY_HOURS, dt.date(2026, 7, 1)),
    )
    no_fridays = (Timetable(DAY_HOURS, NEW_YEAR, weekdays=frozenset({0, 1, 2, 3})),)

    assert refused(timetables=gap).problem is CalendarProblem.HOURS_MISSING
    assert refused(timetables=gap).facts["on"] == day("2026-06-30 周二")
    assert refused(timetables=no_fridays).problem is CalendarProblem.HOURS_MISSING


def test_day_both_off_and_worked_is_refused() -> None:
    on = day("2026-10-10 周六")
    official = (OfficialDay(on, DayKind.SWAPPED_ON), OfficialDay(on, DayKind.HOLIDAY))
    local = (Override(on, DayKind.CLOSED), Override(on, DayKind.OPENED))

    assert refused(official_days=official).problem is CalendarProblem.DAY_CONTRADICTORY
    assert refused(overrides=local).problem is CalendarProblem.DAY_CONTRADICTORY


@pytest.mark.parametrize(
    ("part", "kind"),
    [(OfficialDay, DayKind.CLOSED), (Override, DayKind.HOLIDAY), (Override, DayKind.WORKDAY)],
)
def test_kind_of_day_that_is_not_ones_to_say_is_refused(part: Any, kind: DayKind) -> None:
    with pytest.raises(CalendarError):
        part(NEW_YEAR, kind)


def test_half_day_of_hours_that_lie_in_the_other_half_is_refused() -> None:
    afternoons = (Timetable(((ONE, FIVE),), NEW_YEAR),)
    morning = (Override(day("2026-10-09 周五"), DayKind.MORNING_ONLY),)

    error = refused(timetables=afternoons, overrides=morning)

    assert error.problem is CalendarProblem.HALF_DAY_EMPTY
    assert error.facts["on"] == day("2026-10-09 周五")


@pytest.mark.parametrize("on", [dt.date(2025, 12, 31), dt.date(2027, 1, 1)])
def test_day_before_or_after_the_timetables_is_refused(on: dt.date) -> None:
    local = calendar(timetables=(Timetable(DAY_HOURS, NEW_YEAR, dt.date(2026, 12, 31)),))

    for ask in (local.is_workday, local.day_kind, local.next_workday, local.spans):
        with pytest.raises(CalendarError) as caught:
            ask(on)
        assert caught.value.problem is CalendarProblem.OUT_OF_RANGE


# -- a value ---------------------------------------------------------------------------------------


def test_equal_content_in_any_order_is_equal_and_has_one_version() -> None:
    closures = tuple(Override(dt.date(2026, 11, n), DayKind.CLOSED) for n in (3, 4))

    one, other = calendar(overrides=closures), calendar(overrides=closures[::-1])

    assert one == other
    assert one.version == other.version


def test_every_change_of_content_changes_the_version() -> None:
    closed = (Override(dt.date(2026, 11, 3), DayKind.CLOSED),)
    later = (Timetable(((NINE, NOON), (ONE, dt.time(17, 30))), NEW_YEAR),)
    changed = [
        calendar(overrides=closed),
        calendar(timetables=later),
        calendar(published_years=frozenset({2026, 2027})),
        calendar(official_days=tuple(official_days(2026, 2026))),
    ]

    assert len({calendar().version, *(each.version for each in changed)}) == 5
