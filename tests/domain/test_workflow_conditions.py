"""Every condition of the table turned round once: the line closes, and the refusal says why."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from app.domain.conditions import CHECKS
from app.domain.facts import Actor
from app.domain.quorum import has_quorum
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
from app.domain.workflow import TABLE, check
from tests.domain.test_workflow import (
    CO,
    EARLIER,
    LATER,
    LEAD,
    NOW,
    OTHER,
    RULES,
    actor_for,
    case_for,
    refusal,
)

A, C, R, S = Action, Code, Role, State
HEAD, HANDLER, CLERK, LEADER, CHIEF, OFFICER = (
    R.UNIT_HEAD, R.UNIT_HANDLER, R.SUPERVISOR, R.DUTY_LEADER, R.GROUP_HEAD, R.DUTY_OFFICER,
)  # fmt: skip
NOT_TODAY = {"approves_today": False}
SECTION, ABOUT_LEADER = ComplaintAbout.SECTION, ComplaintAbout.LEADER
SOON = NOW - dt.timedelta(microseconds=1)

# action, state, role, what is different about the case, about the person, and the refusal
FLIPS: list[tuple[Action, State, Role, dict[str, Any], dict[str, Any], Code]] = [
    (A.RETURN_DRAFT, S.TO_DISPATCH, CLERK, {"was_dispatched": True}, {}, C.ALREADY_DISPATCHED),
    (A.DISPATCH, S.TO_DISPATCH, CLERK, {"complaint_about": SECTION}, {}, C.ABOUT_SECTION),
    (A.DISPATCH, S.TO_DISPATCH, CLERK, {"complaint_about": ABOUT_LEADER}, {}, C.ABOUT_SECTION),
    (A.DISPATCH, S.TO_DISPATCH, LEADER, {"complaint_about": SECTION}, NOT_TODAY,
     C.NOT_DUTY_LEADER_TODAY),
    (A.DISPATCH, S.TO_DISPATCH, LEADER, {}, {}, C.NOT_ABOUT_SECTION),
    (A.DISPATCH, S.TO_DISPATCH, CHIEF, {}, {}, C.NOT_ABOUT_LEADER),
    (A.VERIFY, S.TO_EVALUATE, CLERK, {"complaint_about": SECTION}, {}, C.ABOUT_SECTION),
    (A.VOID_SLIPS, S.TO_SIGN, CLERK, {"return_requester_unit_id": LEAD}, {}, C.RETURN_PENDING),
    (A.SIGN, S.TO_SIGN, HANDLER, {}, {"unit_id": OTHER}, C.NOT_LEAD_UNIT),
    (A.SIGN, S.TO_SIGN, HANDLER, {}, {"unit_id": CO}, C.NOT_LEAD_UNIT),
    (A.SIGN, S.TO_SIGN, HANDLER, {"is_confidential": True}, {}, C.CONFIDENTIAL_HEAD_ONLY),
    (A.SIGN, S.TO_SIGN, HEAD, {"unsigned_unit_ids": frozenset({CO})}, {}, C.ALREADY_SIGNED),
    (A.SIGN_CO, S.HANDLING, HEAD, {}, {"unit_id": LEAD}, C.NOT_CO_UNIT),
    (A.SIGN_CO, S.HANDLING, HANDLER, {"is_confidential": True}, {}, C.CONFIDENTIAL_HEAD_ONLY),
    (A.SIGN_CO, S.HANDLING, HEAD, {"unsigned_unit_ids": frozenset()}, {}, C.ALREADY_SIGNED),
    (A.CO_REPLY, S.HANDLING, HEAD, {"unsigned_unit_ids": frozenset({CO})}, {}, C.NOT_SIGNED_YET),
    (A.CO_REPLY, S.HANDLING, HEAD, {}, {"unit_id": OTHER}, C.NOT_CO_UNIT),
    (A.REQUEST_RETURN, S.TO_SIGN, HEAD, {"lead_is_final": True}, {}, C.RETURN_FINAL),
    (A.REQUEST_RETURN, S.TO_SIGN, HEAD, {"return_requester_unit_id": LEAD}, {}, C.RETURN_PENDING),
    (A.REQUEST_RETURN, S.TO_SIGN, HEAD, {"returned_by_units": (OTHER, LEAD)}, {}, C.RETURN_USED),
    (A.REQUEST_RETURN, S.TO_SIGN, HEAD, {"return_until": SOON}, {}, C.RETURN_TOO_LATE),
    (A.REQUEST_RETURN, S.TO_SIGN, HEAD, {"return_until": None}, {}, C.RETURN_TOO_LATE),
    (A.REASSIGN, S.HANDLING, CLERK, {"return_requester_unit_id": None}, {}, C.NO_RETURN_PENDING),
    (A.REASSIGN, S.HANDLING, CLERK, {"return_count": 2}, {}, C.SECOND_DISPUTE),
    (A.RELEASE, S.TO_SIGN, CLERK, {"return_count": 2}, {}, C.SECOND_DISPUTE),
    (A.REFUSE_RETURN, S.TO_SIGN, CLERK, {"return_count": 2}, {}, C.SECOND_DISPUTE),
    (A.ASSIGN_LEAD, S.TO_SIGN, LEADER, {}, NOT_TODAY, C.NOT_DUTY_LEADER_TODAY),
    (A.ASSIGN_LEAD, S.TO_SIGN, CHIEF, {"return_requester_unit_id": None}, {},
     C.NO_RETURN_PENDING),
    (A.CONTACT, S.HANDLING, HEAD, {}, {"unit_id": OTHER}, C.NOT_LEAD_UNIT),
    (A.EXPLAIN, S.HANDLING, HANDLER, {"is_confidential": True}, {}, C.CONFIDENTIAL_HEAD_ONLY),
    (A.ASK_CLASS, S.HANDLING, HEAD, {"limit_class": LimitClass.THREE_DAYS}, {},
     C.CLASS_NOT_RAISABLE),
    (A.ASK_CLASS, S.HANDLING, HEAD, {"limit_class": LimitClass.IMMEDIATE}, {},
     C.CLASS_NOT_RAISABLE),
    (A.ASK_CLASS, S.HANDLING, HEAD, {"class_changed": True}, {}, C.CLASS_NOT_RAISABLE),
    (A.ASK_CLASS, S.HANDLING, HEAD, {"class_asked": True}, {}, C.CLASS_ASKED),
    (A.ASK_CLASS, S.HANDLING, HEAD, {"explained": False}, {}, C.CLASS_GROUND_MISSING),
    (A.ASK_CLASS, S.HANDLING, HEAD, {"due_at": SOON}, {}, C.PAST_DUE),
    (A.CHANGE_CLASS, S.HANDLING, CLERK, {"class_asked": False}, {}, C.CLASS_NOT_ASKED),
    (A.CHANGE_CLASS, S.HANDLING, CLERK, {"due_basis": DueBasis.EXTENSION}, {},
     C.CLASS_NOT_RAISABLE),
    (A.CHANGE_CLASS, S.HANDLING, CLERK, {"due_basis": DueBasis.GROUP}, {}, C.CLASS_NOT_RAISABLE),
    (A.CHANGE_CLASS, S.HANDLING, CLERK, {"due_at": SOON}, {}, C.PAST_DUE),
    (A.APPLY_EXTENSION, S.HANDLING, HEAD, {"due_basis": DueBasis.GROUP}, {}, C.GROUP_DECIDED),
    (A.APPLY_EXTENSION, S.HANDLING, HEAD, {"extension_applicant_id": 5}, {}, C.EXTENSION_PENDING),
    (A.APPLY_EXTENSION, S.HANDLING, HEAD, {"extension_count": 1}, {}, C.EXTENSION_COUNT),
    (A.APPLY_EXTENSION, S.HANDLING, HEAD, {"extension_total": 7}, {}, C.EXTENSION_CAP),
    (A.APPLY_EXTENSION, S.HANDLING, HEAD,
     {"limit_class": LimitClass.THREE_DAYS, "explained": False}, {}, C.EXPLANATION_MISSING),
    (A.COMMENT_EXTENSION, S.HANDLING, CLERK, {"extension_applicant_id": None}, {},
     C.NO_EXTENSION_PENDING),
    (A.APPROVE_EXTENSION, S.HANDLING, LEADER, {"extension_applicant_id": None}, {},
     C.NO_EXTENSION_PENDING),
    (A.APPROVE_EXTENSION, S.HANDLING, LEADER, {}, NOT_TODAY, C.NOT_DUTY_LEADER_TODAY),
    (A.APPROVE_EXTENSION, S.HANDLING, CHIEF, {}, NOT_TODAY, C.NOT_DUTY_LEADER_TODAY),
    (A.APPROVE_EXTENSION, S.HANDLING, LEADER, {"extension_applicant_id": 5}, {}, C.OWN_REQUEST),
    (A.APPROVE_EXTENSION, S.HANDLING, LEADER, {"handler_ids": frozenset({5})}, {}, C.OWN_CASE),
    (A.REFUSE_EXTENSION, S.HANDLING, LEADER, {}, NOT_TODAY, C.NOT_DUTY_LEADER_TODAY),
    (A.REFUSE_EXTENSION, S.HANDLING, LEADER, {"extension_applicant_id": 5}, {}, C.OWN_REQUEST),
    (A.ESCALATE, S.HANDLING, R.SYSTEM, {"due_basis": DueBasis.LIMIT}, {}, C.EXTENSION_NOT_RUN_OUT),
    (A.ESCALATE, S.HANDLING, R.SYSTEM, {"due_basis": DueBasis.GROUP}, {}, C.EXTENSION_NOT_RUN_OUT),
    (A.ESCALATE, S.HANDLING, R.SYSTEM, {"due_at": NOW}, {}, C.EXTENSION_NOT_RUN_OUT),
    (A.ESCALATE, S.HANDLING, R.SYSTEM, {"extension_applicant_id": 9}, {}, C.EXTENSION_NOT_RUN_OUT),
    (A.ESCALATE, S.HANDLING, LEADER, {}, NOT_TODAY, C.NOT_DUTY_LEADER_TODAY),
    (A.CONFIRM_DECISION, S.GROUP_REVIEW, CHIEF, {"decision_recorded": False}, {},
     C.DECISION_MISSING),
    (A.RESOLVE, S.HANDLING, HEAD, {}, {"unit_id": CO}, C.NOT_LEAD_UNIT),
    (A.RESOLVE, S.HANDLING, HEAD, {"unsigned_unit_ids": frozenset({LEAD})}, {}, C.NOT_SIGNED_YET),
    (A.RESOLVE, S.HANDLING, HANDLER, {}, {}, C.NOT_AUTHORISED_TO_SIGN_OFF),
    (A.RESOLVE, S.REDO, HEAD, {"limit_class": LimitClass.THREE_DAYS, "explained": False}, {},
     C.EXPLANATION_MISSING),
    (A.SEND_BACK, S.TO_CONFIRM, LEADER, {}, NOT_TODAY, C.NOT_DUTY_LEADER_TODAY),
    (A.CONFIRM, S.TO_CONFIRM, LEADER, {}, NOT_TODAY, C.NOT_DUTY_LEADER_TODAY),
    (A.CONFIRM, S.TO_CONFIRM, LEADER, {"result_by_id": 5}, {}, C.OWN_CASE),
    (A.CONFIRM, S.TO_CONFIRM, LEADER, {"handler_ids": frozenset({5})}, {}, C.OWN_CASE),
    (A.EVALUATE, S.TO_EVALUATE, OFFICER, {}, {"unit_id": LEAD}, C.HANDLING_UNIT_MAY_NOT_RATE),
    (A.EVALUATE, S.TO_EVALUATE, OFFICER, {}, {"unit_id": CO}, C.HANDLING_UNIT_MAY_NOT_RATE),
    (A.EVALUATE, S.TO_EVALUATE, OFFICER, {"handler_ids": frozenset({5})}, {},
     C.HANDLING_UNIT_MAY_NOT_RATE),
    (A.EVALUATE, S.TO_EVALUATE, OFFICER, {"is_anonymous": True}, {}, C.ANONYMOUS_NOT_RATED),
    (A.EVALUATE, S.TO_EVALUATE, OFFICER, {"eval_level": EvalLevel.GOOD}, {}, C.EVALUATION_EXISTS),
    (A.CALL_BACK, S.ARCHIVED, OFFICER, {}, {"unit_id": CO}, C.HANDLING_UNIT_MAY_NOT_RATE),
    (A.CALL_BACK, S.ARCHIVED, OFFICER, {"is_anonymous": True}, {}, C.ANONYMOUS_NOT_RATED),
    (A.CLOSE_UNRATED, S.TO_EVALUATE, CLERK, {"eval_level": EvalLevel.BAD}, {},
     C.EVALUATION_EXISTS),
    (A.CLOSE_UNRATED, S.TO_EVALUATE, CLERK, {"eval_until": NOW}, {}, C.EVALUATION_WINDOW_OPEN),
    (A.CLOSE_UNRATED, S.TO_EVALUATE, CLERK, {"was_answered": False}, {}, C.CALLBACK_MISSING),
    (A.CLOSE_UNRATED, S.TO_EVALUATE, CLERK,
     {"was_answered": False, "callbacks": 9, "callback_days": 1}, {}, C.CALLBACK_MISSING),
    (A.CLOSE_UNRATED, S.TO_EVALUATE, CLERK,
     {"was_answered": False, "callbacks": 2, "callback_days": 2}, {}, C.CALLBACK_MISSING),
    (A.READ_EVALUATION, S.ARCHIVED, HEAD, {"unit_has_read": True}, {}, C.NOTHING_TO_READ),
    (A.READ_EVALUATION, S.ARCHIVED, HEAD, {}, {"unit_id": CO}, C.NOT_LEAD_UNIT),
    (A.READ_EVALUATION, S.ARCHIVED, LEADER, {"leader_has_read": True}, {}, C.NOTHING_TO_READ),
    (A.READ_EVALUATION, S.ARCHIVED, LEADER, {}, NOT_TODAY, C.NOTHING_TO_READ),
    (A.VERIFY, S.TO_EVALUATE, CLERK, {"eval_level": EvalLevel.FAIR}, {}, C.NO_BAD_EVALUATION),
    (A.VERIFY, S.TO_EVALUATE, CLERK, {"verdict": Verdict.MISTAKEN}, {}, C.NO_BAD_EVALUATION),
    (A.VERIFY, S.TO_EVALUATE, CLERK, {"eval_entered_by_id": 5}, {}, C.OWN_EVALUATION),
    (A.APPROVE_VERDICT, S.TO_EVALUATE, LEADER, {"verdict": None}, {}, C.NO_VERDICT_PENDING),
    (A.APPROVE_VERDICT, S.TO_EVALUATE, LEADER, {"verdict": Verdict.JUSTIFIED}, {},
     C.NO_VERDICT_PENDING),
    (A.APPROVE_VERDICT, S.TO_EVALUATE, LEADER, {"verdict_approved": True}, {},
     C.NO_VERDICT_PENDING),
    (A.APPROVE_VERDICT, S.TO_EVALUATE, LEADER, {}, NOT_TODAY, C.NOT_DUTY_LEADER_TODAY),
    (A.APPROVE_VERDICT, S.TO_EVALUATE, LEADER, {"eval_entered_by_id": 5}, {}, C.OWN_EVALUATION),
    (A.DECIDE_AFTER_REDO, S.TO_EVALUATE, LEADER, {"round_no": 1}, {}, C.REDO_LIMIT_NOT_REACHED),
    (A.DECIDE_AFTER_REDO, S.TO_EVALUATE, LEADER, {}, NOT_TODAY, C.NOT_DUTY_LEADER_TODAY),
    (A.REOPEN, S.ARCHIVED, CLERK, {"reopen_until": SOON}, {}, C.REOPEN_TOO_LATE),
    (A.REOPEN, S.ARCHIVED, CLERK, {"reopen_until": None}, {}, C.REOPEN_TOO_LATE),
    (A.SUPERVISE, S.HANDLING, LEADER, {}, NOT_TODAY, C.NOT_DUTY_LEADER_TODAY),
    (A.REVEAL_PHONE, S.HANDLING, OFFICER, {"is_anonymous": True}, {}, C.ANONYMOUS_NO_PHONE),
    (A.REVEAL_PHONE, S.HANDLING, HEAD, {"is_confidential": True}, {}, C.REPORTER_CONFIDENTIAL),
    (A.REVEAL_PHONE, S.HANDLING, HEAD, {}, {"unit_id": OTHER}, C.NOT_LEAD_UNIT),
    (A.SUBMIT, S.DRAFT, OFFICER, {}, {"site_id": 2}, C.OTHER_SITE),
]  # fmt: skip


@pytest.mark.parametrize("flip", FLIPS, ids=lambda f: f"{f[0]}-{f[2]}-{f[5]}")
def test_line_closes_when_its_condition_fails(
    flip: tuple[Action, State, Role, dict[str, Any], dict[str, Any], Code],
) -> None:
    action, state, role, case_change, actor_change, code = flip
    case, actor = case_for(action, state, **case_change), actor_for(action, role, **actor_change)
    assert refusal(action, case, actor) is code
    open_case = case_for(action, state)
    if action is not Action.DISPATCH:
        assert refusal(action, open_case, actor_for(action, role)) in (
            None, Code.NOT_AUTHORISED_TO_SIGN_OFF,
        )  # fmt: skip


def test_every_condition_of_the_table_is_flipped_above() -> None:
    flipped = {(action, code) for action, *_, code in FLIPS}
    asked = {(t.action, code) for t in TABLE for code in t.conditions}
    own = {Code.NOT_LEAD_UNIT, Code.CONFIDENTIAL_HEAD_ONLY}
    assert {(a, c) for a, c in asked - flipped if c not in own} <= {
        (Action.ASSIGN_LEAD, Code.NO_RETURN_PENDING),
        (Action.RELEASE, Code.NO_RETURN_PENDING),
        (Action.REFUSE_RETURN, Code.NO_RETURN_PENDING),
        (Action.CHANGE_CLASS, Code.CLASS_GROUND_MISSING),
        (Action.REFUSE_EXTENSION, Code.NO_EXTENSION_PENDING),
        (Action.REFUSE_EXTENSION, Code.OWN_CASE),
        (Action.RESOLVE, Code.NOT_AUTHORISED_TO_SIGN_OFF),
    }
    assert set(CHECKS) == {code for _, code in asked}


# -- what opens a line that is closed by default -----------------------------------------------


def test_a_complaint_about_the_section_is_the_leaders_of_today() -> None:
    """D-22: he dispatches it and does the section's part; the section does nothing at all."""
    case = case_for(A.DISPATCH, S.TO_DISPATCH, complaint_about=SECTION)
    assert refusal(A.DISPATCH, case, actor_for(A.DISPATCH, LEADER)) is None
    assert refusal(A.DISPATCH, case, actor_for(A.DISPATCH, CHIEF)) is None  # stands in, D-34
    for action, state in ((A.VERIFY, S.TO_EVALUATE), (A.REASSIGN, S.TO_SIGN)):
        case = case_for(action, state, complaint_about=SECTION)
        assert refusal(action, case, actor_for(action, LEADER)) is None
        assert refusal(action, case, actor_for(action, LEADER, **NOT_TODAY)) is C.ROLE_MISSING
        assert refusal(action, case, actor_for(action, CLERK)) is C.ABOUT_SECTION


