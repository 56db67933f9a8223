"""The demo office before its first case: site, units, accounts with passwords, leading group."""

import csv
import datetime as dt
import io
import os
import secrets
import string
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import current_app
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from app.actions.numbers import start_number_after
from app.actions.people import group_members
from app.actions.setup import (
    ensure_dictionaries,
    ensure_emergency_account,
    ensure_system_account,
    open_site,
    role_record,
)
from app.clock import now
from app.demo.data import YEAR, member_of, moment, read_rows
from app.domain.states import NumberKind, Role, UnitKind
from app.extensions import db
from app.models import Account, DictEntry, GroupMember, Site, Unit
from app.unit_of_work import unit_of_work

SITE_NAME, OFFICE_NAME, PHONE = "县政务服务中心", "平邑县政务服务中心", "0539-0000000"
OPENED_AT = moment("09-18 09:00")
GROUP_SINCE = dt.date(YEAR, 1, 1)
# Where the paper registers of the first three quarters stand.
PAPER_NUMBERS = {
    NumberKind.LEDGER: 100,
    NumberKind.SLIP: 130,
    NumberKind.REJECTION: 20,
    NumberKind.SUPERVISION: 6,
}
# Nobody's: a newcomer without a mail server reads the mails as files.
MAIL_DOMAIN = "banjie.example"
COLUMNS = ("username", "password", "role", "name", "unit")


@dataclass(frozen=True)
class Office:
    """The demo's site, and how its people, units and words are found by name."""

    site_id: int

    def account(self, username: str) -> Account:
        """Return the account of a user name."""
        return db.session.scalars(select(Account).where(Account.username == username)).one()

    def unit(self, name: str) -> Unit:
        """Return the unit of a name."""
        query = select(Unit).where(Unit.site_id == self.site_id, Unit.name == name)
        return db.session.scalars(query).one()

    def member(self, name: str, day: dt.date) -> GroupMember:
        """Return the member of the leading group by 姓名."""
        members = group_members(site_id=self.site_id, day=day)
        return next(member for member in members if member.account.name == name)

    def entry(self, kind: str, full_name: str) -> DictEntry:
        """Return the word of a list by 上级—名称."""
        query = select(DictEntry).where(DictEntry.kind == kind)
        return next(e for e in db.session.scalars(query) if e.full_name == full_name)


def open_office(accounts_file: Path) -> Office:
    """Open the site with its units, accounts and numbers; write the passwords to a private file."""
    rows = read_rows("accounts.csv")
    passwords = [make_password() for _ in rows]
    hashes = _hashes(passwords)
    with unit_of_work():
        system = ensure_system_account()
        ensure_emergency_account()
        site = open_site(
            name=SITE_NAME,
            office_name=OFFICE_NAME,
            paper_name=OFFICE_NAME,
            phone=PHONE,
            by=system,
            now=OPENED_AT,
        )
        ensure_dictionaries()
        _open_units(site)
        for order, (row, hashed) in enumerate(zip(rows, hashes, strict=True), start=1):
            _open_account(row, hashed, site=site, order=order)
        for series, last_no in PAPER_NUMBERS.items():
            start_number_after(site_id=site.id, series=series, period=str(YEAR), last_no=last_no)
        write_accounts(accounts_file, rows, passwords)
        return Office(site.id)


def _open_units(site: Site) -> None:
    for order, row in enumerate(read_rows("units.csv"), start=1):
        db.session.add(
            Unit(
                site=site,
                name=row["name"],
                unit_kind=member_of(UnitKind, row["kind"]),
                sort_order=order * 10,
                location=row["location"],
                phone=row["phone"],
                handler_may_sign_off=bool(row["handler_may_sign_off"]),
            )
        )
    db.session.flush()


def _hashes(passwords: list[str]) -> list[str]:
    """Return the passwords as FAB stores them; slow on purpose, so several at a time."""
    method = current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt")
    with ThreadPoolExecutor() as pool:
        return list(pool.map(partial(generate_password_hash, method=method), passwords))


def _open_account(row: dict[str, str], hashed: str, *, site: Site, order: int) -> None:
    roles = [member_of(Role, name) for name in row["roles"].split("、")]
    account = Account(
        username=row["username"],
        first_name=row["name"],
        last_name="",
        email=f"{row['username']}@{MAIL_DOMAIN}",
        password=hashed,
        password_set_at=now(),
        active=True,
        roles=[role_record(role) for role in roles],
        site_id=site.id,
        unit=Office(site.id).unit(row["unit"]) if row["unit"] else None,
        post=row["post"],
        sort_order=order * 10,
    )
    db.session.add(account)
    if {Role.GROUP_HEAD, Role.GROUP_MEMBER} & set(roles):
        db.session.add(
            GroupMember(
                site=site,
                account=account,
                post=row["post"],
                is_head=Role.GROUP_HEAD in roles,
                sort_order=order * 10,
                valid_from=GROUP_SINCE,
            )
        )
    db.session.flush()


def make_password() -> str:
    """Return a random password that can be read aloud: two capitals, six letters, four digits."""
    parts = ((string.ascii_uppercase, 2), (string.ascii_lowercase, 6), ("-", 1), ("23456789", 4))
    return "".join(secrets.choice(letters) for letters, n in parts for _ in range(n))


def write_accounts(path: Path, rows: list[dict[str, str]], passwords: list[str]) -> None:
    """Write who may log in with which password, readable by the owner only."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for row, password in zip(rows, passwords, strict=True):
        table.writerow((row["username"], password, row["roles"], row["name"], row["unit"]))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # a file that others could read keeps its mode when rewritten
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text.getvalue())
