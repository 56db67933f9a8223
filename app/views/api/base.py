"""Who asks the interface: the person of the token, with the rights of this very moment."""

import hashlib
import json
from typing import Any

from flask import g, request

from app.actions.api_tokens import (
    is_use_due,
    needs_password,
    note_refused,
    note_use,
    token_of,
)
from app.clock import now
from app.domain.api_tokens import ApiScope
from app.domain.refusals import Code, Refusal
from app.fab.api import ApiProblem, SafeApi
from app.unit_of_work import unit_of_work
from app.views.messages import missing_fields, sentence
from app.views.moves import STATUS
from app.views.request_keys import problem_of_key
from app.web import form_keys, login

SCHEME = "bearer"
LONGEST = 200

# What each scope opens is what this screen opens: (permission, screen) of app/security.py.
SCREENS: dict[ApiScope, tuple[str, str]] = {
    ApiScope.CASES_READ: ("can_list", "CaseView"),
    ApiScope.CASES_WRITE: ("can_move", "CaseMoves"),
    ApiScope.SLIPS_READ: ("can_list", "SlipView"),
    ApiScope.UNITS_READ: ("can_page", "ApiTokenView"),
    ApiScope.FIGURES_READ: ("can_page", "StatisticsView"),
}


def scopes_open_to(account: Any, manager: Any) -> list[ApiScope]:
    """Return what a token of this person could open now."""
    grants = manager.grants_of(account)
    if SCREENS[ApiScope.UNITS_READ] not in grants:
        return []
    return [scope for scope, screen in SCREENS.items() if screen in grants]


class OfficeApi(SafeApi):
    """The base of the office's resources; each names the screen whose permission it asks."""

    def answer_before(self) -> Any:
        """Answer a request with an Idempotency-Key that was done before as it was then (ADR 0035).

        The key is free again when what was asked for is refused.
        """
        key = request.headers.get(form_keys.HEADER)
        if key is None:
            return None
        asked = [request.method, request.full_path, request.get_data(as_text=True)]
        digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
        try:
            first = form_keys.claim(
                key, account_id=g.user.id, what=request.endpoint or "", digest=digest
            )
            return form_keys.answer_again(first) if first else None
        except form_keys.Misused as error:
            raise problem_of_key(error) from None

    def enter(self) -> None:
        """Find the person of the token; whoever must choose a password does that first."""
        given = _given()
        row = token_of(given, now=now()) if given else None
        if row is None:
            if given:
                with unit_of_work():
                    note_refused(given, by=login.here())
            raise ApiProblem(401)
        if is_use_due(row, now=now()):
            row = _used(row.id, row.account, given)
        if needs_password(row.account, now=now()):
            raise problem_of(Refusal(Code.PASSWORD_DUE))
        _be(row.account)
        g.api_token_id = row.id
        g.api_scopes = row.scopes


def _given() -> str:
    """Return the token of the Authorization header, '' if there is none."""
    scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == SCHEME and len(token) <= LONGEST and token.isascii() else ""


def _be(account: Any) -> None:
    """Be this person for the rest of the request, for FAB and for flask-login alike."""
    g.user = g._login_user = account


def _used(token_id: int, account: Any, given: str) -> Any:
    """Write the use down; return the token anew, as the unit of work forgot what was read."""
    _be(account)
    with unit_of_work():
        note_use(token_id, address=request.remote_addr or "", now=now())
    row = token_of(given, now=now())
    if row is None:
        raise ApiProblem(401)
    return row


def problem_of(refusal: Refusal) -> ApiProblem:
    """Return a refusal of the rules as the interface tells it: the same words as on the pages."""
    names = missing_fields(refusal)
    field = refusal.facts.get("field") or next(iter(names), None)
    required = sentence(Refusal(Code.FIELDS_MISSING, fields=names))
    return ApiProblem(
        STATUSES.get(refusal.code, 422), refusal.code.value, sentence(refusal),
        field=str(field) if field else None, errors=[(name, required) for name in names[1:]],
    )  # fmt: skip


STATUSES = {code: int(status) for code, status in STATUS.items()} | {
    Code.NOT_FOUND: 404,
    Code.PASSWORD_DUE: 403,
}
