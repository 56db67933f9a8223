"""When jobs run: rhythms and times of day, on holiday weeks and make-up days; what is refused."""

import datetime as dt

import pytest

from app.domain.calendar_parts import DayKind, Override, Timetable
from app.domain.refusals import Code, Refusal
from app.domain.schedules import Days, Schedule
from app.domain.workdays import WorkCalendar
from app.official import AFTERNOON, MORNING, PUBLISHED_YEARS, default_calendar, official_days
from tests.domain.moments import at, rows

CALENDAR = default_calendar()
MORNINGS = Schedule(times=(dt.time(8, 30),), days=Days.WORKDAYS)
TWICE = Schedule(times=(dt.time(9), dt.time(14)), days=Days.WORKDAYS)


def moved(*overrides: Override) -> WorkCalendar:
    return WorkCalendar(
        official_days=tuple(official_days(2026)),
        published_years=PUBLISHED_YEARS,
        timetables=(Timetable((MORNING, AFTERNOON), dt.date(2026, 1, 1)),),
        overrides=overrides,
    )


# Days, times, after, next run.
RUNS = """
all           | 02:00       | 2026-10-12 周一 01:59:59 | 2026-10-12 周一 02:00
all           | 02:00       | 2026-10-12 周一 02:00    | 2026-10-13 周二 02:00
all           | 02:00       | 2026-10-03 周六 12:00    | 2026-10-04 周日 02:00
workdays      | 08:30       | 2026-10-12 周一 08:29    | 2026-10-12 周一 08:30
workdays      | 08:30       | 2026-10-16 周五 08:30    | 2026-10-19 周一 08:30
workdays      | 08:30       | 2026-09-18 周五 09:00    | 2026-09-20 周日 08:30 # 调休上班
workdays      | 08:30       | 2026-09-30 周三 09:00    | 2026-10-08 周四 08:30
workdays      | 08:30       | 2026-10-09 周五 09:00    | 2026-10-10 周六 08:30
workdays      | 08:30       | 2026-10-10 周六 09:00    | 2026-10-12 周一 08:30
workdays      | 09:00,14:00 | 2026-09-30 周三 09:00    | 2026-09-30 周三 14:00
workdays      | 09:00,14:00 | 2026-09-30 周三 14:00    | 2026-10-08 周四 09:00
workdays      | 14:00,09:00 | 2026-10-12 周一 07:00    | 2026-10-12 周一 09:00 # 先后不论
weekly        | 08:30       | 2026-10-12 周一 09:00    | 2026-10-19 周一 08:30
weekly        | 08:30       | 2026-09-28 周一 09:00    | 2026-10-08 周四 08:30 # 周一放假
weekly        | 08:30       | 2026-10-08 周四 09:00    | 2026-10-12 周一 08:30 # 不因周六上班再发
weekly        | 08:30       | 2026-09-14 周一 09:00    | 2026-09-21 周一 08:30 # 周日上班属上一周
weekly        | 08:30       | 2026-02-09 周一 09:00    | 2026-02-24 周二 08:30 # 整周放假
monthly       | 08:30       | 2026-09-30 周三 09:00    | 2026-10-08 周四 08:30
monthly       | 08:30       | 2026-10-08 周四 08:30    | 2026-11-02 周一 08:30
monthly       | 08:30       | 2026-12-31 周四 12:00    | 2027-01-04 周一 08:30
"""


@pytest.mark.parametrize(("days", "times", "after", "run"), rows(RUNS))
def test_next_run(days: str, times: str, after: str, run: str) -> None:
    schedule = Schedule(times=(dt.time(1),), days=Days(days)).changed_to(times)
    assert schedule.days == days
    assert schedule.next_run(at(after), (CALENDAR,)) == at(run)


def test_rhythm_needs_no_calendar() -> None:
    now = at("2026-10-03 周六 23:59:45")
    assert Schedule(seconds=30).next_run(now) == at("2026-10-04 周日 00:00:15")


def test_a_day_worked_at_one_site_is_enough() -> None:
    closed = moved(Override(dt.date(2026, 10, 12), DayKind.CLOSED, "搬迁"))
    opened = moved(Override(dt.date(2026, 10, 11), DayKind.OPENED, "补班"))
    after = at("2026-10-10 周六 09:00")
    assert MORNINGS.next_run(after, (CALENDAR,)) == at("2026-10-12 周一 08:30")
    assert MORNINGS.next_run(after, (closed,)) == at("2026-10-13 周二 08:30")
    assert MORNINGS.next_run(after, (closed, CALENDAR)) == at("2026-10-12 周一 08:30")
    assert MORNINGS.next_run(after, (closed, opened)) == at("2026-10-11 周日 08:30")


def test_without_a_calendar_the_week_decides() -> None:
    assert MORNINGS.next_run(at("2026-10-02 周五 09:00")) == at("2026-10-05 周一 08:30")


def test_beyond_every_calendar_it_looks_again_after_a_day() -> None:
    over = WorkCalendar(
        official_days=(),
        published_years=frozenset({2026}),
        timetables=(Timetable((MORNING,), dt.date(2026, 1, 1), dt.date(2026, 6, 30)),),
    )
    now = at("2026-10-12 周一 09:00")
    assert MORNINGS.next_run(now, (over,)) == now + dt.timedelta(days=1)


def test_the_office_clock_decides_whatever_zone_the_time_has() -> None:
    now = at("2026-10-12 周一 08:29").astimezone(dt.UTC)
    assert MORNINGS.next_run(now, (CALENDAR,)) == at("2026-10-12 周一 08:30")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("09:00,14:00", "09:00,14:00"),
        ("14:00, 9:00", "09:00,14:00"),
        ("９:00、14：00", "09:00,14:00"),
        (" 8:05 ，", "08:05"),
        ("00:00,23:59", "00:00,23:59"),
        ("1:00,2:00,3:00,4:00,5:00,6:00", "01:00,02:00,03:00,04:00,05:00,06:00"),
    ],
)
def test_times_are_kept_as_written_by_the_office(typed: str, kept: str) -> None:
    changed = TWICE.changed_to(typed)
    assert (str(changed), changed.days, changed.seconds) == (kept, Days.WORKDAYS, 0)
    assert changed.changed_to(str(changed)) == changed


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", ",", "24:00", "9", "900", "09:60", "9:0", "09:00-10:00", "09:00;14:00",
        "09:00,9:00", "09:00 14:00", "每天9点", "-1:00", "09:00:00", "30",
        "1:00,2:00,3:00,4:00,5:00,6:00,7:00", "9:00" * 2000,
    ],
)  # fmt: skip
def test_times_nobody_can_mean_are_refused(typed: str) -> None:
    with pytest.raises(Refusal) as caught:
        TWICE.changed_to(typed)
    assert caught.value.code is Code.SCHEDULE_INVALID


@pytest.mark.parametrize(("typed", "seconds"), [("5", 5), (" 30 ", 30), ("3600", 3600)])
def test_rhythm_may_be_changed(typed: str, seconds: int) -> None:
    assert Schedule(seconds=15).changed_to(typed) == Schedule(seconds=seconds)


@pytest.mark.parametrize(
    "typed", ["", "0", "4", "3601", "-30", "30.5", "1e2", "²", "三十", "09:00", "1" * 5000]
)
def test_rhythm_nobody_can_mean_is_refused(typed: str) -> None:
    with pytest.raises(Refusal) as caught:
        Schedule(seconds=15).changed_to(typed)
    assert caught.value.code is Code.SCHEDULE_INVALID
