"""用户账号: who comes in and where they belong; roles are given on a form of their own (三员)."""

import datetime as dt
from typing import Any, ClassVar

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.security.sqla.models import Role as RoleRecord
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from sqlalchemy import and_, func, select
from wtforms import StringField
from wtforms.validators import Length

from app.actions import access
from app.actions.accounts import Person, add_account, change_account, set_roles
from app.actions.channels import MAIL, mail_address
from app.actions.office import load_rules
from app.actions.outbox import refused_of
from app.actions.people import SYSTEM_USERNAME
from app.clock import now
from app.domain.notice_kinds import OutgoingStatus
from app.domain.refusals import Refusal
from app.domain.states import Role
from app.extensions import db
from app.fab.accounts import AccountView, hashed, password_fields
from app.fab.fields import Text, TickField
from app.fab.filters import every_word
from app.fab.form_view import SafeFormView
from app.fab.formats import NOTHING, datetime_zh
from app.fab.forms import OfficeForm
from app.fab.lists import Button, ChoiceFilter
from app.models import Account, Outgoing, Unit
from app.models.roles import ROLE_NAMES, role_of
from app.unit_of_work import unit_of_work
from app.views.labels import label
from app.views.messages import sentence
from app.views.records import own_sites, sites

ROLES = [role for role in Role if role is not Role.SYSTEM]


def _units() -> list[tuple[int, str]]:
    return [(unit.id, unit.name) for unit in db.session.scalars(_own_units(select(Unit)))]


def _own_units(query: Any) -> Any:
    """Narrow units to those in use at the person's own sites, in rank order."""
    own = [site.id for site in sites()]
    query = query.where(Unit.is_active.is_(True), Unit.site_id.in_(own))
    return query.order_by(Unit.site_id, Unit.sort_order, Unit.id)


def _tidy(value: str | None) -> str:
    return (value or "").strip()


def email_field() -> StringField:
    """Return a field for the address; most window staff have none."""
    return StringField(
        _l("E-mail address"), [Length(max=120)], filters=[_tidy], widget=Text(),
        description=_l("Empty: messages inside the system only."),
    )  # fmt: skip


