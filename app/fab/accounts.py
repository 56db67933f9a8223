"""Accounts, own page, passwords and roles in the office's words; bases to be extended."""

from typing import Any, ClassVar

from flask import abort, current_app, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.security import generate_password_hash
from wtforms import PasswordField
from wtforms.validators import DataRequired, EqualTo

from app.clock import OFFICE_ZONE
from app.fab.fields import Password
from app.fab.filters import every_word
from app.fab.form_view import SafeFormView
from app.fab.formats import datetime_zh
from app.fab.forms import OfficeForm
from app.fab.interface import is_key
from app.fab.lists import Button
from app.fab.permissions import permission_groups
from app.fab.views import SafeModelView

NO_MAIL = "local.invalid"  # FAB wants an address that most window staff do not have


PASSWORD = _l("Password")


def password_fields(word: Any = PASSWORD) -> dict[str, Any]:
    """Return new fields for a password typed twice."""
    return {
        "password": PasswordField(
            word,
            validators=[DataRequired()],
            widget=Password(),
        ),
        "conf_password": PasswordField(
            _l("Confirm Password"),
            validators=[
                DataRequired(),
                EqualTo("password", message=_l("Passwords must match")),
            ],
            widget=Password(),
        ),
    }


def hashed(password: str) -> str:
    """Return the password as it is stored."""
    method = current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt")
    return generate_password_hash(password, method=method)


class AccountView(SafeModelView):
    """用户账号: one field 姓名, no mail; accounts are switched off, not deleted."""

    route_base = "/users"
    title = _l("User accounts")
    singular = _l("account")
    base_permissions: ClassVar[list[str]] = [
        "can_list",
        "can_show",
        "can_add",
        "can_edit",
        "can_userinfo",
        "can_reset_password",
    ]
    label_columns: ClassVar[dict[str, Any]] = {
        "first_name": _l("Full Name"),
        "username": _l("User Name"),
        "password": _l("Password"),
        "conf_password": _l("Confirm Password"),
        "roles": _l("Role"),
        "active": _l("In use"),
        "last_login": _l("Last login"),
        "login_count": _l("Login count"),
        "fail_login_count": _l("Failed login count"),
    }
    description_columns: ClassVar[dict[str, Any]] = {
        "active": _l("Switch off the account of someone who has left; do not delete it."),
        "username": _l("For logging in: letters, digits, dots and dashes."),
    }
    list_columns: ClassVar[list[str]] = ["first_name", "username", "roles", "active", "last_login"]
    show_columns: ClassVar[list[str]] = [
        *list_columns,
        "login_count",
        "fail_login_count",
    ]
    edit_columns: ClassVar[list[str]] = ["first_name", "username", "roles", "active"]
    add_columns: ClassVar[list[str]] = [*edit_columns, "password", "conf_password"]
    search_columns: ClassVar[list[str]] = ["username"]
    order_columns: ClassVar[list[str]] = ["username", "active", "last_login"]
    formatters_columns: ClassVar[dict[str, Any]] = {
        # FAB stores it without a zone, by the server's own clock.
        "last_login": lambda value: datetime_zh(value and value.astimezone(OFFICE_ZONE)),
        "roles": lambda roles: "、".join(_(role.name) for role in roles),
    }
    add_form_extra_fields = password_fields()
    search_hint = _l("Name or user name")
    empty_text = _l("No accounts.")

    def search_text(self, query: Any, text: str) -> Any:
        """Find by a part of 姓名 or user name."""
        user = self.datamodel.obj
        return query.filter(every_word(text, user.first_name, user.username))

    def pre_add(self, item: Any) -> None:
        """Fill what the form hides."""
        item.password = hashed(item.password)
        item.last_name = ""
        item.email = f"{item.username}@{NO_MAIL}"

    def pre_update(self, item: Any) -> None:
        """Keep the hidden address unique when the user name changes."""
        if item.email.endswith(f"@{NO_MAIL}"):
            item.email = f"{item.username}@{NO_MAIL}"

    def row_buttons(self, item: Any) -> list[Button]:
        """Add the new password to the row's buttons."""
        buttons = super().row_buttons(item)
        if self.may("can_reset_password") and self.appbuilder.sm.keeps_passwords:
            address = url_for(f"{self.endpoint}.reset_password", pk=item.id)
            buttons.append(Button(_("Reset Password"), address, icon="key"))
        return buttons

    @expose("/password/<pk>")
    @has_access
    def reset_password(self, pk: str) -> Any:
        """Go to the form for somebody else's new password."""
        view = self.appbuilder.sm.resetpasswordview.__name__
        return redirect(url_for(f"{view}.this_form_get", pk=self.fetch(pk).id))

    @expose("/userinfo/")
    @has_access
    def userinfo(self) -> Any:
        """Show the person's own account."""
        view = self.appbuilder.sm.resetmypasswordview.__name__
        address = url_for(f"{view}.this_form_get")
        button = Button(_("Change my password"), address, kind="primary", icon="key")
        buttons = [button] if self.appbuilder.sm.keeps_passwords else []
        widgets = self._get_show_widget(g.user.id, g.user)
        return self.render_template(
            self.show_template,
            title=_("My account"),
            widgets=widgets,
            related_views=[],
            buttons=[*buttons, *self.own_buttons()],
            back_url=self.appbuilder.get_url_for_index,
        )

    def own_buttons(self) -> list[Button]:
        """Return what else the page of one's own account leads to."""
        return []


