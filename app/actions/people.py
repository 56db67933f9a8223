"""Who somebody is to a case now: roles, unit, and whether he signs as today's leader."""

import datetime as dt

from sqlalchemy import select

from app.domain.facts import Actor
from app.domain.states import ComplaintAbout, Role
from app.extensions import db
from app.models import Account, GroupMember, LeaderRoster
from app.models.roles import ROLE_NAMES, role_of

SYSTEM_USERNAME, EMERGENCY_USERNAME = "system", "emergency"
# No page shows, changes or gives away these two.
RESERVED = frozenset({SYSTEM_USERNAME, EMERGENCY_USERNAME})


def roles_of(account: Account) -> frozenset[Role]:
    """Return the business roles of an account."""
    return frozenset(r for r in (role_of(role.name) for role in account.roles) if r)


def system_account() -> Account:
    """Return the named account that jobs act under; it can never log in."""
    return account_named(SYSTEM_USERNAME)


def account_named(username: str, *, lock: bool = False) -> Account:
    """Return the account of exactly this user name, its row locked if wanted."""
    query = select(Account).where(Account.username == username)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(query).scalar_one()


def approving_leader(
    *, site_id: int, day: dt.date, about: ComplaintAbout | None = None
) -> Account | None:
    """Return who signs as 带班领导 that day (R30, D-34).

    The rostered leader; marked away, the substitute; without either, the head of the group. On a
    complaint `about` a leader it is always the head (D-22).
    """
    if about is ComplaintAbout.LEADER:
        return _head_account(site_id, day)
    row = db.session.execute(
        select(LeaderRoster).where(LeaderRoster.site_id == site_id, LeaderRoster.day == day)
    ).scalar_one_or_none()
    # Whoever has left the office cannot sign, whatever an old roster says.
    if row and not row.is_leader_away and row.leader.active:
        return row.leader
    if row and row.substitute and row.substitute.active:
        return row.substitute
    return _head_account(site_id, day)


def _head_account(site_id: int, day: dt.date) -> Account | None:
    head = group_head(site_id=site_id, day=day)
    return head.account if head else None


def group_members(*, site_id: int, day: dt.date) -> list[GroupMember]:
    """Return the leading group of a day in official rank order (R40)."""
    return list(
        db.session.execute(
            select(GroupMember)
            .where(
                GroupMember.site_id == site_id,
                GroupMember.valid_from <= day,
                (GroupMember.valid_to.is_(None)) | (GroupMember.valid_to >= day),
            )
            .order_by(GroupMember.is_head.desc(), GroupMember.sort_order, GroupMember.id)
        ).scalars()
    )


def group_head(*, site_id: int, day: dt.date) -> GroupMember | None:
    """Return the 组长 of a day, or None."""
    return next((m for m in group_members(site_id=site_id, day=day) if m.is_head), None)


def actor_of(
    account: Account, *, site_id: int, day: dt.date, about: ComplaintAbout | None = None
) -> Actor:
    """Return an account as the workflow sees it on a case of `site_id` on `day`.

    `about` is whom the case complains about, which decides who signs as its leader.
    """
    roles = roles_of(account)
    leads = roles & {Role.DUTY_LEADER, Role.GROUP_HEAD}
    leader = approving_leader(site_id=site_id, day=day, about=about) if leads else None
    return Actor(
        id=account.id,
        roles=roles,
        site_id=account.site_id,
        unit_id=account.unit_id,
        unit_may_sign_off=bool(account.unit and account.unit.handler_may_sign_off),
        approves_today=leader is not None and leader.id == account.id,
    )


def accounts_with(role: Role, *, site_id: int, unit_id: int | None = None) -> list[Account]:
    """Return the active accounts of a role at a site, of one unit if given."""
    query = (
        select(Account)
        .where(Account.active.is_(True))
        .where(Account.roles.any(name=ROLE_NAMES[role]))
        .where((Account.site_id == site_id) | (Account.site_id.is_(None)))
        .order_by(Account.sort_order, Account.id)
    )
    if unit_id is not None:
        query = query.where(Account.unit_id == unit_id)
    return list(db.session.execute(query).scalars())
