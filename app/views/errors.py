"""What a person reads when something went wrong, with the number under which the log has it."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, NotFound

from app.audit_log import deeds
from app.database import is_out_of_reach
from app.disk import is_full
from app.extensions import db
from app.fab.api import answer_of, is_api
from app.fab.formats import datetime_zh
from app.logs import address
from app.views import kept
from app.views.request_keys import problem_of_key
from app.web.form_keys import Misuse, Misused, Repeated, answer_again

log = logging.getLogger(__name__)

TEXTS = {
    400: (_l("The request was not understood"), _l("Go back, reload the page and try again.")),
    403: (_l("You may not do this"), _l("Your role does not include this page or action.")),
    404: (_l("Not found"), _l("It does not exist, or it was not handed to your unit.")),
    405: (_l("Not possible this way"), _l("Go back and use the button on the page.")),
    409: (_l("Already done"), _l("Somebody else was faster. Reload the page to see it.")),
    413: (_l("Too large"), _l("Attach smaller files.")),
    429: (_l("Too many attempts"), _l("Wait a minute and try again.")),
    500: (
        _l("Something went wrong"),
        _l("Nothing was saved. Tell your administrator the number below."),
    ),
    503: (
        _l("The database does not answer"),
        _l(
            "Perhaps nothing was saved. Go back after a while and send it once more: what you"
            " typed is still there, and what was done is not done twice."
        ),
    ),
    507: (
        _l("No room left on the server's disk"),
        _l("Nothing was saved. Tell your administrator. Go back: what you typed is still there."),
    ),
}
# Nothing can be written down about these: the database itself is what failed.
CANNOT_WRITE = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE}
EXPIRED = (
    _l("The page had expired"),
    _l("Nothing was saved. What you typed is kept below: check it and send it once more."),
)
MISUSED = {
    Misuse.EXPIRED: (HTTPStatus.UNAUTHORIZED, EXPIRED),
    Misuse.MISSING: (HTTPStatus.BAD_REQUEST, EXPIRED),
    Misuse.OTHER_PERSON: (
        HTTPStatus.CONFLICT,
        (_l("Not your form"), _l("Somebody else opened this form. Open it anew and fill it in.")),
    ),
}


def register(app: Flask) -> None:
    """Show the project's page for every HTTP error and every unexpected exception."""
    app.register_error_handler(HTTPException, _show)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(Misused, _misused)
    app.register_error_handler(Repeated, _repeated)
    app.after_request(_lead_nowhere)


def _lead_nowhere(response: Response) -> Response:
    """An address of the interface is right or it is none: no page that leads to another one."""
    is_away = HTTPStatus.MULTIPLE_CHOICES <= response.status_code < HTTPStatus.BAD_REQUEST
    return answer_of(NotFound()) if is_api() and is_away else response


def _show(error: HTTPException) -> Response | tuple[str, int]:
    code = _code_of(error)
    if is_api():
        db.session.rollback()
        log.warning("%s %s %s", code, request.method, address())
        return answer_of(error, code)
    if code < 400:
        return error.get_response()  # a redirect raised as an exception
    if code not in CANNOT_WRITE:
        deeds.failed(error)
    # Whatever failed half-way must not be saved by a later commit of this request.
    db.session.rollback()
    log.warning("%s %s %s", code, request.method, address())
    title, advice = TEXTS.get(code) or TEXTS[500 if code >= 500 else 400]
    # Straight from Jinja: the layout's context asks the database, which may be what failed.
    page = current_app.jinja_env.get_template("error.html")
    # What was too large came from the form at the same address.
    back = request.path if code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else ""
    return page.render(title=title, advice=advice, code=code, back=back), code


def _code_of(error: HTTPException) -> int:
    """Return the status to answer with: what the office can do something about has its own."""
    cause = getattr(error, "original_exception", None)
    if is_full(cause):
        return HTTPStatus.INSUFFICIENT_STORAGE
    if is_out_of_reach(cause):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return error.code or HTTPStatus.INTERNAL_SERVER_ERROR


def _expired(error: CSRFError) -> Any:
    """Keep what was typed: the log-in ended, or began anew, while the form stood open."""
    deeds.failed(error)
    db.session.rollback()
    log.warning("no token: %s %s", request.method, address())
    return kept.page(HTTPStatus.BAD_REQUEST, *EXPIRED)


def _misused(error: Misused) -> Any:
    db.session.rollback()
    if is_api():
        return answer_of(problem_of_key(error))
    log.warning("form key %s: %s %s", error.why, request.method, address())
    if error.why is Misuse.OTHER_CONTENT:
        advice = _(
            "This form was sent at %(at)s with other content, which was done. What you sent now"
            " was not done; it is kept below. Send it once more only if it is to be done as well.",
            at=datetime_zh(error.at),
        )  # fmt: skip
        return kept.page(HTTPStatus.CONFLICT, _("Sent before with other content"), advice)
    status, words = MISUSED[error.why]
    return kept.page(status, *words)


def _repeated(_error: Repeated) -> Any:
    """Answer as the twin of this form was answered; a page is shown once more."""
    try:
        return answer_again() or current_app.dispatch_request()
    except Misused as error:
        return _misused(error)
