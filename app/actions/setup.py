"""What an office needs before its first case: the system account, its word lists, a site."""

import datetime as dt

from flask_appbuilder.security.sqla.models import Role as RoleRecord
from sqlalchemy import select

from app.actions.calendars import import_year
from app.actions.people import EMERGENCY_USERNAME, SYSTEM_USERNAME
from app.actions.words import STANDARD_WORDS
from app.domain.states import DictKind, Role
from app.domain.words import word
from app.extensions import db
from app.models import Account, CalendarYear, DictEntry, Site, Timetable
from app.models.roles import ROLE_NAMES

CALENDAR_YEARS = range(2019, 2027)
FIRST_VALID = dt.date(2019, 1, 1)
# D-30: a placeholder until the office has said its hours.
MORNING = (dt.time(9), dt.time(12))
AFTERNOON = (dt.time(13), dt.time(17))


def ensure_system_account() -> Account:
    """Return the named account that jobs act under, made if missing; it can never log in."""
    return _ensure(SYSTEM_USERNAME, Role.SYSTEM)


def ensure_emergency_account() -> Account:
    """Return 应急账号, made if missing: switched off, without a password (domain/4 §4.1.1)."""
    return _ensure(EMERGENCY_USERNAME, Role.EMERGENCY)


def _ensure(username: str, role: Role) -> Account:
    account = db.session.execute(
        select(Account).where(Account.username == username)
    ).scalar_one_or_none()
    if account is None:
        account = Account(
            username=username,
            first_name="系统" if role is Role.SYSTEM else word(role),
            last_name="",
            email=f"{username}@local.invalid",
            active=False,
            roles=[role_record(role)],
        )
        db.session.add(account)
        db.session.flush()
    return account


def role_record(role: Role) -> RoleRecord:
    """Return FAB's record of a role, made without permissions if `roles sync` has not run."""
    name = ROLE_NAMES[role]
    record = db.session.execute(
        select(RoleRecord).where(RoleRecord.name == name)
    ).scalar_one_or_none()
    if record is None:
        record = RoleRecord(name=name)
        db.session.add(record)
        db.session.flush()
    return record


def ensure_dictionaries() -> int:
    """Add the standard words that a list does not hold yet; return how many."""
    return sum(_ensure_list(kind) for kind in DictKind)


def _ensure_list(kind: DictKind) -> int:
    held = {
        entry.name: entry
        for entry in db.session.execute(select(DictEntry).where(DictEntry.kind == kind)).scalars()
    }
    before = len(held)
    for order, (name, parent, detail) in enumerate(STANDARD_WORDS[kind], start=1):
        if name not in held:
            held[name] = DictEntry(
                kind=kind.value, name=name, parent=held.get(parent), detail=detail,
                sort_order=order * 10,
            )  # fmt: skip
            db.session.add(held[name])
    db.session.flush()
    return len(held) - before


def open_site(
    *,
    name: str,
    office_name: str,
    by: Account,
    now: dt.datetime,
    phone: str = "",
    paper_name: str = "",
) -> Site:
    """Return a new site with placeholder hours and the official calendar of 2019–2026."""
    site = Site(
        name=name.strip(), office_name=office_name.strip(), phone=phone.strip(),
        paper_name=paper_name.strip(),
    )  # fmt: skip
    db.session.add(site)
    db.session.flush()
    db.session.add(
        Timetable(
            site_id=site.id,
            name="全年",
            valid_from=FIRST_VALID,
            am_start=MORNING[0],
            am_end=MORNING[1],
            pm_start=AFTERNOON[0],
            pm_end=AFTERNOON[1],
        )
    )
    db.session.flush()
    held = set(db.session.execute(select(CalendarYear.year)).scalars())
    for year in CALENDAR_YEARS:
        if year not in held:
            import_year(year=year, by=by, now=now)
    return site
