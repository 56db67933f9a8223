"""督办: 催办, 督办通知单, 约谈, 通报, 移送 on a case or a unit; 反馈 and 销号."""

import datetime as dt
from typing import Any

import pytest

from app.actions import supervision
from app.domain.refusals import Code
from app.domain.states import Action, State, SuperviseGround, SupervisionKind
from app.models import Case, Supervision
from tests.actions.watch import Told, one_move, refused
from tests.factories import CONFIRMED, RATED, RESOLVED, Office, at, make_office

KIND = SupervisionKind
FEEDBACK_DUE = at("2026-10-14 17:00")
DETAILS: dict[SupervisionKind, dict[str, Any]] = {
    KIND.URGE: {},
    KIND.NOTICE: {"feedback_due_at": FEEDBACK_DUE},
    KIND.INTERVIEW: {"interviewee": "甲负责人", "place": "三楼会议室"},
    KIND.CIRCULAR: {"document_no": "政管办发〔2026〕2号"},
    KIND.TRANSFER: {"transfer_to": "县纪委监委派驻组"},
}


def measure(office: Office, case: Case, kind: KIND = KIND.URGE, **change: Any) -> Supervision:
    values = {"ground": SuperviseGround.SLOW, "requirement": "请抓紧办理", "by": office.clerk,
              "now": RESOLVED} | DETAILS[kind]  # fmt: skip
    return supervision.supervise(case, kind=kind, **(values | change))


def on_unit(office: Office, kind: KIND = KIND.NOTICE, **change: Any) -> Supervision:
    values = {"site_id": 1, "unit_id": office.units["land"].id, "ground": SuperviseGround.SHIRKING,
              "requirement": "限期整改", "by": office.clerk, "now": RESOLVED}  # fmt: skip
    return supervision.supervise_unit(kind=kind, **(values | DETAILS[kind] | change))


@pytest.mark.parametrize("kind", KIND)
def test_each_measure_needs_its_own_fields(office: Office, kind: KIND) -> None:
    case = office.case_in(State.HANDLING)
    for name in DETAILS[kind]:
        with refused(Code.FIELDS_MISSING, fields=[name]):
            measure(office, case, kind, **{name: None})
    for name in ("ground", "requirement"):
        with refused(Code.FIELDS_MISSING, fields=[name]):
            measure(office, case, kind, **{name: None})
    by, old = office.clerk, State.HANDLING
    with one_move(office, case, Action.SUPERVISE, by=by, now=RESOLVED, old=old) as told:
        row = measure(office, case, kind)
    assert told.people == {"land_head"}
    assert (row.unit_id, row.case_id, row.issued_at) == (case.lead_unit_id, case.id, RESOLVED)
    assert {name: getattr(row, name) for name in DETAILS[kind]} == DETAILS[kind]
    assert row.series_no == ("督办〔2026〕1号" if kind is KIND.NOTICE else "")


def test_notices_are_numbered_per_year_without_padding(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    numbers = [measure(office, case, KIND.NOTICE).series_no]
    numbers.append(on_unit(office).series_no)
    numbers.append(
        on_unit(
            office, now=at("2027-01-01 00:00"), feedback_due_at=at("2027-01-05 17:00")
        ).series_no
    )
    assert numbers == ["督办〔2026〕1号", "督办〔2026〕2号", "督办〔2027〕1号"]


def test_feedback_is_due_in_the_future(office: Office) -> None:
    with refused(Code.DUE_IN_PAST, field="feedback_due_at"):
        measure(office, office.case_in(State.HANDLING), KIND.NOTICE, feedback_due_at=RESOLVED)


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("clerk", None), ("leader", None), ("leader2", Code.NOT_DUTY_LEADER_TODAY),
        ("chief", Code.NOT_DUTY_LEADER_TODAY), ("officer", Code.ROLE_MISSING),
        ("land_head", Code.ROLE_MISSING), ("m1", Code.ROLE_MISSING),
    ],
)  # fmt: skip
def test_the_section_and_todays_leader_supervise(
    office: Office, who: str, code: Code | None
) -> None:
    case, by = office.case_in(State.HANDLING), office.people[who]
    if code is None:
        measure(office, case, by=by)
        supervision.close_supervision(on_unit(office, by=by), note="已整改", by=by, now=RATED)
        return
    row = on_unit(office)
    with refused(code):
        measure(office, case, by=by)
    with refused(code):
        on_unit(office, by=by)
    with refused(code):
        supervision.close_supervision(row, note="已整改", by=by, now=RATED)


