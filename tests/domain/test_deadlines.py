"""When things are due: tables across 2019 to 2027, and the seconds around every boundary."""

import datetime as dt
from collections.abc import Callable

import pytest

from app.domain import deadlines
from app.domain.calendar_parts import CalendarError
from app.domain.rules import Rules
from app.domain.workdays import WorkCalendar
from app.official import default_calendar
from tests.domain.moments import at, rows

CALENDAR = default_calendar()

# Issued, working days, due; the last column is 暂 where a year without a notice was looked at.
DUE = """
2019-02-01 周五 10:00 | 1 | 2019-02-02 周六 17:00 |
2019-02-01 周五 10:00 | 3 | 2019-02-11 周一 17:00 |
2019-04-26 周五 11:59 | 1 | 2019-04-28 周日 17:00 |
2019-04-28 周日 09:00 | 3 | 2019-05-05 周日 17:00 |
2019-04-30 周二 16:59 | 1 | 2019-05-05 周日 17:00 |
2019-09-30 周一 09:00 | 1 | 2019-10-08 周二 17:00 |
2019-10-08 周二 09:00 | 5 | 2019-10-14 周一 17:00 |
2019-12-31 周二 15:00 | 1 | 2020-01-02 周四 17:00 |
2020-01-17 周五 15:00 | 1 | 2020-01-19 周日 17:00 |
2020-01-23 周四 15:00 | 1 | 2020-02-03 周一 17:00 |
2020-01-23 周四 15:00 | 3 | 2020-02-05 周三 17:00 |
2020-02-01 周六 10:00 | 1 | 2020-02-03 周一 17:00 |
2020-04-24 周五 10:00 | 1 | 2020-04-26 周日 17:00 |
2020-04-30 周四 10:00 | 3 | 2020-05-08 周五 17:00 |
2020-04-30 周四 10:00 | 4 | 2020-05-09 周六 17:00 |
2020-06-24 周三 10:00 | 1 | 2020-06-28 周日 17:00 |
2020-09-30 周三 10:00 | 1 | 2020-10-09 周五 17:00 |
2020-09-30 周三 10:00 | 3 | 2020-10-12 周一 17:00 |
2021-02-05 周五 10:00 | 3 | 2021-02-09 周二 17:00 |
2021-02-10 周三 10:00 | 1 | 2021-02-18 周四 17:00 |
2021-02-10 周三 10:00 | 3 | 2021-02-20 周六 17:00 |
2021-04-02 周五 10:00 | 1 | 2021-04-06 周二 17:00 |
2021-04-30 周五 10:00 | 3 | 2021-05-08 周六 17:00 |
2021-09-17 周五 10:00 | 1 | 2021-09-18 周六 17:00 |
2021-09-17 周五 10:00 | 3 | 2021-09-23 周四 17:00 |
2021-09-24 周五 10:00 | 1 | 2021-09-26 周日 17:00 |
2021-09-30 周四 10:00 | 3 | 2021-10-11 周一 17:00 |
2021-12-31 周五 10:00 | 1 | 2022-01-04 周二 17:00 |
2022-01-28 周五 10:00 | 3 | 2022-02-07 周一 17:00 |
2022-04-01 周五 10:00 | 2 | 2022-04-06 周三 17:00 |
2022-04-22 周五 10:00 | 1 | 2022-04-24 周日 17:00 |
2022-04-29 周五 10:00 | 3 | 2022-05-07 周六 17:00 |
2022-09-09 周五 10:00 | 1 | 2022-09-13 周二 17:00 |
2022-09-30 周五 10:00 | 3 | 2022-10-10 周一 17:00 |
2022-12-30 周五 10:00 | 1 | 2023-01-03 周二 17:00 |
2023-01-20 周五 10:00 | 3 | 2023-01-30 周一 17:00 |
2023-04-04 周二 10:00 | 1 | 2023-04-06 周四 17:00 |
2023-04-21 周五 10:00 | 1 | 2023-04-23 周日 17:00 |
2023-04-28 周五 10:00 | 3 | 2023-05-06 周六 17:00 |
2023-06-21 周三 10:00 | 1 | 2023-06-25 周日 17:00 |
2023-09-28 周四 10:00 | 3 | 2023-10-09 周一 17:00 |
2023-12-29 周五 10:00 | 1 | 2024-01-02 周二 17:00 |
2024-02-02 周五 10:00 | 1 | 2024-02-04 周日 17:00 |
2024-02-08 周四 10:00 | 1 | 2024-02-09 周五 17:00 | # 除夕上班
2024-02-09 周五 10:00 | 3 | 2024-02-20 周二 17:00 |
2024-04-03 周三 10:00 | 1 | 2024-04-07 周日 17:00 |
2024-04-26 周五 10:00 | 1 | 2024-04-28 周日 17:00 |
2024-04-30 周二 10:00 | 3 | 2024-05-08 周三 17:00 |
2024-05-10 周五 10:00 | 2 | 2024-05-13 周一 17:00 |
2024-06-07 周五 10:00 | 1 | 2024-06-11 周二 17:00 |
2024-09-13 周五 10:00 | 2 | 2024-09-18 周三 17:00 |
2024-09-27 周五 10:00 | 2 | 2024-09-30 周一 17:00 |
2024-09-30 周一 10:00 | 1 | 2024-10-08 周二 17:00 |
2024-10-11 周五 10:00 | 1 | 2024-10-12 周六 17:00 |
2024-12-31 周二 10:00 | 1 | 2025-01-02 周四 17:00 |
2025-01-24 周五 10:00 | 3 | 2025-02-05 周三 17:00 |
2025-01-27 周一 10:00 | 1 | 2025-02-05 周三 17:00 |
2025-01-27 周一 10:00 | 4 | 2025-02-08 周六 17:00 |
2025-04-03 周四 10:00 | 1 | 2025-04-07 周一 17:00 |
2025-04-25 周五 10:00 | 1 | 2025-04-27 周日 17:00 |
2025-04-30 周三 10:00 | 1 | 2025-05-06 周二 17:00 |
2025-05-30 周五 10:00 | 1 | 2025-06-03 周二 17:00 |
2025-09-26 周五 10:00 | 1 | 2025-09-28 周日 17:00 |
2025-09-30 周二 10:00 | 3 | 2025-10-11 周六 17:00 |
2025-12-31 周三 10:00 | 1 | 2026-01-04 周日 17:00 |
2025-12-31 周三 10:00 | 3 | 2026-01-06 周二 17:00 |
2026-02-13 周五 15:00 | 1 | 2026-02-14 周六 17:00 |
2026-02-13 周五 15:00 | 3 | 2026-02-25 周三 17:00 |
2026-02-14 周六 15:00 | 1 | 2026-02-24 周二 17:00 |
2026-02-27 周五 15:00 | 1 | 2026-02-28 周六 17:00 |
2026-04-03 周五 15:00 | 1 | 2026-04-07 周二 17:00 |
2026-04-30 周四 15:00 | 3 | 2026-05-08 周五 17:00 |
2026-04-30 周四 15:00 | 4 | 2026-05-09 周六 17:00 |
2026-06-18 周四 15:00 | 1 | 2026-06-22 周一 17:00 |
2026-09-18 周五 15:00 | 1 | 2026-09-20 周日 17:00 |
2026-09-20 周日 10:00 | 1 | 2026-09-21 周一 17:00 |
2026-09-21 周一 10:10 | 3 | 2026-09-24 周四 17:00 |
2026-09-24 周四 15:00 | 1 | 2026-09-28 周一 17:00 |
2026-09-24 周四 15:00 | 3 | 2026-09-30 周三 17:00 |
2026-09-30 周三 16:52 | 1 | 2026-10-08 周四 17:00 |
2026-09-30 周三 15:00 | 3 | 2026-10-10 周六 17:00 |
2026-10-09 周五 09:35 | 1 | 2026-10-10 周六 17:00 |
2026-10-09 周五 09:35 | 3 | 2026-10-13 周二 17:00 |
2026-11-21 周六 10:00 | 1 | 2026-11-23 周一 17:00 |
2026-12-30 周三 10:00 | 1 | 2026-12-31 周四 17:00 |
2026-12-31 周四 10:00 | 1 | 2027-01-04 周一 17:00 | 暂
2026-12-30 周三 10:00 | 3 | 2027-01-05 周二 17:00 | 暂
2027-02-04 周四 10:00 | 1 | 2027-02-09 周二 17:00 | 暂
2027-09-30 周四 10:00 | 1 | 2027-10-04 周一 17:00 | 暂
2026-10-09 周五 00:00 | 1 | 2026-10-10 周六 17:00 | # 交办日不计入，不论几时
2026-10-09 周五 06:30 | 1 | 2026-10-10 周六 17:00 |
2026-10-09 周五 12:30 | 1 | 2026-10-10 周六 17:00 |
2026-10-09 周五 23:59 | 1 | 2026-10-10 周六 17:00 |
2026-10-03 周六 10:00 | 1 | 2026-10-08 周四 17:00 | # 假期中交办
"""


