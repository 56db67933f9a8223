"""用户账号: who may come in, where they belong, and which roles go together (D-35)."""

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations

from flask_appbuilder.security.sqla.models import Role as RoleRecord
from sqlalchemy import event, func, inspect, select
from sqlalchemy.orm import Session

from app.actions.access import end_sessions
from app.actions.channels import NO_MAIL
from app.actions.office import load_rules
from app.actions.people import RESERVED, roles_of
from app.domain.passwords import SessionEnd
from app.domain.refusals import Code, Refusal
from app.domain.states import ADMIN_ROLES, NEVER_GIVEN, UNIT_ROLES, Role
from app.extensions import db
from app.models import Account, Unit
from app.models.roles import ROLE_NAMES, role_of

# Anything else could put a second address or a header where one belongs.
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}")
APPROVERS = frozenset({Role.DUTY_LEADER, Role.GROUP_HEAD})
EVALUATORS = frozenset({Role.DUTY_OFFICER, Role.SUPERVISOR})
# D-35, fixed: who handles, who approves and who enters evaluations are three people.
APART = (UNIT_ROLES, APPROVERS, EVALUATORS)
JOINED = frozenset({Role.SYS_ADMIN, Role.SEC_ADMIN})  # what 简化模式 lets one person hold


@dataclass(frozen=True)
class Person:
    """What an administrator writes down about somebody."""

    username: str
    name: str
    site_id: int | None = None
    unit_id: int | None = None
    post: str = ""
    phone: str = ""
    email: str = ""
    sort_order: int = 0
    is_active: bool = True


def add_account(
    person: Person,
    *,
    password_hash: str,
    by: Account,
    now: dt.datetime,
    is_password_own: bool = False,
) -> Account:
    """Return a new account without a role; roles are given by 安全管理员 (domain/4 §4.1.1).

    A password that somebody else chose lasts for one log-in; blank is none, and lets nobody in.
    """
    account = Account(
        password=password_hash or None, last_name="", roles=[], password_set_at=now,
        must_change_password=not is_password_own,
    )  # fmt: skip
    _write(account, person)
    db.session.add(account)
    db.session.flush()
    return account


def change_account(account: Account, person: Person, *, by: Account, now: dt.datetime) -> None:
    """Change who somebody is and where they belong.

    Refuses to switch oneself or the last administrator off, and a unit person without a unit.
    Whoever is switched off is logged out for good, also when switched on again.
    """
    hold_roles()
    if account.active and not person.is_active:
        if account.id == by.id:
            raise Refusal(Code.OWN_ACCOUNT, field="active")
        _require_successor(account, leaving=roles_of(account), field="active")
        # Whoever is switched on again one day logs in again, and makes new tokens.
        end_sessions(account, why=SessionEnd.SWITCHED_OFF, now=now)
    _write(account, person)
    check_roles(account, account.roles)
    db.session.flush()


def _write(account: Account, person: Person) -> None:
    unit = db.session.get(Unit, person.unit_id) if person.unit_id else None
    if unit and person.site_id not in (None, unit.site_id):
        raise Refusal(Code.OTHER_SITE, field="unit")
    if not USERNAME.fullmatch(person.username.strip()):
        raise Refusal(Code.USERNAME_INVALID, field="username")
    if person.username.strip().lower() in RESERVED:
        raise Refusal(Code.NAME_TAKEN, field="username")
    _require_own_name(account, person.username.strip())
    account.username = person.username.strip()
    account.first_name = person.name.strip()
    account.email = _address(account, person)
    account.site_id = unit.site_id if unit else person.site_id
    account.unit = unit
    account.post, account.phone = person.post.strip(), person.phone.strip()
    account.sort_order, account.active = person.sort_order, person.is_active


def _require_own_name(account: Account, username: str) -> None:
    """Refuse a name that differs from another's in capitals only: who logs in is asked without."""
    same = func.lower(Account.username) == username.lower()
    with db.session.no_autoflush:  # the account is half written
        taken = select(Account.id).where(same, Account.id != account.id)
        if db.session.execute(taken).first():
            raise Refusal(Code.NAME_TAKEN, field="username")


