"""办公时间: saved or taken away as a whole with everything that follows, or refused as a whole."""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import select

from app.actions import org
from app.actions.calendars import timetable_changed
from app.domain.calendar_parts import CalendarError
from app.extensions import db
from app.models import Account, Timetable


def save_timetable(
    record: Timetable,
    values: Mapping[str, object],
    *,
    ends_previous: bool = False,
    by: Account,
    now: dt.datetime,
) -> int:
    """Save hours and recompute the site's open cases; returns how many due times changed.

    With `ends_previous` the hours in force until then end the day before: a new season in one
    step, because neither half of it alone leaves a calendar that due times can be computed on.
    """
    put_timetable(record, values, ends_previous=ends_previous, by=by, now=now)
    return _followed(record.site_id, by=by, now=now)


def put_timetable(
    record: Timetable,
    values: Mapping[str, object],
    *,
    ends_previous: bool,
    by: Account,
    now: dt.datetime,
) -> None:
    """Write hours down as one of several: `timetable_changed` must follow the last of them."""
    org.save(record, values, by=by, now=now)
    if ends_previous:
        _end_before(record)


def _end_before(new: Timetable) -> None:
    previous = db.session.execute(
        select(Timetable).where(
            Timetable.site_id == new.site_id,
            Timetable.valid_from < new.valid_from,
            Timetable.valid_to.is_(None) | (Timetable.valid_to >= new.valid_from),
        )
    ).scalars()
    for row in previous:
        row.valid_to = new.valid_from - dt.timedelta(days=1)


def remove_timetable(record: Timetable, *, by: Account, now: dt.datetime) -> int:
    """Take hours away; refused when a working day would be left without."""
    site_id = record.site_id
    org.remove(record, by=by, now=now)
    return _followed(site_id, by=by, now=now)


def _followed(site_id: int, *, by: Account, now: dt.datetime) -> int:
    try:
        return timetable_changed(site_id=site_id, by=by, now=now)
    except CalendarError as error:
        error.facts.setdefault("field", "valid_from")
        raise
