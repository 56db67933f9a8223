"""FAB's permission tables brought to what app/security.py says, and nothing else touched."""

from flask import current_app
from flask_appbuilder import AppBuilder
from flask_appbuilder.security.sqla.models import Permission, PermissionView, ViewMenu
from flask_appbuilder.security.sqla.models import Role as RoleRecord
from sqlalchemy import select

from app.domain.states import Role
from app.extensions import db
from app.models.roles import ROLE_NAMES
from app.security import EVERYONE, SCREENS
from app.unit_of_work import unit_of_work

Grant = tuple[str, str]


def sync_roles() -> int:
    """Bring FAB's permission tables to what SCREENS and the registered views say.

    Returns the number of rows and grants changed: nought on a second run. Roles that are not the
    office's own are left alone.
    """
    appbuilder = current_app.appbuilder
    with unit_of_work():
        rows, changed = _permission_rows(_offered(appbuilder))
        menu = _menu_pages(appbuilder)
        for role in EVERYONE:
            wanted = {rows[grant] for grant in granted_to(role, menu) if grant in rows}
            changed += _set_grants(_role_record(ROLE_NAMES[role]), wanted)
        return changed


def granted_to(role: Role, menu: dict[str, str]) -> set[Grant]:
    """Return the (permission, view) pairs of a role; `menu` names the page behind each entry."""
    grants = {(p, view) for view, rows in SCREENS.items() for p, rs in rows.items() if role in rs}
    return grants | {
        ("menu_access", view) for view, permission in menu.items() if (permission, view) in grants
    }


def _offered(appbuilder: AppBuilder) -> set[Grant]:
    """Return every (permission, view) there is: those of the views, and of the menu's entries."""
    offered = {
        (permission, view.class_permission_name)
        for view in appbuilder.baseviews
        for permission in view.base_permissions or ()
    }
    return offered | {("menu_access", name) for name in _menu_pages(appbuilder)}


def _menu_pages(appbuilder: AppBuilder) -> dict[str, str]:
    """Return the permission that opens the page behind each menu entry, by the entry's name."""
    return {item.name: item.permission for item in menu_items(appbuilder)}


def menu_items(appbuilder: AppBuilder) -> list:
    """Return the entries of the menu that lead to a page."""
    top = appbuilder.menu.get_list()
    return [entry for item in top for entry in (item.childs or [item])]


def _permission_rows(offered: set[Grant]) -> tuple[dict[Grant, PermissionView], int]:
    """Return the record of every offered pair, those that were missing now added."""
    permissions = {row.name: row for row in db.session.scalars(select(Permission))}
    views = {row.name: row for row in db.session.scalars(select(ViewMenu))}
    rows = {
        (row.permission.name, row.view_menu.name): row
        for row in db.session.scalars(select(PermissionView))
    }
    missing = sorted(offered - set(rows))
    for permission, view in missing:
        rows[permission, view] = PermissionView(
            permission=permissions.setdefault(permission, Permission(name=permission)),
            view_menu=views.setdefault(view, ViewMenu(name=view)),
        )
        db.session.add(rows[permission, view])
    db.session.flush()
    return {grant: rows[grant] for grant in offered}, len(missing)


def _role_record(name: str) -> RoleRecord:
    record = db.session.scalars(select(RoleRecord).where(RoleRecord.name == name)).first()
    if record is None:
        record = RoleRecord(name=name)
        db.session.add(record)
    return record


def _set_grants(record: RoleRecord, wanted: set[PermissionView]) -> int:
    """Give the role exactly these; return how many were added or taken away."""
    held = set(record.permissions)
    if held != wanted:
        record.permissions = sorted(wanted, key=lambda row: row.id)
    return len(held ^ wanted)
