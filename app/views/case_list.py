"""The base of every list of cases: scope, tabs with counts, search, rows that act."""

from typing import Any, ClassVar

from flask import g, has_request_context
from flask_babel import lazy_gettext as _l
from sqlalchemy import case as sql_case
from sqlalchemy import func, select
from sqlalchemy.sql.elements import ColumnElement

from app.actions.visibility import visible_cases
from app.domain.states import UNIT_ROLES, State
from app.extensions import db
from app.fab.interface import EagerInterface
from app.fab.lists import Button, ChoiceFilter, ListPanel
from app.models import Case, Unit
from app.reports.case_lists import LISTINGS, On
from app.reports.search import cases_like
from app.reports.urgency import OPEN, next_due
from app.reports.waiting import waiting_lists
from app.views.case_exports import CaseExports
from app.views.case_rows import CELLS, FACTS, buttons_of, case_href, may_open
from app.views.case_tabs import UNIT_FILTER, Tab
from app.views.moment import moment
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


class CaseList(CaseExports, CaseRowMoves, WorkList):
    """What all lists of cases share; each names its `listing` and the words of its tabs."""

    listing: ClassVar[str] = "cases"

    list_columns = [
        "ledger_no", "item_name", "reporter", "lead_unit", "state", "due_at", "registered_at",
    ]  # fmt: skip
    base_permissions: ClassVar[list[str]] = [
        "can_list", "can_export", "can_export_full", "sign", "confirm", "close_unrated",
    ]  # fmt: skip
    include_route_methods: ClassVar[set[str]] = {
        "list", "action", "action_post", "export", "export_full",
    }  # fmt: skip
    order_columns = ["ledger_no", "lead_unit", "state", "due_at", "registered_at"]
    label_columns = LABELS
    search_hint = _l("Number, name, phone tail or words")
    empty_text = _l("No cases here.")
    eager = FACTS
    tabs: ClassVar[tuple[Tab, ...]] = ()
    selects: ClassVar[tuple[ChoiceFilter, ...]] = ()

    @property
    def quick_filters(self) -> list[Any]:
        """Return the tabs of this person, counts in their words."""
        if not has_request_context():  # FAB reads every attribute when it builds the view
            return []
        counts = self._counts()
        return [
            (tab.key, f"{tab.label} {counts[tab.key]}" if tab.key in counts else tab.label,
             lambda query, _user, _now, tab=tab: query.filter(self.holds(tab.key)(moment())))
            for tab in self.tabs
            if tab.key != "unit" or g.user.unit_id is not None
        ]  # fmt: skip

    @property
    def choice_filters(self) -> list[ChoiceFilter]:
        """Return the selects; a unit's list has no other units to choose from."""
        if not has_request_context():
            return []
        is_unit = moment().roles <= UNIT_ROLES
        return [chooser for chooser in self.selects if not (is_unit and chooser is UNIT_FILTER)]

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
            row = count_cases({t.key: self.holds(t.key)(moment()) for t in counted}, self.only())
            kept[self.endpoint] = row
        return kept.get(self.endpoint, {})

    @classmethod
    def only(cls) -> Condition:
        """Return which cases this list is about at all."""
        return LISTINGS[cls.listing].only()

    @classmethod
    def holds(cls, quick: str) -> On:
        """Return the condition of one of its tabs."""
        return LISTINGS[cls.listing].tabs[quick]

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
        useful = self._useful_moves() | {"print_ledgers"}
        return [a for a in super().bulk_actions() if a.name in useful]

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
