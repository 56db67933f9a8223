"""Opening an office: roles, the system's account, dictionaries, a site with its hours and people.

Shared by the real installation and the demo office; nothing here knows a password, only its hash.
"""

import datetime as dt

from flask_appbuilder.security.sqla.models import Role as RoleRecord
from sqlalchemy import select

from app.actions import standard_words as words
from app.actions.calendars import timetable_changed
from app.actions.people import SYSTEM_USERNAME
from app.domain.refusals import Code, Refusal
from app.domain.states import ADMIN_ROLES, Role
from app.domain.words import word
from app.extensions import db
from app.models import Account, DictEntry, GroupMember, Site, Timetable, Unit
from app.models.roles import ROLE_NAMES

NO_MAIL = "local.invalid"  # FAB wants an address that most window staff do not have
HOURS_FROM = dt.date(2022, 1, 1)
HOURS = (dt.time(9), dt.time(12), dt.time(13), dt.time(17))  # D-30: a placeholder to be asked


def ensure_roles() -> dict[Role, RoleRecord]:
    """Return the record of every business role, those that were missing now added."""
    names = set(ROLE_NAMES.values())
    found = {
        row.name: row
        for row in db.session.execute(
            select(RoleRecord).where(RoleRecord.name.in_(names))
        ).scalars()
    }
    for name in ROLE_NAMES.values():
        if name not in found:
            found[name] = RoleRecord(name=name)
            db.session.add(found[name])
    db.session.flush()
    return {role: found[name] for role, name in ROLE_NAMES.items()}


def ensure_system_account() -> Account:
    """Return the account that jobs act under: it has no password and is not active."""
    account = db.session.execute(
        select(Account).where(Account.username == SYSTEM_USERNAME)
    ).scalar_one_or_none()
    if account is None:
        account = add_account(username=SYSTEM_USERNAME, name=word(Role.SYSTEM), roles=[Role.SYSTEM])
        account.active = False
        db.session.flush()
    return account


def add_account(
    *,
    username: str,
    name: str,
    roles: list[Role],
    password_hash: str | None = None,
    site: Site | None = None,
    unit: Unit | None = None,
    post: str = "",
    sort_order: int = 0,
) -> Account:
    """Open an account; refuses an administrator's role beside another one (D-35)."""
    if set(roles) & ADMIN_ROLES and len(roles) > 1:
        raise Refusal(Code.ADMIN_ROLE_MIX, field="roles")
    records = ensure_roles()
    account = Account(
        username=username, first_name=name, last_name="", email=f"{username}@{NO_MAIL}",
        password=password_hash, active=True, roles=[records[r] for r in roles], site=site,
        unit=unit, post=post, sort_order=sort_order,
    )  # fmt: skip
    db.session.add(account)
    db.session.flush()
    return account


def ensure_dictionaries() -> None:
    """Bring in the standard words that are missing; what the office changed stays."""
    for cause, children in words.CAUSES.items():
        add_entry(kind=words.CAUSE, name=cause)
        for child in children:
            add_entry(kind=words.CAUSE, name=child, parent=cause)
    for referral, detail in words.REFERRALS.items():
        add_entry(kind=words.REFERRAL, name=referral, detail=detail)
    plain = {
        words.REJECTION_GROUND: words.REJECTION_GROUNDS,
        words.BAD_REASON: words.BAD_REASONS,
        words.BASIS: words.BASES,
    }
    for kind, names in plain.items():
        for name in names:
            add_entry(kind=kind, name=name)


def add_entry(*, kind: str, name: str, parent: str = "", detail: str = "") -> DictEntry:
    """Return the entry of that name, now added behind the others if it was missing."""
    entry = _entry(kind, name)
    if entry is None:
        above = _entry(kind, parent) if parent else None
        entry = DictEntry(
            kind=kind, name=name, parent=above, detail=detail, sort_order=_next_order(kind)
        )
        db.session.add(entry)
        db.session.flush()
    return entry


def _entry(kind: str, name: str) -> DictEntry | None:
    return db.session.execute(
        select(DictEntry).where(DictEntry.kind == kind, DictEntry.name == name)
    ).scalar_one_or_none()


def _next_order(kind: str) -> int:
    taken = db.session.execute(select(DictEntry.sort_order).where(DictEntry.kind == kind)).scalars()
    return max(taken, default=0) + 10


def open_site(
    *, name: str, office_name: str, phone: str = "", by: Account, now: dt.datetime
) -> Site:
    """Open a 服务场所 with the placeholder hours, which the office then replaces by its own."""
    site = Site(name=name, office_name=office_name, phone=phone, sort_order=10)
    db.session.add(site)
    db.session.flush()
    am_start, am_end, pm_start, pm_end = HOURS
    db.session.add(
        Timetable(
            site_id=site.id, name="办公时间", valid_from=HOURS_FROM, am_start=am_start,
            am_end=am_end, pm_start=pm_start, pm_end=pm_end,
        )
    )  # fmt: skip
    timetable_changed(site_id=site.id, by=by, now=now)
    return site


def add_group_member(
    *, site: Site, account: Account, post: str, is_head: bool, sort_order: int, since: dt.date
) -> GroupMember:
    """Put somebody on the leading group from a day on (R40)."""
    member = GroupMember(
        site_id=site.id, account_id=account.id, post=post, is_head=is_head,
        sort_order=sort_order, valid_from=since,
    )  # fmt: skip
    db.session.add(member)
    db.session.flush()
    return member
