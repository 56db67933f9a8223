"""问题台账 and the working lists of cases: 待交办, 办理中事项, 回访."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import g, has_request_context, request
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l
from sqlalchemy import case as sql_case
from sqlalchemy import exists, false, func, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from app.actions.visibility import visible_cases
from app.domain.states import UNIT_ROLES, Category, DueBasis, State
from app.extensions import db
from app.fab.interface import EagerInterface
from app.fab.lists import Button, ChoiceFilter, ListPanel
from app.models import Callback, Case, Slip, Unit
from app.reports import figures
from app.reports.search import cases_like
from app.reports.urgency import OPEN, is_overdue, is_red, is_yellow, next_due
from app.reports.waiting import closing_lists, waiting, waiting_lists
from app.views.case_rows import CELLS, FACTS, buttons_of, case_href, may_open
from app.views.labels import choices
from app.views.list_words import figure_choices, waiting_word
from app.views.moment import Moment, moment
from app.views.row_moves import CaseRowMoves
from app.views.work_list import WorkList

Condition = ColumnElement[bool]
LIVE = (*OPEN, State.DRAFT, State.TO_EVALUATE)
STATE_ORDER = {state: rank for rank, state in enumerate(State)}
LABELS = {
    "ledger_no": _l("Ledger number"),
    "item_name": _l("Item"),
    "reporter": _l("Reporter"),
    "lead_unit": _l("Lead unit"),
    "involved_unit": _l("Unit concerned"),
    "category": _l("Category"),
    "limit_class": _l("Time limit"),
    "state": _l("State"),
    "due_at": _l("Due / left"),
    "submitted_at": _l("Submitted"),
    "registered_at": _l("Registered"),
    "finished_at": _l("Finished"),
}


@dataclass(frozen=True)
class Tab:
    """A quick filter; a counted one says how many cases it holds."""

    key: str
    label: Any
    condition: Callable[[Moment], Condition]
    is_counted: bool = False
    is_quiet: bool = False  # reached from a counter of the home page; shown only while chosen


def unit_choices() -> list[tuple[int, str]]:
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


class CaseList(CaseRowMoves, WorkList):
    """What all lists of cases share; each narrows `only` and names its tabs."""

    list_columns = [
        "ledger_no", "item_name", "reporter", "lead_unit", "state", "due_at", "registered_at",
    ]  # fmt: skip
    base_permissions: ClassVar[list[str]] = ["can_list", "sign", "confirm", "close_unrated"]
    order_columns = ["ledger_no", "lead_unit", "state", "due_at", "registered_at"]
    label_columns = LABELS
    search_hint = _l("Number, name, phone tail or words")
    empty_text = _l("No cases here.")
    eager = FACTS
    tabs: ClassVar[tuple[Tab, ...]] = ()

    @property
    def quick_filters(self) -> list[Any]:
        """Return the tabs of this person, counts in their words."""
        if not has_request_context():  # FAB reads every attribute when it builds the view
            return []
        counts = self._counts()
        return [
            (tab.key, f"{tab.label} {counts[tab.key]}" if tab.key in counts else tab.label,
             lambda query, _user, _now, tab=tab: query.filter(tab.condition(moment())))
            for tab in self.tabs
            if tab.key != "unit" or g.user.unit_id is not None
        ]  # fmt: skip

    def _panel(self) -> ListPanel:
        """Return the panel without the tabs that only a counter leads to."""
        panel = super()._panel()
        quiet = {tab.key for tab in self.tabs if tab.is_quiet}
        panel.tabs = [tab for tab in panel.tabs if tab[0] not in quiet or tab[3]]
        return panel

    def _counts(self) -> dict[str, int]:
        """Return how many live cases each counted tab holds; one statement."""
        kept = g.__dict__.setdefault("office_tab_counts", {})
        counted = [tab for tab in self.tabs if tab.is_counted]
        if self.endpoint not in kept and counted:
            row = count_cases({t.key: t.condition(moment()) for t in counted}, self.only())
            kept[self.endpoint] = row
        return kept.get(self.endpoint, {})

    @staticmethod
    def only() -> Condition:
        """Return which cases this list is about at all."""
        return true()

    def scope(self, query: Any) -> Any:
        """Return what the person may see of what the list is about."""
        return query.filter(visible_cases(g.user), self.only())

    def search_text(self, query: Any, text: str) -> Any:
        """Narrow to the cases in which every word is found."""
        return query.filter(cases_like(text, by=g.user))

    def cell(self, item: Any, column: str) -> Any:
        """Return a computed cell, or the value itself."""
        made = CELLS.get(column)
        return made(item, g.user) if made else super().cell(item, column)

    def row_href(self, item: Any) -> str:
        """Return the case page."""
        return case_href(item.id) if may_open(g.user) else ""

    def row_class(self, item: Any) -> str:
        """Return the colour of the card."""
        return f"is-{moment().standing(item).card.value}"

    def row_buttons(self, item: Any) -> list[Button]:
        """Return the moves that matter most on this row."""
        return buttons_of(item, self.endpoint)

    def bulk_actions(self) -> list[Any]:
        """Return the bulk actions that this person's roles could ever use."""
        return [a for a in super().bulk_actions() if a.name in self._useful_moves()]

    def _useful_moves(self) -> set[str]:
        lists = waiting_lists(moment().viewer)
        return {m for m, key in (("sign", "to_sign"), ("confirm", "sign_offs")) if key in lists}

    def _base_order(self) -> tuple[str, str]:
        """Return remaining time where work is listed, the newest first where history is."""
        return ("registered_at", "desc") if self._quick_key() in NEWEST_FIRST else ("due_at", "asc")


