"""The official calendar against the notices copied by hand, and a year without a notice."""

import datetime as dt

import holidays
import pytest

from app import official
from app.domain.calendar_parts import CalendarError, DayKind
from app.official import default_calendar, notice_of, official_days
from tests.domain import notices
from tests.domain.moments import day, rows

CALENDAR = default_calendar()


def days_of(year: int) -> list[dt.date]:
    first = dt.date(year, 1, 1).toordinal()
    return [dt.date.fromordinal(n) for n in range(first, dt.date(year + 1, 1, 1).toordinal())]


@pytest.mark.parametrize("year", range(2019, 2027))
def test_year_with_notice_works_on_the_days_of_the_notice(year: int) -> None:
    wrong = [on for on in days_of(year) if CALENDAR.is_workday(on) != notices.is_workday(on)]

    assert wrong == []


@pytest.mark.parametrize(
    ("year", "worked"),
    # 365 or 366 days less weekends and holidays, as the yearly tables of the offices print them.
    [(2019, 250), (2020, 249), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248)],
)
def test_year_has_the_known_number_of_working_days(year: int, worked: int) -> None:
    assert CALENDAR.count_workdays(dt.date(year - 1, 12, 31), dt.date(year, 12, 31)) == worked


@pytest.mark.parametrize("on", sorted(notices.MAKE_UP_DAYS))
def test_make_up_weekend_is_a_working_day(on: dt.date) -> None:
    assert on.weekday() >= 5
    assert CALENDAR.day_kind(on) is DayKind.SWAPPED_ON


@pytest.mark.parametrize("on", sorted(on for on in notices.DAYS_OFF if on.weekday() < 5))
def test_weekday_off_bears_the_name_of_its_holiday(on: dt.date) -> None:
    kinds = {DayKind.HOLIDAY, DayKind.SWAPPED_OFF}
    names = {"国庆": {"国庆", "中秋", "中秋、国庆"}}.get(
        notices.DAYS_OFF[on], {notices.DAYS_OFF[on]}
    )

    assert CALENDAR.day_kind(on) in kinds
    assert CALENDAR.day_name(on) in names


# 《全国年节及纪念日放假办法》 alone: no in-lieu days, no make-up days.
STATUTORY_2027 = """
2027-01-01 周五 | 元旦
2027-02-05 周五 | 春节
2027-02-06 周六 | 春节
2027-02-07 周日 | 春节
2027-02-08 周一 | 春节
2027-04-05 周一 | 清明
2027-05-01 周六 | 劳动节
2027-05-02 周日 | 劳动节
2027-06-09 周三 | 端午
2027-09-15 周三 | 中秋
2027-10-01 周五 | 国庆
2027-10-02 周六 | 国庆
2027-10-03 周日 | 国庆
"""


def test_year_without_notice_has_weekends_and_statutory_days_only() -> None:
    statutory = {day(word): name for word, name in rows(STATUTORY_2027)}
    found = {each.on: each.name for each in official_days(2027, 2027)}
    worked = [on for on in days_of(2027) if on.weekday() < 5 and on not in statutory]

    assert found == statutory
    assert {each.kind for each in official_days(2027, 2027)} == {DayKind.HOLIDAY}
    assert [on for on in days_of(2027) if CALENDAR.is_workday(on)] == worked


def test_every_later_year_has_its_thirteen_statutory_days_and_no_other() -> None:
    for year in range(official.LAST_PUBLISHED_YEAR + 1, official.LAST_YEAR + 1):
        names = [name for each in official_days(year, year) for name in each.name.split("、")]

        assert len(names) == 13, year
        assert names.count("春节") == 4


def test_library_knows_a_notice_exactly_for_the_years_we_call_published() -> None:
    """A newer library brings new years: then their notice must be named here too."""
    known = {year for year in range(2001, official.LAST_YEAR + 1) if _make_up_days(year)}

    assert known == official.PUBLISHED_YEARS


def _make_up_days(year: int) -> list[dt.date]:
    # The library lists a few early December days with every year it is asked for.
    found = holidays.country_holidays("CN", years=year).weekend_workdays
    return [on for on in found if on.year >= year - 1]


def test_published_year_names_its_notice() -> None:
    assert all(notice_of(year) for year in range(2019, official.LAST_PUBLISHED_YEAR + 1))
    assert notice_of(2026) == "国办发明电〔2025〕7号"
    assert notice_of(2020) == "国办发明电〔2019〕16号、国办发明电〔2020〕1号"
    assert notice_of(2027) == ""


@pytest.mark.parametrize("on", [dt.date(2000, 12, 31), dt.date(2100, 1, 1)])
def test_day_outside_the_calendar_is_refused(on: dt.date) -> None:
    with pytest.raises(CalendarError):
        CALENDAR.is_workday(on)
