"""值班排班 and 带班排班, filled by the week and by the month; days gone by stay as they were."""

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.actions.calendars import calendar_of
from app.actions.leaders import is_leader, set_leader, set_shift
from app.actions.people import accounts_with, group_members
from app.domain.refusals import Code, Refusal
from app.domain.states import Half, Role
from app.extensions import db
from app.models import Account, DutyShift, LeaderRoster

HalfDay = tuple[dt.date, Half]
FRIDAY = 4
_WEEK = dt.timedelta(days=7)


def duty_officers(*, site_id: int) -> list[Account]:
    """Return who may sit at the desk, in rank order."""
    return accounts_with(Role.DUTY_OFFICER, site_id=site_id)


def leaders_in_rank(*, site_id: int, day: dt.date) -> list[Account]:
    """Return who may stand on the leaders' roster, in official rank order (R33)."""
    members = [member.account for member in group_members(site_id=site_id, day=day)]
    known = {account.id for account in members}
    others = [
        account
        for role in (Role.GROUP_HEAD, Role.DUTY_LEADER)
        for account in accounts_with(role, site_id=site_id)
    ]
    outside = {account.id: account for account in others if account.id not in known}
    ordered = [*members, *outside.values()]
    return [account for account in ordered if account.active and is_leader(account)]


def shifts_between(*, site_id: int, first: dt.date, last: dt.date) -> dict[HalfDay, list[int]]:
    """Return the officers of each half-day that has any, by account id."""
    rows = db.session.execute(
        select(DutyShift)
        .where(DutyShift.site_id == site_id, DutyShift.day.between(first, last))
        .order_by(DutyShift.id)
    ).scalars()
    found: dict[HalfDay, list[int]] = {}
    for row in rows:
        found.setdefault((row.day, row.half), []).append(row.officer_id)
    return found


def fill_week(
    *,
    site_id: int,
    monday: dt.date,
    officers: Mapping[HalfDay, Collection[int]],
    by: Account,
    now: dt.datetime,
) -> None:
    """Give the half-days of a week exactly these officers, from today on."""
    days = [monday + dt.timedelta(days=n) for n in range(7)]
    for half_day in [(day, half) for day in days for half in Half if day >= now.date()]:
        _set_officers(site_id, half_day, officers.get(half_day, ()), by, now)


def _set_officers(
    site_id: int, half_day: HalfDay, officers: Collection[int], by: Account, now: dt.datetime
) -> None:
    set_half_day(
        site_id=site_id, day=half_day[0], half=half_day[1], officers=officers, by=by, now=now
    )


def set_half_day(
    *,
    site_id: int,
    day: dt.date,
    half: Half,
    officers: Collection[int],
    by: Account,
    now: dt.datetime,
) -> None:
    """Give one half-day exactly these officers."""
    held = db.session.execute(
        select(DutyShift).where(
            DutyShift.site_id == site_id, DutyShift.day == day, DutyShift.half == half
        )
    ).scalars()
    for row in held:
        if row.officer_id not in officers:
            db.session.delete(row)
    db.session.flush()
    for officer_id in officers:
        set_shift(site_id=site_id, day=day, half=half, officer_id=officer_id, by=by, now=now)


def repeat_week(*, site_id: int, monday: dt.date, by: Account, now: dt.datetime) -> int:
    """Repeat a week on the free working half-days until the end of its month.

    A make-up Saturday or Sunday goes like the Friday. Returns how many half-days were filled.
    """
    pattern = shifts_between(site_id=site_id, first=monday, last=monday + dt.timedelta(days=6))
    if not pattern:
        raise Refusal(Code.NOT_FOUND, field="monday")
    calendar = calendar_of(site_id)
    last = _month_end(monday + dt.timedelta(days=FRIDAY))
    held = shifts_between(site_id=site_id, first=monday, last=last)
    filled = 0
    day = max(monday + _WEEK, now.date())
    while day <= last:
        model = monday + dt.timedelta(days=min(day.weekday(), FRIDAY))
        for half in Half:
            officers = pattern.get((model, half), [])
            if officers and calendar.is_workday(day) and (day, half) not in held:
                _set_officers(site_id, (day, half), officers, by, now)
                filled += 1
        day += dt.timedelta(days=1)
    return filled


def _month_end(day: dt.date) -> dt.date:
    following = day.replace(day=28) + dt.timedelta(days=4)
    return following - dt.timedelta(days=following.day)


def rotate_leaders(*, site_id: int, month: dt.date, by: Account, now: dt.datetime) -> int:
    """Fill the month's free working days, from today on, with the leaders in rank order.

    Goes on after the leader of the day before; the head of the group takes no turn while others
    can. The next in order stands in. Returns how many days were filled.
    """
    heads = {m.account_id for m in group_members(site_id=site_id, day=now.date()) if m.is_head}
    leaders = leaders_in_rank(site_id=site_id, day=now.date())
    order = [leader.id for leader in leaders if leader.id not in heads] or [x.id for x in leaders]
    if not order:
        raise Refusal(Code.NOT_GROUP_MEMBER)
    calendar = calendar_of(site_id)
    first, last = max(month.replace(day=1), now.date()), _month_end(month)
    held = _leaders_until(site_id, last)
    turn = _turn_after(order, held, first)
    filled = 0
    for day in (first + dt.timedelta(days=n) for n in range((last - first).days + 1)):
        if day in held:
            turn = _next_turn(order, held[day], turn)
        elif calendar.is_workday(day):
            follower = order[(turn + 1) % len(order)]
            set_leader(
                site_id=site_id, day=day, leader_id=order[turn % len(order)],
                substitute_id=follower if len(order) > 1 else None, by=by, now=now,
            )  # fmt: skip
            turn, filled = turn + 1, filled + 1
    return filled


def _leaders_until(site_id: int, last: dt.date) -> dict[dt.date, int]:
    rows = db.session.execute(
        select(LeaderRoster.day, LeaderRoster.leader_id)
        .where(LeaderRoster.site_id == site_id, LeaderRoster.day <= last)
        .order_by(LeaderRoster.day)
    )
    return {day: leader_id for day, leader_id in rows}


def _turn_after(order: list[int], held: Mapping[dt.date, int], first: dt.date) -> int:
    before = [leader_id for day, leader_id in held.items() if day < first]
    return _next_turn(order, before[-1], 0) if before else 0


def _next_turn(order: list[int], leader_id: int, otherwise: int) -> int:
    return order.index(leader_id) + 1 if leader_id in order else otherwise


def clear_leader(*, site_id: int, day: dt.date, by: Account, now: dt.datetime) -> None:
    """Take a day off the leaders' roster; not one gone by."""
    if day < now.date():
        raise Refusal(Code.NOT_EDITABLE)
    row = db.session.execute(
        select(LeaderRoster).where(LeaderRoster.site_id == site_id, LeaderRoster.day == day)
    ).scalar_one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    db.session.delete(row)
    db.session.flush()
