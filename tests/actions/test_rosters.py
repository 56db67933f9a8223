"""Rosters filled by the week and by the month; what is past or filled stays."""

import datetime as dt

import pytest
from sqlalchemy import delete, select

from app.actions.rosters import (
    clear_leader,
    fill_week,
    leaders_in_rank,
    repeat_week,
    rotate_leaders,
    shifts_between,
)
from app.domain.refusals import Code, Refusal
from app.domain.states import Half
from app.extensions import db
from app.models import DutyShift, LeaderRoster
from tests.factories import Office, at

MONDAY = dt.date(2026, 10, 12)
NOW = at("2026-10-13 09:00")  # a Tuesday
AM, PM = Half.AM, Half.PM


def day(number: int, month: int = 10) -> dt.date:
    return dt.date(2026, month, number)


def fill(office: Office, officers: dict[tuple[dt.date, Half], list[int]]) -> None:
    fill_week(site_id=office.site.id, monday=MONDAY, officers=officers, by=office.clerk, now=NOW)


def shifts(office: Office) -> dict[tuple[dt.date, Half], list[int]]:
    return shifts_between(site_id=office.site.id, first=day(1), last=day(31))


def test_week_gets_exactly_what_is_ticked_from_today_on(office: Office) -> None:
    one, two = office.officer.id, office.officer2.id
    past = DutyShift(site_id=office.site.id, day=MONDAY, half=AM, officer_id=one)
    wrong = DutyShift(site_id=office.site.id, day=day(14), half=AM, officer_id=two)
    db.session.add_all([past, wrong])
    fill(office, {(MONDAY, PM): [two], (day(13), AM): [one, two], (day(14), PM): [one]})
    assert shifts(office) == {
        (MONDAY, AM): [one], (day(13), AM): [one, two], (day(14), PM): [one],
    }  # fmt: skip


def test_week_refuses_somebody_without_the_role(office: Office) -> None:
    with pytest.raises(Refusal) as refused:
        fill(office, {(day(14), AM): [office.leader.id]})
    assert refused.value.facts["field"] == "officer_id"


def test_week_repeats_on_free_working_half_days_of_its_month(office: Office) -> None:
    one, two = office.officer.id, office.officer2.id
    fill(office, {(day(13 + n), AM): [one] for n in range(4)} | {(day(14), PM): [two]})
    db.session.add(DutyShift(site_id=office.site.id, day=day(21), half=AM, officer_id=two))
    filled = repeat_week(site_id=office.site.id, monday=MONDAY, by=office.clerk, now=NOW)
    later = {key: ids for key, ids in shifts(office).items() if key[0] > day(18)}
    assert later[day(21), AM] == [two]  # was filled already
    assert later[day(21), PM] == [two]
    assert later[day(30), AM] == [one]
    assert {on.weekday() for on, _half in later} == {1, 2, 3, 4}
    assert filled == len(later) - 1
    assert repeat_week(site_id=office.site.id, monday=MONDAY, by=office.clerk, now=NOW) == 0


def test_empty_week_is_not_repeated(office: Office) -> None:
    with pytest.raises(Refusal):
        repeat_week(site_id=office.site.id, monday=MONDAY, by=office.clerk, now=NOW)


def test_leaders_stand_in_official_rank_order(office: Office) -> None:
    people = leaders_in_rank(site_id=office.site.id, day=MONDAY)
    assert people == [office.chief, office.leader, office.leader2]
    office.members["leader2"].sort_order = 0
    office.leader.active = False
    db.session.flush()
    people = leaders_in_rank(site_id=office.site.id, day=MONDAY)
    assert people == [office.chief, office.leader2]


def rostered(office: Office, first: dt.date, last: dt.date) -> dict[dt.date, tuple[int, int]]:
    query = select(LeaderRoster).where(LeaderRoster.site_id == office.site.id)
    rows = db.session.scalars(query.where(LeaderRoster.day.between(first, last)))
    return {row.day: (row.leader_id, row.substitute_id) for row in rows}


def test_month_is_filled_in_rank_order_without_the_head(office: Office) -> None:
    db.session.execute(delete(LeaderRoster).where(LeaderRoster.day > day(13)))
    one, two = office.leader.id, office.leader2.id
    db.session.add(LeaderRoster(site_id=office.site.id, day=day(16), leader_id=two))
    db.session.flush()
    filled = rotate_leaders(site_id=office.site.id, month=MONDAY, by=office.clerk, now=NOW)
    found = rostered(office, day(14), day(31))
    assert filled == 12
    # 13: leader; so 14 leader2, 15 leader, 16 was given to leader2, 19 leader again.
    assert [found[day(n)] for n in (14, 15, 19)] == [(two, one), (one, two), (one, two)]
    assert found[day(16)] == (two, None)
    assert not {day(17), day(18)} & set(found)
    assert rotate_leaders(site_id=office.site.id, month=MONDAY, by=office.clerk, now=NOW) == 0


def test_month_without_leaders_is_refused(office: Office) -> None:
    for person in (office.leader, office.leader2, office.chief):
        person.roles = []
    db.session.flush()
    with pytest.raises(Refusal) as refused:
        rotate_leaders(site_id=office.site.id, month=MONDAY, by=office.clerk, now=NOW)
    assert refused.value.code is Code.NOT_GROUP_MEMBER


def test_day_is_taken_off_the_roster_unless_gone_by(office: Office) -> None:
    clear_leader(site_id=office.site.id, day=day(13), by=office.clerk, now=NOW)
    assert day(13) not in rostered(office, day(1), day(31))
    for gone in (MONDAY, day(13)):
        with pytest.raises(Refusal):
            clear_leader(site_id=office.site.id, day=gone, by=office.clerk, now=NOW)
