"""Who is on duty on a day, what is missing on the rosters, and which half-days had a leader."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.actions.people import approving_leader
from app.domain.states import Half
from app.domain.workdays import WorkCalendar
from app.extensions import db
from app.models import Account, DutyShift, LeaderRoster, LeaderVisit


@dataclass(frozen=True)
class OnDuty:
    """A day of a site: who signs as 带班领导, and who sits at the desk in each half."""

    leader: Account | None
    officers: dict[Half, list[Account]]

    @property
    def holes(self) -> list[str]:
        """What nobody was put down for: “leader”, “am”, “pm”."""
        found = [] if self.leader else ["leader"]
        return found + [half.value for half in Half if not self.officers.get(half)]


def on_duty(*, site_id: int, day: dt.date) -> OnDuty:
    """Return who is on duty that day."""
    shifts = db.session.execute(
        select(DutyShift)
        .where(DutyShift.site_id == site_id, DutyShift.day == day)
        .options(joinedload(DutyShift.officer))
        .order_by(DutyShift.id)
    ).scalars()
    officers: dict[Half, list[Account]] = {}
    for shift in shifts:
        officers.setdefault(shift.half, []).append(shift.officer)
    return OnDuty(approving_leader(site_id=site_id, day=day), officers)


def roster_holes(*, site_id: int, day: dt.date) -> list[str]:
    """Return what is not on the rosters of a day: “leader” (no row of its own), “am”, “pm”."""
    row = db.session.execute(
        select(LeaderRoster).where(LeaderRoster.site_id == site_id, LeaderRoster.day == day)
    ).scalar_one_or_none()
    stands = row is not None and (not row.is_leader_away or row.substitute_id is not None)
    found = [] if stands else ["leader"]
    halves = select(DutyShift.half).where(DutyShift.site_id == site_id, DutyShift.day == day)
    covered = set(db.session.execute(halves).scalars())
    return found + [half.value for half in Half if half not in covered]


@dataclass(frozen=True)
class HalfDay:
    """A rostered half-day and the visits in it; a past one without any is missing (R34)."""

    day: dt.date
    half: Half
    leader: Account | None
    visits: tuple[LeaderVisit, ...]
    is_over: bool

    @property
    def is_missing(self) -> bool:
        """Whether nobody came although somebody should have."""
        return self.is_over and not self.visits


def half_days(
    *, site_id: int, first: dt.date, last: dt.date, calendar: WorkCalendar, now: dt.datetime
) -> list[HalfDay]:
    """Return the half-days of the working days from `first` to `last`, in order."""
    rosters = db.session.execute(
        select(LeaderRoster)
        .where(LeaderRoster.site_id == site_id, LeaderRoster.day.between(first, last))
        .options(joinedload(LeaderRoster.leader), joinedload(LeaderRoster.substitute))
    ).scalars()
    leader_of = {row.day: _stands(row) for row in rosters}
    visits = list(_visits(site_id, first, last))
    return [
        HalfDay(
            day, half, leader_of.get(day),
            tuple(v for v in visits if v.day == day and v.half is half),
            _is_over(day, half, calendar, now),
        )
        for day in _workdays(first, last, calendar)
        for half in Half
    ]  # fmt: skip


def attendance(days: Iterable[HalfDay]) -> tuple[int, int]:
    """Return 带班到岗率 as (half-days with a visit, rostered half-days) of those that are over."""
    due = [d for d in days if d.leader is not None and (d.is_over or d.visits)]
    return sum(bool(d.visits) for d in due), len(due)


def _stands(row: LeaderRoster) -> Account | None:
    return row.substitute if row.is_leader_away else row.leader


def _visits(site_id: int, first: dt.date, last: dt.date) -> Iterable[LeaderVisit]:
    return db.session.execute(
        select(LeaderVisit)
        .where(LeaderVisit.site_id == site_id, LeaderVisit.day.between(first, last))
        .options(joinedload(LeaderVisit.leader))
        .order_by(LeaderVisit.arrived_at)
    ).scalars()


def _workdays(first: dt.date, last: dt.date, calendar: WorkCalendar) -> Iterator[dt.date]:
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return (day for day in days if calendar.is_workday(day))


def _is_over(day: dt.date, half: Half, calendar: WorkCalendar, now: dt.datetime) -> bool:
    """Return whether the half-day has ended: at noon, or at the close of business."""
    noon = dt.datetime.combine(day, dt.time(12), now.tzinfo)
    return now >= (noon if half is Half.AM else calendar.close_of(day))
