"""How a reception ends at the desk without the section: 不予受理, 当场办结, or thrown away."""

from typing import Any

import pytest
from sqlalchemy import select

from app.actions import closing, dispatch, handling, intake
from app.domain.refusals import Code
from app.domain.states import (
    Action,
    ContactMode,
    LimitClass,
    ReceptionOutcome,
    ResultType,
    State,
)
from app.extensions import db
from app.models import Case, CaseEvent, Reception, Rejection, Result
from tests.actions.watch import one_move, refused
from tests.factories import (
    CONFIRMED,
    DISPATCHED,
    MONDAY,
    NAME,
    PHONE,
    REGISTERED,
    RESOLVED,
    SUBMITTED,
    Office,
    at,
)

GROUNDS = {
    "legal_basis": "《条例》第三条",
    "explain_text": "已当面逐条解释",
    "referred_to": "县人民法院诉讼服务中心",
}


def reject(office: Office, case: Case, **change: Any) -> Rejection:
    values = {"ground": office.ground.id, "by": office.officer, "now": SUBMITTED} | GROUNDS
    return intake.reject(case, **(values | change))


def finish_on_spot(office: Office, case: Case, **change: Any) -> Result:
    values = {
        "lead_unit_id": office.units["land"].id, "unit_person": "甲经办",
        "result_type": ResultType.SOLVED, "handling_note": "现场补录", "reply_text": "已办好",
        "by": office.officer, "now": SUBMITTED,
    }  # fmt: skip
    return intake.resolve_on_spot(case, **(values | change))


def outcome_of(case: Case) -> ReceptionOutcome:
    query = select(Reception.outcome).where(Reception.case_id == case.id)
    return db.session.execute(query).scalar_one()


# -- 不予受理 ----------------------------------------------------------------------------------


def test_a_rejection_has_its_own_number_and_no_ledger_number(office: Office) -> None:
    case = office.draft()
    by, old, new = office.officer, State.DRAFT, State.REJECTED
    with one_move(office, case, Action.REJECT, by=by, now=SUBMITTED, old=old, new=new):
        row = reject(office, case, is_understood=False)
    assert (row.rejection_no, row.item_name, row.is_understood) == (
        "BY2026-0001",
        "慢病备案",
        False,
    )
    assert (row.reporter_name, row.phone, row.ground_id) == (NAME, PHONE, office.ground.id)
    assert (case.ledger_no, outcome_of(case)) == (None, ReceptionOutcome.REJECTED)
    assert reject(office, office.draft()).rejection_no == "BY2026-0002"


@pytest.mark.parametrize("name", [*GROUNDS, "ground"])
def test_a_rejection_says_why_and_whereto(office: Office, name: str) -> None:
    case = office.draft()
    with refused(Code.FIELDS_MISSING, fields=[name]):
        reject(office, case, **{name: None if name == "ground" else " "})


def test_the_ground_is_from_the_offices_list(office: Office) -> None:
    case = office.draft()
    for wrong in (office.cause.id, 999_999):
        with refused(Code.FIELD_INVALID, field="ground"):
            reject(office, case, ground=wrong)
    office.ground.is_active = False
    with refused(Code.FIELD_INVALID, field="ground"):
        reject(office, case)


def test_a_rejection_names_the_matter(office: Office) -> None:
    case = office.draft(item_name="")
    with refused(Code.FIELDS_MISSING, fields=["item_name"]):
        reject(office, case)


def test_a_returned_draft_that_is_rejected_voids_its_ledger_number(office: Office) -> None:
    case = office.submit(office.draft())
    dispatch.return_draft(case, reason="查是否受理范围", by=office.clerk, now=DISPATCHED)
    reject(office, case, now=RESOLVED)
    assert (case.ledger_no, case.is_ledger_void) == ("2026-0001", True)
    assert office.submit(office.draft()).ledger_no == "2026-0002"  # never used again


def test_the_section_may_reject_late_and_says_who_told_the_reporter(office: Office) -> None:
    case = office.submit(office.draft())
    told_by = {"informed_by": "秦悦", "informed_at": DISPATCHED}

    def late(**change: Any) -> Rejection:
        values = {"ground": office.ground.id, "by": office.clerk, "now": DISPATCHED}
        return dispatch.reject_late(case, **(values | GROUNDS | told_by | change))

    for name in told_by:
        with refused(Code.FIELDS_MISSING, fields=[name]):
            late(**{name: None})
    with refused(Code.TIME_IN_FUTURE, field="informed_at"):
        late(informed_at=RESOLVED)
    by, old, new = office.clerk, State.TO_DISPATCH, State.REJECTED
    with one_move(office, case, Action.REJECT_LATE, by=by, now=DISPATCHED, old=old, new=new):
        row = late()
    assert (row.rejection_no, row.informed_by) == ("BY2026-0001", "秦悦")
    assert (case.ledger_no, case.is_ledger_void) == ("2026-0001", True)
    assert outcome_of(case) is ReceptionOutcome.REJECTED


