"""审签 and the ways out: confirmed, sent back, withdrawn, reopened within thirty days."""

import datetime as dt

import pytest

from app.actions import closing, evaluation, extensions, group
from app.domain.refusals import Code
from app.domain.states import (
    Action,
    DueBasis,
    EvalLevel,
    RequestStatus,
    ResultStatus,
    ResultType,
    Role,
    State,
)
from app.models import Case
from tests.actions.watch import one_move, refused
from tests.factories import (
    CONFIRMED,
    DUE_1,
    RATED,
    RESOLVED,
    SIGNED,
    SUBMITTED,
    Office,
    at,
    make_office,
)

UNIT = {"land_head", "land_handler"}
OPEN = [State.TO_DISPATCH, State.TO_SIGN, State.HANDLING, State.GROUP_REVIEW, State.TO_CONFIRM,
        State.REDO]  # fmt: skip


def send_back(office: Office, case: Case, **change: object) -> None:
    values = {"reason": "答复不清楚", "by": office.clerk, "now": CONFIRMED} | change
    closing.send_back(case, **values)


# -- 确认办结 ----------------------------------------------------------------------------------


def test_the_leader_of_today_signs_and_the_rating_opens(office: Office) -> None:
    case = office.case_in(State.TO_CONFIRM)
    by, old, new = office.leader, State.TO_CONFIRM, State.TO_EVALUATE
    with one_move(office, case, Action.CONFIRM, by=by, now=CONFIRMED, old=old, new=new) as told:
        office.confirm(case)
    assert told.people == UNIT
    # D-18: finished when it was submitted, not when it was signed.
    assert (case.finished_at, case.first_finished_at) == (RESOLVED, RESOLVED)
    assert (case.confirmed_at, case.confirmed_by_id) == (CONFIRMED, by.id)
    assert case.eval_until == at("2026-10-19 17:00")
    assert case.results[0].status is ResultStatus.CONFIRMED


def test_only_the_leader_of_today_signs(office: Office) -> None:
    case = office.case_in(State.TO_CONFIRM)
    for key, person in office.people.items():
        leads = key in ("leader2", "chief")
        if key != "leader":
            with refused(Code.NOT_DUTY_LEADER_TODAY if leads else Code.ROLE_MISSING):
                closing.confirm(case, by=person, now=CONFIRMED)


def test_who_worked_for_the_unit_does_not_sign(office: Office) -> None:
    """D-35: whatever he did in the case: signed for, answered, asked, explained, called."""
    case = office.dispatch(office.case_in(State.TO_DISPATCH), co=("build",))
    office.sign(case)
    office.explain(case)
    extensions.apply_extension(
        case, days=1, reason="x", work_done="x", by=office.land_head, now=SIGNED
    )
    office.resolve(case)
    leader = office.leader.id
    for row, field in (
        (case.slips[0], "signed_by_id"),
        (case.slips[1], "replied_by_id"),
        (case.explanations[0], "written_by_id"),
        (case.extensions[0], "applied_by_id"),
        (case.results[0], "submitted_by_id"),
    ):
        before = getattr(row, field)
        setattr(row, field, leader)
        with refused(Code.OWN_CASE):
            office.confirm(case)
        setattr(row, field, before)
    office.confirm(case)


# -- 退回补办 ----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["clerk", "leader"])
def test_sent_back_the_submission_is_void_and_the_clock_ran_on(office: Office, who: str) -> None:
    case = office.case_in(State.TO_CONFIRM)
    by, old, new = office.people[who], State.TO_CONFIRM, State.HANDLING
    with refused(Code.FIELDS_MISSING, fields=["reason"]):
        send_back(office, case, by=by, reason=" ")
    with one_move(office, case, Action.SEND_BACK, by=by, now=CONFIRMED, old=old, new=new) as told:
        send_back(office, case, by=by)
    assert told.people == UNIT
    assert (case.finished_at, case.result_type, case.is_achieved) == (None, None, None)
    assert (case.due_at, case.first_finished_at) == (DUE_1, None)
    (result,) = case.results
    assert (result.status, result.decision_note) == (ResultStatus.SENT_BACK, "答复不清楚")
    again = at("2026-10-14 09:00")
    office.confirm(office.resolve(case, now=again), now=again)
    assert case.first_finished_at == again > DUE_1  # late now: the first one did not count


def test_a_leader_of_another_day_sends_nothing_back(office: Office) -> None:
    case = office.case_in(State.TO_CONFIRM)
    with refused(Code.NOT_DUTY_LEADER_TODAY):
        send_back(office, case, by=office.leader2)


def test_a_redo_is_sent_back_to_redo_and_the_first_result_stands(office: Office) -> None:
    case = office.case_in(State.REDO)
    assert case.result_type is ResultType.SOLVED
    due, now = case.due_at, at("2026-10-14 09:00")
    office.resolve(case, now=now, result_type=ResultType.UNFOUNDED, is_achieved=False)
    send_back(office, case, now=now)
    assert (case.state, case.due_at, case.round_no) == (State.REDO, due, 2)
    # 办成率 takes the latest finish that counts: the one of round 1.
    assert (case.result_type, case.is_achieved) == (ResultType.SOLVED, True)
    assert (case.finished_at, case.first_finished_at) == (None, RESOLVED)


