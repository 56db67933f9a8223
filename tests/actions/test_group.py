"""领导小组: how a case comes before it, what counts as a decision, and back to work (R32, D-12)."""

import datetime as dt
from typing import Any

import pytest

from app.actions import extensions, group, handling, returns
from app.actions.office import set_rule
from app.domain.refusals import Code
from app.domain.states import (
    Action,
    ContactMode,
    DecisionType,
    DueBasis,
    RequestStatus,
    ResultType,
    SlipKind,
    State,
)
from app.extensions import db
from app.models import Case, GroupMember
from tests.actions.watch import one_move, refused
from tests.factories import RESOLVED, Office, at

MET, RECORDED = at("2026-10-14 15:00"), at("2026-10-14 16:00")
DUE = at("2026-10-23 17:00")
CONFIRMED = at("2026-10-14 17:00")
RAN_OUT = at("2026-10-16 17:00")
REVIEW = State.GROUP_REVIEW
EVERYBODY = {"chief", "leader", "leader2", "m1", "m2", "m3", "clerk", "clerk2", "land_head",
             "land_handler"}  # fmt: skip


def extended(office: Office) -> Case:
    """Return a case extended by three days, to RAN_OUT."""
    case = office.case_in(State.HANDLING)
    asked, granted = at("2026-10-13 10:00"), at("2026-10-13 11:00")
    return office.extend(case, 3, asked=asked, granted=granted)


def before_group(office: Office) -> Case:
    return office.case_in(REVIEW)


def present(office: Office, *keys: str) -> list[int]:
    return [office.members[key].id for key in keys]


def confirm(office: Office, case: Case, **change: Any) -> None:
    group.confirm_decision(case, **({"by": office.chief, "now": CONFIRMED} | change))


# -- before the group --------------------------------------------------------------------------


