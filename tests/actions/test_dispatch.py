"""交办: who, to whom, with which clock; voided, added, and its numbers."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from app.actions import closing, dispatch
from app.actions.numbers import start_number_after
from app.domain.refusals import Code
from app.domain.states import (
    Action,
    Category,
    ComplaintAbout,
    ComplexGround,
    ConductType,
    DueBasis,
    LimitClass,
    NumberKind,
    SlipKind,
    State,
)
from app.extensions import db
from app.models import Case, Slip
from tests.actions.watch import one_move, refused
from tests.factories import (
    DISPATCHED,
    DUE_1,
    DUE_3,
    MONDAY,
    NARRATIVE,
    RESOLVED,
    SIGNED,
    Office,
    at,
    make_office,
)

COMPLAINT = {
    "category": Category.CONDUCT,
    "conduct_type": ConductType.IDLE,
    "occurred_at": at("2026-10-11 09:00"),
}
THREE, ONE, NOW = LimitClass.THREE_DAYS, LimitClass.ONE_DAY, LimitClass.IMMEDIATE


def issue(office: Office, case: Case, **change: Any) -> list[Slip]:
    values = {
        "lead_unit_id": office.units["land"].id, "content": "请核查", "limit_class": ONE,
        "by": office.clerk, "now": DISPATCHED,
    }  # fmt: skip
    return dispatch.dispatch(case, **(values | change))


def numbers(*slips: Slip) -> list[int]:
    return [slip.slip_no for slip in slips]


def test_dispatch_issues_the_slip_and_starts_the_clock(office: Office) -> None:
    case = office.case_in(State.TO_DISPATCH)
    by, old, new = office.clerk, State.TO_DISPATCH, State.TO_SIGN
    with one_move(office, case, Action.DISPATCH, by=by, now=DISPATCHED, old=old, new=new) as told:
        (slip,) = issue(office, case, content=" 请核查 ")
    assert told.people == {"land_head", "land_handler"}
    assert "NO 0001" in told.notices[0].text
    assert (slip.slip_kind, slip.content, slip.issued_at) == (SlipKind.LEAD, "请核查", DISPATCHED)
    assert (slip.year_no, slip.slip_no, slip.no) == (2026, 1, "0001")
    assert case.lead_unit_id == office.units["land"].id
    assert (case.dispatched_at, case.first_dispatched_at) == (DISPATCHED, DISPATCHED)
    assert case.due_at == case.original_due_at == case.first_due_at == slip.due_at == DUE_1
    assert (case.due_basis, case.due_from_at) == (DueBasis.LIMIT, DISPATCHED)
    assert "10月12日" in case.due_reason or "2026-10-12" in case.due_reason
    assert NARRATIVE not in slip.content


@pytest.mark.parametrize("name", ["lead_unit_id", "content", "limit_class"])
def test_dispatch_needs_unit_content_and_class(office: Office, name: str) -> None:
    case = office.case_in(State.TO_DISPATCH)
    with refused(Code.FIELDS_MISSING, fields=[name]):
        issue(office, case, **{name: None})


def test_three_days_need_a_ground(office: Office) -> None:
    case = office.case_in(State.TO_DISPATCH)
    with refused(Code.CLASS_GROUND_MISSING, field="complex_grounds"):
        issue(office, case, limit_class=THREE)
    grounds = [ComplexGround.MANY_UNITS, ComplexGround.COMPLEX_FLOW]
    issue(office, case, limit_class=THREE, complex_grounds=grounds)
    assert (case.complex_grounds, case.due_at) == ("many_units,complex_flow", DUE_3)


@pytest.mark.parametrize(
    ("when", "limit", "due"),
    [
        ("2026-10-09 09:35", ONE, "2026-10-10 17:00"),
        ("2026-09-30 16:52", ONE, "2026-10-08 17:00"),
        ("2026-09-30 15:00", THREE, "2026-10-10 17:00"),
        ("2026-10-12 16:00", NOW, "2026-10-12 17:00"),
        ("2026-10-12 16:01", NOW, "2026-10-13 12:00"),
        ("2026-12-31 10:00", ONE, "2027-01-04 17:00"),
    ],
)
def test_due_times_follow_the_calendar(
    office: Office, when: str, limit: LimitClass, due: str
) -> None:
    case = office.submit(office.draft(now=at(when)), now=at(when))
    office.dispatch(case, limit=limit, now=at(when))
    assert case.due_at == at(due)
    assert case.is_due_provisional == due.startswith("2027")


def test_co_units_get_their_own_slips_in_official_order(office: Office) -> None:
    case = office.case_in(State.TO_DISPATCH)
    tax, build = office.units["tax"].id, office.units["build"].id
    slips = issue(office, case, co_unit_ids=[tax, build])
    assert numbers(*slips) == [1, 2, 3]
    assert [s.unit.name for s in slips] == ["不动产登记窗口", "工程建设科", "税务窗口"]
    assert {s.due_at for s in slips[1:]} == {at("2026-10-13 12:00")}  # half a day earlier, D-13


@pytest.mark.parametrize("units", [("land", "land"), ("land", "build", "build")])
def test_no_unit_gets_two_slips(office: Office, units: tuple[str, ...]) -> None:
    case = office.case_in(State.TO_DISPATCH)
    lead, *co = (office.units[key].id for key in units)
    with refused(Code.UNIT_TWICE):
        issue(office, case, lead_unit_id=lead, co_unit_ids=co)


def test_only_active_units_of_the_site_are_handed_anything(office: Office) -> None:
    other = make_office(2)
    case = office.case_in(State.TO_DISPATCH)
    for wrong in (office.units["gone"].id, other.units["land"].id, 999_999):
        with refused(Code.FIELD_INVALID, field="lead_unit_id"):
            issue(office, case, lead_unit_id=wrong)
        with refused(Code.FIELD_INVALID, field="co_unit_ids"):
            issue(office, case, co_unit_ids=[wrong])


def test_only_the_section_dispatches(office: Office) -> None:
    case = office.case_in(State.TO_DISPATCH)
    clerks = (office.clerk, office.clerk2)
    for person in office.people.values():
        if person not in clerks:
            code = {"带班领导": Code.NOT_ABOUT_SECTION, "领导小组组长": Code.NOT_ABOUT_LEADER}
            name = person.roles[0].name
            with refused(code.get(name, Code.ROLE_MISSING)):
                issue(office, case, by=person)


def test_a_complaint_about_the_section_is_dispatched_by_todays_leader(office: Office) -> None:
    facts = COMPLAINT | {"complaint_about": ComplaintAbout.SECTION}
    case = office.draft(**facts)
    by, old, new = office.officer, State.DRAFT, State.TO_DISPATCH
    now = at(f"{MONDAY} 09:10")
    with one_move(office, case, Action.SUBMIT, by=by, now=now, old=old, new=new) as told:
        office.submit(case)
    assert told.people == {"leader"}  # the section does not even hear of it
    with refused(Code.ABOUT_SECTION):
        issue(office, case)
    with refused(Code.NOT_DUTY_LEADER_TODAY):
        issue(office, case, by=office.leader2)
    issue(office, case, by=office.leader)
    assert case.state is State.TO_SIGN


def test_a_complaint_about_a_leader_is_dispatched_by_the_head(office: Office) -> None:
    facts = COMPLAINT | {"complaint_about": ComplaintAbout.LEADER}
    case = office.draft(**facts)
    by, old, new = office.officer, State.DRAFT, State.TO_DISPATCH
    now = at(f"{MONDAY} 09:10")
    with one_move(office, case, Action.SUBMIT, by=by, now=now, old=old, new=new) as told:
        office.submit(case)
    assert told.people == {"chief"}
    with refused(Code.ABOUT_SECTION):
        issue(office, case)
    with refused(Code.NOT_ABOUT_SECTION):
        issue(office, case, by=office.leader)
    issue(office, case, by=office.chief)
    office.resolve(office.sign(case))
    with refused(Code.NOT_DUTY_LEADER_TODAY):  # nor does a leader sign its result
        office.confirm(case)
    closing.confirm(case, by=office.chief, now=at(f"{MONDAY} 15:00"))


# -- 作废, 增加协办 ----------------------------------------------------------------------------


def test_voided_slips_stay_with_their_numbers(office: Office) -> None:
    case = office.dispatch(office.case_in(State.TO_DISPATCH), co=("build",))
    by, old, new = office.clerk, State.TO_SIGN, State.TO_DISPATCH
    with refused(Code.FIELDS_MISSING, fields=["reason"]):
        dispatch.void_slips(case, reason="", by=by, now=SIGNED)
    with one_move(office, case, Action.VOID_SLIPS, by=by, now=SIGNED, old=old, new=new) as told:
        dispatch.void_slips(case, reason="单位选错", by=by, now=SIGNED)
    assert told.people == {"land_head", "land_handler", "build_head", "build_handler"}
    assert {n.case_id for n in told.notices} == {None}
    assert [(s.slip_no, s.is_void, s.void_reason) for s in case.slips] == [
        (1, True, "单位选错"), (2, True, "单位选错"),
    ]  # fmt: skip
    assert (case.lead_unit_id, case.due_at, case.due_basis) == (None, None, None)
    (slip,) = issue(office, case, lead_unit_id=office.units["build"].id, now=RESOLVED)
    assert slip.slip_no == 3
    assert (case.first_dispatched_at, case.dispatched_at) == (DISPATCHED, RESOLVED)
    with refused(Code.ACTION_CLOSED):
        dispatch.return_draft(case, reason="x", by=by, now=RESOLVED)
    dispatch.void_slips(case, reason="又选错", by=by, now=RESOLVED)
    with refused(Code.ALREADY_DISPATCHED):  # it went out once: no draft again
        dispatch.return_draft(case, reason="x", by=by, now=RESOLVED)


def test_signed_slips_are_not_voided(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    with refused(Code.ACTION_CLOSED):
        dispatch.void_slips(case, reason="x", by=office.clerk, now=RESOLVED)


@pytest.mark.parametrize("state", [State.TO_SIGN, State.HANDLING])
def test_another_unit_is_brought_in_while_the_first_works(office: Office, state: State) -> None:
    case = office.case_in(state)
    with one_move(
        office, case, Action.ADD_CO_UNIT, by=office.clerk, now=RESOLVED, old=state
    ) as told:
        slip = dispatch.add_co_unit(
            case, unit_id=office.units["tax"].id, content="请协助", by=office.clerk, now=RESOLVED
        )
    assert told.people == {"tax_head", "tax_handler"}
    assert (slip.slip_kind, slip.slip_no) == (SlipKind.CO, 2)
    for key in ("tax", "land"):
        with refused(Code.UNIT_TWICE):
            dispatch.add_co_unit(
                case, unit_id=office.units[key].id, content="x", by=office.clerk, now=RESOLVED
            )


def test_the_preview_says_what_the_slip_will_say(office: Office) -> None:
    sentence = dispatch.dispatch_preview(site_id=1, limit_class=THREE, now=at("2026-10-12 10:20"))
    assert "自10月13日起算" in sentence
    assert "2026年10月15日17时" in sentence


# -- 并案 --------------------------------------------------------------------------------------


def test_a_case_is_merged_into_an_open_one(office: Office) -> None:
    target, case = office.case_in(State.HANDLING), office.case_in(State.TO_DISPATCH)
    count = target.event_count
    by, old, new = office.clerk, State.TO_DISPATCH, State.MERGED
    with one_move(office, case, Action.MERGE, by=by, now=RESOLVED, old=old, new=new):
        dispatch.merge(case, target_id=target.id, reason="同一人同一事", by=by, now=RESOLVED)
    assert case.related_case_id == target.id
    assert (target.state, target.event_count) == (State.HANDLING, count + 1)


@pytest.mark.parametrize("state", [State.DRAFT, State.TO_EVALUATE, State.ARCHIVED,
                                   State.REJECTED, State.WITHDRAWN, State.MERGED])  # fmt: skip
def test_a_closed_case_takes_no_other_in(office: Office, state: State) -> None:
    target, case = office.case_in(state), office.case_in(State.TO_DISPATCH)
    with refused(Code.MERGE_TARGET, field="target_id"):
        dispatch.merge(case, target_id=target.id, reason="x", by=office.clerk, now=RESOLVED)
    with refused(Code.MERGE_TARGET):
        dispatch.merge(case, target_id=case.id, reason="x", by=office.clerk, now=RESOLVED)


# -- numbers -----------------------------------------------------------------------------------


def test_numbers_begin_anew_at_beijing_midnight(office: Office) -> None:
    cases = [office.submit(office.draft()) for _ in range(3)]
    eve, midnight = at("2026-12-31 23:59:59"), at("2027-01-01 00:00")
    assert eve + dt.timedelta(seconds=1) == midnight
    found = [numbers(*issue(office, case, now=now)) for case, now in
             zip(cases, (eve, midnight, midnight), strict=True)]  # fmt: skip
    assert found == [[1], [1], [2]]
    assert [c.slips[0].year_no for c in cases] == [2026, 2027, 2027]
    ledger = [office.submit(office.draft(), now=when).ledger_no for when in (eve, midnight)]
    assert ledger == ["2026-0004", "2027-0001"]


def test_each_site_counts_for_itself(office: Office) -> None:
    other = make_office(2)
    for place in (office, office, other):
        place.dispatch(place.submit(place.draft()))
    rows = db.session.execute(select(Slip.site_id, Slip.slip_no).order_by(Slip.id)).all()
    assert [tuple(row) for row in rows] == [(1, 1), (1, 2), (2, 1)]


def test_a_rolled_back_dispatch_leaves_no_gap(office: Office) -> None:
    first, second = (office.case_in(State.TO_DISPATCH) for _ in range(2))
    savepoint = db.session.begin_nested()
    assert numbers(*issue(office, first)) == [1]
    savepoint.rollback()
    assert numbers(*issue(office, second)) == [1]


def test_an_office_goes_on_after_its_paper_numbers(office: Office) -> None:
    def start(last_no: int) -> None:
        start_number_after(site_id=1, series=NumberKind.SLIP, period="2026", last_no=last_no)

    start(130)
    (slip,) = issue(office, office.case_in(State.TO_DISPATCH))
    assert slip.no == "0131"
    with refused(Code.NUMBER_USED, last=131):
        start(130)
    start(9999)
    (slip,) = issue(office, office.case_in(State.TO_DISPATCH))
    assert slip.no == "10000"
