"""待下发督办: what the clock drafted is issued or dropped once, by whom a measure is open to."""

from typing import Any

import pytest

from app.actions import supervision
from app.domain.refusals import Code
from app.domain.states import ComplaintAbout, State, SuperviseGround, SupervisionKind
from app.extensions import db
from app.models import Case, CaseEvent, MeasureDraft
from tests.actions.watch import refused
from tests.drafts import NAMED, draft_of
from tests.factories import CONFIRMED, RESOLVED, Office, at

KIND = SupervisionKind
ISSUE: dict[str, Any] = {
    "kind": KIND.NOTICE, "ground": SuperviseGround.OVERDUE, "requirement": "三日内办结",
    "feedback_due_at": at("2026-10-15 17:00"), "now": RESOLVED,
}  # fmt: skip


def about_section(office: Office) -> Case:
    facts = NAMED | {"complaint_about": ComplaintAbout.SECTION}
    return office.dispatch(office.submit(office.draft(**facts)), by=office.leader)


def test_issuing_takes_the_measure_and_settles_the_draft(office: Office) -> None:
    draft = draft_of(office.case_in(State.HANDLING))
    row = supervision.issue_draft(draft, **ISSUE, by=office.clerk)
    assert (row.case_id, row.unit_id, row.requirement) == (
        draft.case_id,
        draft.unit_id,
        "三日内办结",
    )
    assert row.series_no == "督办〔2026〕1号"
    assert (draft.settled_at, draft.settled_by_id) == (RESOLVED, office.clerk.id)
    assert (draft.supervision_id, draft.settle_note) == (row.id, "")


def test_another_measure_than_the_drafted_one_settles_it_too(office: Office) -> None:
    draft = draft_of(office.case_in(State.HANDLING))
    row = supervision.issue_draft(draft, **ISSUE | {"kind": KIND.URGE}, by=office.clerk)
    assert (row.kind, draft.supervision_id) == (KIND.URGE, row.id)


def test_measure_taken_from_the_case_settles_its_drafts_of_that_kind(office: Office) -> None:
    case, other = office.case_in(State.HANDLING), office.case_in(State.HANDLING)
    notice, interview = draft_of(case), draft_of(case, KIND.INTERVIEW)
    elsewhere = draft_of(other)
    row = supervision.supervise(case, **ISSUE, by=office.clerk)
    db.session.flush()
    for draft in (notice, interview, elsewhere):
        db.session.refresh(draft)
    assert (notice.supervision_id, notice.settled_by_id) == (row.id, office.clerk.id)
    assert (interview.settled_at, elsewhere.settled_at) == (None, None)


def test_nothing_is_settled_twice(office: Office) -> None:
    issued, dropped = (draft_of(office.case_in(State.HANDLING)) for _ in range(2))
    supervision.issue_draft(issued, **ISSUE, by=office.clerk)
    supervision.drop_draft(dropped, reason="已当面督促", by=office.clerk, now=RESOLVED)
    for draft in (issued, dropped):
        kept = draft.settled_by_id, draft.settle_note, draft.supervision_id
        with refused(Code.ALREADY_DONE):
            supervision.issue_draft(draft, **ISSUE, by=office.clerk2)
        with refused(Code.ALREADY_DONE):
            supervision.drop_draft(draft, reason="x", by=office.clerk2, now=CONFIRMED)
        assert (draft.settled_by_id, draft.settle_note, draft.supervision_id) == kept


def test_dropping_needs_a_reason_and_writes_nothing_beside_the_case(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    draft, version = draft_of(case), case.version
    events = db.session.query(CaseEvent).count()
    with refused(Code.FIELDS_MISSING, fields=["reason"]):
        supervision.drop_draft(draft, reason=" ", by=office.clerk, now=RESOLVED)
    supervision.drop_draft(draft, reason=" 已当面督促 ", by=office.clerk, now=RESOLVED)
    assert (draft.settle_note, draft.settled_at, draft.supervision_id) == (
        "已当面督促", RESOLVED, None,
    )  # fmt: skip
    assert (case.version, db.session.query(CaseEvent).count()) == (version, events)


@pytest.mark.parametrize(
    ("state", "said"),
    [(State.TO_EVALUATE, "事项已办结（待评价）"), (State.WITHDRAWN, "事项已撤回"),
     (State.ARCHIVED, "事项已归档")],
)  # fmt: skip
def test_end_of_the_matter_is_reason_enough(office: Office, state: State, said: str) -> None:
    draft = draft_of(office.case_in(state), unit=office.units["land"].id)
    supervision.drop_draft(draft, by=office.clerk, now=at("2026-12-01 10:00"))
    assert draft.settle_note == said


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("clerk", None), ("leader", None), ("leader2", Code.NOT_DUTY_LEADER_TODAY),
        ("officer", Code.ROLE_MISSING), ("land_head", Code.ROLE_MISSING),
        ("m1", Code.ROLE_MISSING), ("sys_admin", Code.ROLE_MISSING),
    ],
)  # fmt: skip
def test_rights_are_those_of_a_measure(office: Office, who: str, code: Code | None) -> None:
    by = office.people[who]
    issued, dropped = (draft_of(office.case_in(State.HANDLING)) for _ in range(2))
    if code is None:
        supervision.issue_draft(issued, **ISSUE, by=by)
        supervision.drop_draft(dropped, reason="已督促", by=by, now=RESOLVED)
        return
    with refused(code):
        supervision.issue_draft(issued, **ISSUE, by=by)
    with refused(code):
        supervision.drop_draft(dropped, reason="已督促", by=by, now=RESOLVED)
    assert db.session.query(MeasureDraft).filter(MeasureDraft.settled_at.is_not(None)).count() == 0


def test_complaint_about_the_section_is_settled_by_the_leader(office: Office) -> None:
    draft = draft_of(about_section(office))
    with refused(Code.ABOUT_SECTION):
        supervision.drop_draft(draft, reason="x", by=office.clerk, now=RESOLVED)
    supervision.drop_draft(draft, reason="已督促", by=office.leader, now=RESOLVED)
    assert draft.settled_by_id == office.leader.id
