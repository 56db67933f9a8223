"""The indicators of domain/2.3 counted: for a period, for each unit, month by month.

Indicators over the same rows share one statement, and none is sent for a case; what needs the
working calendar (签收, 响应, 时长, 带班) is fetched whole and judged outside. The list behind a
number is built from the very conditions that counted it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, func, literal, not_, select
from sqlalchemy.sql.elements import ColumnElement

from app.actions.calendars import calendar_of
from app.actions.office import load_rules
from app.domain.indicators import CATALOGUE, Kind, Value
from app.extensions import db
from app.reports.half_days import duty_values
from app.reports.measures import MEASURES, Counted, Timed
from app.reports.period import Condition, Period
from app.reports.scope import SITE_OF, UNIT_OF, Rows, Scope, counts_for_unit

DUTY = "duty_rate"
ALL_UNITS = None
Found = dict[int | None, dict[str, list[Value]]]
"""Unit (None for all of them) → indicator → a value for each period."""


def values(ids: Iterable[str], *, period: Period, scope: Scope) -> dict[str, Value]:
    """Return each indicator over the period; one that says nothing of a unit is left out."""
    found = _tally(ids, [period], scope, grouped=False)
    return {key: series[0] for key, series in found.get(ALL_UNITS, {}).items()}


def by_month(
    ids: Iterable[str], *, periods: Sequence[Period], scope: Scope
) -> dict[str, list[Value]]:
    """Return each indicator in each of the periods, which follow one another."""
    return _tally(ids, periods, scope, grouped=False).get(ALL_UNITS, {})


def by_unit(ids: Iterable[str], *, period: Period, scope: Scope) -> dict[int, dict[str, Value]]:
    """Return each indicator by 主办 unit; a unit without any row is absent."""
    found = _tally(ids, [period], scope, grouped=True)
    return {
        unit: {key: series[0] for key, series in row.items()}
        for unit, row in found.items()
        if unit is not None
    }


def _tally(ids: Iterable[str], periods: Sequence[Period], scope: Scope, *, grouped: bool) -> Found:
    one_unit = grouped or scope.unit_id is not None
    wanted = [key for key in ids if CATALOGUE[key].by_unit or not one_unit]
    found: Found = {}
    for measures in _cohorts(wanted):
        _count(measures, periods, scope, grouped, found)
    for key in wanted:
        if isinstance(measure := MEASURES.get(key), Timed):
            _judge(key, measure, periods, scope, grouped, found)
    if DUTY in wanted:
        found.setdefault(ALL_UNITS, {})[DUTY] = duty_values(periods, scope)
    return found


def _cohorts(keys: list[str]) -> list[dict[str, Counted]]:
    """Return the indicators that are counted over the same rows, together."""
    found: dict[Any, dict[str, Counted]] = {}
    for key in keys:
        if isinstance(measure := MEASURES.get(key), Counted):
            found.setdefault(measure.all, {})[key] = measure
    return list(found.values())


# -- counted by the database ----------------------------------------------------------------------


def _count(
    measures: dict[str, Counted],
    periods: Sequence[Period],
    scope: Scope,
    grouped: bool,
    found: Found,
) -> None:
    """Count indicators over the same rows; one statement."""
    first = next(iter(measures.values()))
    rows = first.rows
    columns = [column for m in measures.values() for p in periods for column in _pair(m, p, scope)]
    unit = UNIT_OF[rows].label("of_unit") if grouped else literal(None).label("of_unit")
    query = select(unit, *columns).select_from(rows)
    query = query.where(scope.of(rows), first.all(_whole(periods)))
    if grouped:
        query = query.where(UNIT_OF[rows].is_not(None), counts_for_unit(rows)).group_by("of_unit")
    for unit_id, *numbers in db.session.execute(query):
        pairs = iter(zip(numbers[::2], numbers[1::2], strict=True))
        row = found.setdefault(unit_id, {})
        for key in measures:
            row[key] = [_value(key, *next(pairs)) for _period in periods]


def _whole(periods: Sequence[Period]) -> Period:
    return Period(periods[0].start, periods[-1].end, periods[0].now)


def _pair(measure: Counted, period: Period, scope: Scope) -> Iterator[ColumnElement[Any]]:
    """Yield the columns of n and d."""
    all_ = measure.all(period)
    if measure.amount is not None:
        yield _sum(all_, measure.amount)
    else:
        yield _sum(measure.hit(period) if measure.hit else all_)
    if measure.beside is None or measure.beside_all is None:
        yield _sum(all_)
        return
    beside = select(func.count()).select_from(measure.beside)
    beside = beside.where(scope.of(measure.beside), measure.beside_all(period))
    yield _sum(all_) + beside.scalar_subquery()


def _sum(condition: Condition, amount: Any = 1) -> ColumnElement[Any]:
    return func.coalesce(func.sum(case((condition, amount), else_=0)), 0)


def _value(key: str, n: int, d: int) -> Value:
    return Value(int(n)) if CATALOGUE[key].kind is Kind.COUNT else Value(int(n), int(d))


# -- judged on the office's clock -----------------------------------------------------------------


def _judge(
    key: str,
    measure: Timed,
    periods: Sequence[Period],
    scope: Scope,
    grouped: bool,
    found: Found,
) -> None:
    """Judge the rows of an indicator; one statement."""
    parts: dict[int | None, list[list[int]]] = {}
    for row, worth in _judged(measure, _whole(periods), scope, grouped):
        unit = row.of_unit if grouped else ALL_UNITS
        if grouped and unit is None:
            continue
        index = next(i for i, period in enumerate(periods) if period.covers(row.moment))
        parts.setdefault(unit, [[] for _period in periods])[index].append(worth)
    if not grouped:
        parts.setdefault(ALL_UNITS, [[] for _period in periods])
    for unit, series in parts.items():
        found.setdefault(unit, {})[key] = [_summed(key, worths) for worths in series]


def _judged(
    measure: Timed, period: Period, scope: Scope, grouped: bool
) -> Iterator[tuple[Row[Any], int]]:
    """Yield id, unit and moment of each row with what it is worth."""
    rows, rules, calendar = measure.rows, load_rules(), cache(calendar_of)
    unit = UNIT_OF[rows] if grouped else literal(None)
    query = select(
        rows.id,
        SITE_OF[rows].label("of_site"),
        unit.label("of_unit"),
        measure.moment.label("moment"),
        measure.start.label("first"),
        measure.end.label("last"),
    ).where(scope.of(rows), measure.all(period))
    if grouped:
        query = query.where(counts_for_unit(rows))
    for row in db.session.execute(query):
        worth = measure.judge(calendar(row.of_site), rules, row.first, row.last)
        if worth is not None:
            yield row, worth


def _summed(key: str, worths: list[int]) -> Value:
    if CATALOGUE[key].kind is Kind.AVERAGE:
        return Value(sum(worths), len(worths), int(median(worths)) if worths else None)
    return Value(sum(worths), len(worths))


# -- the rows behind a number ---------------------------------------------------------------------


@dataclass(frozen=True)
class Listing:
    """Rows of one table that a number counted."""

    rows: Rows
    condition: Condition


PARTS = ("n", "d", "miss")


def listings(key: str, part: str, *, period: Period, scope: Scope) -> list[Listing]:
    """Return the rows behind n, d or d − n (“miss”) of an indicator.

    The n of an average is a sum, so its rows are those of d. Raises KeyError for an indicator or a
    part that there is not. 带班到岗率 counts half-days, which are no rows: see `half_days`.
    """
    measure = MEASURES[key]
    if part not in PARTS:
        raise KeyError(part)
    inside = scope.of(measure.rows)
    if isinstance(measure, Timed):
        return [Listing(measure.rows, and_(inside, _timed_rows(key, measure, part, period, scope)))]
    all_, hit = measure.all(period), measure.hit(period) if measure.hit else None
    if part == "n":
        return [Listing(measure.rows, and_(inside, all_ if hit is None else hit))]
    beside = []
    if measure.beside is not None and measure.beside_all is not None:
        others = and_(scope.of(measure.beside), measure.beside_all(period))
        beside = [Listing(measure.beside, others)]
    if part == "d":
        return [Listing(measure.rows, and_(inside, all_)), *beside]
    if beside or hit is None or CATALOGUE[key].kind is not Kind.RATE:
        return beside  # all of the first table are n
    return [Listing(measure.rows, and_(inside, all_, not_(func.coalesce(hit, False))))]


def _timed_rows(key: str, measure: Timed, part: str, period: Period, scope: Scope) -> Condition:
    """Return the condition of a judged part: by the ids, the judgement being no SQL."""
    if part == "d" or CATALOGUE[key].kind is Kind.AVERAGE:
        return measure.all(period)
    wanted: Callable[[int], bool] = bool if part == "n" else lambda worth: not worth
    ids = [row.id for row, worth in _judged(measure, period, scope, False) if wanted(worth)]
    # Written out: a year's slips are more than a database takes as parameters.
    return measure.rows.id.in_(bindparam(None, ids, expanding=True, literal_execute=True))


def count_rows(listing: Listing) -> int:
    """Return how many rows a listing holds; one statement."""
    query = select(func.count()).select_from(listing.rows).where(listing.condition)
    return int(db.session.execute(query).scalar_one())
