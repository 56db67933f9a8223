"""How fast due times are computed, beside the `holidays` library's own count and numpy's."""

import datetime as dt
import io
import random
import time
from collections.abc import Callable

import holidays
import numpy as np

from app.cli.calendar import _due_cells
from app.csv_filter import answer_rows
from app.domain.deadlines import due_at
from app.domain.workdays import OFFICE_ZONE
from app.official import default_calendar

MANY = 1_000_000
SOME = 50_000  # enough to know the rate of what is slow
FIRST = dt.datetime(2019, 1, 1, tzinfo=OFFICE_ZONE)
MINUTES = 8 * 365 * 1440 - 60 * 1440  # until the autumn of 2026
COLUMNS = ("start", "days", "extension")
RESULTS = ("due", "extended_due", "provisional", "extended_provisional")


def timed(name: str, count: int, work: Callable[[], object]) -> float:
    """Run `work` once, print its time and return how many a second it did."""
    started = time.perf_counter()
    work()
    spent = time.perf_counter() - started
    print(f"{name:<46}{count:>10,} in {spent:6.2f} s {count / spent:>12,.0f}/s")
    return count / spent


def main() -> None:
    """Print the rates and their ratios; the dates of all must agree."""
    chance = random.Random(2026)
    starts = [FIRST + dt.timedelta(minutes=chance.randrange(MINUTES)) for _ in range(MANY)]
    limits = [chance.choice((0, 1, 3)) for _ in range(MANY)]
    began = time.perf_counter()
    calendar = default_calendar()
    print(f"calendar of 99 years built in {time.perf_counter() - began:.2f} s")

    ours = timed(
        "due_at: 立即, 1 and 3 working days",
        MANY,
        lambda: all(due_at(calendar, at, days).at for at, days in zip(starts, limits, strict=True)),
    )
    days = [at.date() for at in starts]
    found: list[dt.date] = []
    count = timed(
        "next_workday: the 3rd working day after",
        MANY,
        lambda: found.extend(calendar.next_workday(day, 3) for day in days),
    )
    by_command(starts, limits)
    library = by_library(days, found)
    one, many = by_numpy(days, found)
    for name, rate in (("due_at", ours), ("next_workday", count)):
        print(
            f"{name}: {rate / library:.2f} × holidays, {rate / one:.2f} × numpy one by one,"
            f" {rate / many:.2f} × numpy's array"
        )


def by_command(starts: list[dt.datetime], limits: list[int]) -> None:
    """Measure the calculator: rows of CSV read, computed and written."""
    lines = (
        f"{number},{at.isoformat()},{days},3\n"
        for number, (at, days) in enumerate(zip(starts, limits, strict=True))
    )
    source = io.BytesIO(("id,start,days,extension\n" + "".join(lines)).encode())
    timed(
        "calendar due: rows of CSV, due and extended",
        MANY,
        lambda: answer_rows(source, io.BytesIO(), COLUMNS, RESULTS, _due_cells),
    )


def by_library(days: list[dt.date], expected: list[dt.date]) -> float:
    """Measure `holidays`' get_nth_working_day."""
    china = holidays.country_holidays("CN", years=range(2018, 2028))
    found: list[dt.date] = []
    rate = timed(
        "holidays: get_nth_working_day",
        SOME,
        lambda: found.extend(china.get_nth_working_day(day, 3) for day in days[:SOME]),
    )
    assert found == expected[:SOME]
    return rate


def by_numpy(days: list[dt.date], expected: list[dt.date]) -> tuple[float, float]:
    """Measure numpy, given a week of seven days and every day off: one by one, and all at once."""
    calendar = default_calendar()
    every = np.arange("2018-12-01", "2027-03-01", dtype="datetime64[D]").astype(dt.date)
    off = [day for day in every if not calendar.is_workday(day)]
    business = np.busdaycalendar(weekmask="1111111", holidays=np.array(off, "datetime64[D]"))
    array = np.array(days, "datetime64[D]")

    def offset(start: object) -> np.ndarray:
        return np.busday_offset(start, 3, roll="backward", busdaycal=business)

    single = timed("numpy: one by one", SOME, lambda: [offset(day) for day in array[:SOME]])
    found: list[np.ndarray] = []
    whole = timed("numpy: an array at once", MANY, lambda: found.append(offset(array)))
    assert (found[0] == np.array(expected, "datetime64[D]")).all()
    return single, whole


if __name__ == "__main__":
    main()
