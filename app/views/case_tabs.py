"""Quick filters and selects of the lists of cases."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, false, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from app.domain.states import Category, DueBasis, State
from app.extensions import db
from app.fab.lists import ChoiceFilter
from app.models import Callback, Case, Slip, Unit
from app.reports import figures
from app.reports.urgency import OPEN, is_overdue, is_red, is_yellow
from app.reports.waiting import closing_lists, waiting, waiting_lists
from app.views.labels import choices
from app.views.list_words import figure_choices, waiting_word
from app.views.moment import Moment, moment

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Tab:
    """A quick filter; a counted one says how many cases it holds."""

    key: str
    label: Any
    condition: Callable[[Moment], Condition]
    is_counted: bool = False
    is_quiet: bool = False  # reached from a counter of the home page; shown only while chosen


def in_state(*states: State) -> Callable[[Moment], Condition]:
    """Return the condition of a tab that is about states only."""
    return lambda _at: Case.state.in_(states)


def closing(key: str) -> Callable[[Moment], Condition]:
    """Return the condition of closed cases that wait for a rating, a call or the archive."""
    return lambda at: closing_lists(at.viewer)[key]


def soon(at: Moment) -> Condition:
    """黄牌."""
    return is_yellow(at.calendars, at.rules, at.now)


def red(at: Moment) -> Condition:
    """红牌."""
    return is_red(at.calendars, at.rules, at.now)


def overdue(at: Moment) -> Condition:
    """超期, of the open ones."""
    return Case.state.in_(OPEN) & is_overdue(at.now)


def this_month(at: Moment) -> Condition:
    """Registered this month."""
    return figures.month_of(at.now).holds(Case.registered_at)


def today(at: Moment) -> Condition:
    """Accepted today."""
    midnight = at.now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Case.ledger_no.is_not(None) & (Case.registered_at >= midnight)


def own_unit(at: Moment) -> Condition:
    """Led by the person's unit."""
    return Case.lead_unit_id == at.person.unit_id


def secret(_at: Moment) -> Condition:
    """保密件 still open."""
    return Case.state.in_(OPEN) & Case.is_confidential.is_(True)


def decided(_at: Moment) -> Condition:
    """What the leading group decided and the unit has not finished."""
    return (Case.state == State.HANDLING) & (Case.due_basis == DueBasis.GROUP)


def bad_ratings(at: Moment) -> Condition:
    """差评待核实, as far as they wait for the person."""
    return waiting_lists(at.viewer).get("bad_ratings", false())


def called(_at: Moment) -> Condition:
    """Called back at least once."""
    return exists().where(Callback.case_id == Case.id)


WAITING_TAB = Tab("todo", _l("To do"), lambda at: waiting(at.viewer), is_counted=True)
SOON = Tab("soon", _l("Due soon"), soon, is_counted=True)
OVERDUE = Tab("overdue", _l("Overdue"), overdue, is_counted=True)
MONTH = Tab("month", _l("This month"), this_month)
OWN_UNIT = Tab("unit", _l("Own unit"), own_unit)
ALL = Tab("all", _l("All"), lambda _at: true())


def unit_choices() -> list[tuple[int, str]]:
    """Return the units of the person's site in official order; one statement a request."""
    if "office_unit_choices" not in g:
        rank = select(Unit).where(Unit.is_active.is_(True)).order_by(Unit.sort_order, Unit.id)
        if g.user.site_id is not None:
            rank = rank.where(Unit.site_id == g.user.site_id)
        g.office_unit_choices = [(u.id, u.name) for u in db.session.execute(rank).scalars()]
    return g.office_unit_choices


def _of_unit(unit_id: int) -> Condition:
    slip = exists().where(Slip.case_id == Case.id, Slip.unit_id == unit_id, Slip.is_void.is_(False))
    return or_(Case.lead_unit_id == unit_id, slip)


UNIT_FILTER = ChoiceFilter(
    "unit", _l("All units"), unit_choices, lambda query, value: query.filter(_of_unit(int(value)))
)
CATEGORY_FILTER = ChoiceFilter(
    "category",
    _l("All categories"),
    lambda: choices(Category),
    lambda query, value: query.filter(Case.category == Category(value)),
)
STATE_FILTER = ChoiceFilter(
    "state",
    _l("All states"),
    lambda: choices(State),
    lambda query, value: query.filter(Case.state == State(value)),
)
WAITING_FILTER = ChoiceFilter(
    "wait",
    _l("All to-do lists"),
    lambda: [(key, waiting_word(key)) for key in waiting_lists(moment().viewer)],
    lambda query, value: query.filter(waiting_lists(moment().viewer)[value]),
)
FIGURE_FILTER = ChoiceFilter(
    "figure",
    _l("Figures of this month"),
    lambda: figure_choices(Case),
    lambda query, value: query.filter(
        figures.counted(value, period=figures.month_of(moment().now))
    ),
)