class AccountAdminView(AccountView):
    """People of the office, in rank order; whoever leaves is switched off, not deleted."""

    exclude_route_methods: ClassVar[set[str]] = {"delete"}
    base_permissions: ClassVar[list[str]] = [*AccountView.base_permissions, "can_unlock"]
    list_template = "work/list.html"
    show_template = "work/show.html"
    list_columns: ClassVar[list[str]] = [
        "first_name",
        "username",
        "unit",
        "post",
        "roles",
        "last_login",
    ]
    edit_columns: ClassVar[list[str]] = [
        "first_name",
        "username",
        "site",
        "unit",
        "post",
        "phone",
        "email",
        "sort_order",
        "active",
    ]
    add_columns: ClassVar[list[str]] = [*edit_columns, "password", "conf_password"]
    show_columns: ClassVar[list[str]] = [
        "first_name",
        "username",
        "roles",
        "site",
        "unit",
        "post",
        "phone",
        "email",
        "sort_order",
        "active",
        "last_login",
        "login_count",
        "fail_login_count",
    ]
    label_columns: ClassVar[dict[str, Any]] = {
        **AccountView.label_columns,
        "site": _l("Site"),
        "unit": _l("Unit"),
        "post": _l("Post"),
        "phone": _l("Phone"),
        "email": _l("E-mail address"),
        "sort_order": _l("Sort order"),
    }
    description_columns: ClassVar[dict[str, Any]] = {
        **AccountView.description_columns,
        "password": _l(
            "At least 8 characters of three kinds: capitals, small letters, digits, signs."
            " Good for one log-in: the person then chooses another."
        ),
        "site": _l("Empty: all sites."),
        "unit": _l("Needed for people of a unit; empty for everybody else."),
        "sort_order": _l("Official rank order: the smaller comes first."),
    }
    formatters_columns: ClassVar[dict[str, Any]] = {
        **AccountView.formatters_columns,
        "roles": lambda roles: "、".join(_role_word(role.name) for role in roles) or "—",
    }
    add_form_extra_fields: ClassVar[dict[str, Any]] = {**password_fields(), "email": email_field()}
    edit_form_extra_fields: ClassVar[dict[str, Any]] = {"email": email_field()}
    order_columns: ClassVar[list[str]] = ["username", "last_login"]
    choices_from: ClassVar[dict[str, Any]] = {"site": own_sites, "unit": _own_units}
    quick_filters: ClassVar[list[Any]] = [
        ("active", _l("In use"), lambda query, user, now: query.filter(Account.active.is_(True))),
        (
            "bare",
            _l("Without a role"),
            lambda query, user, now: query.filter(~Account.roles.any(), Account.active.is_(True)),
        ),
        (
            "locked",
            _l("Locked out"),
            lambda query, user, now: query.filter(Account.locked_until > now),
        ),
        ("unused", _l("Not used for long"), lambda query, user, now: query.filter(unused(now))),
        ("off", _l("Off duty"), lambda query, user, now: query.filter(Account.active.is_(False))),
    ]
    choice_filters: ClassVar[list[ChoiceFilter]] = [
        ChoiceFilter(
            "role",
            _l("Role"),
            lambda: [(role, label(role)) for role in ROLES],
            lambda query, value: query.filter(Account.roles.any(name=ROLE_NAMES[Role(value)])),
        ),
        ChoiceFilter(
            "unit",
            _l("Unit"),
            _units,
            lambda query, value: query.filter(Account.unit_id == int(value)),
        ),
    ]
    search_hint = _l("Name, user name or phone")

    def scope(self, query: Any) -> Any:
        """Leave out the account of the jobs, and other sites' people."""
        query = query.filter(Account.username != SYSTEM_USERNAME)
        own = g.user.site_id
        return query if own is None else query.filter(Account.site_id == own)

    def search_text(self, query: Any, text: str) -> Any:
        """Find by name, user name or phone."""
        columns = (Account.first_name, Account.username, Account.phone)
        return query.filter(every_word(text, *columns))

    def _preset(self, form: Any, columns: list[str]) -> list[str]:
        """Choose the site where there is only one."""
        hidden = super()._preset(form, columns)
        if request.method == "GET" and len(own := sites()) == 1:
            form.site.data = own[0]
        return hidden

    def prefill_form(self, form: Any, pk: Any) -> None:
        """Leave the field empty for whoever has no address."""
        form.email.data = mail_address(self.fetch(pk))

    def cell(self, item: Any, column: str) -> Any:
        """Return the address, and below it what the server said when it refused the last mail."""
        if column == "email":
            return escape(mail_address(item) or NOTHING) + _refusal(item)
        value = super().cell(item, column)
        is_listed = column == "username" and (request.endpoint or "").endswith(".list")
        return escape(value) + _lock_note(item) + _refusal(item) if is_listed else value

    def create(self, form: Any) -> Any:
        """Add the account; it has no role yet."""
        person = _person(form)
        access.check_new_password(
            form.password.data, account=None, username=person.username, phone=person.phone
        )
        account = add_account(
            person, password_hash=hashed(form.password.data), by=g.user, now=now()
        )
        g.new_account = account.id
        return account

    def update(self, item: Any, form: Any) -> None:
        """Change the account."""
        change_account(item, _person(form), by=g.user, now=now())

    def post_add_redirect(self) -> Any:
        """Go on to the roles, if this person gives them."""
        if self._may_assign():
            return redirect(url_for("RoleAssignView.this_form_get", pk=g.new_account))
        return super().post_add_redirect()

    def row_buttons(self, item: Any) -> list[Button]:
        """Add the roles to the row's buttons."""
        buttons = super().row_buttons(item)
        if self._may_assign() and item.id != g.user.id:
            address = url_for("RoleAssignView.this_form_get", pk=item.id)
            buttons.insert(0, Button(_("Assign roles"), address, icon="user-tag"))
        if self.may("can_unlock") and is_locked(item):
            address = url_for(f"{self.endpoint}.unlock", pk=item.id)
            buttons.insert(0, Button(_("Unlock"), address, method="post", icon="unlock"))
        return buttons

    @expose("/unlock/<pk>", methods=["POST"])
    @has_access
    def unlock(self, pk: str) -> Any:
        """Let a locked account try again at once."""
        account = self.fetch(pk)
        key, name = account.id, account.name
        try:
            with unit_of_work():
                access.unlock(db.session.get(Account, key), by=g.user, now=now())
        except Refusal as refusal:
            flash(sentence(refusal), "warning")
        else:
            flash(_("%(name)s may log in again.", name=name), "success")
        return redirect(self.list_url())

    def own_buttons(self) -> list[Button]:
        """Lead to one's own tokens where the interface is open."""
        is_open = current_app.config["SETTINGS"].api
        if not is_open or not self.appbuilder.sm.has_access("can_page", "ApiTokenView"):
            return []
        return [Button(_("My API tokens"), url_for("ApiTokenView.page"), icon="plug")]

    def row_class(self, item: Any) -> str:
        """Grey out who is switched off."""
        return "" if item.active else "is-muted"

    def _may_assign(self) -> bool:
        return self.appbuilder.sm.has_access("can_this_form_get", "RoleAssignView")


