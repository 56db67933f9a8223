"""The only reader of time: the office's clock is Asia/Shanghai, whatever the server's zone."""

import datetime as dt
from zoneinfo import ZoneInfo

OFFICE_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> dt.datetime:
    """Return this instant as an aware time of the office."""
    return dt.datetime.now(OFFICE_ZONE)


def today() -> dt.date:
    """Return the office's date now."""
    return now().date()
