"""The indicators of domain/2.3 counted: for a period, for each unit, month by month.

Indicators over the same rows share one statement, and none is sent for a case; what needs the
working calendar (签收, 响应, 时长, 带班) is fetched whole and judged outside. The list behind a
number is built from the very conditions that counted it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any

from sqlalchemy import Row, Select, and_, case, func, literal, not_, or_, select
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
    first, halves = next(iter(measures.values())), _weighs_half(measures)
    rows = first.rows
    columns = [
        column
        for m in measures.values()
        for p in periods
        for column in _pair(m, p, scope, halves=halves)
    ]
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


def _weighs_half(measures: dict[str, Counted]) -> bool:
    """Return whether 部分解决 counts half a case in one of these; asked only where it matters."""
    return any(m.partly for m in measures.values()) and load_rules().partly_solved == "half"


def _pair(
    measure: Counted, period: Period, scope: Scope, *, halves: bool
) -> Iterator[ColumnElement[Any]]:
    """Yield the columns of n, doubled to stay whole, and d."""
    all_ = measure.all(period)
    if measure.amount is not None:
        n = _sum(all_, measure.amount)
    else:
        n = _sum(measure.hit(period) if measure.hit else all_)
    yield 2 * n + _sum(measure.partly(period)) if halves and measure.partly else 2 * n
    if measure.beside is None or measure.beside_all is None:
        yield _sum(all_)
        return
    beside = select(func.count()).select_from(measure.beside)
    beside = beside.where(scope.of(measure.beside), measure.beside_all(period))
    yield _sum(all_) + beside.scalar_subquery()


def _sum(condition: Condition, amount: Any = 1) -> ColumnElement[Any]:
    return func.coalesce(func.sum(case((condition, amount), else_=0)), 0)


def _value(key: str, doubled: int, d: int) -> Value:
    n = int(doubled) / 2 if doubled % 2 else int(doubled) // 2
    return Value(n) if CATALOGUE[key].kind is Kind.COUNT else Value(n, int(d))


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
    """Rows of one table that a number counted: by a condition, or by key where no SQL judges."""

    rows: Rows
    condition: Condition
    ids: Sequence[int] | None = None


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
        all_, ids = measure.all(period), _judged_ids(key, measure, part, period, scope)
        return [Listing(measure.rows, and_(inside, all_), ids)]
    all_, hit = measure.all(period), measure.hit(period) if measure.hit else None
    if part == "n":
        if hit is not None and measure.partly and _weighs_half({key: measure}):
            hit = or_(hit, measure.partly(period))  # each of these counts half
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


def _judged_ids(
    key: str, measure: Timed, part: str, period: Period, scope: Scope
) -> Sequence[int] | None:
    """Return the keys of a judged part, the latest first; None for all rows."""
    if part == "d" or CATALOGUE[key].kind is Kind.AVERAGE:
        return None
    found = _judged(measure, period, scope, False)
    return sorted((row.id for row, worth in found if bool(worth) is (part == "n")), reverse=True)


def count_rows(listing: Listing) -> int:
    """Return how many rows a listing holds; one statement at most."""
    if listing.ids is not None:
        return len(listing.ids)
    query = select(func.count()).select_from(listing.rows).where(listing.condition)
    return int(db.session.execute(query).scalar_one())


def rows_of(listing: Listing, *, first: int = 0, most: int) -> Select[Any]:
    """Return the query of some rows of a listing, the latest first."""
    query = select(listing.rows).order_by(listing.rows.id.desc())
    if listing.ids is not None:
        return query.where(listing.rows.id.in_(listing.ids[first : first + most]))
    return query.where(listing.condition).offset(first).limit(most)
