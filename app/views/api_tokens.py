"""我的接口令牌: made for a system, shown once, revoked; 安全管理员 sees and revokes everybody's."""

from typing import Any

from flask import abort, current_app, flash, g, redirect, send_from_directory, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from swagger_ui_bundle import swagger_ui_path
from wtforms import IntegerField
from wtforms.validators import InputRequired

from app.actions.api_tokens import issue_token, live_tokens, revoke_token, tokens_of
from app.actions.office import load_rules
from app.clock import now
from app.domain.api_tokens import ApiScope
from app.domain.refusals import Code, Refusal
from app.extensions import db
from app.fab.fields import Text, TickField
from app.fab.forms import OfficeForm
from app.fab.problems import explain
from app.models import Account, ApiToken
from app.unit_of_work import unit_of_work
from app.views.api.base import scopes_open_to
from app.views.api.document import api_document
from app.views.api.tokens import new_token
from app.views.forms.parts import text
from app.views.messages import sentence

SCOPE_WORDS: dict[ApiScope, Any] = {
    ApiScope.CASES_READ: _l("Read cases"),
    ApiScope.CASES_WRITE: _l("Register and handle cases"),
    ApiScope.SLIPS_READ: _l("Read slips"),
    ApiScope.UNITS_READ: _l("Read units"),
    ApiScope.FIGURES_READ: _l("Read figures"),
}
USUAL_DAYS = 30
FILES = ("swagger-ui.css", "swagger-ui-bundle.js")


def _choices() -> list[tuple[str, Any]]:
    open_ones = scopes_open_to(g.user, current_app.appbuilder.sm)
    return [(scope.value, SCOPE_WORDS[scope]) for scope in open_ones]


class TokenForm(OfficeForm):
    """A new token."""

    name = text("token_name", 60)
    scopes = TickField(
        _l("What it opens"), choices=_choices, coerce=ApiScope,
        description=_l("Within what you may do yourself at the moment of use."),
    )  # fmt: skip
    days = IntegerField(
        _l("Lasts for (days)"), [InputRequired()], widget=Text(),
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip


def _is_open() -> None:
    """Answer as if there were no such page while the interface is shut."""
    if not current_app.config["SETTINGS"].api:
        abort(404)


class ApiTokenView(BaseView):
    """One's own tokens, and the description of the interface."""

    route_base = "/my-tokens"
    default_view = "page"
    title = _l("My API tokens")

    @expose("/", methods=["GET"])
    @has_access
    def page(self) -> Any:
        """Show the tokens and the form for a new one."""
        _is_open()
        return self._page(TokenForm(formdata=None, data={"days": USUAL_DAYS}))

    @expose("/", methods=["POST"])
    @has_access
    @permission_name("page")
    def issue(self) -> Any:
        """Make a token and show it this once."""
        _is_open()
        form, token = TokenForm(), new_token()
        if not form.validate():
            return self._page(form), 422
        try:
            with unit_of_work():
                issue_token(
                    _me(), token=token, name=form.name.data, scopes=form.scopes.data,
                    days=form.days.data, now=now(),
                )  # fmt: skip
        except Refusal as refusal:
            problem = explain(refusal)
            form.add_problem(str(problem.text), problem.field)
            return self._page(form), 422
        return self._page(TokenForm(formdata=None, data={"days": USUAL_DAYS}), shown=token)

    @expose("/revoke/<int:token_id>", methods=["POST"])
    @has_access
    @permission_name("page")
    def revoke(self, token_id: int) -> Any:
        """End one of one's own tokens."""
        _is_open()
        return _revoke(token_id, "ApiTokenView.page")

    @expose("/description", methods=["GET"])
    @has_access
    @permission_name("page")
    def description(self) -> Any:
        """Show what the interface takes and answers."""
        _is_open()
        return self.render_template("api/description.html", title=_("Description of the interface"))

    @expose("/openapi.json", methods=["GET"])
    @has_access
    @permission_name("page")
    def openapi(self) -> Any:
        """Return the document to the page."""
        _is_open()
        return api_document()

    @expose("/viewer/<name>", methods=["GET"])
    @has_access
    @permission_name("page")
    def viewer(self, name: str) -> Any:
        """Return a file of the viewer, from our own house."""
        _is_open()
        if name not in FILES:
            abort(404)
        return send_from_directory(swagger_ui_path, name)

    def _page(self, form: Any, shown: str = "") -> str:
        return self.render_template(
            "api/tokens.html", title=self.title, form=form, shown=shown, now=now(),
            rows=tokens_of(g.user, now=now()), most=load_rules().api_token_days,
            scope_words=_scope_words,
        )  # fmt: skip


class ApiTokenAdminView(BaseView):
    """Everybody's tokens, for 安全管理员."""

    route_base = "/api-tokens"
    default_view = "page"
    title = _l("API tokens")

    @expose("/", methods=["GET"])
    @has_access
    def page(self) -> Any:
        """Show every token that opens anything now."""
        _is_open()
        return self.render_template(
            "api/all_tokens.html", title=self.title, rows=live_tokens(by=g.user, now=now()),
            scope_words=_scope_words,
        )  # fmt: skip

    @expose("/revoke/<int:token_id>", methods=["POST"])
    @has_access
    @permission_name("revoke")
    def revoke(self, token_id: int) -> Any:
        """End anybody's token."""
        _is_open()
        return _revoke(token_id, "ApiTokenAdminView.page")


def _me() -> Account:
    return db.session.get(Account, g.user.id)


def _revoke(token_id: int, back: str) -> Any:
    try:
        with unit_of_work():
            revoke_token(token_id, by=g.user, now=now())
    except Refusal as refusal:
        if refusal.code is Code.NOT_FOUND:
            abort(404)
        flash(sentence(refusal), "warning")
    else:
        flash(_("The token was revoked."), "success")
    return redirect(url_for(back))


def _scope_words(row: ApiToken) -> str:
    return "、".join(str(word) for scope, word in SCOPE_WORDS.items() if scope in row.scopes)


def register(appbuilder: AppBuilder) -> None:
    """Add the pages."""
    appbuilder.add_view_no_menu(ApiTokenView)
    appbuilder.add_view_no_menu(ApiTokenAdminView)
