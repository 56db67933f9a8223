"""Figures as the pages show them: a value with the addresses of n and d, the bars of a chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask import abort
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.domain.indicators import (
    CATALOGUE,
    NOTHING,
    Definition,
    Kind,
    Value,
    median_shown,
    shown,
    two_decimals,
)
from app.domain.states import Category, Source
from app.extensions import db
from app.fab.interface import is_key
from app.models import DictEntry
from app.reports.period import Period
from app.reports.rankings import Place
from app.views.charts import Point
from app.views.labels import label
from app.views.statistics_scope import Asked

CLOSED: dict[str, type[Category | Source]] = {"category": Category, "source": Source}


@dataclass(frozen=True)
class Cell:
    """One indicator with its value in words, and where its numbers lead."""

    definition: Definition
    value: Value
    text: str
    median: str
    n_href: str
    d_href: str
    miss_href: str


def cell(about: Asked, key: str, value: Value, **more: Any) -> Cell:
    """Return the cell of an indicator; `more` replaces what the address is about."""
    definition = CATALOGUE[key]
    has_d, is_sum = value.d is not None, definition.kind is Kind.AVERAGE
    return Cell(
        definition,
        value,
        shown(definition, value),
        median_shown(definition, value),
        "" if is_sum else about.rows_href(key, "n", **more),
        about.rows_href(key, "d", **more) if has_d else "",
        about.rows_href(key, "miss", **more) if has_d and not is_sum else "",
    )


def nothing(key: str) -> Value:
    """Return the value of an indicator that has no rows."""
    return Value(0, None if CATALOGUE[key].kind is Kind.COUNT else 0)


def indicator_word(definition: Definition) -> str:
    """Return the name of an indicator: the office's Chinese one, or its id in words."""
    locale = get_locale()
    if locale is None or locale.language == "zh":
        return definition.name
    return definition.id.replace("_", " ").capitalize()


def figure_words() -> dict[str, str]:
    """Return the names of all indicators and of what is grouped by."""
    return {key: indicator_word(d) for key, d in CATALOGUE.items()} | {
        "cause": _("By cause"),
        "category": _("By category"),
        "item": _("By item"),
        "source": _("By source"),
        "n": _("counted as n"),
        "d": _("counted as d"),
        "miss": _("d without n"),
    }


def rank_points(about: Asked, key: str, ranked: Sequence[Place]) -> list[Point]:
    """Return a bar a unit, in the order of the ranking."""
    found = []
    for place in ranked:
        one = cell(about, key, place.value, unit=place.unit_id)
        of = "" if place.value.d is None else f"（{place.value.n}/{place.value.d}）"
        text = f"{one.text}{of}"
        height = _height(key, place.value)
        found.append(Point(about.units[place.unit_id], height, text, one.d_href or one.n_href))
    return found


def month_points(
    about: Asked, key: str, periods: Sequence[Period], series: Sequence[Value]
) -> list[Point]:
    """Return a column a month."""
    found = []
    for period, value in zip(periods, series, strict=True):
        one = cell(about, key, value, period=period.name)
        text = one.text.removesuffix(CATALOGUE[key].unit) if CATALOGUE[key].unit else one.text
        name = _("{m}").replace("{m}", str(period.start.month))
        found.append(Point(name, _height(key, value), text, one.d_href or one.n_href))
    return found


def _height(key: str, value: Value) -> float | None:
    exact, definition = value.exact, CATALOGUE[key]
    if exact is None:
        return None
    factor = 100 if definition.kind is Kind.RATE else 1
    return float(exact * factor / definition.divisor)


@dataclass(frozen=True)
class Frequency(Point):
    """A line of a table of frequencies."""

    n: int = 0
    share: str = NOTHING


def frequency_points(about: Asked, name: str, found: Sequence[tuple[Any, int]]) -> list[Frequency]:
    """Return a line a cause, category or item, the most frequent first."""
    words = _cause_words([fact for fact, _n in found]) if name == "cause" else {}
    lines, total = [], sum(n for _fact, n in found)
    for fact, n in found:
        text = words.get(fact) or _fact_text(fact)
        value = "" if fact is None else getattr(fact, "value", fact)
        href = about.href("StatisticsView.rows", figure=name, fact=value)
        share = f"{two_decimals(Fraction(100 * n, total))}%"
        lines.append(Frequency(text, n, _("%(n)s cases", n=n), href, n, share))
    return lines


def _fact_text(fact: Any) -> str:
    if fact is None or fact == "":
        return _("Not filled in")
    return label(fact) if isinstance(fact, Category | Source) else str(fact)


def _cause_words(ids: Sequence[int | None]) -> dict[int | None, str]:
    """Return 上级—名称 of these causes."""
    query = select(DictEntry).where(DictEntry.id.in_([i for i in ids if i is not None]))
    entries = db.session.scalars(query.options(joinedload(DictEntry.parent)))
    return {entry.id: entry.full_name for entry in entries}


def fact_of(name: str, text: str) -> Any:
    """Return the fact that an address names; 404 for none there could be."""
    if name == "item":
        return text
    if not text:
        return None
    if name in CLOSED:
        return CLOSED[name](text) if text in set(CLOSED[name]) else abort(404)
    return int(text) if is_key(text) else abort(404)


def fact_word(name: str, text: str) -> str:
    """Return the word of the fact of an address."""
    fact = fact_of(name, text)
    if name == "cause" and fact is not None:
        return _cause_words([fact]).get(fact) or NOTHING
    return _fact_text(fact)
