"""The lists of cases as conditions: what each holds, its tabs, selects and search box.

The screens and the exports read the same, so that a file holds what the list showed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, false, or_, true

from app.actions.visibility import visible_cases
from app.domain.states import Category, DueBasis, State
from app.models import Callback, Case, Slip
from app.reports import figures
from app.reports.moment import Moment
from app.reports.period import Condition
from app.reports.search import cases_like
from app.reports.searched import words_of
from app.reports.urgency import OPEN, is_overdue, is_red, is_yellow
from app.reports.waiting import closing_lists, waiting, waiting_lists

On = Callable[[Moment], Condition]
QUICK, SEARCH = "quick", "q"  # the names of the tab and of the search box in an address


@dataclass(frozen=True)
class CaseListing:
    """A list: which cases it is about at all, and its tabs; the first one is open by default."""

    only: Callable[[], Condition]
    tabs: Mapping[str, On]


def in_state(*states: State) -> On:
    """Return the condition of a tab that is about states only."""
    return lambda _at: Case.state.in_(states)


def closing(key: str) -> On:
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


def everything(_at: Moment) -> Condition:
    """No narrowing."""
    return true()


LISTINGS: dict[str, CaseListing] = {
    # What stands in the ledger: numbered cases, and drafts on their way there.
    "cases": CaseListing(
        lambda: or_(Case.ledger_no.is_not(None), Case.state == State.DRAFT),
        {
            "todo": lambda at: waiting(at.viewer), "soon": soon, "overdue": overdue,
            "month": this_month, "unit": own_unit, "all": everything, "today": today,
            "drafts": in_state(State.DRAFT), "secret": secret, "bad_ratings": bad_ratings,
        },
    ),
    "to-dispatch": CaseListing(
        lambda: Case.state == State.TO_DISPATCH, {"all": everything, "overdue": overdue}
    ),
    "in-handling": CaseListing(
        lambda: Case.state.in_(OPEN),
        {
            "open": in_state(*OPEN), "unsigned": in_state(State.TO_SIGN), "yellow": soon,
            "red": red, "to_confirm": in_state(State.TO_CONFIRM),
            "redo": in_state(State.REDO), "decided": decided,
        },
    ),
    "call-backs": CaseListing(
        lambda: Case.state.in_((State.TO_EVALUATE, State.ARCHIVED, State.REDO)),
        {
            "to_call": closing("to_call"), "to_rate": closing("to_rate"),
            "to_archive": closing("to_archive"), "called": called,
        },
    ),
}  # fmt: skip


def of_unit(unit_id: int) -> Condition:
    """Return the cases that a unit leads or holds a live slip of."""
    slip = exists().where(Slip.case_id == Case.id, Slip.unit_id == unit_id, Slip.is_void.is_(False))
    return or_(Case.lead_unit_id == unit_id, slip)


def of_year(year: str) -> Condition:
    """Return the cases numbered in a year's ledger: the number says the year, not the visit."""
    return Case.ledger_no.startswith(f"{year}-", autoescape=True)


CHOICES: dict[str, Callable[[Moment, str], Condition]] = {
    "year": lambda _at, value: of_year(value),
    "unit": lambda _at, value: of_unit(int(value)),
    "category": lambda _at, value: Case.category == Category(value),
    "state": lambda _at, value: Case.state == State(value),
    "wait": lambda at, value: waiting_lists(at.viewer).get(value, false()),
    "figure": lambda at, value: figures.counted(value, period=figures.month_of(at.now)),
}
"""The selects above the lists, by their names in an address."""


def matching(listing: str, chosen: Mapping[str, str], *, at: Moment) -> Condition:
    """Return the cases of a list under a filter that the person may see.

    `chosen` are arguments of the list's address that the list itself has accepted.
    """
    found = LISTINGS[listing]
    quick = chosen.get(QUICK) or next(iter(found.tabs))
    parts: list[Any] = [visible_cases(at.person), found.only(), found.tabs[quick](at)]
    parts += [narrow(at, chosen[key]) for key, narrow in CHOICES.items() if chosen.get(key)]
    if chosen.get(SEARCH):
        words = words_of(chosen[SEARCH], account_id=at.person.id)
        parts.append(cases_like(words, by=at.person) if words else false())
    return and_(*parts)
