"""Whose turn it is: the times of day a summary is due, and the sites one by one."""

import datetime as dt
import logging
from collections.abc import Callable, Iterator

from flask import current_app
from sqlalchemy import select

from app.actions.calendars import calendar_of
from app.domain.calendar_parts import CalendarError, at_office
from app.domain.schedules import Schedule
from app.domain.workdays import WorkCalendar
from app.extensions import db
from app.jobs.job import JobResult
from app.models import JobState, Site

log = logging.getLogger(__name__)


def last_slot(name: str, schedule: Schedule, now: dt.datetime) -> dt.datetime | None:
    """Return the latest of today's times that has come; None before the first.

    A run that was missed in the morning is made up the same day and never on another. Whoever
    presses 立即运行 early has today's first one at once.
    """
    state = db.session.get(JobState, name)
    schedule = schedule.as_set(state.schedule) if state is not None else schedule
    today = [at_office(now.date(), time) for time in schedule.times]
    past = [at for at in today if at <= now]
    if past:
        return past[-1]
    return today[0] if state is not None and _is_asked(state) else None


def _is_asked(state: JobState) -> bool:
    if state.asked_at is None:
        return False
    return state.last_run_at is None or state.asked_at > state.last_run_at


def works_on(day: dt.date, calendar: WorkCalendar) -> bool:
    """Return whether the site works that day; a day beyond its calendar is none."""
    return calendar.first <= day <= calendar.last and calendar.is_workday(day)


def open_sites() -> list[Site]:
    """Return the sites in use, in the office's order."""
    query = select(Site).where(Site.is_active.is_(True)).order_by(Site.sort_order, Site.id)
    return list(db.session.execute(query).scalars())


def working_sites(day: dt.date) -> Iterator[tuple[Site, WorkCalendar]]:
    """Yield the sites that work on a day; one whose hours contradict themselves is left out."""
    for site in open_sites():
        try:
            calendar = calendar_of(site.id)
        except CalendarError:
            log.warning("site %s has no working calendar", site.id)
            continue
        if works_on(day, calendar):
            yield site, calendar


def each_site(work: Callable[[Site, WorkCalendar], int], *, unit: str) -> JobResult:
    """Do the work of every site; one that fails leaves nothing and stops no other.

    `unit` is how the note counts what was done (封, 人次).
    """
    done, failed = 0, []
    for site in open_sites():
        name = site.name
        try:
            with db.session.begin_nested():
                done += work(site, calendar_of(site.id))
        except Exception:
            log.exception("site %s failed", name)
            failed.append(name)
    note = f"发出{done}{unit}"
    if failed:
        note += f"，未完成：{'、'.join(failed)}"
    return JobResult(done=done, failed=len(failed), note=note)


def work_page() -> str:
    """Return the address of the page a summary leads to: everybody's own work."""
    return f"{current_app.config['SETTINGS'].address}/"