def test_a_leader_brings_a_case_before_the_group_with_a_reason(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    by, old = office.leader, State.HANDLING
    with refused(Code.FIELDS_MISSING, fields=["reason"]):
        group.escalate(case, by=by, now=RESOLVED)
    with refused(Code.NOT_DUTY_LEADER_TODAY):
        group.escalate(case, by=office.leader2, now=RESOLVED, reason="涉及多家")
    with refused(Code.ROLE_MISSING):
        group.escalate(case, by=office.clerk, now=RESOLVED, reason="涉及多家")
    with one_move(office, case, Action.ESCALATE, by=by, now=RESOLVED, old=old, new=REVIEW) as told:
        group.escalate(case, by=by, now=RESOLVED, reason="涉及多家")
    assert told.people == EVERYBODY
    (row,) = case.group_reviews
    assert (row.is_auto, row.reason, row.asked_at) == (False, "涉及多家", RESOLVED)
    assert (case.escalated_at, case.is_auto_escalated) == (RESOLVED, False)


def test_a_run_out_extension_goes_to_the_group_by_itself(office: Office) -> None:
    case = extended(office)
    by, late = office.system, RAN_OUT + dt.timedelta(seconds=1)
    with refused(Code.EXTENSION_NOT_RUN_OUT):
        group.escalate(case, by=by, now=RAN_OUT)
    old = State.HANDLING
    with one_move(office, case, Action.ESCALATE, by=by, now=late, old=old, new=REVIEW) as told:
        group.escalate(case, by=by, now=late)
    assert told.people == EVERYBODY
    assert (case.is_auto_escalated, case.group_reviews[0].is_auto) == (True, True)
    with refused(Code.ACTION_CLOSED):
        group.escalate(case, by=by, now=late)


def test_nothing_else_goes_there_by_itself(office: Office) -> None:
    for case in (office.case_in(State.HANDLING), office.case_in(State.REDO)):
        code = Code.EXTENSION_NOT_RUN_OUT if case.state is State.HANDLING else Code.ACTION_CLOSED
        with refused(code):
            group.escalate(case, by=office.system, now=at("2026-12-01 09:00"))


def test_a_second_application_in_time_is_waited_for(office: Office) -> None:
    set_rule(name="max_extensions", text="2", by=office.sys_admin, now=RESOLVED)
    case = extended(office)
    extensions.apply_extension(
        case, days=1, reason="批复在途", work_done="已催", by=office.land_head, now=RAN_OUT
    )
    with refused(Code.EXTENSION_NOT_RUN_OUT):
        group.escalate(case, by=office.system, now=RAN_OUT + dt.timedelta(hours=20))
    group.escalate(case, by=office.leader, now=RAN_OUT, reason="提请")
    assert case.extensions[-1].status is RequestStatus.LAPSED


# -- the record --------------------------------------------------------------------------------


def test_the_record_waits_for_the_head(office: Office) -> None:
    case = before_group(office)
    by = office.clerk
    with one_move(office, case, Action.RECORD_DECISION, by=by, now=RECORDED, old=REVIEW) as told:
        office.decide(case, met=MET, due=DUE)
    assert told.people == {"chief"}
    (row,) = case.group_reviews
    assert (row.met_at, row.new_due_at, row.recorded_at) == (MET, DUE, RECORDED)
    assert {m.id for m in row.attendees} == {m.id for m in office.members.values()}
    assert (case.state, row.confirmed_at) == (REVIEW, None)
    for person in (office.leader, office.clerk, office.m1):
        with refused(Code.ROLE_MISSING):
            confirm(office, case, by=person)


def test_the_record_names_all_that_makes_a_decision(office: Office) -> None:
    case = before_group(office)
    fields = ("chair_id", "attendee_ids", "decision_type", "decision", "lead_unit_id")
    for name in fields:
        empty: Any = [] if name == "attendee_ids" else None
        with refused(Code.FIELDS_MISSING, fields=[name]):
            office.decide(case, met=MET, due=DUE, **{name: empty})
    with refused(Code.FIELDS_MISSING, fields=["new_due_at"]):
        office.decide(case, met=MET, due=None)
    with refused(Code.ROLE_MISSING):
        office.decide(case, met=MET, due=DUE, by=office.leader)


def test_the_meeting_was_after_the_escalation_and_is_over(office: Office) -> None:
    case = before_group(office)
    early = RESOLVED - dt.timedelta(minutes=1)
    with refused(Code.TIME_IN_FUTURE, field="met_at"):
        office.decide(case, met=MET, due=DUE, now=MET - dt.timedelta(minutes=1))
    with refused(Code.TIME_ORDER, field="met_at"):
        office.decide(case, met=early, due=DUE)
    for due in (MET, RECORDED):
        with refused(Code.DUE_IN_PAST, field="new_due_at"):
            office.decide(case, met=MET, due=due)


@pytest.mark.parametrize(
    ("rule", "enough", "too_few"),
    [("more_than_half", 4, 3), ("two_thirds", 4, 3), ("all", 6, 5)],
)
def test_without_quorum_nothing_is_decided(
    office: Office, rule: str, enough: int, too_few: int
) -> None:
    set_rule(name="quorum", text=rule, by=office.sys_admin, now=RESOLVED)
    case = before_group(office)
    everybody = present(office, *office.members)
    with refused(Code.QUORUM_MISSING, present=too_few, members=6):
        office.decide(case, met=MET, due=DUE, attendee_ids=everybody[:too_few])
    office.decide(case, met=MET, due=DUE, attendee_ids=everybody[:enough])


def test_the_chair_is_there_and_everybody_named_is_a_member(office: Office) -> None:
    case = before_group(office)
    others = present(office, "leader", "leader2", "m1", "m2")
    with refused(Code.CHAIR_NOT_ATTENDING, field="chair_id"):
        office.decide(case, met=MET, due=DUE, attendee_ids=others)
    office.members["m3"].valid_to = MET.date() - dt.timedelta(days=1)
    with refused(Code.NOT_GROUP_MEMBER, field="attendee_ids"):
        office.decide(case, met=MET, due=DUE)
    # A delegate may chair; of five members three are more than half.
    office.decide(
        case, met=MET, due=DUE, chair_id=office.members["leader"].id, attendee_ids=others[:3]
    )


def test_members_of_the_day_of_the_meeting_count(office: Office) -> None:
    late = GroupMember(
        site_id=1, account=office.officer, post="成员", sort_order=9,
        valid_from=MET.date() + dt.timedelta(days=1),
    )  # fmt: skip
    office.members["late"] = late
    db.session.add(late)
    db.session.flush()
    case = before_group(office)
    with refused(Code.NOT_GROUP_MEMBER):
        office.decide(case, met=MET, due=DUE)


# -- the decision ------------------------------------------------------------------------------


def test_confirmed_the_case_is_back_at_work_with_the_groups_limit(office: Office) -> None:
    case = before_group(office)
    with refused(Code.DECISION_MISSING):
        confirm(office, case)
    office.decide(case, met=MET, due=DUE)
    by, new = office.chief, State.HANDLING
    with one_move(
        office, case, Action.CONFIRM_DECISION, by=by, now=CONFIRMED, old=REVIEW, new=new
    ) as told:
        confirm(office, case)
    assert told.people == {"land_head", "land_handler", "clerk", "clerk2"}
    assert (case.due_at, case.due_basis, case.first_due_at) == (DUE, DueBasis.GROUP, DUE)
    assert [(s.slip_no, s.due_at, s.is_void) for s in case.slips] == [(1, DUE, False)]
    assert case.group_reviews[0].confirmed_by_id == by.id
    office.resolve(case, now=DUE)  # no new signature: it is the same unit's slip
    assert case.state is State.TO_CONFIRM


def test_the_limit_must_still_lie_ahead_when_it_is_confirmed(office: Office) -> None:
    case = before_group(office)
    office.decide(case, met=MET, due=DUE)
    with refused(Code.DUE_IN_PAST, field="new_due_at"):
        confirm(office, case, now=DUE)


@pytest.mark.parametrize("lead", ["build", "tax"])
def test_another_lead_unit_gets_a_slip_of_the_sections(office: Office, lead: str) -> None:
    case = office.dispatch(office.case_in(State.TO_DISPATCH), co=("build",))
    office.sign(case)
    group.escalate(case, by=office.leader, now=RESOLVED, reason="主办有争议")
    office.decide(case, met=MET, due=DUE, lead_unit_id=office.units[lead].id)
    confirm(office, case)
    live = [s for s in case.slips if not s.is_void]
    (slip,) = (s for s in live if s.slip_kind is SlipKind.LEAD)
    assert (slip.unit_id, slip.due_at, slip.slip_no) == (office.units[lead].id, DUE, 3)
    assert slip.issued_by_id == office.clerk.id  # R18
    assert len({s.unit_id for s in live}) == len(live)
    assert (case.lead_unit_id, case.signed_at) == (office.units[lead].id, None)
    chief = office.people[f"{lead}_head"]
    with refused(Code.NOT_SIGNED_YET):
        office.resolve(case, now=CONFIRMED, by=chief)
    with one_move(office, case, Action.SIGN, by=chief, now=CONFIRMED, old=State.HANDLING):
        handling.sign(case, by=chief, now=CONFIRMED)
    with refused(Code.RETURN_FINAL):  # nobody hands back what the group gave him
        returns.request_return(
            case, reason="x", suggest_unit_id=office.units["land"].id, by=chief, now=CONFIRMED
        )
    office.resolve(case, now=CONFIRMED)


def test_the_lead_unit_is_an_active_one(office: Office) -> None:
    case = before_group(office)
    with refused(Code.FIELD_INVALID, field="lead_unit_id"):
        office.decide(case, met=MET, due=DUE, lead_unit_id=office.units["gone"].id)


def test_answered_for_good_it_waits_for_the_leaders_signature(office: Office) -> None:
    case = extended(office)
    group.escalate(case, by=office.system, now=RAN_OUT + dt.timedelta(hours=16))
    met, now = at("2026-10-19 15:00"), at("2026-10-19 17:00")
    office.decide(case, met=met, due=None, decision_type=DecisionType.FINAL_ANSWER,
                  decision="依法不能办理，终结答复")  # fmt: skip
    by, new = office.chief, State.TO_CONFIRM
    with one_move(
        office, case, Action.CONFIRM_DECISION, by=by, now=now, old=REVIEW, new=new
    ) as told:
        confirm(office, case, now=now)
    assert told.people == {"land_head", "land_handler", "clerk", "clerk2", "leader"}
    assert (case.result_type, case.is_achieved) == (ResultType.UNLAWFUL, False)
    # D-38: the group's answer is not late, though the extension has run out.
    assert (case.finished_at, case.due_at, case.due_basis) == (now, now, DueBasis.GROUP)
    (result,) = case.results
    assert (result.reply_mode, result.legal_basis) == (
        ContactMode.WRITTEN,
        "依法不能办理，终结答复",
    )
    assert office.confirm(case, now=now).state is State.TO_EVALUATE


def test_a_decision_may_be_put_right_until_it_is_confirmed(office: Office) -> None:
    case = before_group(office)
    office.decide(case, met=MET, due=DUE)
    office.decide(case, met=MET, due=DUE + dt.timedelta(days=3))
    confirm(office, case)
    assert case.due_at == DUE + dt.timedelta(days=3)
    assert len(case.group_reviews) == 1
    group.escalate(case, by=office.leader, now=DUE, reason="仍未解决")
    assert len(case.group_reviews) == 2
    with refused(Code.DECISION_MISSING):  # the new meeting has not decided yet
        confirm(office, case, now=DUE)
