"""申请退回: once, early, the clock running; the section decides, the second time a leader."""

import datetime as dt
from typing import Any

import pytest

from app.actions import dispatch, extensions, returns
from app.domain.refusals import Code
from app.domain.states import Action, DueBasis, LimitClass, RequestStatus, SlipKind, State
from app.models import Case
from tests.actions.watch import one_move, refused
from tests.factories import DISPATCHED, DUE_1, MONDAY, RESOLVED, SIGNED, Office, at

AGREED_AT = at(f"{MONDAY} 14:10")


def asked(office: Office, case: Case, *, to: str = "build", **change: Any) -> Case:
    values: dict[str, Any] = {
        "reason": "非我单位职责", "suggest_unit_id": office.units[to].id,
        "by": office.head_of(case), "now": SIGNED,
    }  # fmt: skip
    returns.request_return(case, **(values | change))
    return case


def reassign(office: Office, case: Case, to: str = "build", **change: Any) -> None:
    values = {"by": office.clerk, "now": AGREED_AT, "lead_unit_id": office.units[to].id}
    returns.reassign(case, **(values | change))


def assign(office: Office, case: Case, to: str, **change: Any) -> None:
    values = {"by": office.leader, "now": RESOLVED, "opinion": "由其主办"}
    returns.assign_lead(case, lead_unit_id=office.units[to].id, **(values | change))


# -- asking ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.TO_SIGN, State.HANDLING])
def test_a_return_is_asked_while_the_clock_runs(office: Office, state: State) -> None:
    case = office.case_in(state)
    by = office.land_head
    with one_move(office, case, Action.REQUEST_RETURN, by=by, now=SIGNED, old=state) as told:
        asked(office, case)
    assert told.people == {"clerk", "clerk2"}
    (request,) = case.return_requests
    assert (request.status, request.decide_due_at) == (RequestStatus.PENDING, at(f"{MONDAY} 17:00"))
    assert (case.due_at, case.is_return_pending) == (DUE_1, True)
    with refused(Code.RETURN_PENDING):
        asked(office, case)
    with refused(Code.ROLE_MISSING):
        asked(office, case, by=office.land_handler)


def test_a_return_asked_after_closing_time_is_decided_the_next_day(office: Office) -> None:
    case = office.submit(office.draft())
    office.dispatch(case, now=at(f"{MONDAY} 15:00"))
    asked(office, case, now=at(f"{MONDAY} 17:00"))
    assert case.return_requests[0].decide_due_at == at("2026-10-13 17:00")


@pytest.mark.parametrize(
    ("limit", "last"),
    [
        (LimitClass.ONE_DAY, "2026-10-12 14:30"),  # 4 working hours from 09:30
        (LimitClass.IMMEDIATE, "2026-10-12 14:30"),
        (LimitClass.THREE_DAYS, "2026-10-13 17:00"),  # the end of working day 1
    ],
)
def test_a_return_is_asked_in_time(office: Office, limit: LimitClass, last: str) -> None:
    case = office.case_in(State.TO_SIGN, limit=limit)
    with refused(Code.RETURN_TOO_LATE, until=at(last)):
        asked(office, case, now=at(last) + dt.timedelta(seconds=1))
    asked(office, case, now=at(last))


def test_the_suggested_unit_is_another_active_one(office: Office) -> None:
    case = office.case_in(State.TO_SIGN)
    with refused(Code.SAME_UNIT, field="suggest_unit_id"):
        asked(office, case, to="land")
    with refused(Code.FIELD_INVALID, field="suggest_unit_id"):
        asked(office, case, to="gone")
    with refused(Code.FIELDS_MISSING, fields=["reason", "suggest_unit_id"]):
        asked(office, case, reason="", suggest_unit_id=None)


# -- the section decides the first one ---------------------------------------------------------


def test_reassigning_voids_the_old_slip_and_starts_a_new_clock(office: Office) -> None:
    case = asked(office, office.case_in(State.HANDLING))
    by, old, new = office.clerk, State.HANDLING, State.TO_SIGN
    with one_move(office, case, Action.REASSIGN, by=by, now=AGREED_AT, old=old, new=new) as told:
        reassign(office, case)
    assert told.people == {"land_head", "land_handler", "build_head", "build_handler"}
    assert {n.case_id for n in told.notices if n.kind == "released"} == {None}
    first, second = case.slips
    assert (first.is_void, first.void_reason, first.slip_no) == (True, "改派", 1)
    assert (second.is_void, second.slip_no, second.unit) == (False, 2, office.units["build"])
    assert second.content == first.content
    assert (case.lead_unit_id, case.signed_at) == (office.units["build"].id, None)
    assert (case.dispatched_at, case.first_dispatched_at) == (AGREED_AT, DISPATCHED)
    assert case.due_at == second.due_at == at("2026-10-13 17:00")
    assert case.return_requests[0].assigned_unit_id == office.units["build"].id


