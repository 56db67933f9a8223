"""Importing what the office is made of: units, accounts, roles and the leading group."""

import datetime as dt
from collections.abc import Hashable, Iterator, Mapping
from typing import Any, ClassVar

from flask_appbuilder.security.sqla.models import Role as RoleRecord
from sqlalchemy import func, select

from app.actions import org
from app.actions.accounts import Person, add_account, change_account, set_roles
from app.actions.channels import mail_address
from app.actions.import_rows import (
    Importer,
    People,
    Written,
    unit_named,
    units_by_name,
)
from app.actions.people import RESERVED, roles_of
from app.domain.import_faults import BadImport, Fault
from app.domain.import_kinds import ImportKind
from app.domain.import_table import Read
from app.domain.import_values import squeezed
from app.domain.refusals import Code, Refusal
from app.domain.states import Role
from app.domain.words import word
from app.extensions import db
from app.models import Account, GroupMember, Unit
from app.models.roles import ROLE_NAMES

STEP = 10  # between the ranks given to rows that name none
LEADERSHIP = frozenset({Role.GROUP_HEAD, Role.GROUP_MEMBER, Role.DUTY_LEADER})


class UnitImporter(Importer):
    """窗口（科室）, found again by their names."""

    kind = ImportKind.UNITS

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.units = units_by_name(self.site.id, also_closed=True)
        self.rank = max((unit.sort_order for unit in self.units.values()), default=0)

    def key(self, values: Mapping[str, Any]) -> Hashable:
        """No two units of one name."""
        return squeezed(values["name"])

    def write(self, read: Read) -> Written:
        """Add the unit, or change what the row says of it."""
        unit = self.units.get(squeezed(read.values["name"]))
        if unit is None:
            self.rank = max(self.rank + STEP, read.values.get("sort_order", 0))
            values = {"sort_order": self.rank, **read.values, "site": self.site}
            org.save(Unit(), values, by=self.by, now=self.now)
            return Written(is_new=True)
        before = {name: _worded(getattr(unit, name)) for name in read.values}
        org.save(unit, read.values, by=self.by, now=self.now)
        after = {name: _worded(value) for name, value in read.values.items()}
        return Written(is_new=False, changes=self.changes(before, after))


def _worded(value: Any) -> Any:
    return word(value) if hasattr(value, "value") else value


class AccountImporter(Importer):
    """用户账号 without roles: those are given by 安全管理员 (三员)."""

    kind = ImportKind.ACCOUNTS
    column_of: ClassVar[Mapping[str, str]] = {"active": "is_active", "roles": "unit"}

    def __init__(self, *, hashes: Iterator[str], **given: Any) -> None:
        super().__init__(**given)
        self.hashes = hashes
        self.units = units_by_name(self.site.id)

    def key(self, values: Mapping[str, Any]) -> Hashable:
        """No two accounts of one user name, however it is written."""
        return values["username"].upper()

    def write(self, read: Read) -> Written:
        """Add the account with an initial password, or change what the row says of it."""
        values = dict(read.values)
        if "unit" in values:
            values["unit_id"] = unit_named(self.units, values["unit"], field="unit").id
        account = db.session.execute(
            select(Account).where(func.lower(Account.username) == values["username"].lower())
        ).scalar_one_or_none()
        if account is None:
            person = _person({"site_id": self.site.id, **values})
            hashed = next(self.hashes)
            self.created.append(add_account(person, password_hash=hashed, by=self.by, now=self.now))
            return Written(is_new=True)
        if account.username in RESERVED or account.site_id not in (None, self.site.id):
            raise Refusal(Code.NAME_TAKEN, field="username")
        if self.by.site_id is not None and account.site_id != self.by.site_id:
            raise Refusal(Code.NAME_TAKEN, field="username")
        before = _facts(account)
        change_account(account, _person({**_stored(account), **values}), by=self.by, now=self.now)
        after = {key: value for key, value in _facts(account).items() if key in read.values}
        return Written(is_new=False, changes=self.changes(before, after))