@pytest.mark.parametrize(("issued", "days", "due", "provisional"), rows(DUE))
def test_due_is_close_of_the_nth_working_day_after_the_day_of_issue(
    issued: str, days: str, due: str, provisional: str
) -> None:
    found = deadlines.due_at(CALENDAR, at(issued), int(days))

    assert found.at == at(due)
    assert found.provisional == (provisional == "暂")


# 立即: issued, due.
IMMEDIATE = """
2026-10-09 周五 09:20:00 | 2026-10-09 周五 17:00 |
2026-10-09 周五 00:00:00 | 2026-10-09 周五 17:00 | # 上班前
2026-10-09 周五 12:30:00 | 2026-10-09 周五 17:00 | # 午间
2026-10-09 周五 15:59:59 | 2026-10-09 周五 17:00 |
2026-10-09 周五 16:00:00 | 2026-10-09 周五 17:00 | # 恰余60分钟
2026-10-09 周五 16:00:01 | 2026-10-10 周六 12:00 |
2026-10-09 周五 16:01:00 | 2026-10-10 周六 12:00 |
2026-10-09 周五 17:00:00 | 2026-10-10 周六 12:00 |
2026-10-09 周五 23:59:59 | 2026-10-10 周六 12:00 |
2026-10-10 周六 10:00:00 | 2026-10-10 周六 17:00 | # 调休上班
2026-10-10 周六 16:30:00 | 2026-10-12 周一 12:00 |
2026-10-11 周日 10:00:00 | 2026-10-12 周一 12:00 |
2026-09-20 周日 15:00:00 | 2026-09-20 周日 17:00 |
2026-09-30 周三 16:30:00 | 2026-10-08 周四 12:00 |
2026-10-03 周六 10:00:00 | 2026-10-08 周四 12:00 |
2020-02-01 周六 10:00:00 | 2020-02-03 周一 12:00 |
2026-12-31 周四 16:00:00 | 2026-12-31 周四 17:00 |
2026-12-31 周四 16:00:01 | 2027-01-04 周一 12:00 | 暂
2027-01-04 周一 10:00:00 | 2027-01-04 周一 17:00 | 暂
"""


