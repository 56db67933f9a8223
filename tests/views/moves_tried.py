"""Every move once, from the case it needs to the state it leads to."""

from typing import Any

from app.actions import evaluation, extensions, group, handling, returns
from app.domain.states import (
    Action,
    CallOutcome,
    ComplexGround,
    EvalLevel,
    LimitClass,
    State,
    Verdict,
)
from app.models import Case
from tests.factories import CONFIRMED, EXPLANATION, RATED, SIGNED, Office, at
from tests.views.moving import Try

TEN = at("2026-10-12 10:00")
NOON = at("2026-10-12 11:30")
NEXT_DAY = at("2026-10-13 11:00")
LATE = at("2026-10-21 09:00")
A, S = Action, State
REASON = {"reason": "情况有变，写明理由"}
OPINION = {"opinion": "意见如下"}


def working(office: Office) -> Case:
    return office.case_in(S.HANDLING)


def complex_case(office: Office) -> Case:
    return office.case_in(S.HANDLING, limit=LimitClass.THREE_DAYS)


def with_co_unit(office: Office) -> Case:
    return office.dispatch(office.submit(office.draft()), co=("build",))


def co_signed(office: Office) -> Case:
    case = with_co_unit(office)
    handling.sign_co(case, by=office.build_head, now=SIGNED)
    return case


def return_asked(office: Office) -> Case:
    case = office.case_in(S.TO_SIGN)
    returns.request_return(
        case, reason="不属我单位职责", suggest_unit_id=office.units["build"].id,
        by=office.land_head, now=SIGNED,
    )  # fmt: skip
    return case


def disputed(office: Office) -> Case:
    case = return_asked(office)
    build, tax = office.units["build"].id, office.units["tax"].id
    returns.reassign(case, lead_unit_id=build, by=office.clerk, now=SIGNED)
    returns.request_return(
        case, reason="也不属我科", suggest_unit_id=tax, by=office.build_head, now=SIGNED
    )
    return case


def explained(office: Office) -> Case:
    case = working(office)
    office.explain(case)
    return case


def class_asked(office: Office) -> Case:
    case = explained(office)
    handling.ask_class(
        case, complex_grounds=[ComplexGround.ASK_SUPERIOR], reason="需请示", by=office.land_head,
        now=SIGNED,
    )  # fmt: skip
    return case


def extension_asked(office: Office) -> Case:
    case = complex_case(office)
    extensions.apply_extension(
        case, days=5, reason="需省厅批复", work_done="已报材料", by=office.land_head, now=SIGNED
    )
    return case


def decided(office: Office) -> Case:
    case = office.case_in(S.GROUP_REVIEW)
    office.decide(case, met=NOON, due=at("2026-10-20 17:00"))
    return case


def called(office: Office) -> Case:
    case = office.case_in(S.TO_EVALUATE)
    evaluation.call_back(
        case, outcome=CallOutcome.REFUSED, called_at=RATED, by=office.officer, now=RATED
    )
    return case


def badly_rated(office: Office) -> Case:
    return office.rate(office.case_in(S.TO_EVALUATE), EvalLevel.BAD)


def ruled_mistaken(office: Office) -> Case:
    return office.verify(badly_rated(office), Verdict.MISTAKEN)


def redone(office: Office) -> Case:
    """Return a case rated badly in its second round: the one redo is used up (D-26)."""
    case = office.verify(badly_rated(office), now=RATED)
    office.resolve(case, now=RATED)
    office.confirm(case, now=RATED)
    return office.rate(case, EvalLevel.BAD, now=RATED)


def two_cases(office: Office) -> Case:
    case = office.case_in(S.TO_DISPATCH)
    office.submit(office.draft(item_name="同一件事先来"))
    return case


def escalated(office: Office) -> Case:
    case = working(office)
    group.escalate(case, by=office.leader, now=SIGNED, reason="涉及多家单位")
    return case


def confirmed(office: Office) -> Case:
    return office.confirm(office.case_in(S.TO_CONFIRM), now=CONFIRMED)


