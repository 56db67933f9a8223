"""The working calendar of a site, read from its records; and what people change in it."""

import datetime as dt
from contextlib import suppress
from functools import lru_cache

from sqlalchemy import select

from app.actions.recompute import recompute_open_cases
from app.actions.watch import look_again
from app.domain.calendar_parts import CalendarError, CalendarProblem, DayKind, Override, Span
from app.domain.calendar_parts import OfficialDay as DayValue
from app.domain.calendar_parts import Timetable as TimetableValue
from app.domain.refusals import Code, Refusal
from app.domain.workdays import WorkCalendar
from app.extensions import db
from app.models import (
    Account,
    CalendarYear,
    DayOverride,
    OfficialDay,
    Setting,
    Site,
    Timetable,
)
from app.official import PUBLISHED_YEARS, notice_of, official_days

STAMP = "calendar_stamp"


def calendar_of(site_id: int) -> WorkCalendar:
    """Return the calendar of a site; laid out once per change of the records (one statement)."""
    stamp = db.session.execute(
        select(Setting.text).where(Setting.name == STAMP)
    ).scalar_one_or_none()
    return _laid_out(str(db.session.get_bind().engine.url), site_id, stamp or "")


def hold_calendar() -> None:
    """Let nobody change a calendar until this unit of work ends; to be taken before any case.

    Whoever changes one waits for the moves that reckon with the old days, and moves that come
    later read the new ones: no due time is left behind.
    """
    query = select(Setting.name).where(Setting.name == STAMP)
    db.session.execute(query.with_for_update(read=True))


def site_calendars() -> list[WorkCalendar]:
    """Return the calendar of every site in use; one that contradicts itself is left out."""
    found = []
    for site_id in db.session.execute(
        select(Site.id).where(Site.is_active.is_(True)).order_by(Site.sort_order, Site.id)
    ).scalars():
        with suppress(CalendarError):
            found.append(calendar_of(site_id))
    return found


@lru_cache(maxsize=64)
def _laid_out(_database: str, site_id: int, _stamp: str) -> WorkCalendar:
    return read_calendar(site_id)


def read_calendar(site_id: int) -> WorkCalendar:
    """Return the calendar from the records as they stand; CalendarError if they contradict."""
    return WorkCalendar(
        official_days=_official_values(),
        published_years=frozenset(
            db.session.execute(
                select(CalendarYear.year).where(CalendarYear.is_published.is_(True))
            ).scalars()
        ),
        timetables=tuple(_timetable_value(t) for t in _timetables(site_id)),
        overrides=tuple(
            Override(o.day, o.kind, o.note)
            for o in db.session.execute(
                select(DayOverride).where(DayOverride.site_id == site_id).order_by(DayOverride.day)
            ).scalars()
        ),
    )


def _official_values() -> tuple[DayValue, ...]:
    """Return the stored days; a year nobody has touched keeps the library's statutory days."""
    stored = db.session.execute(select(OfficialDay).order_by(OfficialDay.day)).scalars().all()
    years = set(db.session.execute(select(CalendarYear.year)).scalars())
    untouched = [d for d in official_days() if d.on.year not in years]
    return tuple(sorted([*(DayValue(d.day, d.kind, d.name) for d in stored), *untouched]))


def _timetables(site_id: int) -> list[Timetable]:
    rows = db.session.execute(
        select(Timetable).where(Timetable.site_id == site_id).order_by(Timetable.valid_from)
    ).scalars()
    return list(rows)


def _timetable_value(row: Timetable) -> TimetableValue:
    if any((a is None) != (b is None) for a, b in _halves(row)):
        raise CalendarError(CalendarProblem.SPANS_INVALID, field="am_start")
    spans: tuple[Span, ...] = tuple(
        (a, b) for a, b in _halves(row) if a is not None and b is not None
    )
    weekdays = frozenset(int(x) - 1 for x in row.weekdays)
    return TimetableValue(spans, row.valid_from, row.valid_to, weekdays)


def _halves(row: Timetable) -> tuple[tuple[dt.time | None, dt.time | None], ...]:
    return ((row.am_start, row.am_end), (row.pm_start, row.pm_end))


def _changed(*, by: Account, now: dt.datetime, why: str, site_ids: list[int]) -> int:
    """Refuse a calendar that contradicts itself; else recompute open cases and return how many."""
    db.session.flush()
    # See hold_calendar: from here on every move waits for the new days.
    stamp = db.session.get(Setting, STAMP, with_for_update=True, populate_existing=True)
    calendars = {site_id: read_calendar(site_id) for site_id in site_ids}
    text = "/".join(f"{s}:{c.version[:12]}" for s, c in sorted(calendars.items()))
    text = f"{now.isoformat()} {text}"[:200]
    if stamp:
        stamp.text = text
    else:
        db.session.add(Setting(name=STAMP, text=text))
    for site_id in site_ids:
        look_again(now=now, site_id=site_id)
    return sum(
        recompute_open_cases(site_id=s, calendar=c, by=by, now=now, why=why)
        for s, c in calendars.items()
    )


