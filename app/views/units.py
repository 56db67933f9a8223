"""服务场所 and 窗口（科室）: where the window stands and who answers for the results."""

from typing import Any, ClassVar

from flask import g
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired

from app.actions.setup import open_site
from app.clock import now
from app.domain.refusals import Code, Refusal
from app.domain.states import UnitKind
from app.fab.fields import ChoiceField
from app.fab.filters import every_word
from app.fab.interface import EagerInterface
from app.fab.lists import Button
from app.models import Site, Unit
from app.views.labels import choices, label
from app.views.records import RecordView, in_use_filters, own_sites, site_filter


class SiteView(RecordView):
    """服务场所: one hall with its own numbers, calendar, rosters and leaders."""

    datamodel = EagerInterface(Site)
    route_base = "/sites"
    title = _l("Sites")
    singular = _l("site")
    exclude_route_methods: ClassVar[set[str]] = {"delete"}
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_add", "can_edit"]
    list_columns: ClassVar[list[str]] = [
        "name", "paper_name", "office_name", "phone", "sort_order", "is_active",
    ]  # fmt: skip
    show_columns = add_columns = edit_columns = list_columns
    search_columns: ClassVar[list[str]] = []
    order_columns: ClassVar[list[str]] = ["sort_order"]
    base_order = ("sort_order", "asc")
    label_columns: ClassVar[dict[str, Any]] = {
        "name": _l("Name"),
        "paper_name": _l("Name on the papers"),
        "office_name": _l("Office in charge"),
        "phone": _l("Phone"),
        "sort_order": _l("Sort order"),
        "is_active": _l("In use"),
    }
    description_columns: ClassVar[dict[str, Any]] = {
        "paper_name": _l("Stands at the head of the papers; blank: the name of the site."),
    }
    empty_text = _l("No sites yet.")

    def create(self, form: Any) -> Any:
        """Open the new site with placeholder hours and the official calendar."""
        if g.user.site_id is not None:
            raise Refusal(Code.ROLE_MISSING)
        site = open_site(
            name=form.name.data,
            office_name=form.office_name.data,
            paper_name=form.paper_name.data,
            phone=form.phone.data,
            by=g.user,
            now=now(),
        )
        return self.save(site, form)

    def page_buttons(self) -> list[Button]:
        """Offer a new site to an administrator of all sites only."""
        return super().page_buttons() if g.user.site_id is None else []


def _kind_field() -> dict[str, Any]:
    return {
        "unit_kind": ChoiceField(
            _l("Kind of unit"),
            [DataRequired()],
            choices=lambda: choices(UnitKind),
            coerce=UnitKind,
        )
    }


class UnitView(RecordView):
    """窗口（科室）, in official rank order; switched off instead of deleted once used."""

    datamodel = EagerInterface(Unit)
    route_base = "/units"
    title = _l("Units")
    singular = _l("unit")
    list_columns: ClassVar[list[str]] = [
        "name",
        "unit_kind",
        "location",
        "phone",
        "handler_may_sign_off",
        "sort_order",
        "is_active",
    ]
    edit_columns: ClassVar[list[str]] = [
        "name",
        "unit_kind",
        "location",
        "phone",
        "sort_order",
        "handler_may_sign_off",
        "is_active",
    ]
    add_columns: ClassVar[list[str]] = ["site", *edit_columns]
    show_columns: ClassVar[list[str]] = ["site", *edit_columns]
    search_columns: ClassVar[list[str]] = ["name"]
    order_columns: ClassVar[list[str]] = ["sort_order"]
    base_order = ("sort_order", "asc")
    label_columns: ClassVar[dict[str, Any]] = {
        "site": _l("Site"),
        "name": _l("Name"),
        "unit_kind": _l("Kind of unit"),
        "location": _l("Place"),
        "phone": _l("Phone"),
        "sort_order": _l("Sort order"),
        "handler_may_sign_off": _l("Handlers may sign off"),
        "is_active": _l("In use"),
    }
    description_columns: ClassVar[dict[str, Any]] = {
        "sort_order": _l("Official rank order: the smaller comes first."),
        "handler_may_sign_off": _l(
            "Ticked: handlers may submit results for the head of the unit (D-17)."
        ),
        "is_active": _l("A unit switched off gets no new matters; its history stays."),
    }
    formatters_columns: ClassVar[dict[str, Any]] = {
        "unit_kind": lambda value: label(UnitKind(value)),  # FAB hands over the plain value
    }
    add_form_extra_fields = _kind_field()
    edit_form_extra_fields = _kind_field()
    choices_from: ClassVar[dict[str, Any]] = {"site": own_sites}
    quick_filters = in_use_filters(Unit)
    choice_filters: ClassVar[list[Any]] = [site_filter(Unit.site_id)]
    search_hint = _l("Name, place or phone")
    empty_text = _l("No units yet.")

    def search_text(self, query: Any, text: str) -> Any:
        """Find by name, place or phone."""
        return query.filter(every_word(text, Unit.name, Unit.location, Unit.phone))


def register(appbuilder: AppBuilder) -> None:
    """Add the screens."""
    appbuilder.add_view_no_menu(SiteView)
    appbuilder.add_view_no_menu(UnitView)
