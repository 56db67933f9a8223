"""Every (state, action, role) against a table written by hand from T2–T30 of domain/5.5."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.facts import Actor, CaseFacts
from app.domain.refusals import Code, Refusal
from app.domain.rules import Rules
from app.domain.states import (
    Action,
    ComplaintAbout,
    DueBasis,
    EvalLevel,
    LimitClass,
    Role,
    State,
    Verdict,
)
from app.domain.workflow import TABLE, allowed_actions, check, lines_of, require_fields
from tests.domain.moments import at, rows

LEAD, CO, OTHER = 7, 8, 9  # units
NOW = at("2026-10-12 周一 10:00")
LATER, EARLIER = NOW + dt.timedelta(days=1), NOW - dt.timedelta(days=1)
RULES = Rules()

# T | action | from | to (= stays) | who | must be filled
PLAN = """
T2  | reject | draft | rejected | duty_officer | ground legal_basis explain_text referred_to
T3  | submit | draft | to_dispatch | duty_officer duty_leader | category item_name narrative is_informed
T4  | resolve_on_spot | draft | to_confirm | duty_officer | lead_unit_id unit_person result_type handling_note reply_text
T5  | return_draft | to_dispatch | draft | supervisor | reason
T6  | reject_late | to_dispatch | rejected | supervisor | ground legal_basis explain_text referred_to informed_by informed_at
T7  | dispatch | to_dispatch | to_sign | supervisor | lead_unit_id content limit_class
T7  | void_slips | to_sign | to_dispatch | supervisor | reason
T7  | add_co_unit | to_sign handling | = | supervisor | unit_id content
T8  | sign | to_sign | handling | unit_handler unit_head |
T8  | sign | handling redo | = | unit_handler unit_head |
T8  | sign_co | to_sign handling redo | = | unit_handler unit_head |
T8  | co_reply | to_sign handling redo | = | unit_handler unit_head | reply_text
T9  | request_return | to_sign handling | = | unit_head | reason suggest_unit_id
T10 | reassign | to_sign handling | to_sign | supervisor | lead_unit_id
T10 | release | to_sign handling | to_dispatch | supervisor | reason
T11 | refuse_return | to_sign handling | = | supervisor | reason
T12 | assign_lead | to_sign handling | to_dispatch | duty_leader group_head | lead_unit_id opinion
T13 | contact | handling redo | = | unit_handler unit_head | contacted_at mode note
T13 | explain | handling redo | = | unit_handler unit_head | basic_facts verification policy_basis difficulty proposal
T14 | ask_class | handling | = | unit_head | complex_grounds reason
T14 | change_class | handling | = | supervisor | complex_grounds
T15 | apply_extension | handling | = | unit_head | days reason work_done
T15 | comment_extension | handling | = | supervisor | opinion
T16 | approve_extension | handling | = | duty_leader group_head | days opinion
T17 | refuse_extension | handling | = | duty_leader group_head | opinion
T18 | escalate | handling | group_review | system |
T18 | escalate | handling | group_review | duty_leader group_head | reason
T19 | record_decision | group_review | = | supervisor | met_at chair_id attendee_ids decision_type decision lead_unit_id
T19 | confirm_decision | group_review | handling to_confirm | group_head |
T20 | resolve | handling | to_confirm | unit_head | result_type is_achieved handling_note reply_text reply_mode replied_at cause_id
T21 | send_back | to_confirm | handling redo | supervisor duty_leader group_head | reason
T22 | confirm | to_confirm | to_evaluate | duty_leader group_head |
T23 | call_back | to_evaluate archived | = | duty_officer | outcome called_at
T23 | evaluate | to_evaluate | archived | duty_officer | level solved channel
T23 | close_unrated | to_evaluate | archived | duty_officer supervisor |
T23 | read_evaluation | to_evaluate redo archived | = | unit_handler unit_head duty_leader group_head |
T24 | verify | to_evaluate | redo | supervisor | verdict verify_note
T25 | approve_verdict | to_evaluate | archived | duty_leader group_head | agreed opinion
T26 | resolve | redo | to_confirm | unit_head | result_type is_achieved handling_note reply_text reply_mode replied_at cause_id
T26 | decide_after_redo | to_evaluate | archived group_review | duty_leader group_head | to_group opinion
T27 | withdraw | to_dispatch to_sign handling group_review to_confirm redo | withdrawn | duty_officer supervisor | reason proof
T28 | merge | to_dispatch | merged | supervisor | target_id reason
T29 | reopen | archived | redo | supervisor | reason
T30 | supervise | to_dispatch to_sign handling group_review to_confirm redo to_evaluate archived | = | supervisor duty_leader group_head | kind ground requirement
D-36 | correct | to_dispatch to_sign handling group_review to_confirm redo to_evaluate archived | = | supervisor | field reason
R44 | mark_typical | to_evaluate archived | = | supervisor |
R61 | reveal_phone | draft to_dispatch to_sign handling group_review to_confirm redo to_evaluate archived rejected withdrawn merged | = | duty_officer supervisor duty_leader group_head |
R61 | reveal_phone | to_sign handling redo to_confirm to_evaluate | = | unit_handler unit_head |
"""  # noqa: E501
LINES = [[cell.split() for cell in row] for row in rows(PLAN)]
PENDING = {"extension_applicant_id": 99}
RETURNING = {"return_requester_unit_id": LEAD, "return_count": 1, "returned_by_units": (LEAD,)}
RAN_OUT = {"due_basis": DueBasis.EXTENSION, "due_at": EARLIER}

# What must be true of the case beside its state, for whoever has the right role.
GOOD: dict[Action, dict[str, Any]] = {
    Action.SIGN: {"unsigned_unit_ids": frozenset({LEAD})},
    Action.SIGN_CO: {"unsigned_unit_ids": frozenset({CO})},
    Action.REASSIGN: RETURNING,
    Action.RELEASE: RETURNING,
    Action.REFUSE_RETURN: RETURNING,
    Action.ASSIGN_LEAD: RETURNING,
    Action.CHANGE_CLASS: {"class_asked": True},
    Action.COMMENT_EXTENSION: PENDING,
    Action.APPROVE_EXTENSION: PENDING,
    Action.REFUSE_EXTENSION: PENDING,
    Action.ESCALATE: RAN_OUT,
    Action.CONFIRM_DECISION: {"decision_recorded": True},
    Action.CLOSE_UNRATED: {"eval_until": EARLIER, "was_answered": True},
    Action.READ_EVALUATION: {"unit_has_read": False, "leader_has_read": False},
    Action.VERIFY: {"eval_level": EvalLevel.BAD, "eval_entered_by_id": 99},
    Action.APPROVE_VERDICT: {"eval_level": EvalLevel.BAD, "verdict": Verdict.MISTAKEN},
    Action.DECIDE_AFTER_REDO: {"eval_level": EvalLevel.VERY_BAD, "round_no": 3},
    Action.REOPEN: {"reopen_until": LATER},
}
# Somebody of the role might do it on another case, so he is told what is missing on this one.
TOLD_WHY = {
    (Action.RESOLVE, Role.UNIT_HANDLER): Code.NOT_AUTHORISED_TO_SIGN_OFF,
    (Action.DISPATCH, Role.DUTY_LEADER): Code.NOT_ABOUT_SECTION,
    (Action.DISPATCH, Role.GROUP_HEAD): Code.NOT_ABOUT_LEADER,
}
IS_CO = (Action.SIGN_CO, Action.CO_REPLY)


def case_for(action: Action, state: State, **change: Any) -> CaseFacts:
    """Return a case that stands in the way of nobody."""
    facts: dict[str, Any] = {
        "limit_class": LimitClass.ONE_DAY, "lead_unit_id": LEAD, "co_unit_ids": frozenset({CO}),
        "all_unit_ids": frozenset({LEAD, CO}), "due_at": LATER, "due_basis": DueBasis.LIMIT,
        "return_until": LATER, "explained": True,
    }  # fmt: skip
    return CaseFacts(state=state, site_id=1, **(facts | GOOD.get(action, {}) | change))


def actor_for(action: Action, role: Role, **change: Any) -> Actor:
    """Return somebody of the role, in the unit concerned, who signs today if he leads."""
    unit = {Role.UNIT_HANDLER, Role.UNIT_HEAD} & {role} and (CO if action in IS_CO else LEAD)
    leads = role in (Role.DUTY_LEADER, Role.GROUP_HEAD)
    actor = Actor(
        id=5, roles=frozenset({role}), site_id=1, unit_id=unit or None, approves_today=leads
    )
    return replace(actor, **change)


def refusal(action: Action, case: CaseFacts, actor: Actor, now: dt.datetime = NOW) -> Code | None:
    try:
        check(action, case, actor, now, RULES)
    except Refusal as refused:
        return refused.code
    return None


def planned(action: Action, state: State) -> set[Role]:
    return {
        Role(role)
        for _, (name,), states, _, who, _ in LINES
        for role in who
        if name == action and state in states
    }


@pytest.mark.parametrize("state", State)
def test_every_action_and_role_is_as_the_plan_says(state: State) -> None:
    wrong = []
    for action in Action:
        case = case_for(action, state)
        expected = planned(action, state)
        for role in Role:
            code = refusal(action, case, actor_for(action, role))
            if (code is None) != (role in expected):
                wrong.append((action, role, code))
            if not expected and code is not Code.ACTION_CLOSED:
                wrong.append((action, role, code))
            told = TOLD_WHY.get((action, role), Code.ROLE_MISSING)
            if expected and role not in expected and code is not told:
                wrong.append((action, role, code))
    assert not wrong


def test_the_table_has_the_lines_of_the_plan_and_no_other() -> None:
    def shape(lines: list[list[list[str]]]) -> set[tuple[str, str, str, tuple[str, ...]]]:
        return {(c, a, s, tuple(f)) for (c,), (a,), states, _, _, f in lines for s in states}

    table = [
        [[t.code], [t.action], sorted(t.sources), list(t.targets), list(t.who), list(t.fields)]
        for t in TABLE
    ]
    assert shape(table) == shape(LINES)
    assert {t.code for t in TABLE} >= {f"T{n}" for n in range(2, 31)}
    assert {t.action for t in TABLE} == set(Action) - {Action.REGISTER}


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line[0][0]}-{line[1][0]}")
def test_targets_and_fields_are_those_of_the_plan(line: list[list[str]]) -> None:
    (code,), (action,), states, targets, who, fields = line
    for state in states:
        found = [t for t in lines_of(Action(action), State(state)) if set(who) & t.who]
        assert found, state
        for t in found:
            assert t.code == code
            assert set(t.targets) == set(targets) - {"="}
            assert t.fields == tuple(fields)


def test_required_fields_are_told_all_at_once() -> None:
    (line,) = lines_of(Action.REJECT, State.DRAFT)
    values: Mapping[str, object] = {"ground": 0, "legal_basis": " ", "explain_text": None}
    with pytest.raises(Refusal) as refused:
        require_fields(line, values, also=("item_name", "legal_basis"))
    assert refused.value.code is Code.FIELDS_MISSING
    assert refused.value.facts["fields"] == [
        "legal_basis", "explain_text", "referred_to", "item_name",
    ]  # fmt: skip
    require_fields(line, dict.fromkeys((*line.fields, "item_name"), False), also=("item_name",))


CASES = st.builds(
    CaseFacts,
    state=st.sampled_from(State),
    site_id=st.integers(1, 2),
    is_anonymous=st.booleans(),
    is_confidential=st.booleans(),
    complaint_about=st.none() | st.sampled_from(ComplaintAbout),
    limit_class=st.sampled_from(LimitClass),
    lead_unit_id=st.none() | st.sampled_from((LEAD, OTHER)),
    co_unit_ids=st.frozensets(st.sampled_from((CO, OTHER))),
    unsigned_unit_ids=st.frozensets(st.sampled_from((LEAD, CO))),
    was_dispatched=st.booleans(),
    round_no=st.integers(1, 4),
    due_at=st.none() | st.sampled_from((EARLIER, NOW, LATER)),
    due_basis=st.none() | st.sampled_from(DueBasis),
    explained=st.booleans(),
    extension_applicant_id=st.none() | st.sampled_from((5, 99)),
    return_requester_unit_id=st.none() | st.just(LEAD),
    return_until=st.none() | st.just(LATER),
    eval_level=st.none() | st.sampled_from(EvalLevel),
    verdict=st.none() | st.sampled_from(Verdict),
    handler_ids=st.frozensets(st.sampled_from((5, 99))),
)
ACTORS = st.builds(
    Actor,
    id=st.just(5),
    roles=st.frozensets(st.sampled_from(Role), max_size=3),
    site_id=st.none() | st.integers(1, 2),
    unit_id=st.none() | st.sampled_from((LEAD, CO, OTHER)),
    unit_may_sign_off=st.booleans(),
    approves_today=st.booleans(),
)


@given(case=CASES, actor=ACTORS)
def test_buttons_are_exactly_what_the_check_lets_through(case: CaseFacts, actor: Actor) -> None:
    open_now = allowed_actions(case, actor, NOW, RULES)
    assert len(set(open_now)) == len(open_now)
    assert {a for a in Action if refusal(a, case, actor) is None} == set(open_now)


@given(case=CASES, actor=ACTORS)
def test_administrators_and_strangers_to_the_site_do_nothing(case: CaseFacts, actor: Actor) -> None:
    admin = replace(
        actor,
        roles=actor.roles & {Role.SYS_ADMIN, Role.SEC_ADMIN, Role.AUDITOR, Role.COUNTY_VIEWER},
        approves_today=False,
    )
    assert allowed_actions(case, admin, NOW, RULES) == ()
    assert allowed_actions(case, replace(actor, site_id=3), NOW, RULES) == ()