def _address(account: Account, person: Person) -> str:
    """Return the person's e-mail address, or the stand-in of who has none."""
    address = person.email.strip()
    if not address:
        return f"{person.username.strip()}@{NO_MAIL}"
    if not ADDRESS.fullmatch(address) or address.endswith(f"@{NO_MAIL}"):
        raise Refusal(Code.FIELD_INVALID, field="email")
    same = func.lower(Account.email) == address.lower()
    with db.session.no_autoflush:  # the account is half written
        taken = select(Account.id).where(same, Account.id != account.id)
        if db.session.execute(taken).first():
            raise Refusal(Code.NAME_TAKEN, field="email")
    return address


def hold_roles() -> None:
    """Let nobody else give roles, or change what goes together, until this transaction ends.

    Two people may each be right alone: one gives 系统管理员, the other 值班人员.
    """
    query = select(RoleRecord.id).where(RoleRecord.name.in_(ROLE_NAMES[r] for r in ADMIN_ROLES))
    db.session.execute(query.order_by(RoleRecord.id).with_for_update())


def set_roles(
    account: Account, *, records: Collection[RoleRecord], by: Account, now: dt.datetime
) -> None:
    """Give an account exactly these roles; refuses what one person may not hold together.

    Nobody changes their own roles, and an administrator of each kind must remain.
    """
    if account.id == by.id:
        raise Refusal(Code.OWN_ACCOUNT, field="roles")
    hold_roles()
    db.session.refresh(account, ["roles"])
    wanted = frozenset(role for role in (role_of(r.name) for r in records) if role)
    if (wanted | roles_of(account)) & NEVER_GIVEN:
        raise Refusal(Code.ROLE_MISSING, field="roles")
    check_roles(account, records)
    _require_successor(account, leaving=roles_of(account) - wanted, field="roles")
    account.roles = list(records)
    db.session.flush()


@event.listens_for(Session, "before_flush")
def _hold_apart(session: Session, _context: object, _instances: object) -> None:
    """Check whoever's roles change, by whatever door: pages, import, commands, single sign-on."""
    for target in (*session.new, *session.dirty):
        if isinstance(target, Account) and _has_other_roles(target):
            check_roles(target, target.roles)


def _has_other_roles(account: Account) -> bool:
    return bool(inspect(account).attrs["roles"].history.has_changes())


def check_roles(account: Account, records: Collection[RoleRecord]) -> None:
    """Refuse roles that one person may not hold together, or a unit's role without a unit."""
    roles = frozenset(role for role in (role_of(r.name) for r in records) if role)
    if roles & NEVER_GIVEN and account.username not in RESERVED:
        raise Refusal(Code.ROLE_MISSING, field="roles")
    admin = roles & ADMIN_ROLES
    if admin and len(records) > len(admin):
        raise Refusal(Code.ADMIN_ROLE_MIX, field="roles")
    if len(admin) > 1 and not (admin <= JOINED and load_rules().simplified_admins):
        raise Refusal(Code.ADMINS_TOGETHER, field="roles")
    for one, other in combinations(APART, 2):
        if roles & one and roles & other:
            raise Refusal(Code.ROLE_MIX, field="roles")
    if roles & UNIT_ROLES and account.unit is None:
        raise Refusal(Code.UNIT_MISSING, field="unit")


def _require_successor(account: Account, *, leaving: frozenset[Role], field: str) -> None:
    """Refuse to take the last active holder of an administrator's role away."""
    for role in leaving & ADMIN_ROLES:
        if account.active and not _others_with(role, account):
            raise Refusal(Code.LAST_ADMIN, field=field, role=role)


def _others_with(role: Role, account: Account) -> bool:
    others = (
        select(Account.id)
        .where(Account.active.is_(True), Account.id != account.id)
        .where(Account.roles.any(name=ROLE_NAMES[role]))
    )
    return db.session.execute(others.limit(1)).first() is not None


def joined_admins() -> list[Account]:
    """Return the accounts that hold two administrator's roles, which 简化模式 allows."""
    query = select(Account).where(Account.active.is_(True))
    for role in JOINED:
        query = query.where(Account.roles.any(name=ROLE_NAMES[role]))
    return list(db.session.execute(query).scalars())