def test_a_complaint_about_a_leader_is_dispatched_by_the_head_of_the_group() -> None:
    case = case_for(A.DISPATCH, S.TO_DISPATCH, complaint_about=ABOUT_LEADER)
    assert refusal(A.DISPATCH, case, actor_for(A.DISPATCH, CHIEF, **NOT_TODAY)) is None
    assert refusal(A.DISPATCH, case, actor_for(A.DISPATCH, LEADER)) is C.NOT_ABOUT_SECTION


def test_a_handler_signs_off_only_where_the_office_lets_him() -> None:
    case = case_for(A.RESOLVE, S.HANDLING)
    assert refusal(A.RESOLVE, case, actor_for(A.RESOLVE, HANDLER, unit_may_sign_off=True)) is None
    confidential = replace(case, is_confidential=True)
    actor = actor_for(A.RESOLVE, HANDLER, unit_may_sign_off=True)
    assert refusal(A.RESOLVE, confidential, actor) is C.CONFIDENTIAL_HEAD_ONLY
    assert refusal(A.RESOLVE, confidential, actor_for(A.RESOLVE, HEAD)) is None


def test_who_never_answers_is_called_three_times_on_two_days() -> None:
    facts = {"was_answered": False, "callbacks": 3, "callback_days": 2}
    case = case_for(A.CLOSE_UNRATED, S.TO_EVALUATE, **facts)
    assert refusal(A.CLOSE_UNRATED, case, actor_for(A.CLOSE_UNRATED, CLERK)) is None


