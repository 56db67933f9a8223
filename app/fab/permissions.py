"""The permissions of a role in words: views and what may be done on them."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

LABELS = {
    "menu_access": _l("Menu"),
    "can_list": _l("See the list"),
    "can_show": _l("See the details"),
    "can_add": _l("Add"),
    "can_edit": _l("Edit"),
    "can_delete": _l("Delete"),
    "can_userinfo": _l("See own account"),
    "can_reset_password": _l("Reset Password"),
    "can_this_form_get": _l("Open the form"),
    "can_this_form_post": _l("Send the form"),
}


@dataclass(frozen=True)
class Grant:
    """One permission on one view, and whether the role has it."""

    pk: int
    label: str
    is_granted: bool


@dataclass(frozen=True)
class GrantGroup:
    """All permissions of one view or menu."""

    label: str
    grants: list[Grant]


def view_label(appbuilder: Any, name: str) -> str:
    """Return the view's or menu's own title; the bare name if nothing is known by it."""
    for view in appbuilder.baseviews:
        if view.class_permission_name == name:
            title = getattr(view, "title", "") or getattr(view, "form_title", "")
            if title:
                return _(str(title))
    item = appbuilder.menu.find(name)
    return _(str(item.label)) if item else _(name)


def permission_label(appbuilder: Any, view_name: str, name: str) -> str:
    """Return the permission's word: the view's own, an action's text, or the common one."""
    for view in appbuilder.baseviews:
        if view.class_permission_name == view_name:
            own = getattr(view, "permission_labels", {}).get(name)
            action = (getattr(view, "actions", None) or {}).get(name)
            if own or action:
                return str(own or _(str(action.text)))
    return str(LABELS.get(name) or _(name))


def permission_groups(appbuilder: Any, role: Any) -> list[GrantGroup]:
    """Return every permission of the installation, grouped, with the role's own marked."""
    manager = appbuilder.sm
    granted = {grant.id for grant in role.permissions}
    groups: dict[str, list[Grant]] = {}
    for grant in manager.session.query(manager.permissionview_model).all():
        view, name = grant.view_menu.name, grant.permission.name
        cell = Grant(grant.id, permission_label(appbuilder, view, name), grant.id in granted)
        groups.setdefault(view_label(appbuilder, view), []).append(cell)
    return [GrantGroup(label, grants) for label, grants in groups.items()]
