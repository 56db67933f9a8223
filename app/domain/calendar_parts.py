"""The plain parts a working calendar is built from, each refusing what contradicts itself."""

import datetime as dt
import enum
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.domain.refusals import Code, Refusal

OFFICE_ZONE = ZoneInfo("Asia/Shanghai")
NOON = dt.time(12)  # R34: 上、下午 split here
CLOSED_NAME = "临时停办"
ALL_WEEKDAYS = frozenset(range(7))

Span = tuple[dt.time, dt.time]


class CalendarProblem(enum.StrEnum):
    """What is wrong with a calendar, or with what it was asked."""

    NO_HOURS = "no_hours"
    SPANS_INVALID = "spans_invalid"
    VALIDITY_REVERSED = "validity_reversed"
    TIMETABLES_OVERLAP = "timetables_overlap"
    HOURS_MISSING = "hours_missing"
    DAY_CONTRADICTORY = "day_contradictory"
    HALF_DAY_EMPTY = "half_day_empty"
    NOT_A_WORKDAY = "not_a_workday"
    OUT_OF_RANGE = "out_of_range"
    NAIVE_TIME = "naive_time"


class CalendarError(Refusal):
    """A calendar refused whole, or asked about a day it does not know."""

    def __init__(self, problem: CalendarProblem, **facts: object) -> None:
        super().__init__(Code.CALENDAR_INVALID, problem=problem, **facts)
        self.problem = problem


class DayKind(enum.StrEnum):
    """日期类型 of one day; the last four are a site's own decisions."""

    WORKDAY = "workday"  # 工作日
    WEEKEND = "weekend"  # 双休日
    HOLIDAY = "holiday"  # 法定节假日
    SWAPPED_OFF = "swapped_off"  # 调休放假
    SWAPPED_ON = "swapped_on"  # 调休上班
    CLOSED = "closed"  # 临时停办
    OPENED = "opened"  # 本地调班
    MORNING_ONLY = "morning_only"  # 仅上午办公
    AFTERNOON_ONLY = "afternoon_only"  # 仅下午办公

    @property
    def is_working(self) -> bool:
        """Limits count this day."""
        return self in WORKING_KINDS


WORKING_KINDS = frozenset(
    {
        DayKind.WORKDAY,
        DayKind.SWAPPED_ON,
        DayKind.OPENED,
        DayKind.MORNING_ONLY,
        DayKind.AFTERNOON_ONLY,
    }
)
OFFICIAL_KINDS = frozenset({DayKind.HOLIDAY, DayKind.SWAPPED_OFF, DayKind.SWAPPED_ON})
OVERRIDE_KINDS = frozenset(
    {DayKind.CLOSED, DayKind.OPENED, DayKind.MORNING_ONLY, DayKind.AFTERNOON_ONLY}
)


@dataclass(frozen=True, order=True)
class OfficialDay:
    """One day of a State Council notice, or a statutory day of a year without one."""

    on: dt.date
    kind: DayKind
    name: str = ""  # 国庆, 春节 …: the holiday the day belongs to

    def __post_init__(self) -> None:
        if self.kind not in OFFICIAL_KINDS:
            raise CalendarError(CalendarProblem.DAY_CONTRADICTORY, on=self.on, kind=self.kind)


@dataclass(frozen=True, order=True)
class Override:
    """A site's own decision about one day; it goes before the official one."""

    on: dt.date
    kind: DayKind
    reason: str = ""

    def __post_init__(self) -> None:
        if self.kind not in OVERRIDE_KINDS:
            raise CalendarError(CalendarProblem.DAY_CONTRADICTORY, on=self.on, kind=self.kind)


@dataclass(frozen=True)
class Timetable:
    """办公时间: one or two spans a day, for some weekdays (0 = Monday) between two dates."""

    spans: tuple[Span, ...]
    valid_from: dt.date
    valid_until: dt.date | None = None
    weekdays: frozenset[int] = ALL_WEEKDAYS

    def __post_init__(self) -> None:
        facts = {"valid_from": self.valid_from}
        if not self.spans or not self.weekdays:
            raise CalendarError(CalendarProblem.NO_HOURS, **facts)
        moments = [moment for span in self.spans for moment in span]
        rising = all(a < b for a, b in self.spans) and moments == sorted(moments)
        if not rising or len(self.spans) > 2 or not self.weekdays <= ALL_WEEKDAYS:
            raise CalendarError(CalendarProblem.SPANS_INVALID, spans=self.spans, **facts)
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise CalendarError(CalendarProblem.VALIDITY_REVERSED, **facts)


def seconds_of(moment: dt.time) -> int:
    """Return the seconds from midnight to `moment`, fractions dropped."""
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def at_office(day: dt.date, moment: dt.time) -> dt.datetime:
    """Return the instant at which the office's clock shows `moment` on `day`."""
    return dt.datetime.combine(day, moment, OFFICE_ZONE)


def half_of(spans: tuple[Span, ...], kind: DayKind) -> tuple[Span, ...]:
    """Return the spans a day of `kind` keeps: a half day one of two; unbroken hours split at noon.

    Empty when the half asked for has no hours.
    """
    if kind not in (DayKind.MORNING_ONLY, DayKind.AFTERNOON_ONLY):
        return spans
    morning = kind is DayKind.MORNING_ONLY
    if len(spans) == 2:
        return spans[:1] if morning else spans[1:]
    start, end = spans[0]
    kept = (start, min(end, NOON)) if morning else (max(start, NOON), end)
    return (kept,) if kept[0] < kept[1] else ()