def test_the_leaving_units_applications_leave_with_it(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    extensions.apply_extension(
        case, days=2, reason="等待批复", work_done="已报", by=office.land_head, now=SIGNED
    )
    reassign(office, asked(office, case))
    assert [e.status for e in case.extensions] == [RequestStatus.LAPSED]
    assert case.is_extension_pending is False
    office.sign(case, now=AGREED_AT)
    with refused(Code.NO_EXTENSION_PENDING):
        extensions.approve_extension(case, days=2, opinion="同意", by=office.leader, now=AGREED_AT)


def test_a_co_unit_may_become_the_lead(office: Office) -> None:
    case = office.dispatch(office.case_in(State.TO_DISPATCH), co=("build", "tax"))
    reassign(office, asked(office, case))
    live = {s.unit.name: s.slip_kind for s in case.slips if not s.is_void}
    assert live == {"工程建设科": SlipKind.LEAD, "税务窗口": SlipKind.CO}
    assert [s.void_reason for s in case.slips] == ["改派", "改为主办", "", ""]


def test_reassigning_goes_to_another_unit(office: Office) -> None:
    case = asked(office, office.case_in(State.TO_SIGN))
    with refused(Code.SAME_UNIT, field="lead_unit_id"):
        reassign(office, case, to="land")
    with refused(Code.FIELDS_MISSING, fields=["lead_unit_id"]):
        reassign(office, case, lead_unit_id=None)
    with refused(Code.NO_RETURN_PENDING):
        reassign(office, office.case_in(State.TO_SIGN))


def test_releasing_leaves_the_hand_over_for_later(office: Office) -> None:
    case = asked(office, office.dispatch(office.case_in(State.TO_DISPATCH), co=("tax",)))
    by, old, new = office.clerk, State.TO_SIGN, State.TO_DISPATCH
    with one_move(office, case, Action.RELEASE, by=by, now=AGREED_AT, old=old, new=new) as told:
        returns.release(case, reason="另行交办", by=by, now=AGREED_AT)
    assert told.people == {"land_head", "land_handler"}
    assert [s.is_void for s in case.slips] == [True, True]
    assert (case.lead_unit_id, case.due_at) == (None, None)
    office.dispatch(case, lead="build", now=at(f"{MONDAY} 14:15"))
    assert case.due_at == at("2026-10-13 17:00")
    assert [s.slip_no for s in case.slips] == [1, 2, 3]


def test_refusing_sends_the_unit_on_with_its_clock(office: Office) -> None:
    case = asked(office, office.case_in(State.HANDLING))
    by, old = office.clerk, State.HANDLING
    with refused(Code.FIELDS_MISSING, fields=["reason"]):
        returns.refuse_return(case, reason=" ", by=by, now=AGREED_AT)
    with one_move(office, case, Action.REFUSE_RETURN, by=by, now=AGREED_AT, old=old) as told:
        returns.refuse_return(case, reason="属你单位职责", by=by, now=AGREED_AT)
    assert told.people == {"land_head", "land_handler"}
    assert (case.due_at, case.is_return_pending) == (DUE_1, False)
    assert case.return_requests[0].status is RequestStatus.REFUSED
    with refused(Code.RETURN_USED):
        asked(office, case, now=AGREED_AT)


# -- the second one is the leader's ------------------------------------------------------------


def disputed(office: Office) -> Case:
    """Return a case that the second unit does not want either."""
    case = asked(office, office.case_in(State.TO_SIGN))
    reassign(office, case, now=SIGNED)
    old, by = State.TO_SIGN, office.build_head
    with one_move(office, case, Action.REQUEST_RETURN, by=by, now=RESOLVED, old=old) as told:
        asked(office, case, to="land", now=RESOLVED)
    assert told.people == {"leader"}
    return case


def test_the_second_dispute_is_out_of_the_sections_hands(office: Office) -> None:
    case = disputed(office)
    with refused(Code.SECOND_DISPUTE):
        reassign(office, case, to="tax")
    with refused(Code.SECOND_DISPUTE):
        returns.release(case, reason="x", by=office.clerk, now=RESOLVED)
    with refused(Code.SECOND_DISPUTE):
        returns.refuse_return(case, reason="x", by=office.clerk, now=RESOLVED)
    with refused(Code.NOT_DUTY_LEADER_TODAY):
        assign(office, case, "build", by=office.leader2)


def test_the_leader_may_leave_it_with_the_unit_for_good(office: Office) -> None:
    case = disputed(office)
    due, by, old = case.due_at, office.leader, State.TO_SIGN
    with one_move(office, case, Action.ASSIGN_LEAD, by=by, now=RESOLVED, old=old) as told:
        assign(office, case, "build")
    assert told.people == {"build_head", "build_handler"}
    assert (case.state, case.due_at, case.is_lead_final) == (State.TO_SIGN, due, True)
    with refused(Code.RETURN_FINAL):
        asked(office, case, to="tax", now=RESOLVED)


def test_the_leader_may_name_another_unit_and_the_section_hands_over(office: Office) -> None:
    case = disputed(office)
    case.involved_unit_id = office.units["land"].id
    by, old, new = office.leader, State.TO_SIGN, State.TO_DISPATCH
    with one_move(office, case, Action.ASSIGN_LEAD, by=by, now=RESOLVED, old=old, new=new) as told:
        assign(office, case, "tax")
    assert told.people == {"clerk", "clerk2"}
    assert case.involved_unit_id == office.units["land"].id  # what the reporter said stays
    with refused(Code.RETURN_FINAL, field="lead_unit_id"):
        office.dispatch(case, lead="build", now=RESOLVED)
    office.dispatch(case, lead="tax", now=RESOLVED)
    assert (case.lead_unit_id, case.due_basis) == (office.units["tax"].id, DueBasis.LIMIT)
    with refused(Code.RETURN_FINAL):
        asked(office, case, to="land", now=RESOLVED)


def test_a_return_that_waits_keeps_the_slips_from_being_voided(office: Office) -> None:
    case = asked(office, office.case_in(State.TO_SIGN))
    with refused(Code.RETURN_PENDING):
        dispatch.void_slips(case, reason="x", by=office.clerk, now=RESOLVED)


def test_solving_it_after_all_lapses_the_request(office: Office) -> None:
    case = office.resolve(asked(office, office.case_in(State.HANDLING)))
    assert case.return_requests[0].status is RequestStatus.LAPSED
    assert case.is_return_pending is False
