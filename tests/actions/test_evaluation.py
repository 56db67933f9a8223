"""服务评价: the reporter's word, never the unit's, never assumed; a bad one is redone."""

import datetime as dt
from typing import Any

import pytest

from app.actions import evaluation
from app.domain.refusals import Code
from app.domain.states import (
    Action,
    CallOutcome,
    Category,
    DueBasis,
    EvalChannel,
    EvalLevel,
    SolvedLevel,
    State,
    SuggestionType,
    Verdict,
)
from app.models import Case
from tests.actions.watch import one_move, refused
from tests.factories import CONFIRMED, RATED, RESOLVED, VERIFIED, Office, at

UNIT = {"land_head", "land_handler"}
TO_EVALUATE, ARCHIVED, REDO = State.TO_EVALUATE, State.ARCHIVED, State.REDO
BAD = [EvalLevel.BAD, EvalLevel.VERY_BAD]
ANONYMOUS = {
    "is_anonymous": True, "category": Category.SUGGESTION,
    "suggestion_type": SuggestionType.SUGGESTION,
}  # fmt: skip


def rated_badly(office: Office, **facts: Any) -> Case:
    return office.rate(office.case_in(TO_EVALUATE, **facts), EvalLevel.BAD)


def again_bad(office: Office, case: Case, start: dt.datetime) -> dt.datetime:
    """Walk a redo to another bad rating; returns when it was rated."""
    office.resolve(case, now=start)
    office.confirm(case, now=start + dt.timedelta(hours=1))
    rated = start + dt.timedelta(hours=2)
    office.rate(case, EvalLevel.VERY_BAD, now=rated)
    return rated


def call(office: Office, case: Case, when: str, outcome: CallOutcome = CallOutcome.REACHED) -> None:
    evaluation.call_back(case, outcome=outcome, called_at=at(when), by=office.officer, now=at(when))


# -- 登记评价 ----------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [level for level in EvalLevel if level not in BAD])
def test_a_good_rating_is_fed_back_and_archives_the_case(office: Office, level: EvalLevel) -> None:
    case = office.case_in(TO_EVALUATE)
    by, old = office.officer, TO_EVALUATE
    with one_move(office, case, Action.EVALUATE, by=by, now=RATED, old=old, new=ARCHIVED) as told:
        office.rate(case, level)
    assert told.people == UNIT | {"leader"}
    assert (case.eval_level, case.archived_at, case.verify_due_at) == (level, RATED, None)
    with refused(Code.ACTION_CLOSED):
        office.rate(case, level)


@pytest.mark.parametrize("level", BAD)
def test_a_bad_rating_waits_one_working_day_for_its_verification(
    office: Office, level: EvalLevel
) -> None:
    case = office.case_in(TO_EVALUATE)
    by, old = office.officer, TO_EVALUATE
    with one_move(office, case, Action.EVALUATE, by=by, now=RATED, old=old) as told:
        office.rate(case, level)
    assert told.people == UNIT | {"leader", "clerk", "clerk2"}
    assert (case.eval_level, case.archived_at) == (level, None)
    assert case.verify_due_at == case.evaluations[0].verify_due_at == at("2026-10-14 17:00")
    with refused(Code.EVALUATION_EXISTS):
        office.rate(case, EvalLevel.GOOD)
    with refused(Code.EVALUATION_EXISTS):
        evaluation.close_unrated(case, by=office.clerk, now=at("2026-11-09 09:00"))


def test_the_handling_units_never_enter_a_rating(office: Office) -> None:
    case = office.dispatch(office.case_in(State.TO_DISPATCH), co=("build",))
    office.confirm(office.resolve(office.sign(case)))
    for unit in ("land", "build"):
        office.officer.unit_id = office.units[unit].id  # D-35: a clerk of it on desk duty
        with refused(Code.HANDLING_UNIT_MAY_NOT_RATE):
            office.rate(case)
        with refused(Code.HANDLING_UNIT_MAY_NOT_RATE):
            call(office, case, "2026-10-13 09:00")
    office.officer.unit_id = office.units["tax"].id
    office.rate(case)