@pytest.mark.parametrize(("issued", "due", "provisional"), rows(IMMEDIATE))
def test_immediate_is_due_today_if_an_hour_is_left_else_at_noon_of_the_next_working_day(
    issued: str, due: str, provisional: str
) -> None:
    found = deadlines.due_at(CALENDAR, at(issued), 0)

    assert found.at == at(due)
    assert found.provisional == (provisional == "暂")
    assert found.carried_over == (found.at.hour == 12)


# Former due time, days, new due time.
EXTENDED = """
2026-10-10 周六 17:00 | 7 | 2026-10-20 周二 17:00 |
2026-09-24 周四 17:00 | 7 | 2026-10-12 周一 17:00 |
2026-10-16 周五 17:00 | 3 | 2026-10-21 周三 17:00 |
2026-11-20 周五 17:00 | 5 | 2026-11-27 周五 17:00 |
2026-10-12 周一 12:00 | 1 | 2026-10-13 周二 17:00 | # 中午届满，仍自次日起算至下班
2026-12-25 周五 17:00 | 4 | 2026-12-31 周四 17:00 |
2026-12-25 周五 17:00 | 5 | 2027-01-04 周一 17:00 | 暂
2023-09-28 周四 17:00 | 2 | 2023-10-08 周日 17:00 |
"""


