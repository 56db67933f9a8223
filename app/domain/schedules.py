"""When a job runs: every so many seconds, or at times of day on certain days."""

import datetime as dt
import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.calendar_parts import at_office
from app.domain.refusals import Code, Refusal
from app.domain.workdays import WorkCalendar, office_time

SHORTEST, LONGEST = 5, 3600  # seconds
MOST_TIMES = 6
DAY = dt.timedelta(days=1)
# More than the longest rest of an office.
DAYS_AHEAD = 60


class Days(enum.StrEnum):
    """On which days a job runs; which ones an office works is for its calendar to say."""

    ALL = "all"  # 每日
    WORKDAYS = "workdays"  # 工作日
    WEEKLY = "weekly"  # 每周第一个工作日（通常为周一）
    MONTHLY = "monthly"  # 每月第一个工作日


@dataclass(frozen=True)
class Schedule:
    """`seconds` for a rhythm, or `times` of the day on `days`; never both."""

    seconds: int = 0
    times: tuple[dt.time, ...] = ()
    days: Days = Days.ALL

    def __str__(self) -> str:
        """Return what the administrator edits: 30, or 09:00,14:00."""
        return str(self.seconds) if self.seconds else ",".join(f"{t:%H:%M}" for t in self.times)

    def changed_to(self, text: str) -> "Schedule":
        """Return the schedule with the administrator's words in place; its days stay.

        Raises Refusal(SCHEDULE_INVALID): seconds from 5 to 3600, or one to six different times.
        """
        text = text.strip().replace("，", ",").replace("：", ":").replace("、", ",")
        if self.seconds:
            return Schedule(seconds=_seconds(text))
        return Schedule(times=_times(text), days=self.days)

    def as_set(self, text: str) -> "Schedule":
        """Return the schedule with the stored words in place; itself if they are blank or unfit.

        Words that were right when they were written must not stop the clock after an upgrade.
        """
        try:
            return self.changed_to(text) if text else self
        except Refusal:
            return self

    @property
    def longest_wait(self) -> dt.timedelta:
        """Return the longest time between two runs of a rhythm."""
        return dt.timedelta(seconds=self.seconds)

    def next_run(self, after: dt.datetime, calendars: Sequence[WorkCalendar] = ()) -> dt.datetime:
        """Return the first instant strictly after `after` on a day that one of the sites works.

        A schedule that finds no day within the known calendars looks again after a day.
        """
        local = office_time(after)
        if self.seconds:
            return local + dt.timedelta(seconds=self.seconds)
        for ahead in range(DAYS_AHEAD):
            day = local.date() + ahead * DAY
            if not any(self.runs_on(day, each) for each in calendars or (None,)):
                continue
            later = [at_office(day, t) for t in self.times if at_office(day, t) > local]
            if later:
                return later[0]
        return local + DAY

    def runs_on(self, day: dt.date, calendar: WorkCalendar | None = None) -> bool:
        """Return whether the job has anything to do on `day` at a site with this calendar."""
        if self.days is Days.ALL:
            return True
        if not _is_worked(day, calendar):
            return False
        if self.days is Days.WORKDAYS:
            return True
        before = _first_of(day, self.days)
        return not any(_is_worked(before + n * DAY, calendar) for n in range((day - before).days))


def _first_of(day: dt.date, days: Days) -> dt.date:
    """Return the Monday of the week, or the first of the month."""
    return day - day.weekday() * DAY if days is Days.WEEKLY else day.replace(day=1)


def _is_worked(day: dt.date, calendar: WorkCalendar | None) -> bool:
    if calendar is None:
        return day.weekday() < 5
    return calendar.first <= day <= calendar.last and calendar.is_workday(day)


def _seconds(text: str) -> int:
    # So many digits and no more: Python refuses to read a number of thousands.
    if not re.fullmatch(r"\d{1,6}", text) or not SHORTEST <= int(text) <= LONGEST:
        raise Refusal(Code.SCHEDULE_INVALID, field="schedule", text=text)
    return int(text)


def _times(text: str) -> tuple[dt.time, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if (
        not parts
        or len(parts) > MOST_TIMES
        or not all(re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", part) for part in parts)
    ):
        raise Refusal(Code.SCHEDULE_INVALID, field="schedule", text=text)
    times = [dt.time(int(part[:-3]), int(part[-2:])) for part in parts]
    if len(set(times)) != len(times):
        raise Refusal(Code.SCHEDULE_INVALID, field="schedule", text=text)
    return tuple(sorted(times))