def test_who_enters_ratings_and_with_what(office: Office) -> None:
    case = office.case_in(TO_EVALUATE)
    facts = {"level": EvalLevel.GOOD, "solved": SolvedLevel.PARTLY, "channel": EvalChannel.PAPER}
    for key in ("land_head", "land_handler", "clerk", "leader", "chief", "viewer", "auditor"):
        with refused(Code.ROLE_MISSING):
            evaluation.evaluate(case, by=office.people[key], now=RATED, **facts)
    for name in facts:
        with refused(Code.FIELDS_MISSING, fields=[name]):
            evaluation.evaluate(case, by=office.officer, now=RATED, **(facts | {name: None}))
    early, late = CONFIRMED - dt.timedelta(minutes=1), RATED + dt.timedelta(seconds=1)
    for when, code in ((early, Code.TIME_ORDER), (late, Code.TIME_IN_FUTURE)):
        with refused(code, field="evaluated_at"):
            evaluation.evaluate(case, evaluated_at=when, by=office.officer, now=RATED, **facts)
    row = evaluation.evaluate(
        case, evaluated_at=CONFIRMED, reasons=["多次跑腿", "其他"], opinion=" 还行 ",
        by=office.officer, now=RATED, **facts,
    )  # fmt: skip
    assert (row.evaluated_at, row.reasons, row.opinion) == (CONFIRMED, "多次跑腿、其他", "还行")
    assert (row.solved_level, row.channel) == (SolvedLevel.PARTLY, EvalChannel.PAPER)


def test_an_old_paper_gives_the_section_its_whole_day(office: Office) -> None:
    case = office.case_in(TO_EVALUATE)
    evaluation.evaluate(
        case, level=EvalLevel.BAD, solved=SolvedLevel.UNSOLVED, channel=EvalChannel.PAPER,
        evaluated_at=at("2026-10-13 09:00"), by=office.officer, now=at("2026-10-16 09:00"),
    )  # fmt: skip
    assert case.verify_due_at == at("2026-10-19 17:00")


# -- 已阅 --------------------------------------------------------------------------------------


def test_unit_and_leader_mark_the_rating_as_read_once(office: Office) -> None:
    case = office.case_in(TO_EVALUATE)
    with refused(Code.NOTHING_TO_READ):
        evaluation.read_evaluation(case, by=office.land_head, now=RATED)
    office.rate(case)
    old, now = ARCHIVED, VERIFIED
    for by in (office.land_handler, office.leader):
        with one_move(office, case, Action.READ_EVALUATION, by=by, now=now, old=old) as told:
            evaluation.read_evaluation(case, by=by, now=now)
        assert told.people == set()
    (row,) = case.evaluations
    assert (row.unit_read_by_id, row.leader_read_by_id) == (
        office.land_handler.id,
        office.leader.id,
    )
    for by in (office.land_head, office.leader, office.leader2):
        with refused(Code.NOTHING_TO_READ):
            evaluation.read_evaluation(case, by=by, now=now)
    with refused(Code.NOT_LEAD_UNIT):
        evaluation.read_evaluation(case, by=office.build_head, now=now)


# -- 到期未评价 --------------------------------------------------------------------------------


def test_unrated_is_closed_after_the_window_and_a_call(office: Office) -> None:
    case = office.case_in(TO_EVALUATE)
    by, last = office.clerk, at("2026-10-19 17:00")
    call(office, case, "2026-10-13 09:00")
    with refused(Code.EVALUATION_WINDOW_OPEN, until=last):
        evaluation.close_unrated(case, by=by, now=last)
    now = last + dt.timedelta(seconds=1)
    with one_move(
        office, case, Action.CLOSE_UNRATED, by=by, now=now, old=TO_EVALUATE, new=ARCHIVED
    ) as told:
        evaluation.close_unrated(case, by=by, now=now)
    assert told.people == set()
    assert (case.eval_level, case.archived_at, case.evaluations) == (None, now, [])  # D-28


def test_who_does_not_answer_is_called_three_times_on_two_days(office: Office) -> None:
    case = office.case_in(TO_EVALUATE)
    now, no = at("2026-10-20 09:00"), CallOutcome.NO_ANSWER

    def closed() -> None:
        evaluation.close_unrated(case, by=office.officer, now=now)

    with refused(Code.CALLBACK_MISSING):
        closed()
    for when in ("2026-10-13 09:00", "2026-10-13 11:00", "2026-10-13 15:00"):
        call(office, case, when, no)
    with refused(Code.CALLBACK_MISSING):
        closed()
    call(office, case, "2026-10-14 09:00", no)
    closed()
    assert [c.attempt_no for c in case.callbacks] == [1, 2, 3, 4]