@pytest.mark.parametrize(("former", "days", "due", "provisional"), rows(EXTENDED))
def test_extension_counts_from_the_working_day_after_the_former_due_date(
    former: str, days: str, due: str, provisional: str
) -> None:
    found = deadlines.extended_due_at(CALENDAR, at(former), int(days))

    assert found.at == at(due)
    assert found.provisional == (provisional == "暂")


def test_extension_of_no_days_is_refused() -> None:
    with pytest.raises(CalendarError):
        deadlines.extended_due_at(CALENDAR, at("2026-11-20 周五 17:00"), 0)


# Received, slip due, carried over or not.
DISPATCH = """
2026-11-06 周五 08:10:00 | 2026-11-06 周五 17:00 |
2026-11-06 周五 12:30:00 | 2026-11-06 周五 17:00 |
2026-11-06 周五 16:25:00 | 2026-11-06 周五 17:00 |
2026-11-06 周五 16:30:00 | 2026-11-06 周五 17:00 |
2026-11-06 周五 16:30:01 | 2026-11-09 周一 12:00 | 顺延
2026-11-06 周五 16:31:00 | 2026-11-09 周一 12:00 | 顺延
2026-11-06 周五 17:25:00 | 2026-11-09 周一 12:00 | 顺延
2026-11-21 周六 10:00:00 | 2026-11-23 周一 12:00 | 顺延
2026-09-30 周三 16:35:00 | 2026-10-08 周四 12:00 | 顺延
2026-10-09 周五 16:45:00 | 2026-10-10 周六 12:00 | 顺延
2026-10-10 周六 16:30:00 | 2026-10-10 周六 17:00 |
"""


@pytest.mark.parametrize(("received", "due", "carried"), rows(DISPATCH))
def test_slip_is_due_the_same_day_unless_received_in_the_last_half_hour(
    received: str, due: str, carried: str
) -> None:
    assert deadlines.dispatch_due_at(CALENDAR, at(received)) == (at(due), carried == "顺延")


def test_dispatch_without_cutoff_counts_until_the_close_itself() -> None:
    strict = Rules(same_day_cutoff_minutes=0)
    close = at("2026-11-06 周五 17:00")
    late = at("2026-11-06 周五 17:00:01")

    assert deadlines.dispatch_due_at(CALENDAR, close, strict) == (close, False)
    assert deadlines.dispatch_due_at(CALENDAR, late, strict) == (at("2026-11-09 周一 12:00"), True)


@pytest.mark.parametrize(
    ("function", "start", "due"),
    [
        (deadlines.verify_due_at, "2026-10-28 周三 16:59", "2026-10-29 周四 17:00"),
        (deadlines.verify_due_at, "2026-10-09 周五 10:00", "2026-10-10 周六 17:00"),
        (deadlines.evaluation_until, "2026-10-09 周五 10:00", "2026-10-15 周四 17:00"),
        (deadlines.explanation_due_at, "2026-09-30 周三 15:00", "2026-10-08 周四 17:00"),
    ],
)
def test_smaller_limits_end_at_the_close_of_their_last_day(
    function: Callable[[WorkCalendar, dt.datetime], dt.datetime], start: str, due: str
) -> None:
    assert function(CALENDAR, at(start)) == at(due)


