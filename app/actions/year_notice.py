"""节假日安排 of a year entered by hand, for a year the official source does not know yet."""

import datetime as dt

from app.actions.calendars import publish_year
from app.domain.calendar_parts import DayKind
from app.domain.notice_text import NoticeDay, read_notice
from app.domain.refusals import Code, Refusal
from app.models import Account
from app.official import official_days

SATURDAY = 5


def publish_notice(*, year: int, text: str, notice_no: str, by: Account, now: dt.datetime) -> int:
    """Publish a year from the words of its notice; returns the number of cases recomputed.

    Refused whole: an unreadable line, a day both off and worked, a make-up day that is no
    weekend day, a statutory holiday that falls on a weekday and is not off.
    """
    days = read_notice(text, year)
    statutory = _statutory(year)
    off = {day.on for day in days if day.is_off}
    for day in days:
        if not day.is_off and day.on.weekday() < SATURDAY:
            raise Refusal(Code.NOTICE_CONTRADICTORY, field="text", day=day.on)
    missing = [on for on in statutory if on.weekday() < SATURDAY and on not in off]
    if missing:
        raise Refusal(Code.NOTICE_INCOMPLETE, field="text", day=missing[0])
    return publish_year(
        year=year,
        days=[(day.on, _kind(day, statutory), day.name) for day in days],
        notice_no=notice_no,
        by=by,
        now=now,
    )


def _statutory(year: int) -> dict[dt.date, str]:
    """Return the statutory days of the year, which the law names whatever the notice says."""
    return {d.on: d.name for d in official_days(year, year) if d.kind is DayKind.HOLIDAY}


def _kind(day: NoticeDay, statutory: dict[dt.date, str]) -> DayKind:
    if not day.is_off:
        return DayKind.SWAPPED_ON
    return DayKind.HOLIDAY if day.on in statutory else DayKind.SWAPPED_OFF