def test_a_measure_is_against_a_unit_of_the_case(office: Office) -> None:
    case = office.dispatch(office.case_in(State.TO_DISPATCH), co=("build",))
    assert measure(office, case, unit_id=office.units["build"].id).unit_id
    with refused(Code.FIELD_INVALID, field="unit_id"):
        measure(office, case, unit_id=office.units["tax"].id)
    waiting = office.case_in(State.TO_DISPATCH)
    with refused(Code.FIELDS_MISSING, fields=["unit_id"]):
        measure(office, waiting)
    involved = office.case_in(State.TO_DISPATCH, involved_unit_id=office.units["tax"].id)
    assert measure(office, involved).unit_id == office.units["tax"].id


@pytest.mark.parametrize("state", [State.DRAFT, State.REJECTED, State.WITHDRAWN, State.MERGED])
def test_what_never_was_or_is_no_case_is_not_supervised(office: Office, state: State) -> None:
    with refused(Code.ACTION_CLOSED):
        measure(office, office.case_in(state), unit_id=office.units["land"].id)


def test_a_unit_is_supervised_without_a_case(office: Office) -> None:
    told = Told(office)
    row = on_unit(office)
    told.read()
    assert (row.case_id, told.people) == (None, {"land_head"})
    with refused(Code.FIELDS_MISSING, fields=["requirement"]):
        on_unit(office, requirement=" ")
    neighbour = make_office(2)
    with refused(Code.OTHER_SITE):
        on_unit(office, by=neighbour.clerk)
    with refused(Code.FIELD_INVALID, field="unit_id"):
        on_unit(office, unit_id=neighbour.units["land"].id)
    with refused(Code.OTHER_SITE):
        supervision.close_supervision(row, note="x", by=neighbour.clerk, now=RATED)


def test_only_the_unit_itself_gives_feedback_once(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    row = measure(office, case, KIND.NOTICE)
    for person in (office.build_head, office.clerk, office.leader):
        with refused(Code.NOT_LEAD_UNIT):
            supervision.give_feedback(row, feedback="x", by=person, now=CONFIRMED)
    by, old = office.land_handler, State.HANDLING
    with refused(Code.FIELDS_MISSING, fields=["feedback"]):
        supervision.give_feedback(row, feedback=" ", by=by, now=CONFIRMED)
    with one_move(office, case, None, by=by, now=CONFIRMED, old=old):
        supervision.give_feedback(row, feedback=" 已整改 ", by=by, now=CONFIRMED)
    assert (row.feedback, row.feedback_at, row.feedback_by_id) == ("已整改", CONFIRMED, by.id)
    with refused(Code.ALREADY_DONE):
        supervision.give_feedback(row, feedback="再说", by=by, now=CONFIRMED)


def test_a_measure_is_closed_once_with_a_note(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    row, by = measure(office, case), office.clerk2
    with refused(Code.FIELDS_MISSING, fields=["note"]):
        supervision.close_supervision(row, note="", by=by, now=RATED)
    with one_move(office, case, None, by=by, now=RATED, old=State.HANDLING):
        supervision.close_supervision(row, note="已落实", by=by, now=RATED)
    assert (row.closed_at, row.closed_by_id, row.close_note) == (RATED, by.id, "已落实")
    later = RATED + dt.timedelta(hours=1)
    with refused(Code.ALREADY_DONE):
        supervision.close_supervision(row, note="x", by=by, now=later)
    with refused(Code.ALREADY_DONE):
        supervision.give_feedback(row, feedback="x", by=office.land_head, now=later)