def test_an_anonymous_report_is_closed_at_once() -> None:
    case = case_for(
        A.CLOSE_UNRATED, S.TO_EVALUATE, is_anonymous=True, was_answered=False, eval_until=LATER
    )
    assert refusal(A.CLOSE_UNRATED, case, actor_for(A.CLOSE_UNRATED, CLERK)) is None


def test_the_leader_who_signed_reads_the_rating_on_any_day() -> None:
    case = case_for(A.READ_EVALUATION, S.ARCHIVED, confirmed_by_id=5)
    reader = actor_for(A.READ_EVALUATION, LEADER, **NOT_TODAY)
    assert refusal(A.READ_EVALUATION, case, reader) is None


def test_a_late_application_does_not_hold_up_the_group() -> None:
    """D-11: only what was asked in time waits for its approver."""
    case = case_for(A.ESCALATE, S.HANDLING, extension_applicant_id=9, extension_asked_late=True)
    assert refusal(A.ESCALATE, case, actor_for(A.ESCALATE, R.SYSTEM)) is None


def test_at_the_last_instant_it_is_still_in_time() -> None:
    for action, state, role, facts in (
        (A.REQUEST_RETURN, S.TO_SIGN, HEAD, {"return_until": NOW}),
        (A.ASK_CLASS, S.HANDLING, HEAD, {"due_at": NOW}),
        (A.REOPEN, S.ARCHIVED, CLERK, {"reopen_until": NOW}),
    ):
        assert refusal(action, case_for(action, state, **facts), actor_for(action, role)) is None


