"""Months and weeks of an address: which one is asked for, its days, and its neighbours."""

import datetime as dt

from flask import abort, request

from app.clock import today

FIRST = dt.date(2019, 1, 1)
YEARS_AHEAD = 2


def asked_month() -> dt.date:
    """Return the first day of the month in the address (2026-11), else of this month."""
    text = request.args.get("month", "")
    try:
        month = dt.date.fromisoformat(f"{text}-01") if text else today().replace(day=1)
    except ValueError:
        abort(404)
    return _near(month)


def asked_day() -> dt.date:
    """Return the day in the address (2026-11-16), else today."""
    text = request.args.get("day", "")
    try:
        return _near(dt.date.fromisoformat(text) if text else today())
    except ValueError:
        abort(404)


def _near(day: dt.date) -> dt.date:
    return day if day >= FIRST and day.year <= today().year + YEARS_AHEAD else abort(404)


def monday_of(day: dt.date) -> dt.date:
    """Return the Monday of the day's week."""
    return day - dt.timedelta(days=day.weekday())


def days_of_month(month: dt.date) -> list[dt.date]:
    """Return every day of the month."""
    days = (month + dt.timedelta(days=n) for n in range(31))
    return [day for day in days if day.month == month.month]


def next_month(month: dt.date) -> dt.date:
    """Return the first day of the month after."""
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def earlier_month(month: dt.date) -> dt.date:
    """Return the first day of the month before."""
    return (month.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
