"""The sentences that say why a due time is what it is."""

import datetime as dt

import pytest

from app.domain.calendar_parts import DayKind, Override, Timetable
from app.domain.deadlines import due_at, extended_due_at, redo_due_at
from app.domain.due_words import full_time, preview_sentence, reason_sentence
from app.domain.workdays import WorkCalendar
from app.official import AFTERNOON, MORNING, PUBLISHED_YEARS, default_calendar, official_days
from tests.domain.moments import at

CALENDAR = default_calendar()


@pytest.mark.parametrize(
    ("issued", "days", "sentence"),
    [
        (
            "2026-09-30 周三 16:52",
            1,
            "自2026-09-30交办次日起算1个工作日，国庆假期10月1日至7日顺延，截止10月8日17:00",
        ),
        ("2026-10-12 周一 10:20", 3, "自2026-10-12交办次日起算3个工作日，截止10月15日17:00"),
        (
            "2026-10-09 周五 09:35",
            1,
            "自2026-10-09交办次日起算1个工作日，10月10日（周六）调休上班计入，截止10月10日17:00",
        ),
        (
            "2026-10-09 周五 09:35",
            3,
            "自2026-10-09交办次日起算3个工作日，周日10月11日顺延，10月10日（周六）调休上班计入，"
            "截止10月13日17:00",
        ),
        (
            "2026-11-06 周五 10:00",
            1,
            "自2026-11-06交办次日起算1个工作日，双休日11月7日至8日顺延，截止11月9日17:00",
        ),
        (
            "2026-10-04 周日 10:00",
            1,
            "自2026-10-04交办次日起算1个工作日，国庆假期10月5日至7日顺延，截止10月8日17:00",
        ),
        (
            "2023-09-28 周四 10:00",
            1,
            "自2023-09-28交办次日起算1个工作日，中秋、国庆假期9月29日至10月6日顺延，"
            "10月7日（周六）调休上班计入，截止10月7日17:00",
        ),
        (
            "2026-12-31 周四 10:00",
            1,
            "自2026-12-31交办次日起算1个工作日，元旦假期2027年1月1日至3日顺延，"
            "截止2027年1月4日17:00；2027年节假日安排尚未导入，应办结时间为暂算结果",
        ),
        ("2026-10-08 周四 09:20", 0, "2026-10-08 09:20交办，立即办理，截止10月8日17:00"),
        (
            "2026-10-09 周五 16:30",
            0,
            "2026-10-09 16:30交办，立即办理，不足当日办结时间，顺延至下一工作日，"
            "10月10日（周六）调休上班计入，截止10月10日12:00",
        ),
    ],
)
def test_reason_names_what_was_skipped_and_what_was_counted(
    issued: str, days: int, sentence: str
) -> None:
    assert reason_sentence(due_at(CALENDAR, at(issued), days)) == sentence


def test_reason_of_extension_and_redo_names_its_own_start() -> None:
    extended = extended_due_at(CALENDAR, at("2026-10-16 周五 17:00"), 3)
    redo = redo_due_at(CALENDAR, at("2026-10-29 周四 09:30"))

    assert reason_sentence(extended, "原时限届满") == (
        "自2026-10-16原时限届满次日起算3个工作日，双休日10月17日至18日顺延，截止10月21日17:00"
    )
    assert reason_sentence(redo, "重办").startswith("自2026-10-29重办次日起算5个工作日，")


def test_reason_names_a_local_closure_beside_the_holiday() -> None:
    calendar = WorkCalendar(
        official_days=tuple(official_days(2026, 2026)),
        published_years=PUBLISHED_YEARS,
        timetables=(Timetable((MORNING, AFTERNOON), dt.date(2026, 1, 1)),),
        overrides=(
            Override(dt.date(2026, 10, 8), DayKind.CLOSED, "搬迁"),
            Override(dt.date(2026, 11, 3), DayKind.CLOSED, "停电"),
        ),
    )

    assert "国庆假期、临时停办10月1日至8日顺延" in reason_sentence(
        due_at(calendar, at("2026-09-30 周三 10:00"), 1)
    )
    assert "临时停办11月3日顺延" in reason_sentence(
        due_at(calendar, at("2026-11-02 周一 10:00"), 1)
    )


@pytest.mark.parametrize(
    ("issued", "days", "sentence"),
    [
        (
            "2026-10-12 周一 10:20",
            3,
            "办理时限：3个工作日。交办日不计入，自10月13日起算，应于2026年10月15日17时前办结。",
        ),
        (
            "2026-10-12 周一 10:20",
            0,
            "办理时限：立即办理（当日办结）。应于2026年10月12日17时前办结。",
        ),
        (
            "2026-10-12 周一 16:30",
            0,
            "办理时限：立即办理。不足当日办结时间，顺延至下一工作日，应于2026年10月13日12时前办结。",
        ),
        (
            "2026-12-31 周四 10:20",
            1,
            "办理时限：1个工作日。交办日不计入，自2027年1月4日起算，应于2027年1月4日17时前办结。"
            "2027年节假日安排尚未导入，应办结时间为暂算结果。",
        ),
    ],
)
def test_preview_says_the_limit_its_first_day_and_its_end(
    issued: str, days: int, sentence: str
) -> None:
    assert preview_sentence(due_at(CALENDAR, at(issued), days)) == sentence


def test_full_time_has_minutes_only_where_there_are_some() -> None:
    assert full_time(at("2026-10-15 周四 17:00")) == "2026年10月15日17时"
    assert full_time(at("2026-10-15 周四 17:30")) == "2026年10月15日17时30分"
