"""The unit at work: 签收, 联系反映人, 说明, 调整时限类别, 协办, 提交办结."""

import datetime as dt
from typing import Any

import pytest

from app.actions import handling
from app.actions.office import set_rule
from app.domain.refusals import Code
from app.domain.states import (
    Action,
    ComplexGround,
    ContactMode,
    LimitClass,
    ResultStatus,
    ResultType,
    State,
)
from app.models import Account, Case
from tests.actions.watch import one_move, refused
from tests.factories import (
    CONFIRMED,
    DISPATCHED,
    DUE_1,
    DUE_3,
    EXPLANATION,
    MONDAY,
    RESOLVED,
    SIGNED,
    Office,
    at,
)

THREE = LimitClass.THREE_DAYS
GROUNDS = [ComplexGround.ASK_SUPERIOR]


def handled(office: Office, **facts: Any) -> Case:
    return office.case_in(State.HANDLING, **facts)


# -- 签收 --------------------------------------------------------------------------------------


def test_signing_is_measured_and_never_moves_the_clock(office: Office) -> None:
    case = office.case_in(State.TO_SIGN)
    by, old, new = office.land_handler, State.TO_SIGN, State.HANDLING
    with one_move(office, case, Action.SIGN, by=by, now=SIGNED, old=old, new=new):
        slip = handling.sign(case, by=by, now=SIGNED)
    assert (slip.signed_at, slip.signed_by_id, case.signed_at) == (SIGNED, by.id, SIGNED)
    assert case.due_at == DUE_1
    with refused(Code.ALREADY_SIGNED):
        handling.sign(case, by=office.land_head, now=RESOLVED)


def test_an_office_may_count_from_the_signature(office: Office) -> None:
    set_rule(name="limit_starts_at", text="sign", by=office.sys_admin, now=SIGNED)
    case = office.case_in(State.TO_SIGN)
    handling.sign(case, by=office.land_head, now=at("2026-10-13 09:00"))
    due = at("2026-10-14 17:00")
    assert (case.due_at, case.original_due_at, case.first_due_at) == (due, due, due)
    assert case.slips[0].due_at == due


def test_only_the_unit_concerned_signs(office: Office) -> None:
    case = office.dispatch(office.case_in(State.TO_DISPATCH), co=("build",))
    for person in (office.tax_head, office.build_head):
        with refused(Code.NOT_LEAD_UNIT):
            handling.sign(case, by=person, now=SIGNED)
    with refused(Code.NOT_CO_UNIT):
        handling.sign_co(case, by=office.land_head, now=SIGNED)
    with refused(Code.ROLE_MISSING):
        handling.sign(case, by=office.clerk, now=SIGNED)


def test_a_confidential_slip_is_the_heads(office: Office) -> None:
    case = office.case_in(State.TO_DISPATCH, is_confidential=True)
    old, new = State.TO_DISPATCH, State.TO_SIGN
    with one_move(
        office, case, Action.DISPATCH, by=office.clerk, now=DISPATCHED, old=old, new=new
    ) as told:
        office.dispatch(case)
    assert told.people == {"land_head"}
    with refused(Code.CONFIDENTIAL_HEAD_ONLY):
        handling.sign(case, by=office.land_handler, now=SIGNED)
    office.sign(case)


# -- 协办 --------------------------------------------------------------------------------------


def test_a_co_unit_signs_and_replies_beside_the_lead(office: Office) -> None:
    case = office.sign(office.dispatch(office.case_in(State.TO_DISPATCH), co=("build",)))
    by, old = office.build_handler, State.HANDLING
    with refused(Code.NOT_SIGNED_YET):
        handling.co_reply(case, reply_text="已出具意见", by=by, now=SIGNED)
    with one_move(office, case, Action.SIGN_CO, by=by, now=SIGNED, old=old):
        handling.sign_co(case, by=by, now=SIGNED)
    with refused(Code.ALREADY_SIGNED):
        handling.sign_co(case, by=office.build_head, now=SIGNED)
    with refused(Code.FIELDS_MISSING, fields=["reply_text"]):
        handling.co_reply(case, reply_text=" ", by=by, now=RESOLVED)
    with one_move(office, case, Action.CO_REPLY, by=by, now=RESOLVED, old=old) as told:
        slip = handling.co_reply(case, reply_text=" 已出具意见 ", by=by, now=RESOLVED)
    assert told.people == {"land_head", "land_handler"}
    assert (slip.reply_text, slip.replied_at) == ("已出具意见", RESOLVED)


# -- 联系反映人, 说明 --------------------------------------------------------------------------


def contact(case: Case, by: Account, **change: Any) -> None:
    values = {"contacted_at": RESOLVED, "mode": ContactMode.PHONE, "note": "已联系",
              "now": RESOLVED}  # fmt: skip
    handling.contact(case, by=by, **(values | change))


