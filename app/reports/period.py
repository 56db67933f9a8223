"""Month, quarter and year of the office's calendar, or any days, as half-open spans of time."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import SQLColumnExpression, and_
from sqlalchemy.sql.elements import ColumnElement

from app.models.types import OFFICE_ZONE

Condition = ColumnElement[bool]
NAME = re.compile(r"(20\d\d)(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?")
DAYS = re.compile(r"(20\d\d-\d\d-\d\d)\.\.(20\d\d-\d\d-\d\d)")
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """From `start` up to, not including, `end`; `now` is when the figure is asked for."""

    start: dt.datetime
    end: dt.datetime
    now: dt.datetime

    def holds(self, moment: SQLColumnExpression[Any]) -> Condition:
        """Return whether a time lies in the period."""
        return and_(moment >= self.start, moment < self.end)

    def covers(self, moment: dt.datetime | None) -> bool:
        """Return whether a known time lies in the period."""
        return moment is not None and self.start <= moment < self.end

    def asked_at(self, now: dt.datetime) -> "Period":
        """Return the same span as it is seen at another time."""
        return Period(self.start, self.end, now)

    @property
    def months(self) -> int:
        """How many calendar months it has: 1, 3 or 12; 0 for any other days."""
        first, last = self.start, self.end
        count = (last.year - first.year) * 12 + last.month - first.month
        is_whole = first.day == last.day == 1 and count in (1, 3, 12)
        return count if is_whole and (first.month - 1) % count == 0 else 0

    @property
    def last_day(self) -> dt.date:
        """The last day that belongs to it."""
        return (self.end - ONE_DAY).date()

    @property
    def name(self) -> str:
        """Return 2026-10, 2026-Q4 or 2026; 2026-10-01..2026-10-15 for any other days."""
        year, month = self.start.year, self.start.month
        if self.months == 0:
            return f"{self.start:%Y-%m-%d}..{self.last_day}"
        if self.months == 12:
            return f"{year}"
        return f"{year}-Q{(month + 2) // 3}" if self.months == 3 else f"{year}-{month:02d}"

    def shifted(self, steps: int) -> "Period":
        """Return the period of the same length, so many lengths later (or earlier)."""
        first = _month_start(self.start, self.months * steps)
        return Period(first, _month_start(first, self.months), self.now)


def month_of(now: dt.datetime) -> Period:
    """Return the calendar month of `now`."""
    return _months(now, now.month, 1)


def quarter_of(now: dt.datetime) -> Period:
    """Return the calendar quarter of `now`."""
    return _months(now, (now.month - 1) // 3 * 3 + 1, 3)


def year_of(now: dt.datetime) -> Period:
    """Return the calendar year of `now`."""
    return _months(now, 1, 12)


def between(first: dt.date, last: dt.date, *, now: dt.datetime) -> Period:
    """Return the days from `first` to `last`, both of them included, in either order."""
    first, last = sorted((first, last))
    midnight = now.astimezone(OFFICE_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    start, end = (
        midnight.replace(year=day.year, month=day.month, day=day.day)
        for day in (first, last + ONE_DAY)
    )
    return Period(start, end, now)


def named(name: str, *, now: dt.datetime) -> Period:
    """Return the period that is called so, see `Period.name`; ValueError for any other name."""
    if days := DAYS.fullmatch(name):
        first, last = (dt.date.fromisoformat(text) for text in days.groups())
        return between(first, last, now=now)
    match = NAME.fullmatch(name)
    if match is None:
        raise ValueError(name)
    year, month, quarter = match.groups()
    inside = now.astimezone(OFFICE_ZONE).replace(year=int(year), month=1, day=1)
    if month:
        return month_of(inside.replace(month=int(month))).asked_at(now)
    if quarter:
        return quarter_of(inside.replace(month=int(quarter) * 3)).asked_at(now)
    return year_of(inside).asked_at(now)


def last_months(period: Period, count: int) -> list[Period]:
    """Return the last `count` calendar months up to that of its last day, the oldest first."""
    last = _month_start((period.end - ONE_DAY).replace(day=1), 0)
    return [
        Period(_month_start(last, -back), _month_start(last, 1 - back), period.now)
        for back in reversed(range(count))
    ]


def _months(now: dt.datetime, month: int, count: int) -> Period:
    start = now.replace(month=month, day=1, hour=0, minute=0, second=0, microsecond=0)
    return Period(start, _month_start(start, count), now)


def _month_start(start: dt.datetime, later: int) -> dt.datetime:
    years, month = divmod(start.month - 1 + later, 12)
    return start.replace(year=start.year + years, month=month + 1)