class NewPasswordForm(OfficeForm):
    """A new password, typed twice."""

    password = password_fields()["password"]
    conf_password = password_fields()["conf_password"]


class OwnPasswordForm(OfficeForm):
    """The old password too: a computer left alone must not lose its account."""

    old_password = PasswordField(
        _l("Current password"), validators=[DataRequired()], widget=Password()
    )
    password = password_fields(_l("New password"))["password"]
    conf_password = password_fields()["conf_password"]


class OwnPasswordsOnly(SafeFormView):
    """A page about passwords; there is none where they are kept elsewhere."""

    def _page(self, form: Any) -> Any:
        return super()._page(form) if self.appbuilder.sm.keeps_passwords else abort(404)

    def form_post(self, form: Any) -> None:
        """Store the password; only the application knows how."""
        if not self.appbuilder.sm.keeps_passwords:
            abort(404)


class PasswordView(OwnPasswordsOnly):
    """Somebody else's new password, set by an administrator; the application stores it."""

    route_base = "/resetpassword"
    form = NewPasswordForm
    form_title = _l("Reset Password")
    message = _l("Password Changed")

    def done_url(self) -> str:
        """Go back to the accounts."""
        return self.appbuilder.sm.user_view.list_url()


class OwnPasswordView(OwnPasswordsOnly):
    """One's own new password; the application checks the old one and stores it."""

    route_base = "/resetmypassword"
    form = OwnPasswordForm
    form_title = _l("Change my password")
    message = _l("Password Changed")


class RoleView(SafeModelView):
    """角色授权: roles and what each may do, as a matrix in words."""

    route_base = "/roles"
    title = _l("Roles")
    singular = _l("role")
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_add", "can_edit"]
    label_columns: ClassVar[dict[str, Any]] = {"name": _l("Name")}
    list_columns: ClassVar[list[str]] = ["name"]
    show_columns = edit_columns = add_columns = list_columns
    search_columns: ClassVar[list[str]] = []
    formatters_columns: ClassVar[dict[str, Any]] = {"name": lambda name: _(name)}
    show_template = edit_template = "appbuilder/general/security/role.html"

    def render_template(self, template: str, **kwargs: Any) -> str:
        """Give the role's page its matrix."""
        pk = (request.view_args or {}).get("pk")
        if pk is not None:
            kwargs["matrix"] = permission_groups(self.appbuilder, self.fetch(pk))
            kwargs["is_editing"] = (request.endpoint or "").endswith(".edit")
        return super().render_template(template, **kwargs)

    def post_update(self, item: Any) -> None:
        """Give the role exactly the ticked permissions."""
        ticked = {int(pk) for pk in request.form.getlist("grants") if is_key(pk)}
        model = self.appbuilder.sm.permissionview_model
        query = self.datamodel.session.query(model).filter(model.id.in_(ticked))
        item.permissions = query.all()