def test_the_first_contact_that_reached_him_is_the_response(office: Office) -> None:
    case, by = handled(office), office.land_handler
    missed, reached = at(f"{MONDAY} 09:45"), at(f"{MONDAY} 10:00")
    contact(case, by, contacted_at=missed, is_reached=False)
    assert case.first_contact_at is None
    old = State.HANDLING
    with one_move(office, case, Action.CONTACT, by=by, now=RESOLVED, old=old) as told:
        contact(case, by, contacted_at=reached)
    assert told.people == set()
    contact(case, by)
    assert (case.first_contact_at, len(case.contacts)) == (reached, 3)


def test_a_contact_lies_between_the_slip_and_now(office: Office) -> None:
    case, by = handled(office), office.land_head
    with refused(Code.TIME_IN_FUTURE, field="contacted_at"):
        contact(case, by, contacted_at=RESOLVED + dt.timedelta(seconds=1))
    with refused(Code.TIME_ORDER, field="contacted_at"):
        contact(case, by, contacted_at=DISPATCHED - dt.timedelta(minutes=1))
    for name in ("contacted_at", "mode", "note"):
        with refused(Code.FIELDS_MISSING, fields=[name]):
            contact(case, by, **{name: None})
    contact(case, by, contacted_at=DISPATCHED)
    unsigned = office.case_in(State.TO_SIGN)
    with refused(Code.ACTION_CLOSED):  # T13: first 签收
        contact(unsigned, by)


def test_the_explanation_needs_its_five_boxes_and_all_are_kept(office: Office) -> None:
    case, by = handled(office), office.land_handler
    for name in EXPLANATION:
        with refused(Code.FIELDS_MISSING, fields=[name]):
            handling.explain(case, by=by, now=SIGNED, **(EXPLANATION | {name: ""}))
    with one_move(office, case, Action.EXPLAIN, by=by, now=SIGNED, old=State.HANDLING):
        handling.explain(case, by=by, now=SIGNED, **EXPLANATION)
    handling.explain(case, by=by, now=RESOLVED, **(EXPLANATION | {"proposal": "另一办法"}))
    assert [e.proposal for e in case.explanations] == ["报上级协调", "另一办法"]


# -- 调整时限类别 ------------------------------------------------------------------------------


def ask(office: Office, case: Case, **change: Any) -> None:
    values = {"complex_grounds": GROUNDS, "reason": "需省厅协调", "now": RESOLVED}
    handling.ask_class(case, by=office.land_head, **(values | change))


def change(office: Office, case: Case, **values: Any) -> None:
    facts = {"complex_grounds": GROUNDS, "by": office.clerk, "now": RESOLVED} | values
    handling.change_class(case, **facts)


def test_one_day_becomes_three_from_the_original_issue(office: Office) -> None:
    case = office.sign(office.dispatch(office.case_in(State.TO_DISPATCH), co=("build",)))
    with refused(Code.CLASS_GROUND_MISSING):  # D-07: with the explanation, before it is asked
        ask(office, case)
    office.explain(case)
    with refused(Code.CLASS_NOT_ASKED):
        change(office, case)
    with refused(Code.FIELDS_MISSING, fields=["complex_grounds", "reason"]):
        ask(office, case, complex_grounds=[], reason="")
    by, old = office.land_head, State.HANDLING
    with one_move(office, case, Action.ASK_CLASS, by=by, now=RESOLVED, old=old) as told:
        ask(office, case)
    assert (told.people, case.due_at) == ({"clerk", "clerk2"}, DUE_1)  # the clock runs on
    with refused(Code.CLASS_ASKED):
        ask(office, case)
    later = at("2026-10-13 16:00")
    with one_move(office, case, Action.CHANGE_CLASS, by=office.clerk, now=later, old=old) as told:
        change(office, case, now=later)
    assert told.people == {"land_head", "land_handler"}
    assert (case.limit_class, case.is_class_changed, case.is_class_asked) == (THREE, True, False)
    assert (case.due_at, case.original_due_at, case.first_due_at) == (DUE_3, DUE_3, DUE_3)
    assert [s.limit_class for s in case.slips] == [THREE, THREE]
    assert [s.due_at for s in case.slips] == [DUE_3, at("2026-10-15 12:00")]
    with refused(Code.CLASS_NOT_RAISABLE):  # only once
        ask(office, case)


def test_after_the_one_day_is_over_the_class_stays(office: Office) -> None:
    case = handled(office)
    office.explain(case)
    ask(office, case, now=DUE_1)
    with refused(Code.PAST_DUE):
        change(office, case, now=DUE_1 + dt.timedelta(seconds=1))


# -- 提交办结 ----------------------------------------------------------------------------------

RESULT_FIELDS = (
    "result_type", "is_achieved", "handling_note", "reply_text", "reply_mode", "replied_at",
    "cause_id",
)  # fmt: skip


