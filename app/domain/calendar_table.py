"""A working calendar laid out day by day, so that every question is one look into a list."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from app.domain.calendar_parts import (
    CLOSED_NAME,
    CalendarError,
    CalendarProblem,
    DayKind,
    OfficialDay,
    Override,
    Span,
    Timetable,
    at_office,
    half_of,
    seconds_of,
)

_WEEK = [DayKind.WORKDAY] * 5 + [DayKind.WEEKEND] * 2
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class DayTable:
    """The days from `first` to `last`; index 0 is `first`.

    `closes` are those of `workdays`. The three `…_before` lists have one entry more: what lies
    before each day, and before the end.
    """

    base: int
    kinds: list[DayKind]
    names: dict[int, str]
    hours: list[tuple[Span, ...]]
    workdays: list[dt.date]
    closes: list[dt.datetime]
    workdays_before: list[int]
    make_ups_before: list[int]
    seconds_before: list[int]


def lay_out(
    first: dt.date,
    last: dt.date,
    official_days: Iterable[OfficialDay],
    overrides: Iterable[Override],
    timetables: Sequence[Timetable],
) -> DayTable:
    """Return the table from `first` to `last`; refuses contradictory days and missing hours."""
    base = first.toordinal()
    kinds = _week_days(first, last)
    names: dict[int, str] = {}
    for layer in (_by_day(official_days), _by_day(overrides)):
        for on, (kind, name) in layer.items():
            if first <= on <= last:
                kinds[on.toordinal() - base] = kind
                names[on.toordinal() - base] = name
    works = [kind.is_working for kind in kinds]
    workdays = [dt.date.fromordinal(base + index) for index, work in enumerate(works) if work]
    hours = _hours(base, kinds, workdays, _plan(first, last, timetables))
    lengths = {spans: _length(spans) for spans in set(hours)}
    make_ups = (
        work and (first.weekday() + index) % 7 >= _SATURDAY for index, work in enumerate(works)
    )
    return DayTable(
        base=base,
        kinds=kinds,
        names=names,
        hours=hours,
        workdays=workdays,
        closes=[at_office(day, hours[day.toordinal() - base][-1][1]) for day in workdays],
        workdays_before=list(accumulate(works, initial=0)),
        make_ups_before=list(accumulate(make_ups, initial=0)),
        seconds_before=list(accumulate((lengths[spans] for spans in hours), initial=0)),
    )


def _week_days(first: dt.date, last: dt.date) -> list[DayKind]:
    """Return Monday to Friday as working days, from `first` to `last`."""
    size = last.toordinal() - first.toordinal() + 1
    if size < 1:
        raise CalendarError(CalendarProblem.NO_HOURS, first=first, last=last)
    shift = first.weekday()
    return (_WEEK * (size // 7 + 2))[shift : shift + size]


def _by_day(days: Iterable[OfficialDay | Override]) -> dict[dt.date, tuple[DayKind, str]]:
    """Return kind and name of each day; refuses one date with two kinds."""
    found: dict[dt.date, tuple[DayKind, str]] = {}
    for day in days:
        if found.setdefault(day.on, (day.kind, _name(day)))[0] is not day.kind:
            raise CalendarError(CalendarProblem.DAY_CONTRADICTORY, on=day.on)
    return found


def _name(day: OfficialDay | Override) -> str:
    if isinstance(day, OfficialDay):
        return day.name
    return CLOSED_NAME if day.kind is DayKind.CLOSED else ""


def _plan(first: dt.date, last: dt.date, timetables: Sequence[Timetable]) -> list[Timetable | None]:
    """Return the timetable of each day; refuses two for one weekday at one time."""
    base = first.toordinal()
    plan: list[Timetable | None] = [None] * (last.toordinal() - base + 1)
    for table in timetables:
        start = max(table.valid_from, first).toordinal() - base
        stop = min(table.valid_until or last, last).toordinal() - base + 1
        for weekday in sorted(table.weekdays):
            week = slice(start + (weekday - first.weekday() - start) % 7, stop, 7)
            if any(plan[week]):
                raise CalendarError(
                    CalendarProblem.TIMETABLES_OVERLAP,
                    valid_from=table.valid_from,
                    weekday=weekday,
                )
            plan[week] = [table] * len(plan[week])
    return plan


def _hours(
    base: int,
    kinds: list[DayKind],
    workdays: list[dt.date],
    plan: list[Timetable | None],
) -> list[tuple[Span, ...]]:
    """Return the hours of each day, none on a day off; refuses a working day without hours."""
    hours: list[tuple[Span, ...]] = [()] * len(kinds)
    for day in workdays:
        index = day.toordinal() - base
        table = plan[index] or _weekday_table(plan, index, day.weekday())
        if table is None:
            raise CalendarError(CalendarProblem.HOURS_MISSING, on=day)
        hours[index] = half_of(table.spans, kinds[index])
        if not hours[index]:
            raise CalendarError(CalendarProblem.HALF_DAY_EMPTY, on=day)
    return hours


def _weekday_table(plan: list[Timetable | None], index: int, weekday: int) -> Timetable | None:
    """Return the hours of a working Saturday or Sunday that no timetable names.

    An office that writes its hours for Monday to Friday keeps them on a make-up day: the Friday's
    before it, else the Monday's after it.
    """
    if weekday < _SATURDAY:
        return None
    friday, monday = index - (weekday - 4), index + (7 - weekday)
    before = plan[friday] if friday >= 0 else None
    return before or (plan[monday] if monday < len(plan) else None)


def _length(spans: tuple[Span, ...]) -> int:
    return sum(seconds_of(end) - seconds_of(start) for start, end in spans)
