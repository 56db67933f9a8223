"""The official calendar of China, read from the `holidays` library: nothing else may import it.

The library knows the days of every State Council notice since 2001, but for a year without one it
guesses in-lieu days and says nothing. So the years with a notice are named here, and a year without
one keeps only its weekends and statutory days.
"""

import datetime as dt
from functools import lru_cache

import holidays

from app.domain.calendar_parts import DayKind, OfficialDay, Timetable
from app.domain.workdays import FIRST_DAY, LAST_DAY, WorkCalendar

FIRST_YEAR = FIRST_DAY.year  # the first year whose notice the library was checked against
LAST_YEAR = LAST_DAY.year  # the last year of its lunar table
LAST_PUBLISHED_YEAR = 2026
PUBLISHED_YEARS = frozenset(range(FIRST_YEAR, LAST_PUBLISHED_YEAR + 1))

# 国务院办公厅关于××××年部分节假日安排的通知; the second of a year changed the first.
NOTICES: dict[int, tuple[str, ...]] = {
    2019: ("国办发明电〔2018〕15号", "国办发明电〔2019〕3号"),
    2020: ("国办发明电〔2019〕16号", "国办发明电〔2020〕1号"),
    2021: ("国办发明电〔2020〕27号",),
    2022: ("国办发明电〔2021〕11号",),
    2023: ("国办发明电〔2022〕16号",),
    2024: ("国办发明电〔2023〕7号",),
    2025: ("国办发明电〔2024〕12号",),
    2026: ("国办发明电〔2025〕7号",),
}

MORNING = (dt.time(9), dt.time(12))
AFTERNOON = (dt.time(13), dt.time(17))

_SWAPPED = "休息日"  # the library's name of a day off in exchange for a worked weekend
_IN_LIEU = "（补假）"  # … and of a day off for a holiday that fell on a weekend
_NAMES = {
    "元旦": "元旦",
    "农历除夕": "春节",
    "春节": "春节",
    "春节延长假期": "春节",
    "清明节": "清明",
    "劳动节": "劳动节",
    "端午节": "端午",
    "中秋节": "中秋",
    "国庆节": "国庆",
    "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日": "抗战胜利纪念日",
}


def official_days(first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> list[OfficialDay]:
    """Return the official days from `first_year` to `last_year`, in order.

    A published year has its days off and its make-up working days, an unpublished one only its
    statutory days.
    """
    return [day for day in _all_days() if first_year <= day.on.year <= last_year]


def notice_of(year: int) -> str:
    """Return the number of the year's notice; empty before 2019 and where none is published."""
    return "、".join(NOTICES.get(year, ()))


@lru_cache(maxsize=1)
def default_calendar() -> WorkCalendar:
    """Return the official calendar with the placeholder hours 09:00–12:00, 13:00–17:00 (D-30)."""
    return WorkCalendar(
        official_days=tuple(official_days()),
        published_years=PUBLISHED_YEARS,
        timetables=(Timetable((MORNING, AFTERNOON), FIRST_DAY),),
    )


@lru_cache(maxsize=1)
def _all_days() -> tuple[OfficialDay, ...]:
    published = holidays.country_holidays("CN", years=sorted(PUBLISHED_YEARS), language="zh_CN")
    unpublished = holidays.country_holidays(
        "CN",
        years=range(LAST_PUBLISHED_YEAR + 1, LAST_YEAR + 1),
        observed=False,
        language="zh_CN",
    )
    off = dict(published.items())
    off |= {on: name for on, name in unpublished.items() if not name.startswith(_SWAPPED)}
    named = {on: _short(name) for on, name in off.items() if not name.startswith(_SWAPPED)}
    days = [OfficialDay(on, _kind(name), _nearest_name(on, named)) for on, name in off.items()]
    days += [
        OfficialDay(on, DayKind.SWAPPED_ON, "")
        for on in published.weekend_workdays
        if on.year in PUBLISHED_YEARS
    ]
    return tuple(sorted(days))


def _kind(name: str) -> DayKind:
    swapped = name.startswith(_SWAPPED) or name.endswith(_IN_LIEU)
    return DayKind.SWAPPED_OFF if swapped else DayKind.HOLIDAY


def _short(name: str) -> str:
    """Return the office's word for the library's name: 国庆节（补假） is 国庆."""
    return "、".join(_NAMES[part.removesuffix(_IN_LIEU)] for part in name.split("; "))


def _nearest_name(on: dt.date, named: dict[dt.date, str]) -> str:
    """Return the holiday a day off belongs to: its own, else the nearest one's, earlier first."""
    steps = (dt.timedelta(days=days) for n in range(8) for days in (-n, n))
    return next((named[on + step] for step in steps if on + step in named), "")
