"""Single sign-on: whom another house vouches for, as an account of this one."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from flask_appbuilder.security.sqla.models import Role as RoleRecord
from sqlalchemy import func, select

from app.actions.access import note_attempt
from app.actions.accounts import ADDRESS, Person, add_account, set_roles
from app.actions.people import RESERVED, system_account
from app.domain.refusals import Code, Refusal
from app.extensions import db
from app.models import Account, Site


@dataclass(frozen=True)
class Arrival:
    """Who the other house says this is."""

    username: str
    name: str = ""
    email: str = ""


def arrive(
    person: Arrival,
    *,
    records: Collection[RoleRecord] | None,
    may_register: bool,
    address: str,
    now: dt.datetime,
) -> Account | None:
    """Return whose log-in this is; None while the account is off, locked or elsewhere.

    `records` are the roles the other house gives, None if it gives none. Refuses whom nobody
    knows here, the two accounts of the system itself, and roles that no one person may hold.
    """
    account = _account_of(person.username)
    if person.username.strip().lower() in RESERVED or (account is None and not may_register):
        raise Refusal(Code.NOT_REGISTERED)
    if account is None:
        account = _register(person, now)
    elif not account.active:
        return None
    if records is not None and set(account.roles) != set(records):
        _give(account, records, now)
    return note_attempt(account.id, is_right=True, address=address, now=now)


def _account_of(username: str) -> Account | None:
    same = func.lower(Account.username) == username.strip().lower()
    return db.session.execute(select(Account).where(same)).scalar_one_or_none()


def _register(person: Arrival, now: dt.datetime) -> Account:
    """Return a new account without a password: here is none to be tried."""
    sites = list(db.session.execute(select(Site.id).limit(2)).scalars())
    taken = select(Account.id).where(func.lower(Account.email) == person.email.lower())
    is_free = db.session.execute(taken).first() is None
    email = person.email if ADDRESS.fullmatch(person.email) and is_free else ""
    new = Person(
        person.username, person.name.strip()[:64] or person.username, email=email,
        site_id=sites[0] if len(sites) == 1 else None,
    )  # fmt: skip
    return add_account(new, password_hash="", by=system_account(), now=now)  # nosec B106 (none)


def _give(account: Account, records: Collection[RoleRecord], now: dt.datetime) -> None:
    """Give the roles of the other house; the last administrator of a kind keeps his."""
    try:
        set_roles(account, records=records, by=system_account(), now=now)
    except Refusal as refusal:
        if refusal.code is not Code.LAST_ADMIN:
            raise