@pytest.mark.parametrize(
    ("issued", "days", "until"),
    [
        ("2026-10-19 周一 09:50", 1, "2026-10-19 周一 14:50"),
        ("2026-10-19 周一 13:00", 1, "2026-10-19 周一 17:00"),
        ("2026-10-09 周五 16:00", 0, "2026-10-10 周六 12:00"),
        ("2026-10-17 周六 10:00", 1, "2026-10-19 周一 14:00"),
        ("2026-10-19 周一 09:50", 3, "2026-10-20 周二 17:00"),
    ],
)
def test_return_is_open_four_working_hours_or_for_three_days_until_day_one_ends(
    issued: str, days: int, until: str
) -> None:
    assert deadlines.return_until(CALENDAR, at(issued), days) == at(until)


@pytest.mark.parametrize(
    ("due", "co_due"),
    [
        ("2026-10-15 周四 17:00", "2026-10-15 周四 12:00"),
        ("2026-10-12 周一 12:00", "2026-10-10 周六 17:00"),
        ("2026-10-15 周四 15:00", "2026-10-15 周四 12:00"),
    ],
)
def test_co_unit_is_due_half_a_working_day_earlier(due: str, co_due: str) -> None:
    assert deadlines.co_due_at(CALENDAR, at(due)) == at(co_due)


def test_co_unit_of_a_limit_too_short_is_due_with_the_lead_unit() -> None:
    due, issued = at("2026-10-09 周五 17:00"), at("2026-10-09 周五 13:30")

    assert deadlines.co_due_at(CALENDAR, due, issued) == due
    assert deadlines.co_due_at(CALENDAR, due, rules=Rules(co_half_days_earlier=0)) == due


def test_latest_extension_is_seven_working_days_after_the_original_due_time() -> None:
    issued, due = at("2026-09-30 周三 15:00"), at("2026-10-10 周六 17:00")
    from_issue = Rules(extension_basis="issue")

    assert deadlines.latest_extended_due(CALENDAR, issued, due) == at("2026-10-20 周二 17:00")
    assert deadlines.latest_extended_due(CALENDAR, issued, due, from_issue) == at(
        "2026-10-15 周四 17:00"
    )


def test_case_is_in_time_at_the_due_instant_and_overdue_after_it() -> None:
    due = at("2026-10-10 周六 17:00")

    assert not deadlines.is_overdue(due, due - dt.timedelta(seconds=1))
    assert not deadlines.is_overdue(due, due)
    assert deadlines.is_overdue(due, due + dt.timedelta(seconds=1))


def test_remaining_time_is_business_time_and_negative_when_late() -> None:
    due = at("2026-10-10 周六 17:00")

    assert deadlines.remaining_seconds(CALENDAR, due, at("2026-10-09 周五 16:00")) == 8 * 3600
    assert deadlines.remaining_seconds(CALENDAR, due, at("2026-10-12 周一 10:00")) == -3600


def test_time_without_zone_is_refused() -> None:
    with pytest.raises(CalendarError):
        deadlines.due_at(CALENDAR, at("2026-10-09 周五 09:35").replace(tzinfo=None), 1)


@pytest.mark.parametrize("hours", [-12, -5, 0, 3, 5.75, 8, 14])
def test_zone_of_the_issue_time_does_not_matter(hours: float) -> None:
    issued = at("2026-10-09 周五 00:30").astimezone(dt.timezone(dt.timedelta(hours=hours)))

    assert deadlines.due_at(CALENDAR, issued, 1).at == at("2026-10-10 周六 17:00")
    assert deadlines.due_at(CALENDAR, issued, 0).at == at("2026-10-09 周五 17:00")