def test_what_the_group_gave_back_is_sent_back_to_handling(office: Office) -> None:
    case = office.case_in(State.TO_EVALUATE)
    case.round_no = 3  # the last redo is over
    office.rate(case, EvalLevel.BAD)
    now, due = at("2026-10-13 10:00"), at("2026-10-30 17:00")
    evaluation.decide_after_redo(case, to_group=True, opinion="x", by=office.leader, now=now)
    office.decide(case, met=at("2026-10-14 09:00"), due=due)
    group.confirm_decision(case, by=office.chief, now=at("2026-10-14 11:00"))
    # The first result is still measured by the limit it had.
    assert (case.first_due_at, case.due_at) == (DUE_1, due)
    office.resolve(case, now=at("2026-10-15 09:00"))
    send_back(office, case, now=at("2026-10-15 10:00"))
    assert (case.state, case.due_basis) == (State.HANDLING, DueBasis.GROUP)


# -- 撤回 --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", OPEN)
@pytest.mark.parametrize("who", ["officer", "clerk"])
def test_an_open_case_is_withdrawn_with_reason_and_proof(
    office: Office, state: State, who: str
) -> None:
    case = office.case_in(state)
    by, now, new = office.people[who], at("2026-10-14 09:20"), State.WITHDRAWN
    with refused(Code.FIELDS_MISSING, fields=["reason", "proof"]):
        closing.withdraw(case, reason=" ", proof="", by=by, now=now)
    with one_move(office, case, Action.WITHDRAW, by=by, now=now, old=state, new=new) as told:
        closing.withdraw(case, reason="已在自助机办好", proof="来电录音", by=by, now=now)
    unit = UNIT if case.lead_unit_id else set()
    assert told.people == unit | {"clerk", "clerk2"}
    assert case.withdrawn_at == now


@pytest.mark.parametrize("state", [s for s in State if s not in OPEN])
def test_what_is_not_open_is_not_withdrawn(office: Office, state: State) -> None:
    case = office.case_in(state)
    with refused(Code.ACTION_CLOSED):
        closing.withdraw(case, reason="x", proof="x", by=office.clerk, now=RATED)


def test_withdrawing_lapses_what_waits(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    extensions.apply_extension(
        case, days=1, reason="x", work_done="x", by=office.land_head, now=SIGNED
    )
    closing.withdraw(case, reason="x", proof="x", by=office.clerk, now=RESOLVED)
    assert case.extensions[0].status is RequestStatus.LAPSED
    assert case.is_extension_pending is False


# -- 30日内再次反映 ----------------------------------------------------------------------------

LAST = at("2026-11-11 23:59:59")  # the thirtieth day after 12 October


def test_within_thirty_days_an_archived_case_is_reopened(office: Office) -> None:
    case = office.case_in(State.ARCHIVED)
    by, old, new = office.clerk, State.ARCHIVED, State.REDO
    with refused(Code.FIELDS_MISSING, fields=["reason"]):
        closing.reopen(case, reason="", by=by, now=LAST)
    with one_move(office, case, Action.REOPEN, by=by, now=LAST, old=old, new=new) as told:
        closing.reopen(case, reason="同一问题又发生", by=by, now=LAST)
    assert told.people == UNIT | {"leader"}
    due = at("2026-11-18 17:00")  # five working days after the 11th
    assert (case.round_no, case.due_at, case.due_basis) == (2, due, DueBasis.REDO)
    assert (case.ledger_no, case.is_repeat) == ("2026-0001", True)
    assert (case.finished_at, case.archived_at, case.eval_level) == (None, None, None)
    assert (case.first_finished_at, case.first_due_at) == (RESOLVED, DUE_1)
    assert (case.original_due_at, case.slips[0].due_at) == (DUE_1, due)


def test_on_day_thirty_one_a_new_case_is_registered_instead(office: Office) -> None:
    case = office.case_in(State.ARCHIVED)
    with refused(Code.REOPEN_TOO_LATE, until=LAST):
        closing.reopen(case, reason="x", by=office.clerk, now=LAST + dt.timedelta(seconds=1))
    with refused(Code.ROLE_MISSING):
        closing.reopen(case, reason="x", by=office.officer, now=LAST)


def test_a_redo_is_answered_in_its_own_round(office: Office) -> None:
    case = office.case_in(State.REDO)
    now = at("2026-10-14 09:00")
    with refused(Code.TIME_ORDER, field="replied_at"):  # the answer of round 1 is not enough
        office.resolve(case, now=now, replied_at=RESOLVED)
    office.resolve(case, now=now)
    assert [r.round_no for r in case.results] == [1, 2]


def test_the_countys_people_act_on_every_site_others_on_theirs(office: Office) -> None:
    case = office.case_in(State.TO_DISPATCH)
    county = office.add("county", Role.SUPERVISOR, site_id=None)
    neighbour = make_office(2).clerk
    with refused(Code.OTHER_SITE):
        closing.withdraw(case, reason="x", proof="x", by=neighbour, now=SUBMITTED)
    closing.withdraw(case, reason="x", proof="x", by=county, now=SUBMITTED)
