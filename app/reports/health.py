"""What an administrator must know: calendar years, hours, holes in the rosters."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select, text

from app.actions.restores import ABOUT
from app.domain.audit import AuditAction
from app.domain.workdays import WorkCalendar
from app.extensions import db
from app.models import AuditEntry, CalendarYear, Timetable
from app.reports.duty import roster_holes

HOLE_DAYS = 5


@dataclass(frozen=True)
class YearState:
    """Whether a year's holidays are published, and by which notice."""

    year: int
    is_published: bool
    notice_no: str = ""


def calendar_years(today: dt.date) -> list[YearState]:
    """Return last year, this year and the next."""
    years = range(today.year - 1, today.year + 2)
    rows = db.session.execute(select(CalendarYear).where(CalendarYear.year.in_(years))).scalars()
    held = {row.year: row for row in rows}
    return [
        YearState(year, held[year].is_published, held[year].notice_no)
        if year in held
        else YearState(year, is_published=False)
        for year in years
    ]


def holes_ahead(
    *, site_id: int, calendar: WorkCalendar, today: dt.date
) -> list[tuple[dt.date, list[str]]]:
    """Return what is not on the rosters of the next five working days: “leader”, “am”, “pm”."""
    days: list[dt.date] = []
    day = today - dt.timedelta(days=1)
    while len(days) < HOLE_DAYS and calendar.first <= day < calendar.last:
        day = calendar.next_workday(day)
        days.append(day)
    found = ((day, roster_holes(site_id=site_id, day=day)) for day in days)
    return [(day, holes) for day, holes in found if holes]


def hours_end(site_id: int) -> dt.date | None:
    """Return the last day with business hours; None when the last timetable has no end."""
    ends = db.session.execute(
        select(Timetable.valid_to).where(Timetable.site_id == site_id)
    ).scalars()
    known = [end for end in ends]
    return None if None in known else max((end for end in known if end), default=None)


def last_check(name: str) -> AuditEntry | None:
    """Return the latest entry of the log that says a backup was read again."""
    query = (
        select(AuditEntry)
        .where(
            AuditEntry.object_type == ABOUT,
            AuditEntry.object_id == name[:40],
            AuditEntry.action == AuditAction.BACKUP_CHECKED,
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    return db.session.execute(query).scalar_one_or_none()


def schema_version() -> str:
    """Return the migration the database stands at."""
    return str(db.session.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