# -- 当场办结 ----------------------------------------------------------------------------------


def test_solved_at_the_desk_there_is_a_ledger_entry_and_no_slip(office: Office) -> None:
    case = office.draft()
    by, old, new = office.officer, State.DRAFT, State.TO_CONFIRM
    with one_move(
        office, case, Action.RESOLVE_ON_SPOT, by=by, now=SUBMITTED, old=old, new=new
    ) as told:
        result = finish_on_spot(office, case)
    assert told.people == {"clerk", "clerk2", "leader", "land_head", "land_handler"}
    assert (case.ledger_no, case.limit_class) == ("2026-0001", LimitClass.IMMEDIATE)
    assert (case.finished_at, case.due_at) == (SUBMITTED, at(f"{MONDAY} 17:00"))
    assert (case.slips, case.first_dispatched_at) == ([], None)
    assert (result.unit_person, result.replied_at) == ("甲经办", SUBMITTED)
    assert outcome_of(case) is ReceptionOutcome.ON_SPOT
    # R39: the desk wrote it down, the unit did it, so the desk may take the rating.
    office.rate(office.confirm(case))
    assert case.state is State.ARCHIVED
    assert case.first_finished_at == SUBMITTED


@pytest.mark.parametrize(
    "name", ["lead_unit_id", "unit_person", "result_type", "handling_note", "reply_text"]
)
def test_solved_at_the_desk_needs_unit_person_and_reply(office: Office, name: str) -> None:
    case = office.draft()
    with refused(Code.FIELDS_MISSING, fields=[name]):
        finish_on_spot(office, case, **{name: None})


def test_solved_at_the_desk_means_solved_by_a_unit_of_the_site(office: Office) -> None:
    case = office.draft()
    with refused(Code.FIELD_INVALID, field="result_type"):
        finish_on_spot(office, case, result_type=ResultType.ANSWERED)
    with refused(Code.FIELD_INVALID, field="lead_unit_id"):
        finish_on_spot(office, case, lead_unit_id=office.units["gone"].id)
    with refused(Code.FIELD_INVALID, field="cause_id"):
        finish_on_spot(office, case, cause_id=office.ground.id)
    incomplete = office.draft(narrative="太短")
    with refused(Code.TEXT_TOO_SHORT, field="narrative"):
        finish_on_spot(office, incomplete)


def test_solved_at_the_desk_and_sent_back_the_unit_goes_on(office: Office) -> None:
    case = office.draft()
    finish_on_spot(office, case)
    closing.send_back(case, reason="反映人称未办好", by=office.leader, now=RESOLVED)
    assert (case.state, case.finished_at, case.result_type) == (State.HANDLING, None, None)
    handling.contact(
        case, contacted_at=CONFIRMED, mode=ContactMode.PHONE, note="约定来办",
        by=office.land_head, now=CONFIRMED,
    )  # fmt: skip
    again = at(f"{MONDAY} 16:00")
    office.resolve(case, now=again)
    office.confirm(case, now=again)
    assert (case.finished_at, case.first_finished_at) == (again, again)


# -- deleting a draft --------------------------------------------------------------------------


def test_ones_own_draft_of_today_can_be_thrown_away(office: Office) -> None:
    case, number = office.draft(), "JD20261012-01"
    for by, now in ((office.officer2, SUBMITTED), (office.officer, at("2026-10-13 09:00"))):
        with refused(Code.DRAFT_NOT_OWN):
            intake.delete_draft(case, by=by, now=now)
    case_id = case.id
    intake.delete_draft(case, by=office.officer, now=at(f"{MONDAY} 23:59"))
    assert db.session.get(Case, case_id) is None
    assert db.session.execute(select(CaseEvent)).all() == []
    row = db.session.execute(select(Reception)).scalar_one()  # the visit itself stays listed
    assert (row.reception_no, row.outcome) == (number, ReceptionOutcome.DELETED)


@pytest.mark.parametrize("state", [s for s in State if s is not State.DRAFT])
def test_nothing_that_left_the_desk_is_ever_deleted(office: Office, state: State) -> None:
    case = office.case_in(state)
    with refused(Code.DRAFT_NOT_OWN):
        intake.delete_draft(case, by=office.officer, now=REGISTERED)
