"""数据字典 and 制度依据: the words an office chooses itself."""

from typing import Any, ClassVar

from flask import request
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l
from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased
from wtforms.validators import DataRequired

from app.domain.states import DictKind
from app.fab.fields import ChoiceField
from app.fab.filters import every_word
from app.fab.interface import EagerInterface
from app.models import DictEntry
from app.views.labels import choices, label
from app.views.records import RecordView

_upper = aliased(DictEntry)
_upper_order = select(_upper.sort_order).where(_upper.id == DictEntry.parent_id).scalar_subquery()
# An upper level stands before its own words, those in their order.
TREE_ORDER = func.coalesce(_upper_order, DictEntry.sort_order) * 100_000 + case(
    (DictEntry.parent_id.is_(None), -1), else_=DictEntry.sort_order
)


def _of_kind(kind: DictKind) -> Any:
    return lambda query, user, now: query.filter(DictEntry.kind == kind)


def _kind_field() -> dict[str, Any]:
    return {
        "kind": ChoiceField(
            _l("List"),
            [DataRequired()],
            choices=lambda: [pair for pair in choices(DictKind) if pair[0] != DictKind.BASIS],
            default=lambda: request.args.get("kind"),
        )
    }


class DictEntryView(RecordView):
    """数据字典: causes in two levels, grounds, referrals, reasons of a bad rating."""

    datamodel = EagerInterface(DictEntry, orders={"name": TREE_ORDER})
    route_base = "/dictionary"
    title = _l("Dictionary")
    singular = _l("word")
    list_columns: ClassVar[list[str]] = ["name", "parent", "detail", "sort_order", "is_active"]
    edit_columns: ClassVar[list[str]] = ["name", "parent", "detail", "sort_order", "is_active"]
    add_columns: ClassVar[list[str]] = ["kind", *edit_columns]
    show_columns: ClassVar[list[str]] = ["kind", *edit_columns]
    search_columns: ClassVar[list[str]] = []
    order_columns: ClassVar[list[str]] = ["name"]
    base_order = ("name", "asc")
    label_columns: ClassVar[dict[str, Any]] = {
        "kind": _l("List"),
        "name": _l("Name"),
        "parent": _l("Upper level"),
        "detail": _l("Address, phone, explanation"),
        "sort_order": _l("Sort order"),
        "is_active": _l("In use"),
    }
    description_columns: ClassVar[dict[str, Any]] = {
        "parent": _l("Only causes have two levels."),
        "detail": _l("Of a place somebody is referred to: its address and phone."),
    }
    formatters_columns: ClassVar[dict[str, Any]] = {"kind": lambda kind: label(DictKind(kind))}
    add_form_extra_fields = _kind_field()
    choices_from: ClassVar[dict[str, Any]] = {
        "parent": lambda query: query.filter(
            DictEntry.kind == DictKind.CAUSE, DictEntry.parent_id.is_(None)
        )
    }
    quick_filters: ClassVar[list[Any]] = [
        (DictKind.CAUSE, _l("Causes"), _of_kind(DictKind.CAUSE)),
        (DictKind.GROUND, _l("Grounds of not accepting"), _of_kind(DictKind.GROUND)),
        (DictKind.REFERRAL, _l("Places of referral"), _of_kind(DictKind.REFERRAL)),
        (DictKind.BAD_REASON, _l("Reasons of dissatisfaction"), _of_kind(DictKind.BAD_REASON)),
    ]
    search_hint = _l("Search")
    empty_text = _l("This list is empty.")

    def search_text(self, query: Any, text: str) -> Any:
        """Find by name or explanation."""
        return query.filter(every_word(text, DictEntry.name, DictEntry.detail))

    def cell(self, item: Any, column: str) -> Any:
        """Indent the words under their upper level."""
        value = super().cell(item, column)
        return f"\u3000\u3000{value}" if column == "name" and item.parent_id else value

    def scope(self, query: Any) -> Any:
        """Leave the legal bases to their own screen."""
        return query.filter(DictEntry.kind != DictKind.BASIS)


class BasisView(RecordView):
    """制度依据: the documents the window works by (R02); everybody may read them."""

    datamodel = EagerInterface(DictEntry)
    route_base = "/bases"
    title = _l("Legal bases")
    singular = _l("legal basis")
    list_columns: ClassVar[list[str]] = ["name", "detail"]
    show_columns: ClassVar[list[str]] = ["name", "detail", "sort_order", "is_active"]
    add_columns = edit_columns = show_columns
    search_columns: ClassVar[list[str]] = []
    order_columns: ClassVar[list[str]] = ["sort_order"]
    label_columns: ClassVar[dict[str, Any]] = {
        "name": _l("Document"),
        "detail": _l("Issued by, number, explanation"),
        "sort_order": _l("Sort order"),
        "is_active": _l("In use"),
    }
    empty_text = _l("This list is empty.")

    def scope(self, query: Any) -> Any:
        """Return the bases; those switched off only to whoever edits them."""
        query = query.filter(DictEntry.kind == DictKind.BASIS)
        return query if self.may("can_edit") else query.filter(DictEntry.is_active)

    def values(self, form: Any) -> dict[str, Any]:
        """Add the list the entry belongs to."""
        return {**super().values(form), "kind": DictKind.BASIS.value}


def register(appbuilder: AppBuilder) -> None:
    """Add the screens."""
    appbuilder.add_view_no_menu(DictEntryView)
    appbuilder.add_view_no_menu(BasisView)
