"""Who is on duty in the demo office: rosters as they were posted, and the leaders' visits."""

import datetime as dt
from collections.abc import Iterator
from functools import partial

from app.actions.leaders import check_in, half_of_day, set_leader, set_shift, visit_of, write_log
from app.actions.people import approving_leader
from app.clock import OFFICE_ZONE
from app.demo.data import YEAR, moment, read_json
from app.demo.office import Office
from app.demo.replay import Step
from app.domain.states import Half
from app.domain.words import word
from app.models import Account
from app.official import default_calendar

FIRST_DAY = dt.date(YEAR, 9, 21)
SECTION = "zhouzhengze"  # keeps the rosters
ARRIVALS = {Half.AM: dt.time(9, 5), Half.PM: dt.time(13, 40)}


def workdays(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return the working days of a span, make-up weekends included."""
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if default_calendar().is_workday(day)]


def officer_at(at: dt.datetime) -> str:
    """Return the user name of the duty officer on shift: two people who take turns."""
    return _officer(at.date(), half_of_day(at))


def _officer(day: dt.date, half: Half) -> str:
    officers = read_json("rosters.json")["officers"]
    return officers[(day.weekday() + (half is Half.PM)) % len(officers)]


def _turn(day: dt.date) -> int:
    """Return the place in the order: by weekday; a make-up Saturday goes on after Friday's."""
    return day.weekday() % 5


def leaders_of(day: dt.date) -> tuple[str, str]:
    """Return the user names of the day's leader and of who stands in."""
    order = read_json("rosters.json")["leaders"]
    return order[_turn(day) % len(order)], order[(_turn(day) + 1) % len(order)]


def roster_steps(office: Office) -> Iterator[Step]:
    """Yield the posting of each month's rosters, then the days on which a leader was away."""
    plan = read_json("rosters.json")
    for month in plan["posted"]:
        at = moment(month["at"])
        first, last = (dt.date.fromisoformat(month[end]) for end in ("first", "last"))
        yield Step(at, partial(_post, office, workdays(first, last), at))
    for away in plan["away"]:
        at = moment(away["at"])
        day = dt.date.fromisoformat(away["day"])
        yield Step(at, partial(_set_leader, office, day, at, away["remark"]))


def _post(office: Office, days: list[dt.date], at: dt.datetime) -> None:
    by = office.account(SECTION)
    for day in days:
        _set_leader(office, day, at)
        for half in Half:
            officer = office.account(_officer(day, half))
            set_shift(
                site_id=office.site_id, day=day, half=half, officer_id=officer.id, by=by, now=at
            )


def _set_leader(office: Office, day: dt.date, at: dt.datetime, away: str = "") -> None:
    leader, substitute = (office.account(name) for name in leaders_of(day))
    set_leader(
        site_id=office.site_id, day=day, leader_id=leader.id, substitute_id=substitute.id,
        is_leader_away=bool(away), remark=away, by=office.account(SECTION), now=at,
    )  # fmt: skip


def visit_steps(office: Office) -> Iterator[Step]:
    """Yield the leader's arrival and his log of every half-day that was not missed."""
    plan = read_json("rosters.json")
    last = dt.date.fromisoformat(plan["visits_until"])
    for number, day in enumerate(workdays(FIRST_DAY, last)):
        for half in Half:
            name = f"{day} {word(half)}"
            if name in plan["missed"]:
                continue
            arrived, left = _times(day, half, number)
            seen = plan["seen"][(number * 2 + (half is Half.PM)) % len(plan["seen"])]
            yield Step(arrived, partial(_arrive, office, arrived))
            yield Step(left, partial(_leave, office, left, seen, plan["solved"].get(name, "")))


def _times(day: dt.date, half: Half, number: int) -> tuple[dt.datetime, dt.datetime]:
    """Return arrival and leaving, spread over the half-day but the same in every replay."""
    late = dt.timedelta(minutes=number * 7 % 50)
    arrived = dt.datetime.combine(day, ARRIVALS[half], OFFICE_ZONE) + late
    return arrived, arrived + dt.timedelta(minutes=65 + number * 11 % 35)


def _today(office: Office, at: dt.datetime) -> Account:
    leader = approving_leader(site_id=office.site_id, day=at.date())
    if leader is None:
        raise LookupError(at)
    return leader


def _arrive(office: Office, at: dt.datetime) -> None:
    check_in(site_id=office.site_id, by=_today(office, at), now=at)


def _leave(office: Office, at: dt.datetime, seen: str, solved: str) -> None:
    leader = _today(office, at)
    half = half_of_day(at)
    visit = visit_of(leader, site_id=office.site_id, day=at.date(), half=half)
    if visit is None:
        raise LookupError(at)
    write_log(visit, seen=seen, solved=solved, by=leader, now=at, has_left=True)
