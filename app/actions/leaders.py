"""领导带班: 到岗签到 morning and afternoon, and the rosters (R33–R35)."""

import datetime as dt

from sqlalchemy import select

from app.actions.people import roles_of
from app.domain.refusals import Code, Refusal
from app.domain.states import Half, Role
from app.extensions import db
from app.models import Account, Case, DutyShift, LeaderRoster, LeaderVisit

NOON = dt.time(12)


def half_of_day(now: dt.datetime) -> Half:
    """Return 上午 before 12:00, 下午 from then on (R34)."""
    return Half.AM if now.time() < NOON else Half.PM


def check_in(
    *,
    site_id: int,
    seen: str = "",
    solved: str = "",
    case_id: int | None = None,
    by: Account,
    now: dt.datetime,
) -> LeaderVisit:
    """Record that a leader is at the window this half-day; once each half (R34)."""
    if not roles_of(by) & {Role.DUTY_LEADER, Role.GROUP_HEAD}:
        raise Refusal(Code.ROLE_MISSING)
    if by.site_id is not None and by.site_id != site_id:
        raise Refusal(Code.OTHER_SITE)
    half = half_of_day(now)
    if visit_of(by, site_id=site_id, day=now.date(), half=half) is not None:
        raise Refusal(Code.ALREADY_CHECKED_IN, half=half)
    _check_case(case_id, site_id)
    row = LeaderVisit(
        site_id=site_id, day=now.date(), half=half, leader_id=by.id, arrived_at=now,
        seen=seen.strip(), solved=solved.strip(), case_id=case_id,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def visit_of(leader: Account, *, site_id: int, day: dt.date, half: Half) -> LeaderVisit | None:
    """Return a leader's visit of a half-day, or None."""
    return db.session.execute(
        select(LeaderVisit).where(
            LeaderVisit.site_id == site_id,
            LeaderVisit.leader_id == leader.id,
            LeaderVisit.day == day,
            LeaderVisit.half == half,
        )
    ).scalar_one_or_none()


def write_log(
    visit: LeaderVisit,
    *,
    seen: str,
    solved: str,
    problems: str = "",
    by: Account,
    now: dt.datetime,
    has_left: bool = False,
) -> None:
    """Complete one's own visit the same day: what was seen, solved and found, when one left."""
    _check_own(visit, by, now)
    visit.seen, visit.solved, visit.problems = seen.strip(), solved.strip(), problems.strip()
    if has_left and visit.left_at is None:
        visit.left_at = now


def _check_case(case_id: int | None, site_id: int) -> None:
    """Refuse a case of another site, which nobody can have met at this window."""
    case = db.session.get(Case, case_id) if case_id is not None else None
    if case_id is not None and (case is None or case.site_id != site_id):
        raise Refusal(Code.NOT_FOUND, field="case_id")


def attach_case(visit: LeaderVisit, *, case_id: int | None, by: Account, now: dt.datetime) -> None:
    """Name the case one's own visit of today was about, or none."""
    _check_own(visit, by, now)
    _check_case(case_id, visit.site_id)
    visit.case_id = case_id


def _check_own(visit: LeaderVisit, by: Account, now: dt.datetime) -> None:
    if visit.leader_id != by.id:
        raise Refusal(Code.ROLE_MISSING)
    if visit.day != now.date():
        raise Refusal(Code.NOT_EDITABLE)


def set_leader(
    *,
    site_id: int,
    day: dt.date,
    leader_id: int,
    substitute_id: int | None = None,
    is_leader_away: bool = False,
    remark: str = "",
    by: Account,
    now: dt.datetime,
) -> LeaderRoster:
    """Put a leader (and who stands in) on the roster of a day; only 班子成员 (R33)."""
    if substitute_id == leader_id:
        raise Refusal(Code.FIELD_INVALID, field="substitute_id")
    for field, account_id in (("leader_id", leader_id), ("substitute_id", substitute_id)):
        account = db.session.get(Account, account_id) if account_id else None
        if account_id and (account is None or not _leads_at(account, site_id)):
            raise Refusal(Code.NOT_GROUP_MEMBER, field=field)
    row = db.session.execute(
        select(LeaderRoster).where(LeaderRoster.site_id == site_id, LeaderRoster.day == day)
    ).scalar_one_or_none() or LeaderRoster(site_id=site_id, day=day)
    row.leader_id, row.substitute_id = leader_id, substitute_id
    row.is_leader_away, row.remark = is_leader_away, remark.strip()
    db.session.add(row)
    db.session.flush()
    return row


def _leads_at(account: Account, site_id: int) -> bool:
    return is_leader(account) and account.site_id in (None, site_id)


def is_leader(account: Account) -> bool:
    """Return whether somebody may stand on the leaders' roster."""
    return bool(roles_of(account) & {Role.DUTY_LEADER, Role.GROUP_HEAD})


def set_shift(
    *, site_id: int, day: dt.date, half: Half, officer_id: int, by: Account, now: dt.datetime
) -> DutyShift:
    """Put a duty officer on a half-day of the desk."""
    account = db.session.get(Account, officer_id)
    if account is None or Role.DUTY_OFFICER not in roles_of(account):
        raise Refusal(Code.FIELD_INVALID, field="officer_id")
    row = db.session.execute(
        select(DutyShift).where(
            DutyShift.site_id == site_id,
            DutyShift.day == day,
            DutyShift.half == half,
            DutyShift.officer_id == officer_id,
        )
    ).scalar_one_or_none()
    if row is None:
        row = DutyShift(site_id=site_id, day=day, half=half, officer_id=officer_id)
        db.session.add(row)
        db.session.flush()
    return row