def _person(values: Mapping[str, Any]) -> Person:
    return Person(**{name: values[name] for name in Person.__annotations__ if name in values})


def _stored(account: Account) -> dict[str, Any]:
    return {
        "username": account.username, "name": account.name, "site_id": account.site_id,
        "unit_id": account.unit_id, "post": account.post or "", "phone": account.phone or "",
        "email": mail_address(account), "sort_order": account.sort_order or 0,
        "is_active": account.active,
    }  # fmt: skip


def _facts(account: Account) -> dict[str, Any]:
    unit = db.session.get(Unit, account.unit_id) if account.unit_id else None
    return {**_stored(account), "unit": unit.name if unit else ""}


class RoleImporter(Importer):
    """角色授权: exactly these roles, by the rules of the form (D-35, 三员)."""

    kind = ImportKind.ROLES
    # An account without its unit is mended by 系统管理员; here the roles are what is wrong.
    column_of: ClassVar[Mapping[str, str]] = {"unit": "roles"}

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.people = People(self.site.id)

    def key(self, values: Mapping[str, Any]) -> Hashable:
        """One row an account."""
        return values["username"].upper()

    def write(self, read: Read) -> Written:
        """Give the account exactly the roles of its row."""
        account = self.people.user(read.values["username"], field="username")
        named = read.values.get("name")
        if named and squeezed(named) != squeezed(account.name):
            raise BadImport(Fault.OTHER_PERSON, field="name", name=account.name)
        held, wanted = roles_of(account), frozenset(read.values["roles"])
        if held == wanted:
            return Written(is_new=False)
        names = [ROLE_NAMES[role] for role in wanted]
        records = (
            db.session.execute(select(RoleRecord).where(RoleRecord.name.in_(names))).scalars().all()
        )
        set_roles(account, records=records, by=self.by, now=self.now)
        before, after = {"roles": _in_words(held)}, {"roles": _in_words(wanted)}
        return Written(is_new=False, changes=self.changes(before, after))


def _in_words(roles: frozenset[Role]) -> str:
    return "、".join(word(role) for role in Role if role in roles)


class GroupImporter(Importer):
    """工作领导小组, found again by person and first day."""

    kind = ImportKind.GROUP
    column_of: ClassVar[Mapping[str, str]] = {"account": "name"}

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.people = People(self.site.id)
        self.rank = 0

    def key(self, values: Mapping[str, Any]) -> Hashable:
        """One term a person and first day."""
        return (squeezed(values.get("username") or values["name"]), values["valid_from"])

    def write(self, read: Read) -> Written:
        """Add the member, or change what the row says of this term."""
        values = dict(read.values)
        account = self._account(values.pop("name"), values.pop("username", ""))
        first = values["valid_from"]
        member = self._member(account, first)
        self.rank += STEP
        if member is None:
            values = {"sort_order": self.rank, "is_head": False, **values}
            new = {**values, "site": self.site, "account": account}
            org.save(GroupMember(valid_to=None), new, by=self.by, now=self.now)
            return Written(is_new=True)
        before = {name: getattr(member, name) for name in values}
        org.save(member, values, by=self.by, now=self.now)
        return Written(is_new=False, changes=self.changes(before, values))

    def _account(self, name: str, username: str) -> Account:
        if username:
            account = self.people.user(username, field="username")
            if squeezed(account.name) != squeezed(name):
                raise BadImport(Fault.OTHER_PERSON, field="name", name=account.name)
        else:
            account = self.people.find(name, field="name", roles=LEADERSHIP)
        if not roles_of(account) & LEADERSHIP:
            raise Refusal(Code.NOT_GROUP_MEMBER, field="name")
        return account

    def _member(self, account: Account, first: dt.date) -> GroupMember | None:
        return (
            db.session.execute(
                select(GroupMember).where(
                    GroupMember.site_id == self.site.id,
                    GroupMember.account_id == account.id,
                    GroupMember.valid_from == first,
                )
            )
            .scalars()
            .first()
        )
