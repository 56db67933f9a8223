"""Dates and times as a person types them: 2026-10-15, 20261015, 2026年10月15日 17:00, 1700."""

import datetime as dt
import re
import unicodedata

from app.clock import OFFICE_ZONE

_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"(\d{1,2}):(\d{1,2})(?::\d{1,2}(?:\.\d+)?)?|(\d{2})(\d{2})")


def _plain(text: str) -> str:
    """Return full-width and Chinese forms as the plain one: 2026-10-15 17:00."""
    text = unicodedata.normalize("NFKC", text).strip()
    text = re.sub(r"\s*[年月/.]\s*", "-", text)
    text = re.sub(r"\s*[时点]\s*", ":", text.replace("日", " "))
    return re.sub(r"\s+", " ", text.replace("T", " ").replace("分", "")).strip()


def read_date(text: str) -> dt.date:
    """Return the date; ValueError if there is none."""
    match = _DATE.fullmatch(_plain(text))
    if not match:
        raise ValueError(text)
    year, month, day = (int(part) for part in match.groups() if part is not None)
    return dt.date(year, month, day)


def read_time(text: str) -> dt.time:
    """Return the time of day without seconds; ValueError if there is none."""
    match = _TIME.fullmatch(_plain(text))
    if not match:
        raise ValueError(text)
    hour, minute = (int(part) for part in match.groups() if part is not None)
    return dt.time(hour, minute)


def read_moment(text: str) -> dt.datetime:
    """Return an aware time of the office; ValueError if date or time is missing."""
    day, _, time = _plain(text).partition(" ")
    return dt.datetime.combine(read_date(day), read_time(time), tzinfo=OFFICE_ZONE)
