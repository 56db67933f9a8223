"""The one door: which cases and slips each person sees at all."""

import pytest
from flask_appbuilder.security.sqla.models import assoc_user_role
from sqlalchemy import insert, select

from app.actions import returns
from app.actions.visibility import visible, visible_slips
from app.domain.states import Category, ComplaintAbout, ConductType, Role, State
from app.extensions import db
from app.models import Account, Slip
from tests.factories import RESOLVED, SIGNED, Office, at, make_office

COMPLAINT = {
    "category": Category.CONDUCT,
    "conduct_type": ConductType.RUDE,
    "occurred_at": at("2026-10-09 09:00"),
}
OFFICE = ("officer", "clerk", "leader", "leader2", "chief", "m1", "viewer")
ADMINS = ("sys_admin", "sec_admin", "auditor", "system")


def seen(by: Account) -> set[str]:
    db.session.flush()
    return {case.item_name for case in db.session.execute(visible(by)).scalars()}


def slips_seen(by: Account) -> list[int]:
    query = select(Slip.slip_no).where(visible_slips(by)).order_by(Slip.slip_no)
    return list(db.session.execute(query).scalars())


@pytest.fixture
def cases(office: Office) -> Office:
    """Return an office with a case of each kind, named by what matters about it."""
    units = office.units
    office.case_in(State.DRAFT, item_name="草稿")
    office.case_in(State.TO_DISPATCH, item_name="待交办", involved_unit_id=units["land"].id)
    office.case_in(State.HANDLING, item_name="主办")
    office.dispatch(office.case_in(State.TO_DISPATCH, item_name="协办"), lead="build", co=("land",))
    office.dispatch(office.case_in(State.TO_DISPATCH, item_name="别的单位"), lead="build")
    office.case_in(State.HANDLING, item_name="保密", is_confidential=True)
    moved = office.case_in(State.HANDLING, item_name="已改派")
    returns.request_return(
        moved, reason="x", suggest_unit_id=units["build"].id, by=office.land_head, now=SIGNED
    )
    returns.reassign(moved, lead_unit_id=units["build"].id, by=office.clerk, now=RESOLVED)
    for about, name in (
        (ComplaintAbout.SECTION, "反映督办科"),
        (ComplaintAbout.LEADER, "反映领导"),
    ):
        office.submit(office.draft(item_name=name, complaint_about=about, **COMPLAINT))
    db.session.flush()
    return office


ALL = {"草稿", "待交办", "主办", "协办", "别的单位", "保密", "已改派", "反映督办科", "反映领导"}


def test_the_office_sees_all_but_what_is_about_itself(cases: Office) -> None:
    hidden = {
        "officer": set(), "clerk": {"反映督办科"}, "clerk2": {"反映督办科"},
        "leader": {"反映领导"}, "leader2": {"反映领导"}, "m1": {"反映领导"},
        "chief": set(), "viewer": set(),
    }  # fmt: skip
    expected = {who: ALL - names for who, names in hidden.items()}
    assert {who: seen(cases.people[who]) for who in hidden} == expected


def test_a_unit_sees_what_is_handed_to_it_now(cases: Office) -> None:
    expected = {
        "land_head": {"主办", "协办", "保密"},
        "land_handler": {"主办", "协办"},
        "build_head": {"协办", "别的单位", "已改派"},
        "build_handler": {"协办", "别的单位", "已改派"},
        "tax_head": set(),
        "tax_handler": set(),
    }
    assert {who: seen(cases.people[who]) for who in expected} == expected


def test_a_released_case_is_gone_from_the_unit(cases: Office) -> None:
    case = cases.case_in(State.TO_SIGN, item_name="退回")
    assert "退回" in seen(cases.land_head)
    returns.request_return(
        case, reason="x", suggest_unit_id=cases.units["build"].id, by=cases.land_head, now=SIGNED
    )
    returns.release(case, reason="x", by=cases.clerk, now=RESOLVED)
    assert "退回" not in seen(cases.land_head)


@pytest.mark.parametrize("state", [State.TO_EVALUATE, State.REDO, State.ARCHIVED])
def test_a_unit_keeps_seeing_what_it_finished(office: Office, state: State) -> None:
    case = office.case_in(state)
    assert seen(office.land_handler) == {case.item_name}


def test_administrators_see_no_case_at_all(cases: Office) -> None:
    for who in ADMINS:
        assert seen(cases.people[who]) == set(), who
        assert slips_seen(cases.people[who]) == [], who


def with_past_rules(office: Office, key: str, *roles: Role, unit: str = "") -> Account:
    """Return an account with roles that nobody is given together: written past the rules."""
    account = office.add(key, unit=unit)
    db.session.flush()
    rows = [{"user_id": account.id, "role_id": office.roles[role].id} for role in roles]
    db.session.execute(insert(assoc_user_role), rows)
    db.session.refresh(account)
    return account


def test_an_administrators_role_shuts_every_other_door(cases: Office) -> None:
    for key, role, unit in (("a", Role.SUPERVISOR, ""), ("b", Role.UNIT_HEAD, "land")):
        both = with_past_rules(cases, key, role, Role.AUDITOR, unit=unit)
        assert seen(both) == set()
        assert slips_seen(both) == []


def test_a_unit_role_without_a_unit_sees_nothing(cases: Office) -> None:
    lost = with_past_rules(cases, "lost", Role.UNIT_HEAD)
    assert seen(lost) == set()
    assert slips_seen(lost) == []
    assert seen(cases.add("nobody")) == set()


def test_a_clerk_on_desk_duty_sees_the_desks_cases_too(cases: Office) -> None:
    """D-35: duty officer and section clerk may be one person in a small county."""
    assert seen(cases.add("small", Role.DUTY_OFFICER, Role.SUPERVISOR)) == ALL


def test_each_site_sees_its_own_cases(cases: Office) -> None:
    neighbour = make_office(2)
    neighbour.case_in(State.HANDLING, item_name="邻县")
    for who in OFFICE:
        assert seen(neighbour.people[who]) == {"邻县"}, who
        assert "邻县" not in seen(cases.people[who]), who
    for who in OFFICE:
        cases.people[who].site_id = None
        assert "邻县" in seen(cases.people[who]), who  # an account without a site sees every site


def test_a_unit_keeps_its_void_slips_but_not_the_case_behind_them(cases: Office) -> None:
    numbers = {slip.slip_no: slip for slip in db.session.execute(select(Slip)).scalars()}
    own = [n for n, slip in sorted(numbers.items()) if slip.unit_id == cases.units["land"].id]
    open_own = [n for n in own if not numbers[n].case.is_confidential]
    assert slips_seen(cases.land_head) == own
    assert slips_seen(cases.land_handler) == open_own
    assert any(numbers[n].is_void for n in own)
    assert slips_seen(cases.clerk) == sorted(numbers)
