"""POST /api/v1/token: user name and password against a token of an hour; DELETE ends it."""

import secrets
from typing import Any

from flask import current_app, g
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.actions import audit
from app.actions.api_tokens import log_in_token, revoke_token
from app.clock import now
from app.domain.api_tokens import ApiScope
from app.domain.refusals import Refusal
from app.extensions import db
from app.fab.api import ApiProblem, answer, described, read_body
from app.fab.openapi import MOMENT, TEXT, Column, Operation, object_of
from app.models import Account
from app.unit_of_work import unit_of_work
from app.views.api.base import OfficeApi, problem_of, scopes_open_to
from app.views.api.body import invalid
from app.views.api.shapes import of_set
from app.web import login

PREFIX = "bj_"  # so that a search for lost tokens finds them
LONGEST = 128
SCOPES = {"type": "array", "items": of_set(ApiScope)}
NAMES = ("username", "password")
ANSWER: tuple[Column, ...] = (
    Column("token", _l("Token, shown this once"), TEXT),
    Column("token_type", _l("Kind"), TEXT | {"enum": ["Bearer"]}),
    Column("expires_at", _l("Ends at"), MOMENT),
    Column("scopes", _l("Scopes"), SCOPES),
)


def new_token() -> str:
    """Return a token nobody had before."""
    return PREFIX + secrets.token_urlsafe(32)


def _body() -> dict[str, Any]:
    text = TEXT | {"minLength": 1, "maxLength": LONGEST}
    return {
        "type": "object", "required": list(NAMES), "additionalProperties": False,
        "properties": {"username": text, "password": text | {"format": "password"}},
    }  # fmt: skip


class TokenApi(OfficeApi):
    """Coming in and leaving; five wrong passwords lock the account here as on the page."""

    route_base = "/api/v1/token"
    class_permission_name = "ApiTokenView"
    openapi_spec_tag = "token"

    def create_blueprint(self, *args: Any, **kwargs: Any) -> Any:
        """Limit the attempts by address as those on the page."""
        blueprint = super().create_blueprint(*args, **kwargs)
        sm = self.appbuilder.sm
        sm.limiter.limit(sm.auth_rate_limit, methods=["POST"])(blueprint)
        return blueprint

    @expose("", methods=["POST"])
    @permission_name("page")
    @described(Operation(
        _l("Log in"), lambda: object_of(ANSWER), status=201, body=_body, is_open=True,
        refusals=(401, 403), example={"username": "zhang", "password": "******"},
        more=_l("For an hour; a token for longer is made on the page “My API tokens”."),
    ))  # fmt: skip
    def log_in(self) -> Any:
        """Give a token to who comes in under this name and password."""
        username, password = _typed(read_body())
        account = login.try_password(username, password)
        if account is None:
            raise ApiProblem(401, "login_failed", self.appbuilder.sm.refusal_words())
        token = new_token()
        try:
            with unit_of_work():
                person = db.session.get(Account, account.id)
                audit.doer.set(lambda: _doer(person))
                scopes = scopes_open_to(person, current_app.appbuilder.sm)
                row = log_in_token(person, token=token, scopes=scopes, now=now())
                facts = {"token": token, "token_type": "Bearer", "expires_at": row.expires_at,
                         "scopes": sorted(row.scopes)}  # fmt: skip
        except Refusal as refusal:
            raise problem_of(refusal) from None
        return answer({c.name: _shown(facts[c.name]) for c in ANSWER}, 201)

    @expose("", methods=["DELETE"])
    @permission_name("page")
    @described(Operation(_l("End the token in use"), status=204))
    def log_out(self) -> Any:
        """End the token of this request."""
        with unit_of_work():
            revoke_token(g.api_token_id, by=g.user, now=now())
        return "", 204


def _doer(person: Account) -> audit.Doer:
    from_here = login.here()
    return audit.as_doer(person, address=from_here.address, reference=from_here.reference)


def _shown(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _typed(body: dict[str, Any]) -> tuple[str, str]:
    problems = [(name, _("There is no such field.")) for name in body if name not in NAMES]
    for name in NAMES:
        value = body.get(name)
        if not isinstance(value, str) or not 1 <= len(value) <= LONGEST or not _is_text(value):
            problems.append((name, _("This field is required.")))
    if problems:
        raise invalid(problems)
    return body["username"], body["password"]


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in value