def test_who_refuses_is_not_called_again(office: Office) -> None:
    case = office.case_in(TO_EVALUATE)
    call(office, case, "2026-10-13 09:00", CallOutcome.REFUSED)
    evaluation.close_unrated(case, by=office.officer, now=at("2026-10-20 09:00"))


def test_an_anonymous_report_is_closed_at_once_and_never_rated(office: Office) -> None:
    case = office.case_in(TO_EVALUATE, **ANONYMOUS)
    with refused(Code.ANONYMOUS_NOT_RATED):
        office.rate(case)
    with refused(Code.ANONYMOUS_NOT_RATED):
        call(office, case, "2026-10-13 09:00")
    evaluation.close_unrated(case, by=office.officer, now=CONFIRMED)
    assert (case.state, case.eval_level) == (ARCHIVED, None)


def test_a_call_is_recorded_with_what_was_said(office: Office) -> None:
    case = office.case_in(TO_EVALUATE)
    by = office.officer
    with refused(Code.FIELDS_MISSING, fields=["outcome", "called_at"]):
        evaluation.call_back(case, outcome=None, called_at=None, by=by, now=RATED)
    with refused(Code.TIME_ORDER, field="called_at"):
        evaluation.call_back(
            case, outcome=CallOutcome.REACHED, called_at=RESOLVED, by=by, now=RATED
        )
    with one_move(office, case, Action.CALL_BACK, by=by, now=RATED, old=TO_EVALUATE):
        row = evaluation.call_back(
            case, outcome=CallOutcome.REACHED, called_at=RATED, unit_made_contact=False,
            solved=SolvedLevel.SOLVED, opinion=" 满意 ", by=by, now=RATED,
        )  # fmt: skip
    assert (row.unit_made_contact, row.solved_level, row.opinion) == (
        False, SolvedLevel.SOLVED, "满意",
    )  # fmt: skip
    assert case.eval_level is None  # a rating is a record of its own
    call(office, office.rate(case), "2026-10-14 09:00")  # also afterwards


# -- 差评核实 ----------------------------------------------------------------------------------


def test_a_justified_bad_rating_is_redone_in_five_working_days(office: Office) -> None:
    case = rated_badly(office)
    by, old = office.clerk, TO_EVALUATE
    with one_move(office, case, Action.VERIFY, by=by, now=VERIFIED, old=old, new=REDO) as told:
        office.verify(case)
    assert told.people == UNIT
    due = at("2026-10-20 17:00")
    assert (case.round_no, case.due_at, case.due_basis) == (2, due, DueBasis.REDO)
    (row,) = case.evaluations
    assert (row.verdict, row.redo_due_at, row.round_no) == (Verdict.JUSTIFIED, due, 1)
    assert (case.finished_at, case.eval_level, case.verify_due_at) == (None, None, None)


def test_verifying_says_what_was_found_out(office: Office) -> None:
    case = rated_badly(office)
    for name in ("verdict", "verify_note"):
        values: dict[str, Any] = {"verdict": Verdict.JUSTIFIED, "verify_note": "属实"}
        with refused(Code.FIELDS_MISSING, fields=[name]):
            evaluation.verify(case, by=office.clerk, now=VERIFIED, **(values | {name: None}))
    good = office.rate(office.case_in(TO_EVALUATE), EvalLevel.FAIR)
    with refused(Code.ACTION_CLOSED):
        office.verify(good)
    with refused(Code.NO_BAD_EVALUATION):
        office.verify(office.case_in(TO_EVALUATE))
    case.evaluations[0].entered_by_id = office.clerk.id
    with refused(Code.OWN_EVALUATION):
        office.verify(case)


