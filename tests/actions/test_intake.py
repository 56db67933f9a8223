"""接待登记: what each category needs, who may register, and what the desk is shown."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from app.actions import dispatch, intake
from app.domain.refusals import Code
from app.domain.states import (
    Action,
    Category,
    ComplaintAbout,
    ConductType,
    ItemKind,
    ReceptionOutcome,
    ReporterType,
    Role,
    Source,
    State,
    SuggestionType,
)
from app.extensions import db
from app.models import Case, Reception
from app.models.phone import tail_marks
from tests.actions.watch import one_move, refused
from tests.factories import (
    DISPATCHED,
    INTAKE,
    MONDAY,
    NAME,
    PHONE,
    REGISTERED,
    SUBMITTED,
    Office,
    at,
)

BLANK = {"item_kind": None, "apply_mode": None, "stuck_stage": None}
OCCURRED = at("2026-10-11 11:40")
BY_CATEGORY: dict[Category, dict[str, Any]] = {
    Category.NOT_ACCEPTED: {n: INTAKE[n] for n in ("item_kind", "apply_mode", "stuck_stage")},
    Category.MANY_VISITS: {"item_kind": ItemKind.CONVENIENCE, "visits_count": 2},
    Category.CONDUCT: {
        "conduct_type": ConductType.RUDE,
        "complaint_about": ComplaintAbout.UNIT,
        "occurred_at": OCCURRED,
    },
    Category.SUGGESTION: {"suggestion_type": SuggestionType.OPINION},
}


def reception_of(case: Case) -> Reception:
    return db.session.execute(select(Reception).where(Reception.case_id == case.id)).scalar_one()


@pytest.mark.parametrize("category", Category)
def test_each_category_is_submitted_with_its_fields_and_not_without(
    office: Office, category: Category
) -> None:
    facts = BLANK | {"category": category} | BY_CATEGORY[category]
    for name in BY_CATEGORY[category]:
        case = office.draft(**(facts | {name: None}))
        with refused(Code.FIELDS_MISSING, fields=[name]):
            office.submit(case)
    assert office.submit(office.draft(**facts)).state is State.TO_DISPATCH


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"reporter_name": " "}, ["reporter_name"]),
        ({"phone": ""}, ["phone"]),
        ({"reporter_type": ReporterType.ENTERPRISE}, ["company_name"]),
        ({"item_name": "", "narrative": "", "phone": ""}, ["item_name", "narrative", "phone"]),
        ({"is_informed": False}, ["is_informed"]),
        ({"category": None}, ["category"]),
    ],
)
def test_every_empty_field_is_told_at_once(
    office: Office, change: dict[str, Any], missing: list[str]
) -> None:
    case = office.draft(**change)
    with refused(Code.FIELDS_MISSING, fields=missing):
        office.submit(case)


def test_the_narrative_has_ten_characters(office: Office) -> None:
    case = office.draft(narrative="  一二三四五六七八九  ")
    with refused(Code.TEXT_TOO_SHORT, field="narrative", least=10):
        office.submit(case)
    intake.save_draft(
        case, facts={"narrative": "一二三四五六七八九十"}, by=office.officer, now=SUBMITTED
    )
    assert office.submit(case).state is State.TO_DISPATCH


@pytest.mark.parametrize("category", Category)
def test_anonymous_is_for_conduct_and_suggestions_only(office: Office, category: Category) -> None:
    facts = BLANK | {"category": category, "is_anonymous": True} | BY_CATEGORY[category]
    case = office.draft(**facts)
    assert (case.reporter_name, case.phone, case.phone_mark) == ("", "", "")  # not even kept
    if category in (Category.CONDUCT, Category.SUGGESTION):
        assert office.submit(case).state is State.TO_DISPATCH
        assert case.reporter == "（匿名）"
    else:
        with refused(Code.ANONYMOUS_NOT_ALLOWED, field="is_anonymous"):
            office.submit(case)


@pytest.mark.parametrize("phone", ["160 0000 0006", "160-0000-0006", "0539-0000000"])
def test_a_phone_is_kept_as_digits(office: Office, phone: str) -> None:
    case = office.draft(phone=phone)
    assert case.phone == phone.replace("-", "").replace(" ", "")
    assert case.phone_tail_mark in tail_marks(phone)


@pytest.mark.parametrize(
    "phone", ["110", "１６０００００００６０", "160000000060000", "无", "+8616000"]
)
def test_what_is_no_phone_is_refused(office: Office, phone: str) -> None:
    with refused(Code.FIELD_INVALID, field="phone"):
        office.draft(phone=phone)


def test_what_has_not_happened_yet_is_refused(office: Office) -> None:
    facts = BLANK | {"category": Category.CONDUCT} | BY_CATEGORY[Category.CONDUCT]
    case = office.draft(**(facts | {"occurred_at": SUBMITTED + dt.timedelta(minutes=1)}))
    with refused(Code.TIME_IN_FUTURE, field="occurred_at"):
        office.submit(case)
    case = office.draft(applied_on=dt.date(2026, 10, 13))
    with refused(Code.TIME_IN_FUTURE, field="applied_on"):
        office.submit(case)


def test_who_may_register(office: Office) -> None:
    leader = intake.register(
        site_id=1, facts=INTAKE | {"source": Source.LEADER}, by=office.leader, now=REGISTERED
    )
    assert leader.source is Source.LEADER  # R35: on his round
    for key, person in office.people.items():
        if key not in ("officer", "officer2", "leader", "leader2"):
            with refused(Code.ROLE_MISSING):
                intake.register(site_id=1, facts=INTAKE, by=person, now=REGISTERED)
    stranger = office.add("stranger", Role.DUTY_OFFICER)
    with refused(Code.OTHER_SITE):
        intake.register(site_id=2, facts=INTAKE, by=stranger, now=REGISTERED)


def test_registering_leaves_a_reception_and_a_first_line(office: Office) -> None:
    case = office.draft()
    row = reception_of(case)
    assert (row.reception_no, row.outcome) == ("JD20261012-01", ReceptionOutcome.DRAFT)
    assert (row.reporter_name, row.phone, row.question) == (NAME, PHONE, "慢病备案")
    assert (case.state, case.ledger_no, case.event_count) == (State.DRAFT, None, 1)


def test_reception_numbers_begin_anew_each_day(office: Office) -> None:
    numbers = [
        intake.answer(
            site_id=1, question="身份证明怎么开", answer_text="到公安户政窗口", by=office.officer,
            now=at(when),
        ).reception_no
        for when in (f"{MONDAY} 09:00", f"{MONDAY} 16:59", "2026-10-13 00:00", "2026-10-13 09:00")
    ]  # fmt: skip
    assert numbers == ["JD20261012-01", "JD20261012-02", "JD20261013-01", "JD20261013-02"]


def test_a_consultation_is_one_line_of_question_and_answer(office: Office) -> None:
    with refused(Code.FIELDS_MISSING, fields=["narrative", "answer_text"]):
        intake.answer(site_id=1, question=" ", answer_text="", by=office.officer, now=REGISTERED)
    with refused(Code.ROLE_MISSING):
        intake.answer(site_id=1, question="问", answer_text="答", by=office.clerk, now=REGISTERED)
    row = intake.answer(
        site_id=1, question=" 问 ", answer_text="答", by=office.officer, now=REGISTERED
    )
    assert (row.outcome, row.question, row.case_id) == (ReceptionOutcome.ANSWERED, "问", None)


def test_submitting_draws_a_number_and_tells_the_section(office: Office) -> None:
    case = office.draft()
    by, old, new = office.officer, State.DRAFT, State.TO_DISPATCH
    with one_move(office, case, Action.SUBMIT, by=by, now=SUBMITTED, old=old, new=new) as told:
        office.submit(case)
    assert told.people == {"clerk", "clerk2"}
    assert (case.ledger_no, case.submitted_at) == ("2026-0001", SUBMITTED)
    assert (case.dispatch_due_at, case.is_carried_over) == (at(f"{MONDAY} 17:00"), False)
    assert reception_of(case).outcome is ReceptionOutcome.ACCEPTED


@pytest.mark.parametrize(
    ("when", "due", "carried"),
    [
        ("2026-11-06 16:25", "2026-11-06 17:00", False),
        ("2026-11-06 16:30", "2026-11-06 17:00", False),
        ("2026-11-06 16:31", "2026-11-09 12:00", True),
        ("2026-11-06 17:25", "2026-11-09 12:00", True),
        ("2026-11-21 10:00", "2026-11-23 12:00", True),
    ],
)
def test_late_in_the_day_the_hand_over_is_carried_over(
    office: Office, when: str, due: str, carried: bool
) -> None:
    case = office.submit(office.draft(now=at(when)), now=at(when))
    assert (case.dispatch_due_at, case.is_carried_over) == (at(due), carried)


def test_a_draft_is_edited_until_it_leaves_the_desk(office: Office) -> None:
    case = office.draft()
    version = case.version
    intake.save_draft(
        case, facts={"demand": " 尽快办理 ", "category": Category.MANY_VISITS},
        by=office.officer2, now=SUBMITTED,
    )  # fmt: skip
    db.session.expire(case)
    assert (case.demand, case.category) == ("尽快办理", Category.MANY_VISITS)
    assert case.version > version
    with refused(Code.ROLE_MISSING):
        intake.save_draft(case, facts={"demand": "x"}, by=office.clerk, now=SUBMITTED)
    with pytest.raises(ValueError, match="ledger_no"):
        intake.save_draft(case, facts={"ledger_no": "x"}, by=office.officer, now=SUBMITTED)
    case = office.submit(office.draft())
    with refused(Code.NOT_EDITABLE):
        intake.save_draft(case, facts={"demand": "x"}, by=office.officer, now=DISPATCHED)


def test_a_returned_draft_keeps_its_number_and_gets_a_new_clock(office: Office) -> None:
    case = office.submit(office.draft())
    with refused(Code.FIELDS_MISSING, fields=["reason"]):
        dispatch.return_draft(case, reason=" ", by=office.clerk, now=DISPATCHED)
    by, old, new = office.clerk, State.TO_DISPATCH, State.DRAFT
    with one_move(
        office, case, Action.RETURN_DRAFT, by=by, now=DISPATCHED, old=old, new=new
    ) as told:
        dispatch.return_draft(case, reason="缺办件编号", by=by, now=DISPATCHED)
    assert told.people == {"officer"}
    with refused(Code.DRAFT_NOT_OWN):  # it has a number: never deleted
        intake.delete_draft(case, by=office.officer, now=DISPATCHED)
    office.submit(office.draft(), now=DISPATCHED)
    office.submit(case, now=at(f"{MONDAY} 16:45"))
    assert case.ledger_no == "2026-0001"
    assert case.dispatch_due_at == at("2026-10-13 12:00")


def test_the_same_phone_is_shown_for_thirty_days(office: Office) -> None:
    first = office.submit(office.draft())
    office.draft()  # not accepted yet: no number

    def shown(when: str, phone: str = "160-0000-0006", site_id: int = 1) -> list[Case]:
        return intake.same_phone_cases(phone=phone, site_id=site_id, now=at(when))

    assert shown("2026-11-11 09:00") == [first]
    assert shown("2026-11-11 09:01") == []
    assert shown(f"{MONDAY} 08:59") == []
    assert shown("2026-10-20 09:00", phone="16000000007") == []
    assert shown("2026-10-20 09:00", phone=" ") == []
    assert shown("2026-10-20 09:00", site_id=2) == []


def test_the_same_matter_again_is_linked(office: Office) -> None:
    first = office.submit(office.draft())
    other = office.submit(office.draft(item_name="另一件事"))
    again = office.submit(office.draft())
    stranger = office.submit(office.draft(phone="16000000099"))
    assert (again.is_repeat, again.related_case_id) == (True, first.id)
    assert {case.is_repeat for case in (first, other, stranger)} == {False}
