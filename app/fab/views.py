"""SafeModelView: the one base under every generated screen, with FAB's traps closed."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.const import PERMISSION_PREFIX
from flask_appbuilder.models.filters import Filters
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.views import MasterDetailView, ModelView
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.fab.actions import ScopedActions
from app.fab.declarations import Declarations
from app.fab.editing import Editing
from app.fab.filters import PerRequestFilters, add_argument_filters, read_state
from app.fab.formats import display
from app.fab.interface import add_step
from app.fab.lists import (
    Button,
    ChoiceFilter,
    ListPanel,
    OfficeListWidget,
    Pages,
    Row,
    list_address,
    remember_list,
    same_page_with,
)

QuickFilter = tuple[str, Any, Callable[..., Any]]


class SafeViewMixin(PerRequestFilters, ScopedActions, Editing, Declarations):
    """What SafeModelView and SafeMasterDetailView share."""

    page_size = 25
    biggest_page_size = 100
    list_widget = OfficeListWidget
    quick_filters: Sequence[QuickFilter] = ()
    choice_filters: Sequence[ChoiceFilter] = ()
    search_hint: Any = _l("Search")
    empty_text: Any = _l("No records found")
    search_text: Callable[[Any, str], Any] | None = None

    def scope(self, query: Any) -> Any:
        """Return only the rows this person may see; every fetch of the view goes through it."""
        return query

    def row_href(self, item: Any) -> str:
        """Return where a click on the row leads; '' for nowhere."""
        for permission, name in (("can_show", "show"), ("can_edit", "edit")):
            if self.may(permission) and (name == "show" or self.action_allowed("edit", item)):
                return url_for(f"{self.endpoint}.{name}", pk=self.datamodel.get_pk_value(item))
        return ""

    def row_class(self, item: Any) -> str:
        """Return a CSS class for the row, such as is-red or is-yellow."""
        return ""

    def row_buttons(self, item: Any) -> list[Button]:
        """Return the buttons of one row: its actions, then edit and delete."""
        return [*self.action_buttons(item), *self.edit_buttons(item)]

    def page_buttons(self) -> list[Button]:
        """Return the buttons at the head of the list."""
        if not self.may("can_add"):
            return []
        return [Button(_("Add"), url_for(f"{self.endpoint}.add"), kind="primary", icon="plus")]

    def edit_buttons(self, item: Any) -> list[Button]:
        """Return edit and delete where the person may and the row allows it."""
        pk = self.datamodel.get_pk_value(item)
        found = []
        if self.may("can_edit") and self.action_allowed("edit", item):
            found.append(Button(_("Edit"), url_for(f"{self.endpoint}.edit", pk=pk), icon="pen"))
        if self.may("can_delete") and self.action_allowed("delete", item):
            question = _("Are you sure you want to delete this item?")
            address = url_for(f"{self.endpoint}.delete", pk=pk)
            found.append(Button(_("Delete"), address, "post", "danger", question, "trash"))
        return found

    def may(self, permission: str) -> bool:
        """Say whether this person has the view's permission, such as can_edit."""
        method = permission.removeprefix(PERMISSION_PREFIX)
        if not hasattr(getattr(self, method, None), "_permission_name"):
            return False
        name = PERMISSION_PREFIX + self.get_method_permission(method)
        return name in self.base_permissions and self.appbuilder.sm.has_access(
            name, self.class_permission_name
        )

    def fetch(self, pk: Any) -> Any:
        """Return the row if it is in this person's scope, else answer 404."""
        key = self._deserialize_pk_if_composite(pk)
        return self.datamodel.get(key, self._base_filters) or abort(404)

    def list_url(self) -> str:
        """Return the list's address with the filters it was left with."""
        return list_address(type(self).__name__, f"{self.endpoint}.list")

    def post_add_redirect(self) -> Any:
        """Go back to the list as it was left."""
        return redirect(self.list_url())

    def post_edit_redirect(self) -> Any:
        """Go back to the list as it was left."""
        return redirect(self.list_url())

    def post_delete_redirect(self) -> Any:
        """Go back to the list as it was left."""
        return redirect(self.list_url())

    def _list(self, **kwargs: Any) -> dict[str, Any]:
        self._filters.clear_filters()
        add_argument_filters(self._filters, self.datamodel)
        for step in self._panel_steps():
            add_step(self._filters, step)
        remember_list(type(self).__name__)
        widgets = self._get_list_widget(filters=self._filters, **kwargs)
        widgets["panel"] = self._panel()
        return widgets

    def _panel_steps(self) -> list[Callable[[Any], Any]]:
        """Return what the tabs, selects and search box of the address do to the query."""
        steps: list[Callable[[Any], Any]] = []
        key = self._quick_key()
        for name, _label, apply in self.quick_filters:
            if name == key:
                steps.append(lambda query, apply=apply: apply(query, g.user, self.now()))
        for chooser in self.choice_filters:
            value = request.args.get(chooser.key, "")
            if value in dict(chooser.offered()):
                steps.append(lambda query, c=chooser, v=value: c.apply(query, v))
        text = self._search_words()
        if text and self.search_text is not None:
            steps.append(lambda query: self.search_text(query, text))
        return steps

    def _quick_key(self) -> str:
        keys = [key for key, _label, _apply in self.quick_filters]
        asked = request.args.get("quick", "")
        return asked if asked in keys else (keys[0] if keys else "")

    def _search_words(self) -> str:
        """Return what is looked for."""
        return request.args.get("q", "").replace("\x00", "").strip()[:100]

    def _panel(self) -> ListPanel:
        quick = self._quick_key()
        first_page = {f"page_{type(self).__name__}": None}
        selects = [
            (chooser, chooser.offered(), request.args.get(chooser.key, ""))
            for chooser in self.choice_filters
        ]
        return ListPanel(
            tabs=[
                (key, label, same_page_with(quick=key, **first_page), key == quick)
                for key, label, _apply in self.quick_filters
            ],
            selects=selects,
            text=self._search_words(),
            searchable=self.search_text is not None,
            quick=request.args.get("quick", ""),
            hint=self.search_hint,
            clear_href=url_for(f"{self.endpoint}.list", quick=request.args.get("quick") or None),
            is_filtered=bool(self._search_words() or any(value for _c, _o, value in selects)),
        )

    def _get_related_view_widget(self, item: Any, related_view: Any, *args: Any, **kw: Any) -> Any:
        if hasattr(related_view, "may") and not related_view.may("can_list"):
            return None
        return super()._get_related_view_widget(item, related_view)

    def _get_related_views_widgets(
        self, item: Any, widgets: dict[str, Any] | None = None, **ignored: Any
    ) -> dict[str, Any]:
        widgets = widgets if widgets is not None else {}
        widgets["related_views"] = [
            self._get_related_view_widget(item, view) for view in self._related_views
        ]
        return widgets

    def _get_list_widget(
        self, filters: Filters, widgets: dict[str, Any] | None = None, **ignored: Any
    ) -> dict[str, Any]:
        """Return the list as a widget; page, size and order come clean from the address."""
        name = type(self).__name__
        state = read_state(
            name, size=self.page_size, biggest=self.biggest_page_size, orders=self.order_columns
        )
        joined = filters.get_joined_filters(self._base_filters)
        count = self.datamodel.count(joined)
        place = min(state.page, max(0, (count - 1) // state.size))
        pages = Pages(name, place, state.size, count, count == self.datamodel.most_counted)
        order, direction = (state.order, state.direction) if state.order else self._base_order()
        items = self.datamodel.rows(joined, order, direction, pages.page, pages.size)
        bulk = self.bulk_actions()
        widgets = widgets if widgets is not None else {}
        widgets["list"] = self.list_widget(
            columns=[self._head(column, order, direction) for column in self.list_columns],
            rows=[self._row(item) for item in items],
            pages=pages,
            bulk=bulk,
            bulk_href=url_for(f"{self.endpoint}.action_post") if bulk else "",
            empty_text=self.empty_text,
            modelview_name=name,
            filters=filters,
            count=count,
        )
        return widgets

    def _base_order(self) -> tuple[str, str]:
        return self.base_order or ("", "asc")

    def _head(self, column: str, order: str, direction: str) -> dict[str, Any]:
        name = type(self).__name__
        is_current = column == order
        turned = "desc" if is_current and direction == "asc" else "asc"
        changes = {f"_oc_{name}": column, f"_od_{name}": turned, f"page_{name}": None}
        return {
            "label": self.label_columns.get(column, column),
            "href": same_page_with(**changes) if column in self.order_columns else "",
            "direction": direction if is_current else "",
        }

    def _row(self, item: Any) -> Row:
        return Row(
            pk=self._serialize_pk_if_composite(self.datamodel.get_pk_value(item)),
            cells=[
                (column, self.label_columns.get(column, column), self.cell(item, column))
                for column in self.list_columns
            ],
            href=self.row_href(item),
            buttons=self.row_buttons(item),
            css=self.row_class(item),
        )

    def cell(self, item: Any, column: str) -> Any:
        """Return what stands in one column of one row."""
        value = self.datamodel._get_attr_value(item, column)
        formatter = self.formatters_columns.get(column)
        return formatter(value) if formatter else display(value)

    def _show(self, pk: Any) -> dict[str, Any]:
        item = self.fetch(pk)
        widgets = self._get_show_widget(pk, item)
        return self._get_related_views_widgets(item, widgets=widgets)

    def _get_show_widget(
        self,
        pk: Any,
        item: Any,
        widgets: dict[str, Any] | None = None,
        actions: Any = None,
        show_fieldsets: Any = None,
    ) -> dict[str, Any]:
        """Return the record's facts, and its allowed buttons for the head of the page."""
        fieldsets = show_fieldsets or self.show_fieldsets or [("", {"fields": self.show_columns})]
        groups = [
            (
                title,
                [
                    (self.label_columns.get(name, name), self.cell(item, name))
                    for name in part["fields"]
                ],
            )
            for title, part in fieldsets
        ]
        widgets = widgets if widgets is not None else {}
        widgets["show"] = self.show_widget(groups=groups, pk=pk, modelview_name=type(self).__name__)
        widgets["buttons"] = self.row_buttons(item)
        return widgets


class SafeModelView(SafeViewMixin, ModelView):
    """ModelView for every screen of the project; see the head of app/fab/declarations.py."""

    @expose("/list/")
    @has_access
    def list(self) -> Any:
        """Show the list with its tabs and search box."""
        widgets = self._list()
        return self.render_template(
            self.list_template,
            title=self.list_title,
            widgets=widgets,
            panel=widgets["panel"],
            buttons=self.page_buttons(),
        )

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show one record with its related lists."""
        widgets = self._show(pk)
        return self.render_template(
            self.show_template,
            pk=pk,
            title=self.show_title,
            widgets=widgets,
            related_views=self._related_views,
            buttons=widgets["buttons"],
            back_url=self.list_url(),
        )

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """Show the empty form, or save it."""
        widgets = self._add()
        if not widgets:
            return self.post_add_redirect()
        return self.render_template(
            self.add_template, title=self.add_title, widgets=widgets, back_url=self.list_url()
        )

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        """Show the filled form, or save it if nobody else has meanwhile."""
        widgets = self._edit(pk)
        if not widgets:
            return self.post_edit_redirect()
        return self.render_template(
            self.edit_template,
            title=self.edit_title,
            widgets=widgets,
            related_views=self._related_views,
            back_url=self.list_url(),
        )

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: str) -> Any:
        """Delete one record of the person's scope, or say what stands in the way."""
        self._delete(pk)
        return self.post_delete_redirect()

    def download(self, filename: str) -> Any:
        """Refuse FAB's download: it checks no row; the route is not registered."""
        abort(404)


class SafeMasterDetailView(SafeViewMixin, MasterDetailView):
    """MasterDetailView whose chosen master comes through the scope."""

    list_widget = OfficeListWidget

    @expose("/list/")
    @expose("/list/<pk>")
    @has_access
    def list(self, pk: str | None = None) -> Any:
        """Show the masters and, of the chosen one, its details."""
        widgets = self._list()
        if pk:
            widgets = self._get_related_views_widgets(self.fetch(pk), widgets=widgets)
        return self.render_template(
            self.list_template,
            title=self.list_title,
            widgets=widgets,
            panel=widgets["panel"],
            related_views=self._related_views if pk else [],
        )
