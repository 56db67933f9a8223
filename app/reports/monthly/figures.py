"""The numbers of 月度通报: counted once, for docx, xlsx and the page alike.

The office's own count, whoever reads it: a report of the month says the same to everybody. It
names units, items and grounds; nobody who reported anything can be told from it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.domain.indicators import CATALOGUE, Value
from app.domain.words import word
from app.extensions import db
from app.models import DictEntry, Site, Unit
from app.reports.indicators import by_month, by_unit, values
from app.reports.monthly.problems import Problem, marked_items, problems
from app.reports.monthly.words_left_out import nameless_items
from app.reports.period import Period, last_months, month_of, named
from app.reports.rankings import frequencies, places
from app.reports.scope import Scope

RANKED_BY = "ontime_rate"
UNIT_COLUMNS = ("accept_cnt", "sign_rate", "response_rate", "ontime_rate", "overdue_rate",
                "achieved_rate", "satisfy_rate", "return_rate")  # fmt: skip
TREND = ("accept_cnt", "ontime_rate", "achieved_rate", "satisfy_rate")
MONTHS = 12
NOT_FILLED_IN = "未填写"


@dataclass(frozen=True)
class UnitLine:
    """A line of 各窗口（科室）办理情况表; `rank` is None where nothing was due."""

    rank: int | None
    name: str
    values: dict[str, Value]
    unit_id: int = 0


@dataclass(frozen=True)
class Monthly:
    """All that the report of a month says."""

    site: Site | None
    period: Period
    values: dict[str, Value]
    before: dict[str, Value]
    categories: list[tuple[str, int]]
    sources: list[tuple[str, int]]
    causes: list[tuple[str, int]]
    items: list[tuple[str, int]]
    units: list[UnitLine]
    problems: list[Problem]
    common_items: list[str]
    typical_items: list[str]
    trend: list[tuple[Period, dict[str, Value]]]

    @property
    def is_running(self) -> bool:
        """Whether the month is not over yet."""
        return self.period.now < self.period.end

    @property
    def month_word(self) -> str:
        """Return 2026年10月."""
        return f"{self.period.start.year}年{self.period.start.month}月"

    @property
    def office(self) -> str:
        """Return who issues it; a gap for the hand where the sites have no name in common."""
        if self.site is None:
            return ""
        return self.site.office_name or self.site.name

    @property
    def file_name(self) -> str:
        """Return the name of its files, without the ending."""
        return f"{self.month_word}“办不成事”反映窗口情况通报"


def month_named(name: str, *, now: dt.datetime) -> Period:
    """Return the month 2026-10 as seen at `now`; ValueError for another name or a month to come."""
    period = named(name, now=now)
    if period.months != 1 or period.start > now:
        raise ValueError(name)
    return period


def months_to_choose(now: dt.datetime, count: int) -> list[Period]:
    """Return the running month and those before it, the newest first."""
    return [month_of(now).shifted(-back) for back in range(count)]


def gather(*, site: Site | None, period: Period) -> Monthly:
    """Return the numbers of a month; a fixed number of statements, however many cases there are."""
    scope = Scope(site.id if site else None)
    periods = last_months(period, MONTHS)
    series = by_month(TREND, periods=periods, scope=scope)
    last = period.shifted(-1)
    return Monthly(
        site=site,
        period=period,
        values=values(CATALOGUE, period=period, scope=scope),
        before=values(CATALOGUE, period=last, scope=scope),
        categories=_worded("category", period, scope),
        sources=_worded("source", period, scope),
        causes=_causes(period, scope),
        items=nameless_items(period, scope),
        units=_units(period, scope),
        problems=problems(period, scope),
        common_items=marked_items("common", period, scope),
        typical_items=marked_items("typical", period, scope),
        trend=[(p, {key: series[key][i] for key in TREND}) for i, p in enumerate(periods)],
    )


def _worded(name: str, period: Period, scope: Scope) -> list[tuple[str, int]]:
    found = frequencies(name, period=period, scope=scope)
    return [(word(fact) if fact else NOT_FILLED_IN, n) for fact, n in found]


def _causes(period: Period, scope: Scope) -> list[tuple[str, int]]:
    found: Sequence[tuple[Any, int]] = frequencies("cause", period=period, scope=scope)
    wanted = [fact for fact, _n in found if fact is not None]
    query = select(DictEntry).where(DictEntry.id.in_(wanted)).options(joinedload(DictEntry.parent))
    names = {entry.id: entry.full_name for entry in db.session.scalars(query)}
    return [(names.get(fact, NOT_FILLED_IN), n) for fact, n in found]


def _units(period: Period, scope: Scope) -> list[UnitLine]:
    """Return the units that had anything to do, from the best to the worst by 按时办结率."""
    found = by_unit(UNIT_COLUMNS, period=period, scope=scope)
    active = {unit: row for unit, row in found.items() if any(v.n or v.d for v in row.values())}
    query = select(Unit).where(Unit.id.in_(active)).order_by(Unit.sort_order, Unit.id)
    units = {unit.id: unit for unit in db.session.scalars(query)}
    order = list(units)
    placed = {p.unit_id: p.rank for p in places(RANKED_BY, active)}
    sites = {unit.site_id for unit in units.values()}
    names = {
        key: unit.name if len(sites) == 1 else f"{unit.name}（{unit.site.name}）"
        for key, unit in units.items()
    }
    last = len(order) + 1
    keys = sorted(order, key=lambda key: (placed.get(key) or last, order.index(key)))
    return [UnitLine(placed.get(key), names[key], active[key], key) for key in keys]