NEWEST_FIRST = ("month", "all")


def case_interface() -> EagerInterface:
    """Return the interface of a list of cases: units by rank, states by course, dues by time."""
    rank = select(Unit.sort_order).where(Unit.id == Case.lead_unit_id).scalar_subquery()
    course = sql_case(STATE_ORDER, value=Case.state)
    return EagerInterface(Case, orders={"lead_unit": rank, "state": course, "due_at": next_due()})


def count_cases(conditions: dict[str, Condition], only: Condition) -> dict[str, int]:
    """Return how many visible live cases satisfy each condition; one statement."""
    sums = [func.coalesce(func.sum(sql_case((c, 1), else_=0)), 0) for c in conditions.values()]
    query = select(*sums).where(visible_cases(g.user), only, Case.state.in_(LIVE))
    return dict(zip(conditions, map(int, db.session.execute(query).one()), strict=True))


def _todo(at: Moment) -> Condition:
    return waiting(at.viewer)


def _soon(at: Moment) -> Condition:
    return is_yellow(at.calendars, at.rules, at.now)


def _red(at: Moment) -> Condition:
    return is_red(at.calendars, at.rules, at.now)


def _overdue(at: Moment) -> Condition:
    return Case.state.in_(OPEN) & is_overdue(at.now)


def _this_month(at: Moment) -> Condition:
    return figures.month_of(at.now).holds(Case.registered_at)


def _in(*states: State) -> Callable[[Moment], Condition]:
    return lambda _at: Case.state.in_(states)


def _today(at: Moment) -> Condition:
    midnight = at.now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Case.ledger_no.is_not(None) & (Case.registered_at >= midnight)


def _secret(_at: Moment) -> Condition:
    return Case.state.in_(OPEN) & Case.is_confidential.is_(True)


def _bad(at: Moment) -> Condition:
    return waiting_lists(at.viewer).get("bad_ratings", false())


def _decided(_at: Moment) -> Condition:
    return (Case.state == State.HANDLING) & (Case.due_basis == DueBasis.GROUP)


WAITING_TAB = Tab("todo", _l("To do"), _todo, is_counted=True)
SOON = Tab("soon", _l("Due soon"), _soon, is_counted=True)
OVERDUE = Tab("overdue", _l("Overdue"), _overdue, is_counted=True)
ALL = Tab("all", _l("All"), lambda _at: true())