def _rejection(office: Office) -> dict[str, Any]:
    return {
        "ground": office.ground.id, "legal_basis": "《条例》第三条", "explain_text": "已当面解释",
        "referred_to": "县信访局", "informed_by": "甲clerk", "informed_at": "2026-10-12 09:20",
    }  # fmt: skip


def _decision(office: Office) -> dict[str, Any]:
    return {
        "met_at": "2026-10-12 11:00", "attendee_ids": [m.id for m in office.members.values()],
        "chair_id": office.members["chief"].id, "decision_type": "time_limit",
        "decision": "限期办理", "lead_unit_id": "不动产登记窗口",
        "new_due_at": "2026-10-20 17:00",
    }  # fmt: skip


def _result(office: Office) -> dict[str, Any]:
    return {
        "result_type": "solved", "is_achieved": "True", "handling_note": "核实补录",
        "reply_text": "已办妥", "reply_mode": "phone", "replied_at": "2026-10-12 11:20",
        "cause_id": office.cause.id,
    }  # fmt: skip


LAND, BUILD = {"lead_unit_id": "不动产登记窗口"}, {"lead_unit_id": "工程建设科"}
GROUNDS = {"complex_grounds": ["ask_superior"]}

TRIED = (
    Try(A.RETURN_DRAFT, lambda o: o.case_in(S.TO_DISPATCH), "clerk", TEN, S.DRAFT, "officer",
        lambda o: REASON),
    Try(A.REJECT_LATE, lambda o: o.case_in(S.TO_DISPATCH), "clerk", TEN, S.REJECTED, "officer",
        _rejection),
    Try(A.DISPATCH, lambda o: o.case_in(S.TO_DISPATCH), "clerk", TEN, S.TO_SIGN, "officer",
        lambda o: LAND | {"limit_class": "one_day", "content": "请核查"},
        "已交办，交办单NO 0001，应于2026年10月13日17时前办结。"),
    Try(A.VOID_SLIPS, lambda o: o.case_in(S.TO_SIGN), "clerk", TEN, S.TO_DISPATCH, "land_head",
        lambda o: REASON),
    Try(A.ADD_CO_UNIT, lambda o: o.case_in(S.TO_SIGN), "clerk", TEN, S.TO_SIGN, "land_head",
        lambda o: {"unit_id": "工程", "content": "请配合"}),
    Try(A.SIGN, lambda o: o.case_in(S.TO_SIGN), "land_handler", TEN, S.HANDLING, "clerk",
        says="已签收，应于2026年10月13日17时前办结。"),
    Try(A.SIGN_CO, with_co_unit, "build_head", TEN, S.TO_SIGN, "land_head"),
    Try(A.CO_REPLY, co_signed, "build_handler", TEN, S.TO_SIGN, "land_head",
        lambda o: {"reply_text": "已出具意见"}),
    Try(A.REQUEST_RETURN, lambda o: o.case_in(S.TO_SIGN), "land_head", TEN, S.TO_SIGN,
        "land_handler", lambda o: REASON | {"suggest_unit_id": "税务窗口"}),
    Try(A.REASSIGN, return_asked, "clerk", TEN, S.TO_SIGN, "land_head", lambda o: BUILD,
        "已交办，交办单NO 0002，应于2026年10月13日17时前办结。"),
    Try(A.RELEASE, return_asked, "clerk", TEN, S.TO_DISPATCH, "land_head", lambda o: REASON),
    Try(A.REFUSE_RETURN, return_asked, "clerk", TEN, S.TO_SIGN, "land_head", lambda o: REASON),
    Try(A.ASSIGN_LEAD, disputed, "leader", TEN, S.TO_SIGN, "clerk", lambda o: BUILD | OPINION),
    Try(A.CONTACT, working, "land_handler", TEN, S.HANDLING, "clerk",
        lambda o: {"note": "已约定明日再来"}),
    Try(A.EXPLAIN, working, "land_handler", TEN, S.HANDLING, "clerk", lambda o: EXPLANATION),
    Try(A.ASK_CLASS, explained, "land_head", TEN, S.HANDLING, "land_handler",
        lambda o: GROUNDS | REASON),
    Try(A.CHANGE_CLASS, class_asked, "clerk", TEN, S.HANDLING, "land_head", lambda o: GROUNDS,
        "时限类别已调整，应于2026年10月15日17时前办结。"),
    Try(A.APPLY_EXTENSION, complex_case, "land_head", TEN, S.HANDLING, "land_handler",
        lambda o: {"days": "3", "work_done": "已报送材料"} | REASON),
    Try(A.COMMENT_EXTENSION, extension_asked, "clerk", TEN, S.HANDLING, "land_head",
        lambda o: OPINION),
    Try(A.APPROVE_EXTENSION, extension_asked, "leader", TEN, S.HANDLING, "leader2",
        lambda o: {"days": "2"} | OPINION, "已同意延期，应办结时间延至2026年10月19日17时。"),
    Try(A.REFUSE_EXTENSION, extension_asked, "leader", TEN, S.HANDLING, "clerk",
        lambda o: OPINION),
    Try(A.ESCALATE, working, "leader", TEN, S.GROUP_REVIEW, "clerk", lambda o: REASON),
    Try(A.RECORD_DECISION, escalated, "clerk", NOON, S.GROUP_REVIEW, "chief", _decision),
    Try(A.CONFIRM_DECISION, decided, "chief", CONFIRMED, S.HANDLING, "clerk"),
    Try(A.RESOLVE, working, "land_head", NOON, S.TO_CONFIRM, "land_handler", _result,
        "已提交办结，待带班领导审签。"),
    Try(A.SEND_BACK, lambda o: o.case_in(S.TO_CONFIRM), "clerk", NOON, S.HANDLING, "land_head",
        lambda o: REASON),
    Try(A.CONFIRM, lambda o: o.case_in(S.TO_CONFIRM), "leader", CONFIRMED, S.TO_EVALUATE,
        "leader2"),
    Try(A.CALL_BACK, confirmed, "officer", NEXT_DAY, S.TO_EVALUATE, "clerk",
        lambda o: {"outcome": "reached", "opinion": "办得快"}),
    Try(A.EVALUATE, confirmed, "officer", NEXT_DAY, S.ARCHIVED, "land_head",
        lambda o: {"level": "4", "solved": "solved", "channel": "call"}),
    Try(A.CLOSE_UNRATED, called, "officer", LATE, S.ARCHIVED, "leader"),
    Try(A.READ_EVALUATION, badly_rated, "land_head", NEXT_DAY, S.TO_EVALUATE, "clerk"),
    Try(A.VERIFY, badly_rated, "clerk", NEXT_DAY, S.REDO, "officer",
        lambda o: {"verdict": "justified", "verify_note": "已电话核实"}),
    Try(A.APPROVE_VERDICT, ruled_mistaken, "leader", NEXT_DAY, S.ARCHIVED, "clerk",
        lambda o: {"agreed": "True"} | OPINION),
    Try(A.DECIDE_AFTER_REDO, redone, "leader", NEXT_DAY, S.GROUP_REVIEW, "clerk",
        lambda o: {"to_group": "True"} | OPINION),
    Try(A.REOPEN, lambda o: o.case_in(S.ARCHIVED), "clerk", LATE, S.REDO, "officer",
        lambda o: REASON),
    Try(A.WITHDRAW, working, "officer", TEN, S.WITHDRAWN, "land_head",
        lambda o: REASON | {"proof": "来电记录"}),
    Try(A.MERGE, two_cases, "clerk", TEN, S.MERGED, "officer",
        lambda o: REASON | {"target_id": "同一件事先来"}),
    Try(A.SUPERVISE, working, "clerk", TEN, S.HANDLING, "land_head",
        lambda o: {"kind": "urge", "ground": "slow", "requirement": "抓紧办理"}),
    Try(A.CORRECT, working, "clerk", TEN, S.HANDLING, "officer",
        lambda o: REASON | {"field": "item_name", "new_value": "慢性病备案"}),
    Try(A.MARK_TYPICAL, lambda o: o.case_in(S.ARCHIVED), "clerk", LATE, S.ARCHIVED, "officer",
        lambda o: {"is_typical": "y"}),
)  # fmt: skip