def is_locked(account: Account) -> bool:
    """Return whether no password helps this account now."""
    return account.locked_until is not None and now() < account.locked_until


def unused(moment: dt.datetime) -> Any:
    """Return the condition on accounts in use that nobody logged in with for long (§4.1)."""
    since = moment - dt.timedelta(days=load_rules().unused_days)
    # FAB's columns hold the server's own clock.
    local = since.astimezone().replace(tzinfo=None)
    seen = func.coalesce(Account.last_login, Account.created_on)
    return and_(Account.active.is_(True), seen < local)


def _lock_note(account: Account) -> Markup:
    if not is_locked(account):
        return Markup("")
    words = _("Locked until %(time)s", time=datetime_zh(account.locked_until))
    return Markup('<span class="row-note text-red">{}</span>').format(words)


def _refusal(account: Account) -> Markup:
    """Return “邮件被退回：…，时间” for whoever's last message was refused; one look a request."""
    if "office_refused" not in g:
        failed = select(Outgoing.recipient_id).where(Outgoing.status == OutgoingStatus.FAILED)
        g.office_refused = refused_of(db.session.scalars(failed.distinct()).all())
    row = g.office_refused.get(account.id)
    if row is None:
        return Markup("")
    facts = {"reply": row.reply, "time": datetime_zh(row.tried_at)}
    words = (
        _("Mail refused: %(reply)s, %(time)s", **facts) if row.channel == MAIL
        else _("Push refused: %(reply)s, %(time)s", **facts)
    )  # fmt: skip
    return Markup('<span class="row-note text-red">{}</span>').format(words)


def _person(form: Any) -> Person:
    return Person(
        username=form.username.data,
        name=form.first_name.data,
        site_id=form.site.data.id if form.site.data else None,
        unit_id=form.unit.data.id if form.unit.data else None,
        post=form.post.data or "",
        phone=form.phone.data or "",
        email=form.email.data or "",
        sort_order=form.sort_order.data or 0,
        is_active=form.active.data,
    )


def _role_word(name: str) -> str:
    role = role_of(name)
    return label(role) if role else name


class RoleAssignForm(OfficeForm):
    """The business roles of one account."""

    roles = TickField(
        _l("Role"),
        choices=lambda: [(role.value, label(role)) for role in ROLES],
        description=_l(
            "Whoever handles, whoever approves and whoever enters ratings are different people;"
            " administrators hold no business role."
        ),
    )


class RoleAssignView(SafeFormView):
    """What somebody may do, given by 安全管理员."""

    route_base = "/users/roles"
    form = RoleAssignForm

    def form_get(self, form: Any) -> None:
        """Tick the roles held now."""
        held = (role_of(role.name) for role in self._account().roles)
        form.roles.data = [role.value for role in held if role]

    def form_post(self, form: Any) -> None:
        """Give exactly the ticked roles."""
        names = [ROLE_NAMES[Role(value)] for value in form.roles.data]
        records = db.session.scalars(select(RoleRecord).where(RoleRecord.name.in_(names))).all()
        set_roles(self._account(), records=records, by=g.user, now=now())

    def done_url(self) -> str:
        """Go back to the accounts."""
        return self.appbuilder.sm.user_view.list_url()

    def _account(self) -> Account:
        return self.appbuilder.sm.user_view.fetch(request.args.get("pk", "")) or abort(404)

    def _page(self, form: Any) -> Any:
        return self.render_template(
            self.form_template,
            title=_("Roles of %(name)s", name=self._account().name),
            form=form,
            submit_label=self.submit_label,
            back_url=self.done_url(),
        )


def register(appbuilder: AppBuilder) -> None:
    """Add the form of the roles; the accounts themselves come with the security manager."""
    appbuilder.add_view_no_menu(RoleAssignView)
