"""How a screen is declared, and what every view must declare for itself.

A list in one look:

    class UnitView(SafeModelView):
        datamodel = EagerInterface(Unit)          # relations in list_columns are loaded along
        title = _l("Units")                       # list title; the others follow from it
        singular = _l("unit")                     # optional, for "Add unit"
        list_columns = ["name", "site", "is_active"]
        show_columns = add_columns = edit_columns = ["name", "site", "is_active"]
        search_columns = ["name"]                 # required: [] is an answer too
        label_columns = {"name": _l("Name"), "site": _l("Site"), "is_active": _l("In use")}
        base_order = ("name", "asc")
        # (key, label, step); the first one is shown when none is chosen
        quick_filters = [("all", _l("All"), lambda query, user, now: query)]

        def search_text(self, query, text): return query.filter(Unit.name.contains(text))
        def scope(self, query): return query.filter(...)          # what this person may see
        def action_allowed(self, name, item): return True          # also "edit" and "delete"

A view without a page says so in `base_permissions` (["can_list", "can_show"] has no forms).
`choices_from` narrows the rows a relation's select offers: {"unit": lambda query: ...}.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from app import clock
from app.fab.forms import OfficeConverter, OfficeForm
from app.fab.interface import EagerInterface, add_step


class Declarations:
    """Mixin: prepares a view from its declarations and lists what is missing."""

    singular: Any = ""
    choices_from: ClassVar[dict[str, Callable[[Any], Any]]] = {}
    eager: ClassVar[tuple[str, ...]] = ()
    declared_labels: frozenset[str] = frozenset()
    undeclared: tuple[str, ...] = ()

    @staticmethod
    def now() -> Any:
        """Return the office's time, for quick filters."""
        return clock.now()

    def _init_properties(self) -> None:
        if not isinstance(self.datamodel, EagerInterface):
            self.datamodel = EagerInterface(self.datamodel.obj)
        self.label_columns = dict(self.label_columns or {})
        self.declared_labels = frozenset(self.label_columns)
        declared = self.search_columns
        super()._init_properties()
        if not declared:
            # FAB fills an empty list with every column and relation; here it is an answer.
            self.search_columns = []
            self._filters = self.datamodel.get_filters([])
        self.undeclared = () if declared is not None else ("search_columns",)
        self._forget_unused_columns()
        self.datamodel.also_load([*self._listed_relations(), *self.eager])
        add_step(self._base_filters, lambda query: self.scope(query))

    def _forget_unused_columns(self) -> None:
        """Empty the columns of pages the view does not have; FAB filled them with everything."""
        for permission in ("show", "add", "edit"):
            if (
                self.base_permissions is not None
                and f"can_{permission}" not in self.base_permissions
            ):
                setattr(self, f"{permission}_columns", [])

    def _listed_relations(self) -> list[str]:
        """Return the relations that the list shows, so that rows do not load them one by one."""
        roots = [column.split(".")[0] for column in self.list_columns]
        return [name for name in dict.fromkeys(roots) if self.datamodel.is_relation(name)]

    def _init_titles(self) -> None:
        what = self.singular or self.title
        if not self.list_title:
            self.list_title = self.title
        self.title = self.list_title
        self.add_title = self.add_title or _l("Add %(what)s", what=what)
        self.edit_title = self.edit_title or _l("Edit %(what)s", what=what)
        self.show_title = self.show_title or _l("Details of %(what)s", what=what)

    def _init_forms(self) -> None:
        self.search_form = OfficeForm
        converter = OfficeConverter(self.datamodel, self.choices_from)
        for kind in ("add", "edit"):
            form = getattr(self, f"{kind}_form") or converter.create_form(
                self.label_columns,
                getattr(self, f"{kind}_columns"),
                self.description_columns,
                self.validators_columns,
                getattr(self, f"{kind}_form_extra_fields"),
                getattr(self, f"{kind}_form_query_rel_fields"),
            )
            setattr(self, f"{kind}_form", form)

    def missing_declarations(self) -> list[str]:
        """Return what the guard test complains about: no search columns, no label, no title."""
        shown = {*self.list_columns, *self.show_columns, *self.add_columns, *self.edit_columns}
        unlabelled = sorted(shown - self.declared_labels)
        found = [*self.undeclared, *(f"label_columns[{name}]" for name in unlabelled)]
        return [*found, *(["title"] if str(self.list_title) in ("", "Title") else [])]
