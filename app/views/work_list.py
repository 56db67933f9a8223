"""The base of every list of work and of every register: read, filter, act; nothing is edited."""

from dataclasses import replace
from typing import Any, ClassVar

from flask import flash, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.actions.visibility import visible_cases
from app.fab.forms import OfficeForm
from app.fab.lists import ListPanel, Row
from app.fab.views import SafeModelView
from app.models import Case
from app.reports.case_lists import SEARCH
from app.reports.search import cases_like
from app.reports.searched import words_of
from app.views.case_rows import FACTS, case_cell, case_href, may_open
from app.views.discreet import in_list

WHICH = "list"  # the field of a search that names the list


class WorkList(SafeModelView):
    """A list without generated forms: what changes a row is an action of the office."""

    list_template = "work/list.html"
    include_route_methods: ClassVar[set[str]] = {"list", "action", "action_post"}
    base_permissions: ClassVar[list[str]] = ["can_list"]
    search_columns: ClassVar[list[str]] = []
    show_columns: ClassVar[list[str]] = []
    add_columns: ClassVar[list[str]] = []
    edit_columns: ClassVar[list[str]] = []
    add_form = edit_form = OfficeForm

    def _row(self, item: Any) -> Row:
        """Return the row; who reported stands in no list, nor in what somebody typed."""
        row = super()._row(item)
        cells = [(name, head, in_list(value, item)) for name, head, value in row.cells]
        return replace(row, cells=cells)

    def _panel(self) -> ListPanel:
        """Return the panel; its search box sends names and numbers where no log keeps them."""
        sent = {"post_href": url_for("search.find"), "which": self.endpoint}
        return replace(super()._panel(), **sent)

    def _search_words(self) -> str:
        """Return what is looked for; words sealed for somebody else, or long ago, are told of."""
        if "searched_words" not in g:
            words = words_of(request.args.get(SEARCH, ""), account_id=g.user.id)
            if words is None:
                flash(_("What was searched for cannot be read any more. Search again."), "warning")
            g.searched_words = words or ""
        return str(g.searched_words)

    def page_buttons(self) -> list[Any]:
        """Return no button unless a list has one of its own."""
        return []


class CaseRegister(WorkList):
    """A register of something about cases: a row is seen by whoever sees its case."""

    eager = tuple(f"case.{name}" for name in FACTS)
    search_hint = _l("Number, name, phone tail or words")

    def scope(self, query: Any) -> Any:
        """Return the rows whose case the person may see."""
        return query.filter(self.of_cases(visible_cases(g.user)))

    def of_cases(self, condition: Any) -> Any:
        """Return the condition of rows whose case satisfies another one."""
        # Its own FROM, also where the list has joined the cases itself.
        inner = select(Case.id).where(condition).correlate(None)
        return self.datamodel.obj.case_id.in_(inner)

    def search_text(self, query: Any, text: str) -> Any:
        """Narrow to the rows whose case has every word."""
        return query.filter(self.of_cases(cases_like(text, by=g.user)))

    def row_href(self, item: Any) -> str:
        """Return the page of the row's case."""
        return case_href(item.case_id) if item.case_id and may_open(g.user) else ""

    def cell(self, item: Any, column: str) -> Any:
        """Return the case by its number and item, anything else as it is."""
        return case_cell(item.case) if column == "case" else super().cell(item, column)
