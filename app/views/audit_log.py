"""审计日志: who did what, when and from where, for 审计员; nothing here can be changed."""

import json
from typing import Any, ClassVar

from flask_appbuilder import AppBuilder
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from sqlalchemy import or_

from app.domain.audit import AuditAction, AuditResult
from app.fab.interface import EagerInterface
from app.fab.lists import ChoiceFilter
from app.models import AuditEntry
from app.views.audit_words import ACTIONS, FACTS, OBJECTS
from app.views.case_rows import note
from app.views.work_list import WorkList

DOOR = (
    AuditAction.LOGIN, AuditAction.LOGIN_FAILED, AuditAction.LOCKED, AuditAction.UNLOCKED,
    AuditAction.LOGOUT, AuditAction.PASSWORD_CHANGED, AuditAction.PASSWORD_RESET,
)  # fmt: skip
SETUP = (AuditAction.CREATED, AuditAction.CHANGED, AuditAction.DELETED)


def _of(*actions: AuditAction) -> Any:
    return lambda query, _user, _now: query.filter(AuditEntry.action.in_(actions))


class AuditView(WorkList):
    """The entries, newest first."""

    datamodel = EagerInterface(AuditEntry)
    route_base = "/audit"
    include_route_methods: ClassVar[set[str]] = {"list"}
    title = _l("Audit log")
    list_columns = ["id", "at", "account_name", "action", "object_name", "after", "address"]
    label_columns = {
        "id": _l("No."),
        "at": _l("Time"),
        "account_name": _l("Person"),
        "action": _l("Deed"),
        "object_name": _l("Object"),
        "after": _l("Before and after"),
        "address": _l("From"),
    }
    order_columns = ["id"]
    base_order = ("id", "desc")
    empty_text = _l("Nothing is recorded here.")
    search_hint = _l("Person, object, address or reference number")
    quick_filters = (
        ("all", _l("All"), lambda query, _user, _now: query),
        ("door", _l("Log-ins"), _of(*DOOR)),
        ("setup", _l("Settings and accounts"), _of(*SETUP)),
        ("cases", _l("Matters"), _of(AuditAction.CASE_EVENT)),
        ("out", _l("Exports and prints"), _of(AuditAction.EXPORTED, AuditAction.PRINTED)),
        ("refused", _l("Refused"),
         lambda query, _user, _now: query.filter(AuditEntry.result == AuditResult.REFUSED)),
    )  # fmt: skip
    choice_filters = (
        ChoiceFilter(
            "action",
            _l("All deeds"),
            lambda: list(ACTIONS.items()),
            lambda query, value: query.filter(AuditEntry.action == AuditAction(value)),
        ),
    )

    def search_text(self, query: Any, text: str) -> Any:
        """Narrow to a person, an object, an address or a request's reference number."""
        columns = (
            AuditEntry.account_name, AuditEntry.object_name, AuditEntry.address,
            AuditEntry.reference,
        )  # fmt: skip
        return query.filter(or_(*(c.contains(text, autoescape=True) for c in columns)))

    def cell(self, item: Any, column: str) -> Any:
        """Return words for codes, and what changed as a line for each fact."""
        if column == "account_name":
            return escape(item.account_name or _("Not logged in")) + note(item.roles)
        if column == "action":
            words = ACTIONS[item.action]
            return note(words) if item.result is AuditResult.REFUSED else words
        if column == "object_name":
            kind = OBJECTS.get(item.object_type, item.object_type)
            return escape(item.object_name or item.object_id) + note(kind)
        if column == "after":
            return _difference(item.before, item.after)
        if column == "address":
            return escape(item.address or "—") + note(item.reference)
        return super().cell(item, column)


def _difference(before: str, after: str) -> Markup:
    old, new = (json.loads(text) if text else {} for text in (before, after))
    lines = [
        f"{FACTS[key]}：{_shown(old[key])} → {_shown(new[key])}" if key in old and key in new
        else f"{FACTS[key]}：{_shown((new | old)[key])}"
        for key in sorted(old | new) if key in FACTS
    ]  # fmt: skip
    return Markup("<br>").join(escape(line) for line in lines) or Markup("—")


def _shown(value: Any) -> str:
    """Return a fact as people read it: 是 and 否, a dash for nothing, names of several."""
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, list):
        return "、".join(str(one) for one in value)
    return "—" if value in (None, "") else str(value)


def register(appbuilder: AppBuilder) -> None:
    """Add the log."""
    appbuilder.add_view_no_menu(AuditView)
