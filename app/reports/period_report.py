"""周报、月报: the figures of a past week or month as one person sees them, and their ledger."""

import datetime as dt
import io
from collections.abc import Sequence

from sqlalchemy import select

from app.actions.visibility import visible_cases, visible_slips
from app.domain.calendar_parts import at_office
from app.domain.workdays import WorkCalendar
from app.extensions import db
from app.models import Account, Case, Site, Slip
from app.reports.figures import COHORTS, Figure, Period, count
from app.reports.ledger_cells import Entry, Reader, cells
from app.reports.ledger_rows import ORDER, ledger_rows
from app.reports.ledger_xlsx import Heading, write_ledger
from app.reports.mail_words import FIGURE_WORDS

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)
NOTHING = "—"
SHEET = "问题台账"
# Names and phones are masked and nobody's words leave the system: a mail is read anywhere.
READER = Reader(withheld="（见系统）", is_outside=True)


def past_week(calendar: WorkCalendar, now: dt.datetime) -> Period:
    """Return the last calendar week; after weeks without a working day, these too."""
    monday = now.date() - now.weekday() * DAY
    first = monday - WEEK
    while first > calendar.first and not calendar.count_workdays(first - DAY, first + 6 * DAY):
        first -= WEEK
    return _period(first, monday, now)


def past_month(_calendar: WorkCalendar, now: dt.datetime) -> Period:
    """Return the last calendar month."""
    first = now.date().replace(day=1)
    return _period((first - DAY).replace(day=1), first, now)


def _period(first: dt.date, end: dt.date, now: dt.datetime) -> Period:
    return Period(at_office(first, dt.time()), at_office(end, dt.time()), now)


def period_words(period: Period) -> str:
    """Return 2026年9月 for a whole month, else 2026年10月5日至10月11日."""
    first, last = period.start.date(), (period.end - DAY).date()
    if first.day == 1 and (last + DAY).day == 1:
        return f"{first.year}年{first.month}月"
    year = f"{last.year}年" if last.year != first.year else ""
    return f"{first.year}年{first.month}月{first.day}日至{year}{last.month}月{last.day}日"


def figures_of(person: Account, *, site: Site, period: Period) -> list[Figure]:
    """Return the five figures over what the person sees of the site; five statements."""
    cases = visible_cases(person) & (Case.site_id == site.id)
    slips = visible_slips(person) & (Slip.site_id == site.id)
    scopes = {Case: cases, Slip: slips}
    return [count(key, period=period, scope=scopes[COHORTS[key].rows]) for key in COHORTS]


def figure_lines(figures: Sequence[Figure]) -> list[str]:
    """Return 按时办结率：11/12（91.67%）, and a dash where nothing was to be counted."""
    return [f"{FIGURE_WORDS[figure.key]}：{_value(figure)}" for figure in figures]


def _value(figure: Figure) -> str:
    if figure.d is None:
        return f"{figure.n}件"
    return f"{figure.n}/{figure.d}（{figure.rate}）" if figure.d else NOTHING


def ledger_ids(person: Account, *, site: Site, period: Period) -> tuple[int, ...]:
    """Return the person's cases with a ledger number registered in the period, by number."""
    query = (
        select(Case.id)
        .where(
            visible_cases(person),
            Case.site_id == site.id,
            Case.ledger_no.is_not(None),
            period.holds(Case.registered_at),
        )
        .order_by(*ORDER)
    )
    return tuple(db.session.execute(query).scalars())


def ledger_of(ids: Sequence[int], *, site: Site, period: Period) -> bytes:
    """Return the workbook of these cases as it may leave by mail: for anybody's eyes."""
    top = Heading(
        SHEET, f"{site.name}“办不成事”反映窗口问题台账", site.office_name or site.name, period.now,
        more=f"登记日期：{period_words(period)}",
    )  # fmt: skip
    rows = ledger_rows(db.session.connection(), ids)
    target = io.BytesIO()
    write_ledger(target, (cells(Entry(row, READER)) for row in rows), top)
    return target.getvalue()
