"""The office's working days and hours: one frozen value built from plain data."""

import datetime as dt
import hashlib
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from app.domain.calendar_parts import (
    OFFICE_ZONE,
    CalendarError,
    CalendarProblem,
    DayKind,
    OfficialDay,
    Override,
    Span,
    Timetable,
    at_office,
    seconds_of,
)
from app.domain.calendar_table import DayTable, lay_out

FIRST_DAY = dt.date(2001, 1, 1)
LAST_DAY = dt.date(2099, 12, 31)

_ONE_DAY = dt.timedelta(days=1)


def office_time(instant: dt.datetime) -> dt.datetime:
    """Return `instant` on the office's clock; refuses a time without a zone."""
    if instant.tzinfo is OFFICE_ZONE:
        return instant
    if instant.utcoffset() is None:
        raise CalendarError(CalendarProblem.NAIVE_TIME, at=instant)
    return instant.astimezone(OFFICE_ZONE)


@dataclass(frozen=True, slots=True)
class RestRun:
    """Days in a row on which nobody works; `names` are those of the holidays and closures."""

    first: dt.date
    last: dt.date
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked, and when; asks no clock and no database.

    Knows the days from `first` to `last`: those its timetables cover, 2001–2099 at most. Refuses
    itself whole (CalendarError) when its parts contradict each other, and any question about a
    day outside. Two calendars of equal content are equal and have the same `version`.
    """

    official_days: tuple[OfficialDay, ...]
    published_years: frozenset[int]
    timetables: tuple[Timetable, ...]
    overrides: tuple[Override, ...] = ()
    first: dt.date = field(init=False)
    last: dt.date = field(init=False)
    version: str = field(init=False)
    _table: DayTable = field(init=False, repr=False, compare=False)
    _runs: dict[int, RestRun | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.timetables:
            raise CalendarError(CalendarProblem.NO_HOURS)
        self._set(
            official_days=tuple(sorted(self.official_days)),
            overrides=tuple(sorted(self.overrides)),
            timetables=tuple(sorted(self.timetables, key=_timetable_key)),
            published_years=frozenset(self.published_years),
            first=max(FIRST_DAY, min(each.valid_from for each in self.timetables)),
            last=min(LAST_DAY, max(each.valid_until or LAST_DAY for each in self.timetables)),
        )
        self._set(
            version=self._digest(),
            _table=lay_out(
                self.first, self.last, self.official_days, self.overrides, self.timetables
            ),
            _runs={},
        )

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _digest(self) -> str:
        """Name the content, alike on every machine."""
        parts = (
            [(day.on.isoformat(), str(day.kind), day.name) for day in self.official_days],
            sorted(self.published_years),
            [_timetable_key(each) for each in self.timetables],
            [(day.on.isoformat(), str(day.kind), day.reason) for day in self.overrides],
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]

    def _index(self, day: dt.date) -> int:
        index = day.toordinal() - self._table.base
        if not 0 <= index < len(self._table.kinds):
            raise self._outside(day)
        return index

    def _outside(self, day: dt.date) -> CalendarError:
        return CalendarError(CalendarProblem.OUT_OF_RANGE, on=day, first=self.first, last=self.last)

    # -- days ------------------------------------------------------------------------------

    def day_kind(self, day: dt.date) -> DayKind:
        """Return what kind of day it is: the site's word, else the notice's, else the week's."""
        return self._table.kinds[self._index(day)]

    def day_name(self, day: dt.date) -> str:
        """Return the name of the holiday or closure the day belongs to; empty for others."""
        return self._table.names.get(self._index(day), "")

    def is_workday(self, day: dt.date) -> bool:
        """Whether limits count this day."""
        return bool(self._table.hours[self._index(day)])

    def next_workday(self, day: dt.date, n: int = 1) -> dt.date:
        """Return the n-th working day strictly after `day`; n ≥ 1."""
        position = self._table.workdays_before[self._index(day) + 1] + n - 1
        if n < 1 or position >= len(self._table.workdays):
            raise self._outside(day)
        return self._table.workdays[position]

    def previous_workday(self, day: dt.date, n: int = 1) -> dt.date:
        """Return the n-th working day strictly before `day`; n ≥ 1."""
        position = self._table.workdays_before[self._index(day)] - n
        if n < 1 or position < 0:
            raise self._outside(day)
        return self._table.workdays[position]

    def count_workdays(self, after: dt.date, until: dt.date) -> int:
        """Return the working days after `after`, up to and including `until`; signed."""
        before = self._table.workdays_before
        return before[self._index(until) + 1] - before[self._index(after) + 1]

    def is_provisional_between(self, start_exclusive: dt.date, end_inclusive: dt.date) -> bool:
        """Whether a day looked at lies in a year whose notice is not published (暂算)."""
        if end_inclusive <= start_exclusive:
            return False
        if start_exclusive.year == end_inclusive.year:
            return end_inclusive.year not in self.published_years
        years = range((start_exclusive + _ONE_DAY).year, end_inclusive.year + 1)
        return not self.published_years.issuperset(years)

    def make_up_days(self, after: dt.date, until: dt.date) -> tuple[dt.date, ...]:
        """Return the worked Saturdays and Sundays after `after`, up to and including `until`."""
        start, stop = self._index(after) + 1, self._index(until) + 1
        table = self._table
        if table.make_ups_before[start] >= table.make_ups_before[stop]:
            return ()
        worked = table.workdays[table.workdays_before[start] : table.workdays_before[stop]]
        return tuple(day for day in worked if day.weekday() >= 5)

    def rest_runs(self, after: dt.date, until: dt.date) -> tuple[RestRun, ...]:
        """Return the runs of days off after `after`, up to and including `until`."""
        start, stop = self._index(after) + 1, self._index(until) + 1
        before = self._table.workdays_before
        if stop - start <= before[stop] - before[start]:
            return ()
        runs = (self._run_before(position) for position in range(before[start], before[stop] + 1))
        return tuple(
            RestRun(max(run.first, after + _ONE_DAY), min(run.last, until), run.names)
            for run in runs
            if run is not None and run.last > after and run.first <= until
        )

    def _run_before(self, position: int) -> RestRun | None:
        """Return the whole run of days off before a working day, named after all of its days."""
        if position not in self._runs:
            self._runs[position] = self._find_run(position)
        return self._runs[position]

    def _find_run(self, position: int) -> RestRun | None:
        table = self._table
        first = self.first if position == 0 else table.workdays[position - 1] + _ONE_DAY
        ends = position == len(table.workdays)
        last = self.last if ends else table.workdays[position] - _ONE_DAY
        days = range(first.toordinal() - table.base, last.toordinal() - table.base + 1)
        names = "、".join(table.names[day] for day in days if table.names.get(day))
        return RestRun(first, last, _distinct(names)) if days else None

    # -- hours -----------------------------------------------------------------------------

    def hours(self, day: dt.date) -> tuple[Span, ...]:
        """Return the day's business hours as clock times; empty on a day off."""
        return self._table.hours[self._index(day)]

    def spans(self, day: dt.date) -> tuple[tuple[dt.datetime, dt.datetime], ...]:
        """Return the business hours of a working day as instants; empty on a day off."""
        return tuple((at_office(day, start), at_office(day, end)) for start, end in self.hours(day))

    def open_of(self, day: dt.date) -> dt.datetime:
        """Return when business opens on a working day; refuses a day off."""
        hours = self._table.hours[self._index(day)]
        if not hours:
            raise CalendarError(CalendarProblem.NOT_A_WORKDAY, on=day)
        return at_office(day, hours[0][0])

    def close_of(self, day: dt.date) -> dt.datetime:
        """Return the close of business of a working day; refuses a day off."""
        index = self._index(day)
        if not self._table.hours[index]:
            raise CalendarError(CalendarProblem.NOT_A_WORKDAY, on=day)
        return self._table.closes[self._table.workdays_before[index]]

    def next_close(self, day: dt.date, n: int = 1) -> dt.datetime:
        """Return the close of business of the n-th working day strictly after `day`; n ≥ 1."""
        position = self._table.workdays_before[self._index(day) + 1] + n - 1
        if n < 1 or position >= len(self._table.closes):
            raise self._outside(day)
        return self._table.closes[position]

    def working_seconds(self, start: dt.datetime, end: dt.datetime) -> int:
        """Return the business seconds from `start` to `end`; negative when `end` is earlier."""
        return self._worked_until(end) - self._worked_until(start)

    def _worked_until(self, instant: dt.datetime) -> int:
        """Return the business seconds from the calendar's first day to `instant`.

        Counted in whole seconds at both ends, so that working time adds up whatever lies between.
        """
        local = office_time(instant)
        index = self._index(local.date())
        second = seconds_of(local.time())
        worked = self._table.seconds_before[index]
        for start, end in self._table.hours[index]:
            worked += max(0, min(second, seconds_of(end)) - seconds_of(start))
        return worked

    def add_working_seconds(self, instant: dt.datetime, seconds: int) -> dt.datetime:
        """Return the first instant with `seconds` of business since `instant`."""
        if seconds <= 0:
            return office_time(instant)
        worked = self._worked_until(instant) + seconds
        index = bisect_left(self._table.seconds_before, worked) - 1
        if index >= len(self._table.hours):
            raise self._outside(self.last + _ONE_DAY)
        left = worked - self._table.seconds_before[index]
        for start, end in self._table.hours[index]:
            length = seconds_of(end) - seconds_of(start)
            if left <= length:
                break
            left -= length
        return self._moment(index, start, left)

    def working_time_before(self, instant: dt.datetime, seconds: int) -> dt.datetime:
        """Return the last instant with `seconds` of business still to come until `instant`."""
        if seconds <= 0:
            return office_time(instant)
        worked = self._worked_until(instant) - seconds
        if worked < 0:
            raise self._outside(self.first - _ONE_DAY)
        index = bisect_right(self._table.seconds_before, worked) - 1
        left = worked - self._table.seconds_before[index]
        for start, end in self._table.hours[index]:
            length = seconds_of(end) - seconds_of(start)
            if left < length:
                break
            left -= length
        return self._moment(index, start, left)

    def _moment(self, index: int, start: dt.time, seconds: int) -> dt.datetime:
        day = dt.date.fromordinal(self._table.base + index)
        return at_office(day, start) + dt.timedelta(seconds=seconds)


def _timetable_key(table: Timetable) -> tuple[str, str, list[int], str]:
    until = table.valid_until.isoformat() if table.valid_until else ""
    return table.valid_from.isoformat(), until, sorted(table.weekdays), repr(table.spans)


def _distinct(names: str) -> tuple[str, ...]:
    """Return each of the joined names once, in order."""
    return tuple(dict.fromkeys(names.split("、"))) if names else ()
