"""The year of a site as the grid draws it: what each day is, and the holidays in a list."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import abort, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.clock import today
from app.domain.calendar_parts import DayKind
from app.domain.workdays import RestRun, WorkCalendar
from app.extensions import db
from app.fab.formats import date_zh
from app.models import DayOverride, Site
from app.views.records import sites

FIRST_YEAR = 2019
YEARS_AHEAD = 1

KIND_WORDS: dict[DayKind, Any] = {
    DayKind.WORKDAY: _l("Working day"),
    DayKind.WEEKEND: _l("Weekend"),
    DayKind.HOLIDAY: _l("Statutory holiday"),
    DayKind.SWAPPED_OFF: _l("Day off in exchange"),
    DayKind.SWAPPED_ON: _l("Make-up working day"),
    DayKind.CLOSED: _l("Closed for the day"),
    DayKind.OPENED: _l("Opened by the office"),
    DayKind.MORNING_ONLY: _l("Morning only"),
    DayKind.AFTERNOON_ONLY: _l("Afternoon only"),
}
MARKS = {
    DayKind.HOLIDAY: ("off", _l("Off")),
    DayKind.SWAPPED_OFF: ("off", _l("Off")),
    DayKind.SWAPPED_ON: ("on", _l("On")),
    DayKind.OPENED: ("on", _l("On")),
    DayKind.MORNING_ONLY: ("half", _l("Half")),
    DayKind.AFTERNOON_ONLY: ("half", _l("Half")),
    DayKind.CLOSED: ("closed", _l("Shut")),
}


@dataclass(frozen=True)
class Cell:
    """One day of the grid."""

    on: dt.date
    css: str
    mark: Any
    title: str
    is_today: bool


def years() -> list[int]:
    """Return the years the grid shows."""
    return list(range(FIRST_YEAR, today().year + YEARS_AHEAD + 1))


def asked_site() -> Site:
    """Return the site of the address, else the person's first one; 404 for another's."""
    offered = {str(site.id): site for site in sites()}
    if not offered:
        abort(404)
    wanted = request.args.get("site", "")
    return offered.get(wanted) or (abort(404) if wanted else next(iter(offered.values())))


def is_worked(calendar: WorkCalendar, day: dt.date) -> bool:
    """Return whether the day is a working day; one outside every timetable is not known as one."""
    return calendar.first <= day <= calendar.last and calendar.is_workday(day)


def mark_of(calendar: WorkCalendar, day: dt.date) -> tuple[str, Any] | None:
    """Return the colour and the sign of a day that differs from its weekday."""
    known = calendar.first <= day <= calendar.last
    return MARKS.get(calendar.day_kind(day)) if known else None


def own_days(site: Site, year: int) -> dict[dt.date, DayOverride]:
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    rows = db.session.scalars(
        select(DayOverride)
        .where(DayOverride.site_id == site.id)
        .where(DayOverride.day.between(first, last))
    )
    return {row.day: row for row in rows}


def months_of(
    days: list[dt.date], calendar: WorkCalendar, overrides: dict[dt.date, DayOverride]
) -> list[list[Cell | None]]:
    """Return the cells of each month, with empty ones before its first day."""
    # The very first day has none before it; it is a holiday of its own kind.
    runs = calendar.rest_runs(max(days[0] - dt.timedelta(days=1), calendar.first), days[-1])
    holidays = {day for run in runs if run.names for day in days if run.first <= day <= run.last}
    months: list[list[Cell | None]] = [[] for _month in range(12)]
    for day in days:
        cells = months[day.month - 1]
        if not cells:
            cells += [None] * day.weekday()
        cells.append(_cell(day, calendar, overrides.get(day), in_holiday=day in holidays))
    return months


def _cell(
    day: dt.date, calendar: WorkCalendar, override: DayOverride | None, *, in_holiday: bool
) -> Cell:
    kind = calendar.day_kind(day)
    # A weekend inside a holiday belongs to it, though the notice need not swap it.
    css, mark = MARKS[DayKind.HOLIDAY] if in_holiday else ("", "")
    css, mark = MARKS.get(kind, (css, mark))
    if not css and not calendar.is_workday(day):
        css = "rest"
    parts = [date_zh(day, weekday=True), str(KIND_WORDS[kind]), calendar.day_name(day)]
    if override is not None:
        css += " is-own"
        parts += [override.notice_no, override.note]
    title = " ".join(part for part in parts if part)
    return Cell(day, css, mark, title, day == today())


def holidays_of(days: list[dt.date], calendar: WorkCalendar) -> list[dict[str, Any]]:
    """Return each holiday with its run of days off and the make-up days beside it."""
    # The very first day has none before it; it is a holiday of its own kind.
    runs = calendar.rest_runs(max(days[0] - dt.timedelta(days=1), calendar.first), days[-1])
    named = [run for run in runs if run.names]
    made_up = [day for day in days if calendar.day_kind(day) is DayKind.SWAPPED_ON]
    found = []
    for run in named:
        nearest = [d for d in made_up if min(named, key=lambda r: _distance(r, d)) is run]
        found.append(
            {
                "name": "、".join(run.names),
                "first": run.first,
                "last": run.last,
                "days": (run.last - run.first).days + 1,
                "make_up": nearest,
            }
        )
    return found


def _distance(run: RestRun, day: dt.date) -> int:
    return min(abs((run.first - day).days), abs((run.last - day).days))
