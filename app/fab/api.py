"""FAB's REST views made safe once: a token and never a cookie, JSON and nothing else, in Chinese.

FAB's ModelRestApi is not used: it writes columns where this office makes moves, keeps its filters
on the view, where threads share them, and leaves related rows and `_info` unscoped. What is left
of FAB is its base: blueprints, permissions, rate limits and the document made from the views.
"""

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, request
from flask_appbuilder.api import BaseApi
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException

from app.fab.api_arguments import BadArgument, read_arguments
from app.fab.openapi import Operation
from app.logs import reference

PREFIX = "/api/"
JSON = "application/json"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_BYTES = 256 * 1024
BIGGEST_KEY = 2**63 - 1  # beyond it the drivers raise instead of finding nothing

WORDS: dict[int, tuple[str, Any]] = {
    400: ("bad_request", _l("The request was not understood")),
    401: ("unauthorized", _l("No valid token: it is wrong, has expired or was revoked.")),
    403: ("forbidden", _l("Your role does not include this page or action.")),
    404: ("not_found", _l("It does not exist, or it was not handed to your unit.")),
    405: ("method_not_allowed", _l("This address does not know this method.")),
    409: ("conflict", _l("Somebody else was faster. Reload the page to see it.")),
    413: ("too_large", _l("The request is too large.")),
    415: ("not_json", _l("The body must be JSON (Content-Type: application/json).")),
    422: ("invalid", _l("The body does not fit the description.")),
    429: ("too_many_requests", _l("Too many requests. Wait a minute and try again.")),
    500: ("failed", _l("Nothing was saved. Tell your administrator the number.")),
    503: (
        "unavailable",
        _l("The database does not answer. Send the same again, under the same Idempotency-Key."),
    ),
    507: ("disk_full", _l("No room left on the server's disk")),
}
# Headers of an error that say something to the program that reads it.
KEPT = ("Allow", "Retry-After", "WWW-Authenticate")


class ApiProblem(HTTPException):
    """What the interface answers when it says no: status, code, sentence and where it belongs."""

    def __init__(
        self,
        status: int,
        reason: str = "",
        message: str = "",
        *,
        field: str | None = None,
        errors: Iterable[tuple[str, str]] = (),
    ) -> None:
        super().__init__()
        self.code = status
        known, words = WORDS[status]
        self.reason, self.message = reason or known, str(message or words)
        self.field, self.errors = field, list(errors)


def is_api() -> bool:
    """Return whether this request is for the interface."""
    return request.path.startswith(PREFIX)


def answer_of(error: HTTPException, code: int | None = None) -> Response:
    """Return any error as the interface tells it: JSON, no page and no trace.

    `code` is the status when the error's own says less than what is known about its cause.
    """
    given = code or error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    status = given if given in WORDS else 500 if given >= 500 else 404 if given < 400 else 400
    problem = error if isinstance(error, ApiProblem) else ApiProblem(status)
    facts: dict[str, Any] = {"code": problem.reason, "message": problem.message}
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        facts["reference"] = reference()
    if problem.field:
        facts["field"] = problem.field
    if problem.errors:
        facts["errors"] = [{"field": name, "message": str(m)} for name, m in problem.errors]
    response = jsonify(facts)
    response.status_code = status
    headers = error.get_response().headers
    response.headers.extend({name: headers[name] for name in KEPT if name in headers})
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def described(operation: Operation) -> Callable[[Any], Any]:
    """Give an exposed method its description; what is described is what is checked."""

    def mark(method: Any) -> Any:
        method._operation = operation
        return method

    return mark


class SafeApi(BaseApi):
    """The base of every resource; `enter` says who asks, `scope_of` what the token opens."""

    # There is no cookie to forge a request with.
    csrf_exempt = True
    allow_browser_login = False
    responses: dict[str, Any] = {}  # noqa: RUF012 (FAB's own way)

    def create_blueprint(self, *args: Any, **kwargs: Any) -> Blueprint:
        """Return FAB's blueprint, every address of it behind the token and the limit."""
        blueprint = super().create_blueprint(*args, **kwargs)
        blueprint.before_request(self._check)
        rate = current_app.config["SETTINGS"].api_rate
        self.appbuilder.sm.limiter.limit(rate)(blueprint)
        return blueprint

    def enter(self) -> None:
        """Set the person and the scopes of this request, or raise ApiProblem(401)."""
        raise ApiProblem(401)

    def answer_before(self) -> Response | None:
        """Return what this very request was answered before, if it was done; else None."""
        return None

    def _check(self) -> Response | None:
        """Let in who has the token, the scope and, at this moment, the permission."""
        request.max_content_length = MOST_BYTES
        name = (request.endpoint or "").rpartition(".")[2]
        operation: Operation = getattr(self, name)._operation
        if not operation.is_open:
            self.enter()
            if operation.scope and operation.scope not in g.api_scopes:
                raise ApiProblem(403, "scope_missing", str(_l("The token does not open this.")))
            permission = f"can_{self.get_method_permission(name)}"
            if not self.appbuilder.sm.has_access(permission, self.class_permission_name):
                raise ApiProblem(403)
        try:
            g.api_arguments = read_arguments(operation.parameters)
        except BadArgument as error:
            raise ApiProblem(400, "argument_invalid", error.message, field=error.name) from None
        is_asked = operation.is_open or request.method in SAFE_METHODS
        return None if is_asked else self.answer_before()

    def operation_helper(
        self,
        path: Any = None,
        operations: Any = None,
        methods: Any = (),
        func: Any = None,
        **_: Any,
    ) -> None:
        """Fill FAB's document from what the methods are described by."""
        for method in methods:
            operations[method.lower()] = func._operation.document(func.__name__)


def arguments() -> dict[str, Any]:
    """Return what the address says, read by its description."""
    return g.api_arguments


def key_of(number: int) -> int:
    """Return a key from the address; one that no database holds is not found."""
    if number > BIGGEST_KEY:
        raise ApiProblem(404)
    return number


def read_body() -> dict[str, Any]:
    """Return the JSON object of the body; raises ApiProblem for anything else."""
    if request.mimetype != JSON:
        raise ApiProblem(415)
    try:
        body = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError):  # malformed, no UTF-8, or nested beyond any use
        raise ApiProblem(400, "not_json", str(_l("The body is no JSON."))) from None
    if not isinstance(body, dict):
        raise ApiProblem(422, "not_an_object", str(_l("The body must be a JSON object.")))
    return body


def answer(facts: Any, status: int = 200, **headers: str) -> Response:
    """Return an answer of the interface."""
    response = jsonify(facts)
    response.status_code = status
    response.headers.update({name.replace("_", "-"): text for name, text in headers.items()})
    return response