def test_a_result_keeps_its_three_facts_apart(office: Office) -> None:
    case = handled(office)
    by, old, new = office.land_head, State.HANDLING, State.TO_CONFIRM
    replied = at(f"{MONDAY} 10:20")
    with one_move(office, case, Action.RESOLVE, by=by, now=RESOLVED, old=old, new=new) as told:
        office.resolve(case, replied_at=replied, is_achieved=False, is_common_issue=True)
    assert told.people == {"clerk", "clerk2", "leader"}
    # 办结 and 办成 here; 满意 only by the reporter.
    assert (case.finished_at, case.is_achieved, case.eval_level) == (RESOLVED, False, None)
    assert (case.result_type, case.cause_id) == (ResultType.SOLVED, office.cause.id)
    assert (case.first_contact_at, case.is_common_issue) == (replied, True)
    assert case.first_finished_at is None  # not before it is confirmed
    (result,) = case.results
    assert (result.status, result.submitted_by_id) == (ResultStatus.SUBMITTED, by.id)


@pytest.mark.parametrize("name", RESULT_FIELDS)
def test_a_result_has_all_its_fields(office: Office, name: str) -> None:
    case = handled(office)
    with refused(Code.FIELDS_MISSING, fields=[name]):
        office.resolve(case, **{name: None})


def test_the_reporter_is_answered_before_the_result_is_submitted(office: Office) -> None:
    case = handled(office)
    with refused(Code.TIME_IN_FUTURE, field="replied_at"):
        office.resolve(case, replied_at=RESOLVED + dt.timedelta(minutes=1))
    with refused(Code.TIME_ORDER, field="replied_at"):
        office.resolve(case, replied_at=DISPATCHED - dt.timedelta(minutes=1))


def test_the_cause_is_from_the_offices_list(office: Office) -> None:
    case = handled(office)
    for wrong in (office.ground.id, 999_999):
        with refused(Code.FIELD_INVALID, field="cause_id"):
            office.resolve(case, cause_id=wrong)


@pytest.mark.parametrize(
    ("limit", "result", "achieved", "more", "code"),
    [
        (LimitClass.ONE_DAY, ResultType.ANSWERED, False, {}, Code.LIMIT_NEEDS_REASON),
        (LimitClass.ONE_DAY, ResultType.ANSWERED, False, {"short_reason": "政策未出"}, None),
        (LimitClass.ONE_DAY, ResultType.ANSWERED, True, {"short_reason": "政策未出"},
         Code.RESULT_NOT_ACHIEVED),
        (LimitClass.IMMEDIATE, ResultType.ANSWERED, False, {}, Code.LIMIT_NEEDS_REASON),
        (THREE, ResultType.ANSWERED, True, {}, None),
        (THREE, ResultType.UNLAWFUL, False, {}, Code.RESULT_NEEDS_BASIS),
        (THREE, ResultType.UNLAWFUL, False, {"legal_basis": "规划法第四十条"}, None),
        (THREE, ResultType.UNLAWFUL, True, {"legal_basis": "规划法第四十条"},
         Code.RESULT_NOT_ACHIEVED),
        (LimitClass.ONE_DAY, ResultType.UNFOUNDED, True, {}, Code.RESULT_NOT_ACHIEVED),
        (LimitClass.ONE_DAY, ResultType.UNFOUNDED, False, {}, None),
        (LimitClass.ONE_DAY, ResultType.SOLVED, True, {}, None),
    ],
)  # fmt: skip
def test_which_results_the_plan_allows(
    office: Office, limit: LimitClass, result: ResultType, achieved: bool,
    more: dict[str, str], code: Code | None,
) -> None:  # fmt: skip
    case = office.case_in(State.HANDLING, limit=limit)
    facts = {"result_type": result, "is_achieved": achieved} | more
    if code is None:
        assert office.resolve(case, **facts).state is State.TO_CONFIRM
    else:
        with refused(code):
            office.resolve(case, **facts)


def test_a_complex_case_ends_only_with_its_explanation(office: Office) -> None:
    case = office.dispatch(office.case_in(State.TO_DISPATCH), limit=THREE)
    handling.sign(case, by=office.land_head, now=SIGNED)
    with refused(Code.EXPLANATION_MISSING):
        office.resolve(case)


def test_a_handler_signs_off_only_if_the_office_says_so(office: Office) -> None:
    case = handled(office)
    with refused(Code.NOT_AUTHORISED_TO_SIGN_OFF):
        office.resolve(case, by=office.land_handler)
    office.units["land"].handler_may_sign_off = True
    office.resolve(case, by=office.land_handler)


def test_a_result_lapses_what_was_asked_and_grounds_never_given(office: Office) -> None:
    case = handled(office)
    office.explain(case)
    ask(office, case)
    office.resolve(case, now=CONFIRMED)
    assert (case.is_class_asked, case.complex_grounds) == (False, "")
