"""Log-ins by single sign-on: asked elsewhere, written down here as any other."""

from typing import Any

from flask import current_app, g, request
from flask_babel import gettext as _

from app.actions import audit
from app.actions.access import is_shut_out, note_attempt, tried_name
from app.actions.sso import Arrival, arrive
from app.clock import now
from app.domain.audit import AuditAction, AuditResult
from app.domain.refusals import Refusal
from app.fab.directory import ProviderDown
from app.models import Account
from app.unit_of_work import unit_of_work

PROBLEM = "sso_problem"  # in `g`: what the person reads instead of the words for every failure


def by_directory(username: str, password: str, account: Account | None) -> Account | None:
    """Return who comes in by the directory's password; guesses lock the account as ever.

    While it is locked the directory is not asked: nobody shuts people out there from here.
    """
    account_id = account.id if account else None
    if account is not None and is_shut_out(account, now()):
        return note_failure(username, about=account_id)
    try:
        found = current_app.appbuilder.sm.ask_directory(username, password)
    except ProviderDown:
        setattr(g, PROBLEM, _("The single sign-on does not answer now. Try again later."))
        return note_failure(username, why=getattr(g, PROBLEM), about=account_id)
    if found is not None:
        return arrived(found)
    if account_id is not None:
        with unit_of_work():
            note_attempt(account_id, is_right=False, address=_address(), now=now())
    return note_failure(username, about=account_id)


def arrived(found: dict[str, Any]) -> Account | None:
    """Return who comes in, vouched for; None, and the reason written down, if nobody does."""
    config, sm = current_app.config, current_app.appbuilder.sm
    person = Arrival(found["username"], found.get("first_name", ""), found.get("email", ""))
    try:
        with unit_of_work():
            known = sm.find_user(username=person.username) is not None
            has_mapping = bool(config["AUTH_ROLES_MAPPING"])
            given = sm.get_roles_from_keys(found.get("role_keys") or []) if has_mapping else None
            account = arrive(
                person, records=None if known and not config["AUTH_ROLES_SYNC_AT_LOGIN"] else given,
                may_register=config["AUTH_USER_REGISTRATION"], address=_address(), now=now(),
            )  # fmt: skip
    except Refusal as refusal:
        from app.views.messages import sentence

        setattr(g, PROBLEM, sentence(refusal))
        return note_failure(person.username, why=getattr(g, PROBLEM), is_known=True)
    return account or note_failure(person.username, is_known=True)


def note_failure(
    username: str, why: str = "", about: int | None = None, *, is_known: bool = False
) -> None:
    """Write down that nobody came in; the name is an account's, or vouched for."""
    from app.web.login import here

    typed = tried_name(username, is_known=is_known or about is not None)
    with unit_of_work():
        audit.note(
            AuditAction.LOGIN_FAILED, about=("account", about or "", typed),
            after={"detail": why} if why else None, result=AuditResult.REFUSED, by=here(),
        )  # fmt: skip


def _address() -> str:
    return request.remote_addr or ""
