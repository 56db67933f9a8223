"""延期审批 and 退回（改派）: what units ask for, and who decides it."""

from typing import Any

from flask import flash, g
from flask_appbuilder import AppBuilder
from flask_appbuilder.actions import action
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from app import clock
from app.actions.extensions import approve_extension, pending_extension
from app.actions.moves import lock_case
from app.domain.refusals import Refusal
from app.domain.states import Action, RequestStatus
from app.fab.formats import datetime_zh
from app.fab.interface import EagerInterface
from app.fab.lists import Button
from app.models import Extension, ReturnRequest
from app.reports import figures
from app.unit_of_work import unit_of_work
from app.views.case_rows import move_href, move_links, note
from app.views.labels import label
from app.views.messages import sentence
from app.views.moment import moment
from app.views.work_list import CaseRegister

AGREED = "同意"  # the leader's opinion as the paper has it (§3.5)


def by_status(model: Any) -> tuple[Any, ...]:
    """Return the tabs of a register of applications: waiting, of this month, all."""

    def pending(query: Any, _user: Any, _now: Any) -> Any:
        return query.filter(model.status == RequestStatus.PENDING)

    def month(query: Any, _user: Any, now: Any) -> Any:
        asked = model.applied_at if model is Extension else model.requested_at
        return query.filter(figures.month_of(now).holds(asked))

    return (
        ("pending", _l("Waiting"), pending),
        ("month", _l("This month"), month),
        ("all", _l("All"), lambda query, _user, _now: query),
    )


def status_cell(item: Any) -> Markup:
    """Return how an application ended, with the opinion, or that it waits."""
    looks = {RequestStatus.PENDING: "pending", RequestStatus.AGREED: "done"}
    mark = Markup('<span class="tag tag-{}">{}</span> ').format(
        looks.get(item.status, "muted"), label(item.status)
    )
    who = item.decided_by.name if item.decided_by else ""
    return mark + escape(f"{who} {item.opinion}".strip())


class ExtensionView(CaseRegister):
    """延期审批: today's leader decides in the row; the form is for fewer days or a refusal."""

    datamodel = EagerInterface(Extension)
    route_base = "/extensions"
    base_permissions = ["can_list", "approve"]
    title = _l("Extensions")
    list_columns = [
        "case",
        "unit",
        "days_asked",
        "former_due_at",
        "reason",
        "status",
    ]
    label_columns = {
        "case": _l("Case"),
        "unit": _l("Applicant"),
        "days_asked": _l("Days asked"),
        "former_due_at": _l("Due now, if granted"),
        "reason": _l("Reason and work done"),
        "status": _l("Decision"),
        "applied_at": _l("Applied"),
    }
    order_columns = ["former_due_at", "days_asked"]
    base_order = ("former_due_at", "asc")
    eager = (*CaseRegister.eager, "decided_by", "applied_by")
    quick_filters = by_status(Extension)
    empty_text = _l("No extension waits for a decision.")

    def cell(self, item: Any, column: str) -> Any:
        """Return days with their mark, the reason with the work done, the decision."""
        if column == "days_asked":
            late = Markup(' <span class="tag tag-red">{}</span>').format(_("Asked late"))
            days = _("%(days)d working days", days=item.days_asked)
            return escape(days) + (late if item.is_late else Markup(""))
        if column == "reason":
            return escape(item.reason) + note(item.work_done)
        if column == "status":
            return status_cell(item)
        if column == "former_due_at":
            later = datetime_zh(item.new_due_at or item.asked_due_at)
            return escape(datetime_zh(item.former_due_at)) + note(f"→ {later}")
        return super().cell(item, column)

    def row_class(self, item: Any) -> str:
        """Return the colour of the case's card while the application waits."""
        waits = item.status is RequestStatus.PENDING
        return f"is-{moment().standing(item.case).card.value}" if waits else ""

    def action_allowed(self, name: str, item: Any) -> bool:
        """Say whether the application still waits; the move itself checks the person."""
        return item.status is RequestStatus.PENDING

    def row_buttons(self, item: Any) -> list[Button]:
        """Return 同意 as asked, and the forms for fewer days and for a refusal."""
        if item.status is not RequestStatus.PENDING:
            return []
        allowed = moment().allowed(item.case)
        if Action.APPROVE_EXTENSION not in allowed:
            return move_links(item.case, (Action.COMMENT_EXTENSION,))
        forms = (
            (Action.APPROVE_EXTENSION, _("Fewer days")), (Action.REFUSE_EXTENSION, _("Refuse")),
        )  # fmt: skip
        return [
            *self.action_buttons(item),
            *(Button(word, move_href(item.case_id, verb)) for verb, word in forms),
        ]

    @action("approve", _l("Agree"), _l("Grant the days asked?"), "fa-check", multiple=False)
    def approve(self, item: Any) -> Any:
        """Grant an application as asked (T16)."""
        try:
            with unit_of_work():
                case = lock_case(item.case_id)
                days = pending_extension(case).days_asked
                approve_extension(case, days=days, opinion=AGREED, by=g.user, now=clock.now())
        except Refusal as refusal:
            flash(sentence(refusal), "warning")
        else:
            flash(_("Extension granted."), "success")
        return self.after_action()


class ReturnRequestView(CaseRegister):
    """退回改派: “not ours”; the section decides the first time, the leader the second."""

    datamodel = EagerInterface(ReturnRequest)
    route_base = "/returns"
    title = _l("Returns and reassignments")
    list_columns = ["case", "unit", "reason", "suggest_unit", "decide_due_at", "status"]
    label_columns = {
        "case": _l("Case"),
        "unit": _l("Applicant"),
        "reason": _l("Reason for return"),
        "suggest_unit": _l("Unit suggested"),
        "requested_at": _l("Applied"),
        "decide_due_at": _l("To be decided by"),
        "status": _l("Decision"),
    }
    order_columns = ["decide_due_at"]
    base_order = ("decide_due_at", "asc")
    eager = (*CaseRegister.eager, "decided_by")
    quick_filters = by_status(ReturnRequest)
    empty_text = _l("No return waits for a decision.")

    def cell(self, item: Any, column: str) -> Any:
        """Return the decision in words."""
        return status_cell(item) if column == "status" else super().cell(item, column)

    def row_class(self, item: Any) -> str:
        """Return red once the day to decide is over."""
        late = item.status is RequestStatus.PENDING and item.decide_due_at < moment().now
        return "is-red" if late else ""

    def row_buttons(self, item: Any) -> list[Button]:
        """Return the decisions open to the person."""
        if item.status is not RequestStatus.PENDING:
            return []
        verbs = (Action.REASSIGN, Action.ASSIGN_LEAD, Action.REFUSE_RETURN, Action.RELEASE)
        return move_links(item.case, verbs)[:3]


def register(appbuilder: AppBuilder) -> None:
    """Add the registers of applications."""
    appbuilder.add_view_no_menu(ExtensionView)
    appbuilder.add_view_no_menu(ReturnRequestView)