def test_settings_move_the_limits() -> None:
    rules = Rules(max_extensions=2, max_returns_per_unit=2, max_rounds=1)
    once = case_for(A.APPLY_EXTENSION, S.HANDLING, extension_count=1, extension_total=3)
    returned = case_for(A.REQUEST_RETURN, S.TO_SIGN, returned_by_units=(LEAD,), return_count=1)
    first = case_for(A.DECIDE_AFTER_REDO, S.TO_EVALUATE, round_no=1)
    for action, case, role in (
        (A.APPLY_EXTENSION, once, HEAD),
        (A.REQUEST_RETURN, returned, HEAD),
        (A.DECIDE_AFTER_REDO, first, LEADER),
    ):
        assert check(action, case, actor_for(action, role), NOW, rules)


def test_a_refusal_names_the_figures_and_the_right_date() -> None:
    def facts(action: Action, state: State, actor: Actor, **change: Any) -> dict[str, object]:
        dates = {"return_until": EARLIER, "reopen_until": SOON, "eval_until": LATER}
        with pytest.raises(Refusal) as refused:
            check(action, case_for(action, state, **(dates | change)), actor, NOW, RULES)
        return refused.value.facts

    late = facts(A.REQUEST_RETURN, S.TO_SIGN, actor_for(A.REQUEST_RETURN, HEAD))
    assert late["until"] == EARLIER
    assert facts(A.REOPEN, S.ARCHIVED, actor_for(A.REOPEN, CLERK))["until"] == SOON
    window = facts(A.CLOSE_UNRATED, S.TO_EVALUATE, actor_for(A.CLOSE_UNRATED, CLERK))
    assert window["until"] == LATER
    cap = facts(
        A.APPLY_EXTENSION, S.HANDLING, actor_for(A.APPLY_EXTENSION, HEAD), extension_total=7
    )
    assert (cap["total"], cap["cap"], cap["left"]) == (7, 7, 0)
    closed = facts(A.SIGN, S.ARCHIVED, actor_for(A.SIGN, HEAD))
    assert closed == {"action": A.SIGN, "state": S.ARCHIVED}


@pytest.mark.parametrize(
    ("present", "members", "setting", "enough"),
    [
        (3, 6, "more_than_half", False), (4, 6, "more_than_half", True),
        (3, 5, "more_than_half", True), (2, 5, "more_than_half", False),
        (0, 0, "more_than_half", False), (1, 1, "more_than_half", True),
        (4, 6, "two_thirds", True), (3, 6, "two_thirds", False), (4, 7, "two_thirds", False),
        (5, 7, "two_thirds", True), (0, 0, "two_thirds", False),
        (6, 6, "all", True), (5, 6, "all", False), (0, 0, "all", False),
    ],
)  # fmt: skip
def test_quorum_is_counted_as_the_office_set_it(
    present: int, members: int, setting: Any, enough: bool
) -> None:
    assert has_quorum(present, members, Rules(quorum=setting)) is enough
