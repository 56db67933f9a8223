"""领导小组: who sits in the leading group, with post, official rank and validity."""

import datetime as dt
from typing import Any, ClassVar

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l

from app.clock import today
from app.domain.states import Role
from app.fab.interface import EagerInterface
from app.models import Account, GroupMember
from app.models.roles import ROLE_NAMES
from app.views.records import RecordView, own_sites, site_filter

GROUP_ROLES = (Role.GROUP_HEAD, Role.GROUP_MEMBER, Role.DUTY_LEADER)


def group_people(query: Any) -> Any:
    """Narrow a select of accounts to the leadership, in official rank order."""
    names = [ROLE_NAMES[role] for role in GROUP_ROLES]
    role = Account.roles.property.mapper.class_
    return query.filter(Account.active.is_(True), Account.roles.any(role.name.in_(names)))


def _valid(query: Any, on: dt.date) -> Any:
    return query.filter(
        GroupMember.valid_from <= on,
        GroupMember.valid_to.is_(None) | (GroupMember.valid_to >= on),
    )


class GroupMemberView(RecordView):
    """领导小组成员; someone who leaves gets an end of validity, so that old minutes stay true."""

    datamodel = EagerInterface(GroupMember)
    route_base = "/group-members"
    title = _l("Leading group")
    singular = _l("member")
    list_columns: ClassVar[list[str]] = [
        "account",
        "post",
        "is_head",
        "sort_order",
        "valid_from",
        "valid_to",
    ]
    edit_columns: ClassVar[list[str]] = [
        "account",
        "post",
        "is_head",
        "sort_order",
        "valid_from",
        "valid_to",
    ]
    add_columns: ClassVar[list[str]] = ["site", *edit_columns]
    show_columns: ClassVar[list[str]] = ["site", *edit_columns]
    search_columns: ClassVar[list[str]] = []
    order_columns: ClassVar[list[str]] = ["sort_order", "valid_from"]
    base_order = ("sort_order", "asc")
    label_columns: ClassVar[dict[str, Any]] = {
        "site": _l("Site"),
        "account": _l("Full Name"),
        "post": _l("Post"),
        "is_head": _l("Head of the group"),
        "sort_order": _l("Sort order"),
        "valid_from": _l("Valid from"),
        "valid_to": _l("Valid to"),
    }
    description_columns: ClassVar[dict[str, Any]] = {
        "account": _l("Only people with a role of the leadership are offered."),
        "sort_order": _l("Official rank order: the smaller comes first."),
        "valid_to": _l("Empty: until further notice. Fill it in when somebody leaves."),
    }
    choices_from: ClassVar[dict[str, Any]] = {"site": own_sites, "account": group_people}
    quick_filters: ClassVar[list[Any]] = [
        ("now", _l("In office"), lambda query, user, now: _valid(query, now.date())),
        ("all", _l("All"), lambda query, user, now: query),
    ]
    choice_filters: ClassVar[list[Any]] = [site_filter(GroupMember.site_id)]
    empty_text = _l("No members yet.")

    def row_class(self, item: Any) -> str:
        """Grey out former members."""
        return "is-muted" if item.valid_to and item.valid_to < today() else ""


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    appbuilder.add_view_no_menu(GroupMemberView)
