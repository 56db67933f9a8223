"""领导带班: 到岗签到 once a half-day, one's own log, and who may stand on a roster."""

import datetime as dt

import pytest

from app.actions import leaders
from app.actions.people import approving_leader
from app.domain.refusals import Code
from app.domain.states import ComplaintAbout, Half, Role, State
from app.extensions import db
from app.models import Account, DutyShift, LeaderVisit
from tests.actions.watch import refused
from tests.factories import MONDAY, Office, at, make_office

TODAY = dt.date(2026, 10, 12)
MORNING, NOON = at(f"{MONDAY} 09:30"), at(f"{MONDAY} 12:00")


def arrive(office: Office, by: Account, now: dt.datetime = MORNING, **more: object) -> LeaderVisit:
    return leaders.check_in(site_id=1, by=by, now=now, **more)


def signs(office: Office, about: ComplaintAbout | None = None) -> Account | None:
    db.session.flush()
    return approving_leader(site_id=1, day=TODAY, about=about)


@pytest.mark.parametrize(
    ("when", "half"),
    [("08:59", Half.AM), ("11:59:59", Half.AM), ("12:00", Half.PM), ("16:59", Half.PM)],
)
def test_noon_parts_the_day(office: Office, when: str, half: Half) -> None:
    visit = arrive(office, office.leader, at(f"{MONDAY} {when}"), seen=" 大厅有序 ")
    assert (visit.half, visit.day, visit.seen) == (half, TODAY, "大厅有序")


def test_a_leader_checks_in_once_each_half_day(office: Office) -> None:
    arrive(office, office.leader)
    with refused(Code.ALREADY_CHECKED_IN, half=Half.AM):
        arrive(office, office.leader, at(f"{MONDAY} 11:00"))
    arrive(office, office.leader, NOON)
    arrive(office, office.leader2)  # also when another one is on the roster
    arrive(office, office.chief)
    for key in ("officer", "clerk", "m1", "land_head", "sys_admin"):
        with refused(Code.ROLE_MISSING):
            arrive(office, office.people[key])
    with refused(Code.OTHER_SITE):
        arrive(office, make_office(2).leader)


def test_a_visit_may_name_a_case_of_the_site(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    neighbour = make_office(2).case_in(State.HANDLING)
    for wrong in (neighbour.id, 999_999):
        with refused(Code.NOT_FOUND, field="case_id"):
            arrive(office, office.leader, case_id=wrong)
    assert arrive(office, office.leader, case_id=case.id).case_id == case.id


def test_the_log_is_ones_own_and_of_today(office: Office) -> None:
    visit = arrive(office, office.leader)
    words = {"seen": " 两个窗口排队 ", "solved": "增开一个窗口"}
    with refused(Code.ROLE_MISSING):
        leaders.write_log(visit, by=office.leader2, now=NOON, **words)
    with refused(Code.NOT_EDITABLE):
        leaders.write_log(visit, by=office.leader, now=at("2026-10-13 00:00"), **words)
    leaders.write_log(visit, by=office.leader, now=NOON, has_left=True, **words)
    leaders.write_log(visit, by=office.leader, now=at(f"{MONDAY} 15:00"), has_left=True, **words)
    assert (visit.seen, visit.solved, visit.left_at) == ("两个窗口排队", "增开一个窗口", NOON)


def test_only_leaders_of_the_site_stand_on_the_roster(office: Office) -> None:
    def put(leader: Account, substitute: Account | None = None) -> None:
        leaders.set_leader(
            site_id=1, day=TODAY, leader_id=leader.id,
            substitute_id=substitute.id if substitute else None, by=office.clerk, now=MORNING,
        )  # fmt: skip

    for wrong in (office.clerk, office.m1, make_office(2).leader):
        with refused(Code.NOT_GROUP_MEMBER, field="leader_id"):
            put(wrong)
        with refused(Code.NOT_GROUP_MEMBER, field="substitute_id"):
            put(office.leader, wrong)
    with refused(Code.FIELD_INVALID, field="substitute_id"):
        put(office.leader, office.leader)
    put(office.leader2, office.chief)
    assert signs(office) is office.leader2


def test_who_has_left_the_office_does_not_sign(office: Office) -> None:
    assert signs(office) is office.leader
    leaders.set_leader(
        site_id=1, day=TODAY, leader_id=office.leader.id, substitute_id=office.leader2.id,
        by=office.clerk, now=MORNING,
    )  # fmt: skip
    assert signs(office) is office.leader
    office.leader.active = False
    assert signs(office) is office.leader2
    office.leader2.active = False
    assert signs(office) is office.chief
    office.members["chief"].valid_to = TODAY - dt.timedelta(days=1)
    assert signs(office) is None


def test_a_complaint_about_a_leader_is_signed_by_the_head(office: Office) -> None:
    assert signs(office, ComplaintAbout.LEADER) is office.chief
    assert signs(office, ComplaintAbout.SECTION) is office.leader


def test_only_duty_officers_sit_at_the_desk(office: Office) -> None:
    def put(person: Account) -> DutyShift:
        return leaders.set_shift(
            site_id=1, day=TODAY, half=Half.AM, officer_id=person.id, by=office.clerk, now=MORNING
        )

    with refused(Code.FIELD_INVALID, field="officer_id"):
        put(office.clerk)
    assert put(office.officer) is put(office.officer)  # once, however often it is said
    both = office.add("both", Role.DUTY_OFFICER, Role.SUPERVISOR)
    db.session.flush()
    assert put(both).officer_id == both.id
