"""Due times on a site's own days: half days, closures, seasons; and who reads the official days."""

import datetime as dt

import pytest

from app.domain.calendar_parts import DayKind, Override, Timetable
from app.domain.deadlines import co_due_at, dispatch_due_at, due_at, return_until, yellow_from
from app.domain.workdays import WorkCalendar
from app.official import AFTERNOON, MORNING, PUBLISHED_YEARS, official_days
from tests.domain.moments import at
from tests.guards import code

SUMMER = ((dt.time(8, 30), dt.time(11, 30)), (dt.time(14, 30), dt.time(18)))
SITE = WorkCalendar(
    official_days=tuple(official_days(2026, 2027)),
    published_years=PUBLISHED_YEARS,
    timetables=(
        Timetable(SUMMER, dt.date(2026, 1, 1), dt.date(2026, 9, 30)),
        Timetable((MORNING, AFTERNOON), dt.date(2026, 10, 1)),
    ),
    overrides=(
        Override(dt.date(2026, 11, 3), DayKind.MORNING_ONLY, "停电检修"),
        Override(dt.date(2026, 11, 5), DayKind.AFTERNOON_ONLY, "集中学习"),
        Override(dt.date(2026, 11, 10), DayKind.CLOSED, "搬迁"),
        Override(dt.date(2026, 11, 14), DayKind.OPENED, "搬迁补班"),
    ),
)


@pytest.mark.parametrize(
    ("issued", "days", "due"),
    [
        ("2026-11-02 周一 10:00", 1, "2026-11-03 周二 12:00"),
        ("2026-11-02 周一 10:00", 3, "2026-11-05 周四 17:00"),
        ("2026-11-03 周二 11:00", 0, "2026-11-03 周二 12:00"),
        ("2026-11-03 周二 11:01", 0, "2026-11-04 周三 12:00"),
        ("2026-11-04 周三 16:30", 0, "2026-11-05 周四 17:00"),  # noon is before it opens
        ("2026-11-05 周四 09:00", 0, "2026-11-05 周四 17:00"),
        ("2026-11-09 周一 10:00", 1, "2026-11-11 周三 17:00"),
        ("2026-11-13 周五 10:00", 1, "2026-11-14 周六 17:00"),
        ("2026-09-29 周二 10:00", 1, "2026-09-30 周三 18:00"),
        ("2026-09-30 周三 10:00", 1, "2026-10-08 周四 17:00"),
        ("2026-09-29 周二 17:30", 0, "2026-09-30 周三 12:00"),
    ],
)
def test_due_follows_the_hours_of_its_day(issued: str, days: int, due: str) -> None:
    assert due_at(SITE, at(issued), days).at == at(due)


@pytest.mark.parametrize(
    ("received", "due", "carried"),
    [
        ("2026-11-03 周二 11:30", "2026-11-03 周二 12:00", False),
        ("2026-11-03 周二 11:31", "2026-11-04 周三 12:00", True),
        ("2026-11-02 周一 16:31", "2026-11-03 周二 12:00", True),
        ("2026-11-04 周三 16:31", "2026-11-05 周四 17:00", True),
        ("2026-11-10 周二 10:00", "2026-11-11 周三 12:00", True),
    ],
)
def test_slip_is_due_within_the_hours_of_its_day(received: str, due: str, carried: bool) -> None:
    assert dispatch_due_at(SITE, at(received)) == (at(due), carried)


@pytest.mark.parametrize(
    ("days", "due", "yellow"),
    [
        (1, "2026-11-03 周二 12:00", "2026-11-03 周二 09:00"),
        (1, "2026-11-04 周三 12:00", "2026-11-04 周三 09:00"),
        (3, "2026-11-04 周三 17:00", "2026-11-03 周二 12:00"),
        (3, "2026-11-03 周二 12:00", "2026-11-02 周一 17:00"),
        (3, "2026-10-08 周四 17:00", "2026-09-30 周三 18:00"),
    ],
)
def test_yellow_follows_half_days_and_seasons(days: int, due: str, yellow: str) -> None:
    issued = at("2026-09-28 周一 10:00")

    assert yellow_from(SITE, days, at(due), extended=False, issued_at=issued) == at(yellow)


@pytest.mark.parametrize(
    ("due", "co_due"),
    [
        ("2026-11-04 周三 17:00", "2026-11-04 周三 12:00"),
        ("2026-11-04 周三 12:00", "2026-11-03 周二 12:00"),
        ("2026-11-05 周四 17:00", "2026-11-04 周三 17:00"),
        ("2026-09-30 周三 18:00", "2026-09-30 周三 11:30"),
    ],
)
def test_co_unit_is_due_where_the_half_day_before_ends(due: str, co_due: str) -> None:
    assert co_due_at(SITE, at(due)) == at(co_due)


def test_four_working_hours_reach_over_a_half_day() -> None:
    assert return_until(SITE, at("2026-11-02 周一 16:00"), 1) == at("2026-11-03 周二 12:00")
    assert return_until(SITE, at("2026-11-03 周二 10:00"), 1) == at("2026-11-04 周三 11:00")


def test_official_days_are_read_in_one_place() -> None:
    readers = [
        code.name(path)
        for path in code.modules("app")
        if any(name.split(".")[0] == "holidays" for name in code.imports(path))
    ]

    assert readers == ["app/official.py"]