class CaseView(CaseList):
    """问题台账: every case the person may see."""

    datamodel = case_interface()
    route_base = "/cases"
    title = _l("Ledger")
    tabs = (
        WAITING_TAB,
        SOON,
        OVERDUE,
        Tab("month", _l("This month"), _this_month),
        Tab(
            "unit",
            _l("Own unit"),
            lambda at: Case.lead_unit_id == at.person.unit_id if at.person.unit_id else false(),
        ),
        ALL,
        Tab("today", _l("Accepted today"), _today, is_quiet=True),
        Tab("drafts", _l("Drafts not submitted"), _in(State.DRAFT), is_quiet=True),
        Tab("secret", _l("Confidential cases"), _secret, is_quiet=True),
        Tab("bad_ratings", _l("Bad ratings to verify"), _bad, is_quiet=True),
    )

    @staticmethod
    def only() -> Condition:
        """Return what stands in the ledger: numbered cases, and drafts on their way there."""
        return or_(Case.ledger_no.is_not(None), Case.state == State.DRAFT)

    @property
    def choice_filters(self) -> list[ChoiceFilter]:
        """Return the selects that help here; a unit's list has no other units."""
        if not has_request_context():
            return []
        found = [] if moment().roles <= UNIT_ROLES else [UNIT_FILTER]
        found += [CATEGORY_FILTER, STATE_FILTER]
        if self._quick_key() == "todo" and len(waiting_lists(moment().viewer)) > 1:
            found.insert(0, WAITING_FILTER)
        return [*found, FIGURE_FILTER] if request.args.get(FIGURE_FILTER.key) else found


class ToDispatchView(CaseList):
    """待交办: what the section has to hand over, nearest first."""

    datamodel = case_interface()
    route_base = "/to-dispatch"
    title = _l("To dispatch")
    list_columns = [
        "ledger_no", "item_name", "category", "involved_unit", "submitted_at", "due_at",
    ]  # fmt: skip
    order_columns = ["ledger_no", "due_at", "submitted_at"]
    tabs = (ALL, OVERDUE)
    empty_text = _l("Nothing waits to be dispatched.")

    @staticmethod
    def only() -> Condition:
        """Return the cases handed in and not yet handed over."""
        return Case.state == State.TO_DISPATCH

    def _base_order(self) -> tuple[str, str]:
        return ("due_at", "asc")


class InHandlingView(CaseList):
    """办理中事项: everything between 交办 and 办结."""

    datamodel = case_interface()
    route_base = "/in-handling"
    title = _l("In handling")
    list_columns = [
        "ledger_no", "item_name", "lead_unit", "limit_class", "state", "due_at",
    ]  # fmt: skip
    tabs = (
        Tab("open", _l("All open"), _in(*OPEN), is_counted=True),
        Tab("unsigned", _l("Not signed"), _in(State.TO_SIGN), is_counted=True),
        Tab("yellow", _l("Yellow card"), _soon, is_counted=True),
        Tab("red", _l("Red card"), _red, is_counted=True),
        Tab("to_confirm", _l("To be signed off"), _in(State.TO_CONFIRM), is_counted=True),
        Tab("redo", _l("Redo"), _in(State.REDO), is_counted=True),
        Tab("decided", _l("Decisions being carried out"), _decided, is_quiet=True),
    )
    choice_filters = (UNIT_FILTER,)
    empty_text = _l("No open cases here.")

    @staticmethod
    def only() -> Condition:
        """Return the open cases."""
        return Case.state.in_(OPEN)


def _closing(key: str) -> Callable[[Moment], Condition]:
    return lambda at: closing_lists(at.viewer)[key]


def _called() -> Condition:
    return exists().where(Callback.case_id == Case.id)


class CallBackView(CaseList):
    """回访: who is to be called, who was, and whose rating is still to come."""

    datamodel = case_interface()
    route_base = "/call-backs"
    title = _l("Call-backs")
    list_columns = ["ledger_no", "item_name", "reporter", "lead_unit", "finished_at", "due_at"]
    tabs = (
        Tab("to_call", _l("To be called"), _closing("to_call"), is_counted=True),
        Tab("to_rate", _l("To be rated"), _closing("to_rate"), is_counted=True),
        Tab("to_archive", _l("To be archived"), _closing("to_archive"),
            is_counted=True),
        Tab("called", _l("Called"), lambda _at: _called()),
    )  # fmt: skip
    empty_text = _l("Nobody is to be called.")

    @staticmethod
    def only() -> Condition:
        """Return the closed cases."""
        return Case.state.in_((State.TO_EVALUATE, State.ARCHIVED, State.REDO))


def register(appbuilder: AppBuilder) -> None:
    """Add the lists of cases."""
    for view in (CaseView, ToDispatchView, InHandlingView, CallBackView):
        appbuilder.add_view_no_menu(view)
