"""Every form counts once: its key is written with the work, and a second sending is answered alike.

The key is claimed first of all in the unit of work that does what the form asks for, so that both
are committed or neither is; the same form sent meanwhile waits there. See ADR 0035.
"""

import datetime as dt
import hashlib
import json
import logging
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, flash, g, has_request_context, redirect, request
from flask import session as cookie
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app.clock import now
from app.database import SAFE_METHODS, snapshot
from app.extensions import db
from app.fab.form_tag import CSRF_TOKEN, FORM_KEY
from app.fab.formats import datetime_zh
from app.models import FormKey
from app.unit_of_work import GUARDS, unit_of_work

log = logging.getLogger(__name__)

# For scripts and the REST interface, which send no form.
HEADER = "Idempotency-Key"
API = "/api/"
A_KEY = re.compile(r"[\x21-\x7e]{16,128}")
# A form may be sent as often as one likes: each time is done and recorded by itself.
EACH_TIME = {
    "OfficeAuthView.login": "nobody is known yet",
    "IntakeView.phone": "a look, which changes nothing",
    "search.find": "names the address of a list, which changes nothing",
    "OfficeAuthView.logout": "ends whatever there is to end",
    "office.language": "changes the page's language only",
    "AttachmentView.recorded_file": "a look; each is recorded",
    "CasePage.phone": "a look; each is recorded",
    "PaperFormView.folder_full": "a look; each is recorded",
    "PaperView.ledger_full": "a look; each is recorded",
    "PaperView.ledgers_full": "a look; each is recorded",
}
KEPT_FOR = dt.timedelta(days=2)
# How long a second sending waits for the answer to the first, which has just been done.
FRESH, PATIENCE, STEP = dt.timedelta(seconds=10), 60, 0.05
CLEANED_EVERY = 50
BIGGEST_BODY = 64 * 1024
CHUNK = 64 * 1024


class Misuse(StrEnum):
    """Why a form is not taken."""

    EXPIRED = "expired"
    MISSING = "missing"
    OTHER_CONTENT = "other_content"
    OTHER_PERSON = "other_person"


class Misused(Exception):
    """The key is missing, somebody else's, or was used for something else; at: when that was."""

    def __init__(self, why: Misuse, at: dt.datetime | None = None) -> None:
        super().__init__(why.value)
        self.why, self.at = why, at


class Repeated(Exception):
    """The same form has been done by another request since this one began."""


@dataclass
class Claim:
    """The key of this request, until its work is done."""

    key_hash: str
    account_id: int
    what: str
    digest: str
    row_id: int = 0
    is_taken: bool = False
    is_rehearsal: bool = False


class First(NamedTuple):
    """What was done under the key, and how it was answered; no status: not answered (yet)."""

    id: int
    account_id: int
    digest: str
    created_at: dt.datetime
    status: int | None
    location: str
    messages: str
    body: str


COLUMNS = [getattr(FormKey, name) for name in First._fields]


def register(app: Flask) -> None:
    """Look at the key of every form, and keep what it was answered."""
    app.before_request(_look)
    app.after_request(_keep_answer)
    guard = _Guard()
    if not any(isinstance(one, _Guard) for one in GUARDS):
        GUARDS.append(guard)


def claim(key: str, *, account_id: int, what: str, digest: str) -> First | None:
    """Return what the key was used for before; else the next unit of work takes it.

    `what` and `digest` say what is asked for. Raises Misused.
    """
    if not A_KEY.fullmatch(key):
        raise Misused(Misuse.MISSING)
    # Salted with the key, which is not stored: what was sent cannot be guessed from the hash.
    salted = hashlib.sha256(f"{key}\n{what}\n{digest}".encode()).hexdigest()
    key_hash = hashlib.sha256(key.encode()).hexdigest()
    g.form_key = Claim(key_hash, account_id, what[:120], salted)
    return _first(g.form_key)


def answer_again(first: First | None = None) -> Any:
    """Return the answer to the first sending, marked as such; None: let the view show its page.

    Without `first` it is looked up, and waited for. Raises Misused.
    """
    found: Claim = g.form_key
    first = _waited_for(found) if first is None or first.status is None else first
    found.is_rehearsal = True
    if request.path.startswith(API):
        status = first.status or HTTPStatus.CONFLICT
        answer = Response(first.body or "{}", status, content_type="application/json")
        answer.headers["Idempotent-Replayed"] = "true"
        if first.location:
            answer.headers["Location"] = first.location
        return answer
    if first.status is not None and not 300 <= first.status < 400:
        return None
    cookie.pop("_flashes", None)  # what the second sending was told meanwhile
    for category, text in json.loads(first.messages or "[]"):
        flash(text, category)
    done_at = datetime_zh(first.created_at)
    flash(_("This was submitted at %(at)s already and was not done again.", at=done_at), "info")
    return redirect(first.location or "/", first.status or HTTPStatus.FOUND)


