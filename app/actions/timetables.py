"""办公时间: saved or taken away as a whole with everything that follows, or refused as a whole."""

import datetime as dt
from collections.abc import Mapping

from app.actions import org
from app.actions.calendars import timetable_changed
from app.domain.calendar_parts import CalendarError
from app.models import Account, Timetable


def save_timetable(
    record: Timetable, values: Mapping[str, object], *, by: Account, now: dt.datetime
) -> int:
    """Save hours and recompute the site's open cases; returns how many due times changed."""
    org.save(record, values, by=by, now=now)
    return _followed(record.site_id, by=by, now=now)


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
