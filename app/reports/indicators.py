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

from sqlalchemy import CTE, Row, Select, and_, case, false, func, literal, not_, or_, select
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
            found.setdefault(measure.cohort, {})[key] = measure
    return list(found.values())


# -- counted by the database ----------------------------------------------------------------------


def _count(
    measures: dict[str, Counted],
    periods: Sequence[Period],
    scope: Scope,
    grouped: bool,
    found: Found,
) -> None:
    """Count indicators over the same cohort; one statement.

    Whether a row is among n is worked out once a row, however many periods it is looked for in.
    """
    cohort, halves = next(iter(measures.values())).cohort, _weighs_half(measures)
    rows = cohort.rows
    unit = UNIT_OF[rows] if grouped else literal(None)
    facts = {f"{part}_{key}": fact for key, m in measures.items() for part, fact in _facts(m)}
    chosen = select(
        unit.label("of_unit"),
        cohort.moment.label("moment"),
        *(fact.label(name) for name, fact in facts.items()),
    ).where(scope.of(rows), cohort.all(_whole(periods)))
    if grouped:
        chosen = chosen.where(UNIT_OF[rows].is_not(None), counts_for_unit(rows))
    found_rows = chosen.cte("counted").prefix_with("MATERIALIZED")
    columns = [
        column
        for key, m in measures.items()
        for p in periods
        for column in _pair(key, m, p, scope, found_rows, halves=halves)
    ]
    query = select(found_rows.c.of_unit, *columns).group_by(found_rows.c.of_unit)
    if not grouped:
        query = select(literal(None), *columns).select_from(found_rows)
    for unit_id, *numbers in db.session.execute(query):
        pairs = iter(zip(numbers[::2], numbers[1::2], strict=True))
        row = found.setdefault(unit_id, {})
        for key in measures:
            row[key] = [_value(key, *next(pairs)) for _period in periods]


def _facts(measure: Counted) -> Iterator[tuple[str, ColumnElement[Any]]]:
    """Yield what an indicator asks of a row."""
    for part in ("hit", "amount", "partly"):
        fact = getattr(measure, part)
        if fact is not None:
            yield part, fact


def _whole(periods: Sequence[Period]) -> Period:
    return Period(periods[0].start, periods[-1].end, periods[0].now)


def _weighs_half(measures: dict[str, Counted]) -> bool:
    """Return whether 部分解决 counts half a case in one of these; asked only where it matters."""
    return (
        any(m.partly is not None for m in measures.values())
        and load_rules().partly_solved == "half"
    )


def _pair(
    key: str, measure: Counted, period: Period, scope: Scope, rows: CTE, *, halves: bool
) -> Iterator[ColumnElement[Any]]:
    """Yield the columns of n, doubled to stay whole, and d."""
    inside = period.holds(rows.c.moment)
    if measure.amount is not None:
        n = _sum(inside, rows.c[f"amount_{key}"])
    else:
        n = _sum(inside if measure.hit is None else and_(inside, rows.c[f"hit_{key}"]))
    if halves and measure.partly is not None:
        yield 2 * n + _sum(and_(inside, rows.c[f"partly_{key}"]))
    else:
        yield 2 * n
    if measure.beside is None:
        yield _sum(inside)
        return
    other = measure.beside
    beside = select(func.count()).select_from(other.rows)
    beside = beside.where(scope.of(other.rows), other.all(period))
    yield _sum(inside) + beside.scalar_subquery()


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
        ids = _judged_ids(key, measure, part, period, scope)
        return [Listing(measure.rows, and_(inside, measure.all(period)), ids)]
    all_, hit = and_(inside, measure.all(period)), measure.hit
    beside = measure.beside
    if part == "n":
        if hit is not None and measure.partly is not None and _weighs_half({key: measure}):
            hit = or_(hit, measure.partly)  # each of these counts half
        return [Listing(measure.rows, all_ if hit is None else and_(all_, hit))]
    others = []
    if beside is not None:
        others = [Listing(beside.rows, and_(scope.of(beside.rows), beside.all(period)))]
    if part == "d":
        return [Listing(measure.rows, all_), *others]
    if others or hit is None or CATALOGUE[key].kind is not Kind.RATE:
        return others  # all of the first table are n
    return [Listing(measure.rows, and_(all_, not_(func.coalesce(hit, false()))))]


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
