"""Log-ins over the web: the cookie carries a token, the database says whether it still stands."""

import datetime as dt
import secrets
from typing import Any

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    g,
    has_request_context,
    redirect,
    request,
    session,
    url_for,
)
from flask_appbuilder.const import AUTH_DB, AUTH_LDAP
from flask_babel import gettext as _
from flask_login import current_user, logout_user, user_logged_in
from werkzeug.security import check_password_hash

from app.actions import audit
from app.actions.access import begin_session, end_sessions, note_attempt, session_of, tried_name
from app.actions.people import EMERGENCY_USERNAME
from app.clock import OFFICE_ZONE, now
from app.domain.audit import AuditAction, AuditResult
from app.domain.passwords import LONGEST, SessionEnd
from app.extensions import db
from app.fab.api import is_api
from app.logs import reference
from app.models import Account
from app.unit_of_work import unit_of_work
from app.web.sso import by_directory

TOKEN = "login"  # noqa: S105 (the name under which the cookie keeps it)
# What outlives a log-in in the cookie: the language, and what flask-login itself has just put in.
KEPT = frozenset({"locale", "_user_id", "_fresh", "_id"})
# Open while nothing but a new password is wanted.
OPEN = frozenset({"OwnPasswordView.this_form_get", "OwnPasswordView.this_form_post"})
OPEN_PARTS = (".static", ".logout", ".language", ".favicon", ".healthz")


def register(app: Flask) -> None:
    """Begin a log-in wherever somebody is logged in, by whatever way; insist on new passwords."""
    user_logged_in.connect(_begin, app)
    app.before_request(_say_who)
    app.before_request(_insist_on_password)


def try_password(username: str, password: str) -> Account | None:
    """Return who comes in under this name and password, or None, for whatever reason.

    The hash is worked out for unknown names too, and before anything is locked: neither the
    answer nor the time it takes tells why.
    """
    account = current_app.appbuilder.sm.find_user(username=username)
    if current_app.config["AUTH_TYPE"] == AUTH_LDAP and not _is_emergency(account):
        return by_directory(username, password, account)
    is_right = _is_password_of(account, password)
    account_id = account.id if account is not None else None
    typed = tried_name(username, is_known=account is not None)
    address = request.remote_addr or ""
    with unit_of_work():
        if account_id is None:
            found = None
        else:
            found = note_attempt(account_id, is_right=is_right, address=address, now=now())
        if found is None:
            audit.note(
                AuditAction.LOGIN_FAILED, about=("account", account_id or "", typed),
                after={"reason": _why_not(account_id, is_right=is_right)},
                result=AuditResult.REFUSED, by=here(),
            )  # fmt: skip
        g.by_password = found is not None
        return found


def _is_emergency(account: Account | None) -> bool:
    return account is not None and account.username == EMERGENCY_USERNAME


def _is_password_of(account: Account | None, password: str) -> bool:
    """Return whether it is; as long as it takes for anybody. Longer ones than any are no work."""
    stored = account.password if account is not None and account.password else ""
    fake = current_app.config["AUTH_DB_FAKE_PASSWORD_HASH_CHECK"]
    is_right = check_password_hash(stored or fake, password[: LONGEST + 1])
    # Under single sign-on passwords are kept elsewhere; the sealed account has its own.
    is_kept = current_app.config["AUTH_TYPE"] == AUTH_DB or _is_emergency(account)
    return is_right and bool(stored) and is_kept


def _why_not(account_id: int | None, *, is_right: bool) -> str:
    """Return for the log alone why nobody was let in."""
    account = db.session.get(Account, account_id) if account_id is not None else None
    if account is None:
        return "unknown_name"
    if not account.active:
        return "switched_off"
    if account.locked_until is not None and account.locked_until > now():
        return "locked"
    return "other" if is_right else "wrong_password"


def here() -> audit.Doer:
    """Return who this request comes from, as the log names them; outside of one, the system."""
    if not has_request_context():
        return audit.SYSTEM
    facts = {
        "address": request.remote_addr or "",
        "reference": reference(),
        "browser": request.user_agent.string,
    }
    if current_user and current_user.is_authenticated:
        return audit.as_doer(current_user._get_current_object(), **facts)
    return audit.Doer(**facts)


def account_of(account_id: int) -> Account | None:
    """Return whose log-in the cookie's token is, if it still stands."""
    token = session.get(TOKEN)
    g.login_session = row = token and session_of(
        account_id, token=token, seen_at=_last_seen(), address=request.remote_addr or "", now=now()
    )
    if token and row is None:
        session.clear()  # signed anew with this answer, it would look as if just seen
    return row.account if row else None


def _last_seen() -> dt.datetime:
    """Return when the cookie was signed: with the last page or form, not with a look-up."""
    sessions = current_app.session_interface
    cookie = request.cookies.get(sessions.get_cookie_name(current_app), "")
    signer = sessions.get_signing_serializer(current_app)
    return signer.loads(cookie, return_timestamp=True)[1].astimezone(OFFICE_ZONE)


def begin_anew(account: Account) -> None:
    """Begin this browser's log-in anew, inside the unit of work that ended all of them."""
    _open(account, by_password=True)


def _say_who() -> None:
    """Let whatever this request does stand in the log under its person."""
    audit.doer.set(here)


def _begin(_app: Flask, user: Any) -> None:
    with unit_of_work():
        account = db.session.get(Account, user.id)
        _open(account, by_password=g.get("by_password", False))
        who = audit.as_doer(
            account, address=request.remote_addr or "", reference=reference(),
            browser=request.user_agent.string,
        )  # fmt: skip
        audit.note(AuditAction.LOGIN, about=("account", account.id, account.username), by=who)


def _open(account: Account, *, by_password: bool) -> None:
    """Write the log-in down; the cookie keeps nothing of what was in it before."""
    for key in set(session) - KEPT:
        session.pop(key)
    session[TOKEN] = token = secrets.token_urlsafe(32)
    g.login_session = begin_session(
        account, token=token, address=request.remote_addr or "",
        browser=request.user_agent.string, by_password=by_password, now=now(),
    )  # fmt: skip


def _insist_on_password() -> Response | None:
    """Lead to the form for a new password, whatever else was asked for."""
    # Who comes with a token has no log-in here: the interface asks by itself.
    if is_api() or not current_user.is_authenticated or not g.login_session.needs_password:
        return None
    endpoint = request.endpoint or ""
    if endpoint in OPEN or endpoint == "static" or endpoint.endswith(OPEN_PARTS):
        return None
    flash(_("Please choose a password of your own first."), "warning")
    return redirect(url_for("OwnPasswordView.this_form_get"))


def leave() -> None:
    """Log out: this browser and every other of the same person."""
    user = current_user._get_current_object()
    if user.is_authenticated:
        who = here()
        with unit_of_work():
            end_sessions(user, why=SessionEnd.LOGOUT, now=now())
            audit.note(AuditAction.LOGOUT, about=("account", who.account_id, who.name), by=who)
    logout_user()
    session.clear()
