"""What a person reads when something went wrong, with the number under which the log has it."""

import logging
from http import HTTPStatus

from flask import Flask, Response, current_app, request
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound

from app import deeds
from app.disk import is_full
from app.extensions import db
from app.fab.api import answer_of, is_api

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
    507: (
        _l("No room left on the server's disk"),
        _l("Nothing was saved. Tell your administrator. Go back: what you typed is still there."),
    ),
}


def register(app: Flask) -> None:
    """Show the project's page for every HTTP error and every unexpected exception."""
    app.register_error_handler(HTTPException, _show)
    app.after_request(_lead_nowhere)


def _lead_nowhere(response: Response) -> Response:
    """An address of the interface is right or it is none: no page that leads to another one."""
    is_away = HTTPStatus.MULTIPLE_CHOICES <= response.status_code < HTTPStatus.BAD_REQUEST
    return answer_of(NotFound()) if is_api() and is_away else response


def _show(error: HTTPException) -> Response | tuple[str, int]:
    code = error.code or InternalServerError.code
    if is_api():
        db.session.rollback()
        log.warning("%s %s %s", code, request.method, request.path)
        return answer_of(error)
    if code < 400:
        return error.get_response()  # a redirect raised as an exception
    if is_full(getattr(error, "original_exception", None)):
        code = HTTPStatus.INSUFFICIENT_STORAGE.value
    deeds.failed(error)
    # Whatever failed half-way must not be saved by a later commit of this request.
    db.session.rollback()
    log.warning("%s %s %s", code, request.method, request.path)
    title, advice = TEXTS.get(code) or TEXTS[500 if code >= 500 else 400]
    # Straight from Jinja: the layout's context asks the database, which may be what failed.
    page = current_app.jinja_env.get_template("error.html")
    # What was too large came from the form at the same address.
    back = request.path if code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else ""
    return page.render(title=title, advice=advice, code=code, back=back), code
