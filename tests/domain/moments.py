"""Times as an office writes them, with the weekday word that proves the row was not mistyped."""

import datetime as dt
import re

ZONE = dt.timezone(dt.timedelta(hours=8))
WEEKDAYS = "一二三四五六日"


def day(text: str) -> dt.date:
    """Return the date of `2026-10-10 周六`."""
    date, word = text.split()
    found = dt.date.fromisoformat(date)
    assert word == f"周{WEEKDAYS[found.weekday()]}", f"{date} is not {word}"
    return found


def at(text: str) -> dt.datetime:
    """Return the instant of `2026-10-10 周六 17:00` (seconds optional), in China's time."""
    date, word, time = text.split()
    moment = dt.time.fromisoformat(time)
    return dt.datetime.combine(day(f"{date} {word}"), moment, ZONE)


def rows(table: str) -> list[list[str]]:
    """Return the cells of each line of a table drawn with bars; lines from `#` on are remarks."""
    lines = (re.sub(r"#.*", "", line).strip() for line in table.strip().splitlines())
    return [[cell.strip() for cell in line.split("|")] for line in lines if line]
