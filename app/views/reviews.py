"""领导小组研究: what is before the group, since when, and what it decided."""

from typing import Any

from flask_appbuilder import AppBuilder
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from app.domain.states import Action, State
from app.fab.formats import NOTHING, date_zh, datetime_zh
from app.fab.interface import EagerInterface
from app.fab.lists import Button
from app.models import GroupReview
from app.reports import figures
from app.views.case_rows import left_text, move_links
from app.views.labels import label
from app.views.moment import moment
from app.views.work_list import CaseRegister


class GroupReviewView(CaseRegister):
    """The agenda of the leading group and its decisions."""

    datamodel = EagerInterface(GroupReview)
    route_base = "/group-reviews"
    title = _l("Leading group reviews")
    list_columns = ["case", "asked_at", "reason", "met_at", "decision", "new_due_at"]
    label_columns = {
        "case": _l("Case"),
        "asked_at": _l("Put before the group"),
        "reason": _l("Reason"),
        "met_at": _l("Met"),
        "decision": _l("Group decision"),
        "new_due_at": _l("New due time"),
    }
    order_columns = ["asked_at", "new_due_at"]
    base_order = ("asked_at", "desc")
    eager = (*CaseRegister.eager, "lead_unit")
    quick_filters = (
        (
            "open",
            _l("To be decided"),
            lambda query, _user, _now: query.filter(GroupReview.confirmed_at.is_(None)),
        ),
        (
            "month",
            _l("This month"),
            lambda query, _user, now: query.filter(
                figures.month_of(now).holds(GroupReview.asked_at)
            ),
        ),
        ("all", _l("All"), lambda query, _user, _now: query),
    )
    empty_text = _l("Nothing is before the leading group.")

    def cell(self, item: Any, column: str) -> Any:
        """Return since when it waits, why, and what was decided."""
        if column == "asked_at" and item.case.state is State.GROUP_REVIEW and is_open(item):
            stand = moment().standing(item.case)
            days = Markup('<span class="row-left text-{}">{}</span>').format(
                stand.card.value, left_text(stand)
            )
            return escape(date_zh(item.asked_at)) + days
        if column == "asked_at":
            return date_zh(item.asked_at)
        if column == "reason" and item.is_auto:
            return _("The extension ran out")
        if column == "decision" and item.decision_type:
            unit = item.lead_unit.name if item.lead_unit else ""
            mark = Markup('<span class="tag tag-info">{}</span> ').format(label(item.decision_type))
            return mark + escape(f"{item.decision}（{unit}）" if unit else item.decision)
        if column in ("met_at", "new_due_at"):
            value = getattr(item, column)
            return datetime_zh(value) if value else NOTHING
        return super().cell(item, column)

    def row_class(self, item: Any) -> str:
        """Return the colour of a case that waits too long for its decision."""
        return f"is-{moment().standing(item.case).card.value}" if is_open(item) else ""

    def row_buttons(self, item: Any) -> list[Button]:
        """Return the record and its confirmation where the person may."""
        if not is_open(item):
            return []
        return move_links(item.case, (Action.CONFIRM_DECISION, Action.RECORD_DECISION))


def is_open(review: GroupReview) -> bool:
    """Return whether the 组长 has not confirmed it yet."""
    return review.confirmed_at is None


def register(appbuilder: AppBuilder) -> None:
    """Add the group's agenda."""
    appbuilder.add_view_no_menu(GroupReviewView)