def _all_sites() -> list[int]:
    rows = db.session.execute(select(Timetable.site_id).distinct()).scalars()
    return sorted(rows)


def import_year(*, year: int, by: Account, now: dt.datetime) -> int:
    """Store a published year from the official source; return the number of cases recomputed.

    Refuses a year whose notice the source does not know (D-29: nothing is invented).
    """
    if year not in PUBLISHED_YEARS:
        raise Refusal(Code.NOT_FOUND, field="year", year=year)
    first, _ = _notice_days(year)
    days = [(d.on, d.kind, d.name) for d in official_days(year - 1, year) if d.on >= first]
    return publish_year(year=year, days=days, notice_no=notice_of(year), by=by, now=now)


def publish_year(
    *,
    year: int,
    days: list[tuple[dt.date, DayKind, str]],
    notice_no: str,
    by: Account,
    now: dt.datetime,
) -> int:
    """Replace the days a year's notice speaks of; return the number of cases recomputed."""
    if not notice_no.strip() and year >= 2019:
        raise Refusal(Code.NOTICE_NO_MISSING, field="notice_no")
    first, last = _notice_days(year)
    given = {day for day, _, _ in days}
    if any(not first <= day <= dt.date(year, 12, 31) for day in given):
        raise Refusal(Code.FIELD_INVALID, field="days")
    if len(given) != len(days):
        raise CalendarError(CalendarProblem.DAY_CONTRADICTORY, field="days")
    spoken_of = OfficialDay.day.between(first, last) | OfficialDay.day.in_(given)
    for gone in db.session.scalars(select(OfficialDay).where(spoken_of)):
        db.session.delete(gone)
    db.session.flush()  # gone before the same day is said anew
    row = db.session.get(CalendarYear, year) or CalendarYear(year=year)
    row.is_published, row.notice_no, row.imported_at = True, notice_no.strip(), now
    db.session.add(row)
    db.session.add_all(OfficialDay(day=d, kind=k, name=n) for d, k, n in days)
    why = f"{year}年节假日安排导入"
    return _changed(by=by, now=now, why=why, site_ids=_all_sites())


def _notice_days(year: int) -> tuple[dt.date, dt.date]:
    """Return the first and last day of a year's notice: 29–31 December belong to the next one."""
    return dt.date(year - 1, 12, 29), dt.date(year, 12, 28)


def set_override(
    *,
    site_id: int,
    day: dt.date,
    kind: DayKind | None,
    notice_no: str,
    note: str = "",
    by: Account,
    now: dt.datetime,
) -> int:
    """Set (or with `kind` None take back) a site's own day; return the cases recomputed.

    Refuses without the number of the notice behind it.
    """
    put_override(
        site_id=site_id, day=day, kind=kind, notice_no=notice_no, note=note, by=by, now=now
    )
    why = f"{day:%Y-%m-%d}工作日调整（{notice_no.strip()}）"
    return _changed(by=by, now=now, why=why, site_ids=[site_id])


def put_override(
    *,
    site_id: int,
    day: dt.date,
    kind: DayKind | None,
    notice_no: str,
    note: str,
    by: Account,
    now: dt.datetime,
) -> None:
    """Write a site's own day down as one of several: `overrides_changed` must follow the last."""
    if not notice_no.strip():
        raise Refusal(Code.NOTICE_NO_MISSING, field="notice_no")
    row = db.session.execute(
        select(DayOverride).where(DayOverride.site_id == site_id, DayOverride.day == day)
    ).scalar_one_or_none()
    if kind is None:
        if row is None:
            raise Refusal(Code.NOT_FOUND, field="day")
        db.session.delete(row)
    else:
        row = row or DayOverride(site_id=site_id, day=day)
        row.kind, row.notice_no, row.note = kind, notice_no.strip(), note.strip()
        row.set_by_id, row.set_at = by.id, now
        db.session.add(row)


def overrides_changed(*, site_id: int, by: Account, now: dt.datetime) -> int:
    """Check the site's own days after several were written, and recompute; refuses them whole."""
    return _changed(by=by, now=now, why="批量工作日调整", site_ids=[site_id])


def timetable_changed(*, site_id: int, by: Account, now: dt.datetime) -> int:
    """Check the site's timetables after an edit and recompute; refuses a contradiction whole."""
    return _changed(by=by, now=now, why="办公时间调整", site_ids=[site_id])
