"""Quick filters and selects of the lists of cases, in words; `reports.case_lists` has the rules."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.domain.states import Category, State
from app.extensions import db
from app.fab.lists import ChoiceFilter
from app.models import Case, Unit
from app.reports.case_lists import CHOICES
from app.reports.waiting import waiting_lists
from app.views.labels import choices
from app.views.list_words import figure_choices, waiting_word
from app.views.moment import moment


@dataclass(frozen=True)
class Tab:
    """A quick filter; a counted one says how many cases it holds."""

    key: str
    label: Any
    is_counted: bool = False
    is_quiet: bool = False  # reached from a counter of the home page; shown only while chosen


WAITING_TAB = Tab("todo", _l("To do"), is_counted=True)
SOON = Tab("soon", _l("Due soon"), is_counted=True)
OVERDUE = Tab("overdue", _l("Overdue"), is_counted=True)
MONTH = Tab("month", _l("This month"))
OWN_UNIT = Tab("unit", _l("Own unit"))
ALL = Tab("all", _l("All"))


def unit_choices() -> list[tuple[int, str]]:
    """Return the units of the person's site in official order; one statement a request."""
    if "office_unit_choices" not in g:
        rank = select(Unit).where(Unit.is_active.is_(True)).order_by(Unit.sort_order, Unit.id)
        if g.user.site_id is not None:
            rank = rank.where(Unit.site_id == g.user.site_id)
        g.office_unit_choices = [(u.id, u.name) for u in db.session.execute(rank).scalars()]
    return g.office_unit_choices


def year_choices() -> list[tuple[int, str]]:
    """Return the years of the ledger, the latest first; one statement a request."""
    if "office_year_choices" not in g:
        query = select(func.min(Case.ledger_no))
        if g.user.site_id is not None:
            query = query.where(Case.site_id == g.user.site_id)
        first, last = (db.session.scalar(query) or "")[:4], moment().now.year
        start = min(int(first), last) if first.isdigit() else last
        g.office_year_choices = [(year, f"{year}年") for year in range(last, start - 1, -1)]
    return g.office_year_choices


def _select(key: str, label: Any, offered: Callable[[], Iterable[tuple[Any, Any]]]) -> ChoiceFilter:
    narrow = CHOICES[key]
    return ChoiceFilter(
        key, label, offered, lambda query, value: query.filter(narrow(moment(), value))
    )


YEAR_FILTER = _select("year", _l("All years"), year_choices)
UNIT_FILTER = _select("unit", _l("All units"), unit_choices)
CATEGORY_FILTER = _select("category", _l("All categories"), lambda: choices(Category))
STATE_FILTER = _select("state", _l("All states"), lambda: choices(State))
WAITING_FILTER = _select(
    "wait",
    _l("All to-do lists"),
    lambda: [(key, waiting_word(key)) for key in waiting_lists(moment().viewer)],
)
FIGURE_FILTER = _select("figure", _l("Figures of this month"), lambda: figure_choices(Case))
