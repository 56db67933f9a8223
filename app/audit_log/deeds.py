"""What a request did beyond its own unit of work: papers and files given out, and what was refused.

Both are written in a unit of work of their own, after the deed: nothing that was typed stands in
them. A file that cannot be written down is not given out.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, g, request
from flask_babel import force_locale
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from app.actions import audit
from app.domain.audit import AuditAction, AuditResult
from app.domain.damping import Damper, Refused
from app.unit_of_work import unit_of_work
from app.web.login import here

CSRF = "csrf"
REFUSED_RESULT = AuditResult.REFUSED
# Answers that say no. An address that nobody can have does not count: see `_is_refused`.
REFUSED = frozenset({
    HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.TOO_MANY_REQUESTS,
})  # fmt: skip
EXTENSION = "refusals"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taken:
    """A paper or file that this answer gives out."""

    action: AuditAction
    about: tuple[str, object, str]
    facts: dict[str, object]


@dataclass
class Refusals:
    """What this process holds back, and how a page is called."""

    words: Callable[[str, dict[str, Any]], str]
    damper: Damper = field(default_factory=Damper)


def register(app: Flask, *, words: Callable[[str, dict[str, Any]], str]) -> None:
    """Write both down once the answer stands; `words` names an endpoint with its arguments."""
    app.extensions[EXTENSION] = Refusals(words)
    app.after_request(_write_down)


def taken(action: AuditAction, *, about: tuple[str, object, str], **facts: object) -> None:
    """Say that the answer to this request gives out a paper or file."""
    g.taken = Taken(action, about, facts)


def failed(error: HTTPException) -> None:
    """Remember which error this request ends with."""
    g.refused_by = error


def _write_down(response: Response) -> Response:
    given = g.pop("taken", None)
    if given is not None and response.status_code < HTTPStatus.BAD_REQUEST:
        with unit_of_work():
            audit.note(given.action, about=given.about, after=given.facts)
    try:
        _write_refused(_reason(response), time.monotonic())
    except SQLAlchemyError:
        log.exception("a refusal could not be written down")
    return response


def _write_refused(why: str, at: float) -> None:
    """Write this refusal unless it is held back, and whatever was and is due."""
    refusals: Refusals = current_app.extensions[EXTENSION]
    if why:
        endpoint, arguments = request.endpoint or "", dict(request.view_args or {})
        with force_locale("zh"):
            tale = here(), refusals.words(endpoint, arguments)
        asked = refusals.damper.take(Refused(_who(), endpoint, _key(arguments), why), at, tale)
        if asked is not None:
            _note(asked, 1, tale)
    for due in refusals.damper.due(at):
        _note(*due)


def _note(asked: Refused, count: int, tale: tuple[audit.Doer, str]) -> None:
    """Write one line; what was refused of many people at once is nobody's."""
    by, name = tale if asked.who else (audit.Doer(), "")
    after = {"reason": asked.why} | ({"count": count} if count > 1 else {})
    about = ("page", asked.which, name if asked.what else "")
    with unit_of_work():
        audit.note(AuditAction.REFUSED, about=about, after=after, result=REFUSED_RESULT, by=by)


def _reason(response: Response) -> str:
    """Return the code of why nothing was done, or '' for a request that was answered."""
    code = audit.was_refused()
    status = response.status_code
    if code is not None:
        return code.value
    if status not in REFUSED or request.endpoint is None:
        return ""
    if isinstance(g.get("refused_by"), CSRFError):
        return CSRF
    # A stranger is sent to the log-in page; what he guesses besides is not worth a line each.
    is_stranger = not current_user.is_authenticated
    return "" if is_stranger and status == HTTPStatus.NOT_FOUND else f"http_{status}"


def _who() -> str:
    if current_user.is_authenticated:
        return str(current_user.get_id())
    return request.remote_addr or ""


def _key(arguments: dict[str, Any]) -> str:
    """Return which record the page was asked for, as far as it is a number."""
    return next((str(key) for key in arguments.values() if str(key).isdigit()), "")[:20]