# -- before and after each request -----------------------------------------------------------------


def _look() -> Any:
    """Answer a form that was done before; hold the key of one that was not."""
    endpoint = request.endpoint
    if request.method in SAFE_METHODS or endpoint is None or endpoint in EACH_TIME:
        return None
    if request.path.startswith(API):
        return None
    if not current_user.is_authenticated:
        if FORM_KEY in request.form:
            raise Misused(Misuse.EXPIRED)
        return None
    key = request.form.get(FORM_KEY) or request.headers.get(HEADER, "")
    first = claim(key, account_id=current_user.id, what=endpoint, digest=digest_of_request())
    return answer_again(first) if first else None


def digest_of_request() -> str:
    """Return the digest of address, fields and files, whatever their size."""
    total = hashlib.sha256(json.dumps([request.method, request.full_path]).encode())
    for name, value in request.form.items(multi=True):
        if name not in (CSRF_TOKEN, FORM_KEY):
            total.update(json.dumps([name, value]).encode())
    for name, file in request.files.items(multi=True):
        content = hashlib.sha256()
        for piece in _pieces(file.stream):
            content.update(piece)
        total.update(json.dumps([name, file.filename, content.hexdigest()]).encode())
    return total.hexdigest()


def _pieces(stream: Any) -> Iterator[bytes]:
    yield from iter(lambda: stream.read(CHUNK), b"")
    stream.seek(0)


def _keep_answer(response: Response) -> Response:
    """Keep what a form that was done is answered; a refusal may mean that its twin was done.

    From here on the key is let go: what is written down about the answer claims none.
    """
    found: Claim | None = g.get("form_key")
    try:
        if found is None or found.is_rehearsal or response.status_code >= 500:
            return response
        if found.is_taken:
            _write(found, response)
        elif _first(found):
            return current_app.make_response(answer_again() or response)
    except Misused:
        return response
    except SQLAlchemyError:
        # What was asked for is done: the answer to it must go out.
        log.exception("the answer to a form was not kept")
    finally:
        g.form_key = None
    return response


def _write(found: Claim, response: Response) -> None:
    is_small = response.is_json and (response.content_length or 0) <= BIGGEST_BODY
    is_api = request.path.startswith(API)
    facts: dict[str, Any] = {"status": response.status_code, "location": response.location or ""}
    if response.location and not is_api:
        told = [(category, str(text)) for category, text in cookie.get("_flashes", [])]
        facts["messages"] = json.dumps(told, ensure_ascii=False)
    elif is_small and is_api:
        facts["body"] = response.get_data(as_text=True)
    with unit_of_work():
        db.session.execute(update(FormKey).where(FormKey.id == found.row_id).values(**facts))
        if found.row_id % CLEANED_EVERY == 0:
            db.session.execute(delete(FormKey).where(FormKey.created_at < now() - KEPT_FOR))


# -- the key in the database -----------------------------------------------------------------------


class _Guard:
    """Takes the key of this request's form with the first unit of work that is committed."""

    def enter(self, at: dt.datetime) -> None:
        """Write the key; whoever sends the same form at the same time waits here."""
        found = _held()
        if found is None or found.is_taken or found.is_rehearsal:
            return
        row = insert(FormKey).values(
            key_hash=found.key_hash, account_id=found.account_id, what=found.what,
            digest=found.digest, created_at=at, location="", messages="", body="",
        )  # fmt: skip
        try:
            found.row_id = db.session.execute(row).inserted_primary_key[0]
        except IntegrityError:
            raise Repeated from None

    def is_rehearsal(self) -> bool:
        """Return whether a page that was shown after the work is shown once more."""
        found = _held()
        return found is not None and found.is_rehearsal

    def leave(self) -> None:
        """Remember that the work is done."""
        found = _held()
        if found is not None:
            found.is_taken = True


def _held() -> Claim | None:
    return g.get("form_key") if has_request_context() else None


def _first(found: Claim, connection: Connection | None = None) -> First | None:
    query = select(*COLUMNS).where(FormKey.key_hash == found.key_hash)
    row = (connection or db.session).execute(query).one_or_none()
    if row is None:
        return None
    first = First(*row)
    if first.account_id != found.account_id:
        raise Misused(Misuse.OTHER_PERSON)
    if first.digest != found.digest:
        raise Misused(Misuse.OTHER_CONTENT, first.created_at)
    return first


def _waited_for(found: Claim) -> First:
    """Return what was done, with its answer if that comes soon: the first sender waits for it too.

    Read beside the session, which must hold no lock meanwhile.
    """
    db.session.rollback()
    for _turn in range(PATIENCE):
        with snapshot(db.engine) as connection:
            first = _first(found, connection)
        if first is None:
            raise Misused(Misuse.MISSING)
        if first.status is not None or first.created_at < now() - FRESH:
            break
        time.sleep(STEP)
    return first
