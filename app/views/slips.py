"""事项交办单: every slip with its NO, void ones too."""

from typing import Any, ClassVar

from flask import g, has_request_context, request, url_for
from flask_appbuilder import AppBuilder
from flask_appbuilder.actions import action
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from sqlalchemy import false, select

from app.actions.visibility import visible_slips
from app.domain.states import UNIT_ROLES
from app.fab.formats import datetime_zh
from app.fab.interface import EagerInterface
from app.fab.lists import Button, ChoiceFilter
from app.models import Slip, Unit
from app.reports import figures
from app.views.case_rows import case_href, may_open, note
from app.views.case_tabs import unit_choices
from app.views.labels import label
from app.views.list_words import figure_choices
from app.views.moment import moment
from app.views.print_rows import print_ticked
from app.views.work_list import WorkList

BIGGEST_NO = 999_999
UNIT_RANK = select(Unit.sort_order).where(Unit.id == Slip.unit_id).scalar_subquery()
UNIT_FILTER = ChoiceFilter(
    "unit",
    _l("All units"),
    unit_choices,
    lambda query, value: query.filter(Slip.unit_id == int(value)),
)
FIGURE_FILTER = ChoiceFilter(
    "figure",
    _l("Figures of this month"),
    lambda: figure_choices(Slip),
    lambda query, value: query.filter(
        figures.counted(value, period=figures.month_of(moment().now))
    ),
)


class SlipView(WorkList):
    """The slips a person may see: a unit its own, the office all."""

    datamodel = EagerInterface(Slip, orders={"unit": UNIT_RANK})
    route_base = "/slips"
    title = _l("Hand-over slips")
    list_columns = ["no", "subject", "unit", "slip_kind", "issued_at", "due_at", "signed_at"]
    base_permissions: ClassVar[list[str]] = ["can_list", "print_slips"]
    order_columns = ["unit", "issued_at", "due_at"]
    base_order = ("issued_at", "desc")
    eager = ("case", "signed_by")
    label_columns = {
        "no": _l("Slip number"),
        "subject": _l("Item"),
        "unit": _l("Receiving unit"),
        "slip_kind": _l("Kind"),
        "issued_at": _l("Dispatched at"),
        "due_at": _l("Due"),
        "signed_at": _l("Signed for"),
    }
    quick_filters = (
        ("valid", _l("Valid"), lambda query, _user, _now: query.filter(Slip.is_void.is_(False))),
        (
            "unsigned",
            _l("Not signed"),
            lambda query, _user, _now: query.filter(
                Slip.is_void.is_(False), Slip.signed_at.is_(None)
            ),
        ),
        ("void", _l("Void"), lambda query, _user, _now: query.filter(Slip.is_void.is_(True))),
        ("all", _l("All"), lambda query, _user, _now: query),
    )

    @property
    def choice_filters(self) -> list[ChoiceFilter]:
        """Return the selects that help here; a unit's list has no other units."""
        if not has_request_context():
            return []
        found = [] if moment().roles <= UNIT_ROLES else [UNIT_FILTER]
        return [*found, FIGURE_FILTER] if request.args.get(FIGURE_FILTER.key) else found

    search_hint = _l("Slip number or words of the item")
    empty_text = _l("No slips here.")

    def scope(self, query: Any) -> Any:
        """Return the slips the person may see."""
        return query.filter(visible_slips(g.user))

    def search_text(self, query: Any, text: str) -> Any:
        """Narrow to a NO, or to words of the item."""
        digits = text.upper().removeprefix("NO").strip(". ")
        if digits.isascii() and digits.isdigit():
            wanted = int(digits) if len(digits) <= 6 else BIGGEST_NO + 1
            return query.filter(Slip.slip_no == wanted if wanted <= BIGGEST_NO else false())
        return query.filter(Slip.subject.contains(text, autoescape=True))

    def cell(self, item: Any, column: str) -> Any:
        """Return NO with 作废 beside it, and who signed when."""
        if column == "no":
            void = Markup(' <span class="tag tag-muted">{}</span>').format(_("Void"))
            return Markup('<span class="nowrap">NO {}</span>{}').format(
                item.no, void if item.is_void else ""
            )
        if column == "slip_kind":
            return label(item.slip_kind)
        if column == "signed_at" and item.signed_at:
            who = item.signed_by.name if item.signed_by else ""
            return escape(datetime_zh(item.signed_at)) + note(who)
        return super().cell(item, column)

    def row_class(self, item: Any) -> str:
        """Return grey for a void slip."""
        return "is-muted" if item.is_void else ""

    def row_href(self, item: Any) -> str:
        """Return the case page; a unit whose slip is void has no case behind it any more."""
        gone = item.is_void and moment().roles <= UNIT_ROLES
        return case_href(item.case_id) if may_open(g.user) and not gone else ""

    @action("print_slips", _l("Print the slips"), "", "fa-print", single=False)
    def print_slips(self, items: Any) -> Any:
        """Go to the print page of the ticked slips."""
        return print_ticked(items, "PaperView.some_slips", self.list_url())

    def row_buttons(self, item: Any) -> list[Button]:
        """Return the paper of the slip."""
        if not self.row_href(item):
            return []
        address = url_for("PaperView.slips", case_id=item.case_id)
        return [Button(_("Print the slip"), address, icon="print")]


def register(appbuilder: AppBuilder) -> None:
    """Add the slips."""
    appbuilder.add_view_no_menu(SlipView)
