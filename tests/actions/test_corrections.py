"""What is put right or shown afterwards: 更正, 典型案例, 查看完整号码."""

import pytest
from sqlalchemy import select

from app.actions import corrections, reveals
from app.domain.refusals import Code
from app.domain.states import (
    Action,
    Category,
    ReporterType,
    RevealReason,
    State,
    SuggestionType,
)
from app.extensions import db
from app.models import Case, CaseEvent
from app.models.phone import phone_marks
from tests.actions.watch import one_move, refused
from tests.factories import NARRATIVE, PHONE, RATED, Office

ANONYMOUS = {
    "is_anonymous": True, "category": Category.SUGGESTION,
    "suggestion_type": SuggestionType.OPINION,
}  # fmt: skip
NUMBERED = [State.TO_DISPATCH, State.TO_SIGN, State.HANDLING, State.GROUP_REVIEW,
            State.TO_CONFIRM, State.TO_EVALUATE, State.REDO, State.ARCHIVED]  # fmt: skip


def correct(office: Office, case: Case, field: str, new: str, **change: object) -> None:
    values = {"reason": "登记有误", "by": office.clerk, "now": RATED} | change
    corrections.correct(case, field=field, new_value=new, **values)


@pytest.mark.parametrize("state", NUMBERED)
def test_a_fact_is_put_right_and_the_old_one_kept(office: Office, state: State) -> None:
    case = office.case_in(state)
    by = office.clerk
    with one_move(office, case, Action.CORRECT, by=by, now=RATED, old=state) as told:
        correct(office, case, "phone", " 160-0000-0077 ")
    assert told.people == set()
    assert (case.phone, case.phone_mark) == ("16000000077", phone_marks("16000000077")[0])
    (row,) = case.corrections
    assert (row.field, row.old_phone, row.new_phone) == ("phone", PHONE, "16000000077")
    assert (row.reason, row.by_id, row.corrected_at) == ("登记有误", by.id, RATED)


@pytest.mark.parametrize("state", [s for s in State if s not in NUMBERED])
def test_only_numbered_cases_are_put_right(office: Office, state: State) -> None:
    with refused(Code.ACTION_CLOSED):
        correct(office, office.case_in(state), "remark", "x")


@pytest.mark.parametrize(
    "field", ["ledger_no", "finished_at", "due_at", "state", "registered_at", "is_achieved", "id"]
)
def test_numbers_times_and_results_are_never_put_right(office: Office, field: str) -> None:
    with refused(Code.FIELD_INVALID, field="field"):
        correct(office, office.case_in(State.ARCHIVED), field, "x")


def test_what_the_desk_must_write_cannot_be_emptied(office: Office) -> None:
    case = office.case_in(State.ARCHIVED, reporter_type=ReporterType.ENTERPRISE, company_name="厂")
    for field in ("item_name", "narrative", "reporter_name", "company_name", "phone"):
        with refused(Code.FIELDS_MISSING, fields=["new_value"]):
            correct(office, case, field, " ")
    with refused(Code.TEXT_TOO_SHORT, field="new_value"):
        correct(office, case, "narrative", "太短")
    with refused(Code.FIELD_INVALID, field="new_value"):
        correct(office, case, "phone", "110")
    with refused(Code.FIELD_INVALID, field="new_value"):
        correct(office, case, "item_name", "长" * 81)
    with refused(Code.FIELDS_MISSING, fields=["reason"]):
        correct(office, case, "remark", "x", reason=" ")
    with refused(Code.ROLE_MISSING):
        correct(office, case, "remark", "x", by=office.officer)
    correct(office, case, "demand", "")
    correct(office, case, "narrative", NARRATIVE + "补充")


def test_an_anonymous_report_gets_no_name_afterwards(office: Office) -> None:
    case = office.case_in(State.HANDLING, **ANONYMOUS)
    for field in ("reporter_name", "phone", "company_name"):
        with refused(Code.FIELD_INVALID, field="field"):
            correct(office, case, field, "16000000077")


def test_the_timeline_does_not_repeat_a_corrected_name(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    with one_move(office, case, Action.CORRECT, by=office.clerk, now=RATED, old=State.HANDLING):
        correct(office, case, "reporter_name", "郁西篱")
    words = db.session.execute(select(CaseEvent.summary)).scalars()
    assert not [w for w in words if "郁西篱" in w]


def test_typical_cases_are_marked_and_unmarked(office: Office) -> None:
    case, by = office.case_in(State.ARCHIVED), office.clerk
    for marks in ((True, False), (False, True), (False, False)):
        with one_move(office, case, Action.MARK_TYPICAL, by=by, now=RATED, old=State.ARCHIVED):
            corrections.mark_typical(
                case, is_typical=marks[0], is_common_issue=marks[1], by=by, now=RATED
            )
        assert (case.is_typical, case.is_common_issue) == marks
    with refused(Code.ACTION_CLOSED):
        corrections.mark_typical(
            office.case_in(State.HANDLING), is_typical=True, is_common_issue=False, by=by, now=RATED
        )


@pytest.mark.parametrize("who", ["officer", "clerk", "leader", "leader2", "chief", "land_handler"])
def test_who_looks_at_the_full_number_leaves_a_line(office: Office, who: str) -> None:
    case, by = office.case_in(State.HANDLING), office.people[who]
    with one_move(office, case, Action.REVEAL_PHONE, by=by, now=RATED, old=State.HANDLING) as told:
        assert reveals.reveal_phone(case, why=RevealReason.CHECK, by=by, now=RATED) == PHONE
    assert told.people == set()


def test_who_must_not_see_the_number(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    for key in ("build_head", "m1", "viewer", "sys_admin", "auditor"):
        unit = key == "build_head"
        with refused(Code.NOT_LEAD_UNIT if unit else Code.ROLE_MISSING):
            reveals.reveal_phone(case, why=RevealReason.CHECK, by=office.people[key], now=RATED)
    confidential = office.case_in(State.HANDLING, is_confidential=True)
    with refused(Code.REPORTER_CONFIDENTIAL):
        reveals.reveal_phone(confidential, why=RevealReason.CHECK, by=office.land_head, now=RATED)
    anonymous = office.case_in(State.HANDLING, **ANONYMOUS)
    with refused(Code.ANONYMOUS_NO_PHONE):
        reveals.reveal_phone(anonymous, why=RevealReason.CHECK, by=office.officer, now=RATED)
