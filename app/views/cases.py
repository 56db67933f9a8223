"""问题台账 and the working lists of cases: 待交办, 办理中事项, 回访."""

from typing import Any, ClassVar

from flask import request
from flask_appbuilder import AppBuilder
from flask_appbuilder.actions import action
from flask_babel import lazy_gettext as _l

from app.fab.lists import ChoiceFilter
from app.reports.waiting import waiting_lists
from app.views.case_list import CaseList, case_interface
from app.views.case_tabs import (
    ALL,
    CATEGORY_FILTER,
    FIGURE_FILTER,
    MONTH,
    OVERDUE,
    OWN_UNIT,
    SOON,
    STATE_FILTER,
    UNIT_FILTER,
    WAITING_FILTER,
    WAITING_TAB,
    YEAR_FILTER,
    Tab,
)
from app.views.moment import moment
from app.views.print_rows import print_ticked


class CaseView(CaseList):
    """问题台账: every case the person may see."""

    datamodel = case_interface()
    route_base = "/cases"
    listing = "cases"
    title = _l("Ledger")
    tabs = (
        WAITING_TAB,
        SOON,
        OVERDUE,
        MONTH,
        OWN_UNIT,
        ALL,
        Tab("today", _l("Accepted today"), is_quiet=True),
        Tab("drafts", _l("Drafts not submitted"), is_quiet=True),
        Tab("secret", _l("Confidential cases"), is_quiet=True),
        Tab("bad_ratings", _l("Bad ratings to verify"), is_quiet=True),
    )
    selects = (YEAR_FILTER, UNIT_FILTER, CATEGORY_FILTER, STATE_FILTER)

    base_permissions: ClassVar[list[str]] = [*CaseList.base_permissions, "print_ledgers"]

    @action("print_ledgers", _l("Print the ledger entries"), "", "fa-print", single=False)
    def print_ledgers(self, items: Any) -> Any:
        """Go to the print page of the ticked cases; a draft has no such paper."""
        numbered = [case for case in items if case.ledger_no]
        return print_ticked(numbered, "PaperView.ledgers", self.list_url())

    @property
    def choice_filters(self) -> list[ChoiceFilter]:
        """Return the selects that help here; the figures only where one was opened."""
        found = super().choice_filters
        if not found:
            return []
        if self._quick_key() == "todo" and len(waiting_lists(moment().viewer)) > 1:
            found.insert(0, WAITING_FILTER)
        return [*found, FIGURE_FILTER] if request.args.get(FIGURE_FILTER.key) else found


class ToDispatchView(CaseList):
    """待交办: what the section has to hand over, nearest first."""

    datamodel = case_interface()
    route_base = "/to-dispatch"
    listing = "to-dispatch"
    title = _l("To dispatch")
    list_columns = [
        "ledger_no", "item_name", "category", "involved_unit", "submitted_at", "due_at",
    ]  # fmt: skip
    order_columns = ["ledger_no", "due_at", "submitted_at"]
    tabs = (ALL, OVERDUE)
    empty_text = _l("Nothing waits to be dispatched.")

    def _base_order(self) -> tuple[str, str]:
        return ("due_at", "asc")


class InHandlingView(CaseList):
    """办理中事项: everything between 交办 and 办结."""

    datamodel = case_interface()
    route_base = "/in-handling"
    listing = "in-handling"
    title = _l("In handling")
    list_columns = [
        "ledger_no", "item_name", "lead_unit", "state", "due_at",
    ]  # fmt: skip
    tabs = (
        Tab("open", _l("All open"), is_counted=True),
        Tab("unsigned", _l("Not signed"), is_counted=True),
        Tab("yellow", _l("Yellow card"), is_counted=True),
        Tab("red", _l("Red card"), is_counted=True),
        Tab("to_confirm", _l("To be signed off"), is_counted=True),
        Tab("redo", _l("Redo"), is_counted=True),
        Tab("decided", _l("Decisions being carried out"), is_quiet=True),
    )
    selects = (UNIT_FILTER,)
    empty_text = _l("No open cases here.")


class CallBackView(CaseList):
    """回访: who is to be called, who was, and whose rating is still to come."""

    datamodel = case_interface()
    route_base = "/call-backs"
    listing = "call-backs"
    title = _l("Call-backs")
    list_columns = ["ledger_no", "item_name", "reporter", "lead_unit", "finished_at", "due_at"]
    tabs = (
        Tab("to_call", _l("To be called"), is_counted=True),
        Tab("to_rate", _l("To be rated"), is_counted=True),
        Tab("to_archive", _l("To be archived"), is_counted=True),
        Tab("called", _l("Called")),
    )
    empty_text = _l("Nobody is to be called.")


def register(appbuilder: AppBuilder) -> None:
    """Add the lists of cases."""
    for view in (CaseView, ToDispatchView, InHandlingView, CallBackView):
        appbuilder.add_view_no_menu(view)