@pytest.mark.parametrize("verdict", [Verdict.MISTAKEN, Verdict.UNREASONABLE])
def test_a_mistaken_rating_needs_the_leaders_approval(office: Office, verdict: Verdict) -> None:
    case = rated_badly(office)
    by, old = office.clerk, TO_EVALUATE
    with one_move(office, case, Action.VERIFY, by=by, now=VERIFIED, old=old) as told:
        office.verify(case, verdict)
    assert told.people == {"leader"}
    with refused(Code.NOT_DUTY_LEADER_TODAY):
        approve(office, case, by=office.leader2)
    with refused(Code.ROLE_MISSING):
        approve(office, case, by=office.clerk)
    with refused(Code.FIELDS_MISSING, fields=["opinion"]):
        approve(office, case, opinion="")
    by = office.leader
    with one_move(office, case, Action.APPROVE_VERDICT, by=by, now=VERIFIED, old=old, new=ARCHIVED):
        approve(office, case)
    (row,) = case.evaluations
    assert (row.verdict, row.approved_by_id, row.approved_at) == (verdict, by.id, VERIFIED)
    assert row.eval_level is EvalLevel.BAD  # kept, and left out of the rates


def approve(office: Office, case: Case, **change: Any) -> None:
    values = {"agreed": True, "opinion": "同意", "by": office.leader, "now": VERIFIED} | change
    evaluation.approve_verdict(case, **values)


def test_a_verdict_the_leader_refuses_goes_back_to_the_section(office: Office) -> None:
    case = rated_badly(office)
    office.verify(case, Verdict.MISTAKEN)
    by, old = office.leader, TO_EVALUATE
    with one_move(office, case, Action.APPROVE_VERDICT, by=by, now=VERIFIED, old=old) as told:
        approve(office, case, agreed=False, opinion="证据不足")
    assert told.people == {"clerk", "clerk2"}
    assert case.evaluations[0].verdict is None
    with refused(Code.NO_VERDICT_PENDING):
        approve(office, case)
    assert office.verify(case).state is REDO


# -- several rounds ----------------------------------------------------------------------------


def second_time_bad(office: Office) -> tuple[Case, dt.datetime]:
    """Return a case rated badly in rounds 1 and 2, and when (T26)."""
    case = rated_badly(office)
    with refused(Code.REDO_LIMIT_NOT_REACHED):
        decide(office, case, VERIFIED)
    office.verify(case)
    assert (case.round_no, case.state) == (2, REDO)
    return case, again_bad(office, case, at("2026-10-14 09:00"))


def decide(office: Office, case: Case, now: dt.datetime, **change: Any) -> None:
    values = {"to_group": False, "opinion": "已尽力", "by": office.leader, "now": now} | change
    evaluation.decide_after_redo(case, **values)


@pytest.mark.parametrize("to_group", [False, True])
def test_after_the_second_round_the_leader_decides(office: Office, to_group: bool) -> None:
    case, now = second_time_bad(office)
    with refused(Code.REDO_LIMIT, field="verdict", rounds=2):
        office.verify(case, now=now)
    with refused(Code.NOT_DUTY_LEADER_TODAY):
        decide(office, case, now, by=office.leader2)
    with refused(Code.FIELDS_MISSING, fields=["opinion"]):
        decide(office, case, now, opinion=" ")
    by, new = office.leader, State.GROUP_REVIEW if to_group else ARCHIVED
    action, old = Action.DECIDE_AFTER_REDO, TO_EVALUATE
    with one_move(office, case, action, by=by, now=now, old=old, new=new):
        decide(office, case, now, to_group=to_group)
    assert case.evaluations[-1].verdict is Verdict.JUSTIFIED
    assert [e.round_no for e in case.evaluations] == [1, 2]
    assert (case.archived_at == now, len(case.group_reviews)) == (not to_group, int(to_group))


def test_a_mistaken_rating_of_the_last_round_is_still_ruled_on(office: Office) -> None:
    case, now = second_time_bad(office)
    office.verify(case, Verdict.MISTAKEN, now=now)
    approve(office, case, now=now)
    assert case.state is ARCHIVED


def test_each_round_is_called_and_rated_for_itself(office: Office) -> None:
    case = office.case_in(TO_EVALUATE)
    call(office, case, "2026-10-13 09:00")
    office.verify(office.rate(case, EvalLevel.BAD))
    start = at("2026-10-14 09:00")
    office.confirm(office.resolve(case, now=start), now=start)
    with refused(Code.CALLBACK_MISSING):
        evaluation.close_unrated(case, by=office.clerk, now=at("2026-11-09 09:00"))
    office.rate(case, now=start)
    assert [(e.round_no, e.eval_level) for e in case.evaluations] == [
        (1, EvalLevel.BAD), (2, EvalLevel.GOOD),
    ]  # fmt: skip
