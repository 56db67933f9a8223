"""What is ranked: units by an indicator; causes, categories, items, sources by their number."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.sql.elements import ColumnElement

from app.domain.indicators import CATALOGUE, Better, Value
from app.extensions import db
from app.models import Case, Result
from app.reports import cohorts
from app.reports.period import Condition, Period
from app.reports.scope import Scope


@dataclass(frozen=True)
class Place:
    """A unit's place; `rank` is None where there is nothing to rank by."""

    unit_id: int
    rank: int | None
    value: Value


def places(key: str, found: Mapping[int, Mapping[str, Value]]) -> list[Place]:
    """Return the units from the best to the worst by the exact value; equal ones share a place.

    An indicator without a good end is ranked from the highest down. Units with d = 0 come last.
    """
    low_first = CATALOGUE[key].better is Better.LOW
    exact = {unit: row[key].exact for unit, row in found.items() if key in row}
    ranked = [(value, unit) for unit, value in exact.items() if value is not None]
    ranked.sort(key=lambda pair: (pair[0] if low_first else -pair[0], pair[1]))
    order: dict[Fraction, int] = {}
    for position, (value, _unit) in enumerate(ranked, start=1):
        order.setdefault(value, position)
    first = [Place(unit, order[value], found[unit][key]) for value, unit in ranked]
    rest = [
        Place(unit, None, found[unit][key])
        for unit, value in sorted(exact.items())
        if value is None
    ]
    return first + rest


@dataclass(frozen=True)
class Grouping:
    """Cases of a period by one of their facts."""

    cases: Callable[[Period], Condition]
    fact: ColumnElement[Any]


# 原因: of the latest confirmed result, over what was closed; the others over what was accepted.
GROUPINGS: dict[str, Grouping] = {
    "cause": Grouping(cohorts.closed, cohorts.latest_result(Result.cause_id)),
    "category": Grouping(cohorts.accepted, Case.category.expression),
    "item": Grouping(cohorts.accepted, Case.item_name.expression),
    "source": Grouping(cohorts.accepted, Case.source.expression),
}


def frequencies(name: str, *, period: Period, scope: Scope) -> list[tuple[Any, int]]:
    """Return (fact, number of cases), the most frequent first; the fact None is 未填写."""
    grouping = GROUPINGS[name]
    inner = select(grouping.fact.label("fact")).where(scope.of(Case), grouping.cases(period))
    facts = inner.subquery()
    query = select(facts.c.fact, func.count()).group_by(facts.c.fact)
    found = [(fact, int(n)) for fact, n in db.session.execute(query)]
    return sorted(found, key=lambda pair: (-pair[1], str(pair[0])))


def cases_of(name: str, fact: Any, *, period: Period, scope: Scope) -> Condition:
    """Return the condition of the cases behind one line of `frequencies`."""
    grouping = GROUPINGS[name]
    same = grouping.fact.is_(None) if fact is None else grouping.fact == fact
    return and_(scope.of(Case), grouping.cases(period), same)
