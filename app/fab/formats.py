"""How values read on a page: dates, times, yes and no, names; also as Jinja filters."""

import datetime as dt
import enum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.clock import OFFICE_ZONE

WEEKDAYS = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))
NOTHING = "—"


def local(value: dt.datetime) -> dt.datetime:
    """Return an aware time in the office's zone; a naive one is taken as office time."""
    return value.astimezone(OFFICE_ZONE) if value.tzinfo else value.replace(tzinfo=OFFICE_ZONE)


def weekday_zh(value: dt.date) -> str:
    """Return the weekday's word of a date or time."""
    day = local(value) if isinstance(value, dt.datetime) else value
    return str(WEEKDAYS[day.weekday()])


def date_zh(value: dt.date | None, weekday: bool = False) -> str:
    """Return 2026-10-15, with the weekday if asked; times are read in the office's zone."""
    if value is None:
        return NOTHING
    day = local(value) if isinstance(value, dt.datetime) else value
    text = day.strftime("%Y-%m-%d")
    return f"{text} {weekday_zh(day)}" if weekday else text


def datetime_zh(value: dt.datetime | None, weekday: bool = False) -> str:
    """Return 2026-10-15 17:00, with the weekday between date and hour if asked."""
    if value is None:
        return NOTHING
    return f"{date_zh(value, weekday)} {time_zh(value)}"


def time_zh(value: dt.datetime | dt.time | None) -> str:
    """Return 17:00 on the 24-hour clock, without seconds."""
    if value is None:
        return NOTHING
    return (local(value) if isinstance(value, dt.datetime) else value).strftime("%H:%M")


def yes_no(value: object) -> str:
    """Return the word for a truth value; nothing known is a dash."""
    if value is None:
        return NOTHING
    return _("Yes") if value else _("No")


def person_name(user: Any) -> str:
    """Return family and given name without a space, as Chinese names are written."""
    if user is None:
        return NOTHING
    return f"{getattr(user, 'last_name', '') or ''}{getattr(user, 'first_name', '') or ''}"


def display(value: Any) -> Any:
    """Return any value as a person reads it; markup passes through."""
    if isinstance(value, Markup):
        return value
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, dt.datetime):
        return datetime_zh(value)
    if isinstance(value, dt.date):
        return date_zh(value)
    if isinstance(value, dt.time):
        return time_zh(value)
    return _display_other(value)


def _display_other(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, list | tuple | set):
        return "、".join(str(display(part)) for part in value) or NOTHING
    if hasattr(value, "first_name") and hasattr(value, "username"):
        return person_name(value)
    return value


JINJA_FILTERS = {
    "date_zh": date_zh,
    "datetime_zh": datetime_zh,
    "time_zh": time_zh,
    "weekday_zh": weekday_zh,
    "yes_no": yes_no,
    "person_name": person_name,
    "display": display,
}
