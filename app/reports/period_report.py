"""周报、月报: the figures of a past week or month as one person sees them, and their ledger."""

import datetime as dt
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.actions.visibility import visible_cases, visible_slips
from app.domain.calendar_parts import at_office
from app.domain.workdays import WorkCalendar
from app.extensions import db
from app.models import Account, Case, Site, Slip
from app.reports.figures import COHORTS, Figure, Period, count
from app.reports.ledger_xlsx import ledger_xlsx
from app.reports.mail_words import FIGURE_WORDS

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)
NOTHING = "—"
CHUNK = 500


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
        .order_by(Case.ledger_no, Case.id)
    )
    return tuple(db.session.execute(query).scalars())


def ledger_of(ids: Sequence[int], *, site: Site, period: Period) -> bytes:
    """Return the workbook of these cases."""
    words = period_words(period)
    note = f"单位：{site.office_name or site.name}　登记日期：{words}"
    return ledger_xlsx(_cases(ids), title=f"{site.name}“办不成事”反映窗口问题台账", note=note)


def _cases(ids: Sequence[int]) -> Iterator[Case]:
    loaded = (
        joinedload(Case.lead_unit), joinedload(Case.registered_by), joinedload(Case.confirmed_by),
        selectinload(Case.slips).joinedload(Slip.unit),
    )  # fmt: skip
    for start in range(0, len(ids), CHUNK):
        query = select(Case).where(Case.id.in_(ids[start : start + CHUNK])).options(*loaded)
        rows = {case.id: case for case in db.session.execute(query).unique().scalars()}
        yield from (rows[key] for key in ids[start : start + CHUNK])
