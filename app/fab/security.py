"""FAB's security manager with permissions read once a request, and the log-in and log-out views."""

from typing import Any

from flask import current_app, flash, g, has_request_context, redirect
from flask_appbuilder import expose
from flask_appbuilder.const import AUTH_DB, AUTH_OAUTH
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    assoc_group_role,
    assoc_permissionview_role,
    assoc_user_group,
    assoc_user_role,
)
from flask_appbuilder.security.views import AuthDBView
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from sqlalchemy import Select, select

from app.fab.accounts import AccountView, OwnPasswordView, PasswordView, RoleView
from app.fab.directory import Directory

Grants = frozenset[tuple[str, str]]


class OfficeAuthView(AuthDBView):
    """Log-in with the office's own page; log-out by POST, so that no link can do it."""

    login_template = "appbuilder/general/security/login_db.html"

    @property
    def invalid_login_message(self) -> str:
        """Return the same words for whatever went wrong."""
        if not has_request_context():  # FAB reads every attribute when it builds the view
            return ""
        return str(self.appbuilder.sm.refusal_words())

    @expose("/logout/", methods=["POST"])
    @no_cache
    def logout(self) -> Any:
        """End the session and show the log-in page."""
        self.appbuilder.sm.log_out()
        flash(_("You are logged out."), "info")
        return redirect(self.appbuilder.get_url_for_login)


class CachedPermissions:
    """Mixin: FAB asks the database once per menu item and button; this asks once per request."""

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Say whether the person of this request has the permission on the view."""
        if self.builtin_roles or getattr(g, "_api_key_user", False):
            return super().has_access(permission_name, view_name)
        if current_user.is_authenticated:
            return (permission_name, view_name) in self.grants_of(current_user)
        return super().has_access(permission_name, view_name)

    def get_user_menu_access(self, menu_names: list[str] | None = None) -> set[str]:
        """Return the menu names the person may open."""
        if self.builtin_roles or not current_user.is_authenticated:
            return super().get_user_menu_access(menu_names)
        grants = self.grants_of(current_user)
        return {view for permission, view in grants if permission == "menu_access"}

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Say whether anybody at all may; read once per request."""
        if "fab_public_grants" not in g:
            role = select(Role.id).where(Role.name == self.auth_role_public)
            g.fab_public_grants = self._read(role)
        return (permission_name, view_name) in g.fab_public_grants

    def grants_of(self, user: Any) -> Grants:
        """Return every (permission, view) of the user's roles and groups; none if inactive."""
        if not user.is_active:
            return frozenset()
        cache = g.__dict__.setdefault("fab_grants", {})
        key = user.get_id()
        if key not in cache:
            direct = select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == user.id)
            through_groups = (
                select(assoc_group_role.c.role_id)
                .join(
                    assoc_user_group,
                    assoc_user_group.c.group_id == assoc_group_role.c.group_id,
                )
                .where(assoc_user_group.c.user_id == user.id)
            )
            cache[key] = self._read(direct.union(through_groups))
        return cache[key]

    def _read(self, role_ids: Any) -> Grants:
        statement: Select[Any] = (
            select(Permission.name, ViewMenu.name)
            .join(PermissionView, PermissionView.permission_id == Permission.id)
            .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
            .join(
                assoc_permissionview_role,
                assoc_permissionview_role.c.permission_view_id == PermissionView.id,
            )
            .where(assoc_permissionview_role.c.role_id.in_(role_ids))
        )
        return frozenset((name, view) for name, view in self.session.execute(statement))


class SafeSecurityManager(CachedPermissions, Directory, SecurityManager):
    """The base of the application's security manager; subclass it to add accounts and lock-out."""

    authdbview = OfficeAuthView
    userdbmodelview = AccountView
    rolemodelview = RoleView
    resetpasswordview = PasswordView
    resetmypasswordview = OwnPasswordView
    userstatschartview = None  # its page loads Google's chart loader

    def refusal_words(self) -> str:
        """Return what a person reads who was not let in."""
        return _("Invalid login. Please try again.")

    def log_out(self) -> None:
        """End the log-in of this request."""
        logout_user()

    @property
    def keeps_passwords(self) -> bool:
        """Return whether passwords are this system's own; else no page is about them."""
        return self.auth_type == AUTH_DB

    def note_failure(self, username: str, why: str = "") -> None:
        """Be told that nobody came in."""

    def get_oauth_user_info(self, provider: str, resp: dict[str, Any]) -> dict[str, Any]:
        """Return username, first_name, email and role_keys; from the id_token, else by asking."""
        claims = dict(resp.get("userinfo") or self.oauth_remotes[provider].userinfo())
        names = current_app.config["OAUTH_CLAIMS"]
        groups = claims.get(names["role_keys"]) or []
        return {
            "username": str(claims.get(names["username"]) or ""),
            "first_name": str(claims.get(names["first_name"]) or ""),
            "email": str(claims.get("email") or ""),
            "role_keys": [groups] if isinstance(groups, str) else list(groups),
        }

    def _view_of_the_door(self) -> Any:
        if self.auth_type != AUTH_OAUTH:
            return self.authdbview()
        from app.fab.oauth import OfficeOAuthView  # here: Authlib need not be installed

        return OfficeOAuthView()

    def register_views(self) -> None:
        """Add log-in, accounts and roles without a menu: the application places them in its own.

        FAB's JWT log-in, self-service name change, groups and raw permission tables stay out.
        """
        add = self.appbuilder.add_view_no_menu
        self.auth_view = self._view_of_the_door()
        add(self.auth_view)
        if self.is_auth_limited:
            self.limiter.limit(self.auth_rate_limit, methods=["POST"])(self.auth_view.blueprint)
        add(self.resetpasswordview())
        add(self.resetmypasswordview())
        self.user_view = self.userdbmodelview()
        add(self.user_view)
        add(self.rolemodelview())
