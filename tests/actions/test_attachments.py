"""附件: who may add a scan to which record, who knows of it, what the timeline says."""

import dataclasses
import secrets
from typing import Any

import pytest
from sqlalchemy import select

from app.actions import supervision
from app.actions.attachments import (
    BroughtFile,
    attach,
    look_at_reporter,
    may_void,
    open_slots,
    slots,
    void_attachment,
)
from app.actions.visibility import visible_attachments
from app.domain.attachable import PaperKind
from app.domain.file_kinds import FileKind
from app.domain.refusals import Code, Refusal
from app.domain.states import (
    Action,
    Category,
    ComplaintAbout,
    ConductType,
    EvalLevel,
    LimitClass,
    State,
    SuperviseGround,
    SupervisionKind,
)
from app.extensions import db
from app.models import Account, Attachment, Case, CaseEvent
from tests.factories import CONFIRMED, RATED, SIGNED, Office, at
from tests.paperwork import make_paperwork

LATER = at("2026-10-12 16:00")
P = PaperKind


def file(content: str = "a") -> BroughtFile:
    return BroughtFile(
        FileKind.PDF, f"{content}.pdf", 900, content * 64, secrets.token_hex(16), pages=2
    )


def add(case: Case, slot_key: str, by: Account, **more: Any) -> Attachment:
    return attach(case, **{"slot_key": slot_key, "file": file(), "by": by, "now": LATER} | more)


def seen(by: Account) -> set[PaperKind]:
    return set(
        db.session.execute(select(Attachment.paper).where(visible_attachments(by))).scalars()
    )


def papers(case: Case, by: Account) -> list[PaperKind]:
    return [slot.paper for slot in open_slots(case, by)]


def refusal(act: Any, *args: Any, **kwargs: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        act(*args, **kwargs)
    return refused.value


@pytest.fixture
def whole(session: Any) -> Any:
    """A case with every record there is, led by land after tax had to give it back."""
    return make_paperwork()


def test_every_record_of_a_case_can_have_scans(whole: Any) -> None:
    found = [slot.paper for slot in slots(whole.case)]
    assert found == [
        P.LEDGER, P.SLIP, P.SLIP, P.SLIP, P.EXPLANATION, P.EXTENSION, P.REVIEW, P.EVALUATION,
        P.EVALUATION, P.CALLBACK, P.RETURN, P.NOTICE, P.INTERVIEW, P.BAD_REVIEW, P.LETTER, P.OTHER,
    ]  # fmt: skip
    titles = [slot.title for slot in slots(whole.case)]
    assert titles[1].startswith("事项交办单 NO 0001（")
    assert titles[7:9] == ["服务评价表 第1份", "服务评价表 第2份"]
    assert len({slot.key for slot in slots(whole.case)}) == len(found)


def test_draft_has_no_paper_to_scan(office: Office) -> None:
    assert slots(office.draft()) == []


def test_refused_report_has_its_form(office: Office) -> None:
    case = office.case_in(State.REJECTED)
    assert papers(case, office.officer) == [P.REJECTION, P.OTHER]
    assert add(case, slots(case)[0].key, office.officer).shows_reporter is True


@pytest.mark.parametrize("who", ["officer", "clerk", "leader", "chief"])
def test_office_may_add_to_everything(whole: Any, who: str) -> None:
    assert len(papers(whole.case, whole.office.people[who])) == 16


@pytest.mark.parametrize("who", ["m1", "viewer", "sys_admin", "auditor", "tax_head"])
def test_others_may_add_nothing(whole: Any, who: str) -> None:
    whole.office.people["tax_head"].unit_id = whole.office.units["gone"].id
    assert papers(whole.case, whole.office.people[who]) == []


def test_unit_may_add_to_its_own_records_only(office: Office) -> None:
    case = office.submit(office.draft())
    office.dispatch(case, co=("build",), limit=LimitClass.THREE_DAYS)
    office.sign(case)
    office.extend(case, 2, asked=SIGNED, granted=CONFIRMED)
    own = papers(case, office.land_handler)
    assert own == [P.SLIP, P.EXPLANATION, P.EXTENSION, P.OTHER]
    assert papers(case, office.build_head) == [P.SLIP, P.OTHER]
    foreign = next(
        s for s in slots(case) if s.paper is P.SLIP and s.unit_id != office.units["land"].id
    )
    assert refusal(add, case, foreign.key, office.land_head).code is Code.ROLE_MISSING
    assert refusal(add, case, "ledger-0", office.land_head).code is Code.ROLE_MISSING
    assert refusal(add, case, "slip-999999", office.land_head).code is Code.FIELD_INVALID
    assert refusal(add, case, "", office.clerk).code is Code.FIELD_INVALID


def test_unit_is_done_with_a_case_that_is_closed_but_the_office_is_not(office: Office) -> None:
    case = office.case_in(State.TO_EVALUATE)
    assert P.LETTER in papers(case, office.land_head)
    office.rate(case)
    assert papers(case, office.land_head) == []
    assert P.SLIP in papers(case, office.clerk)


def test_scan_leaves_one_row_in_the_timeline_without_its_name(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    before = case.event_count
    key = slots(case)[1].key
    row = add(case, key, office.land_handler, note=" 签收联 ", file=file("郁东篱"[0]))
    assert (row.record_id, row.unit_id, row.by_unit_id) == (
        case.slips[0].id,
        case.lead_unit_id,
        case.lead_unit_id,
    )
    assert (row.note, row.shows_reporter, row.is_void) == ("签收联", False, False)
    event = db.session.execute(select(CaseEvent).order_by(CaseEvent.id.desc())).scalars().first()
    assert (event.label, event.by_id, event.at) == ("上传附件", office.land_handler.id, LATER)
    assert event.summary == "事项交办单 NO 0001（不动产登记窗口）的扫描件（PDF，2页）"
    assert (case.event_count, event.new_state) == (before + 1, State.HANDLING)


def test_same_file_on_the_same_record_is_refused_and_the_same_form_is_one(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    first = add(case, "ledger-0", office.clerk, form_key="k1")
    assert add(case, "ledger-0", office.clerk, form_key="k1") is first
    twice = refusal(add, case, "ledger-0", office.clerk, form_key="k2")
    assert (twice.code, twice.facts["name"]) == (Code.FILE_ATTACHED, "a.pdf")
    assert refusal(add, case, "ledger-0", office.clerk).code is Code.FILE_ATTACHED
    add(case, "other-0", office.clerk)
    add(case, "ledger-0", office.clerk, file=file("b"))
    void_attachment(case, first, reason="重新扫描", by=office.clerk, now=LATER)
    add(case, "ledger-0", office.clerk, form_key="k3")
    assert db.session.query(Attachment).count() == 4


def test_unit_does_not_learn_that_the_office_has_the_same_file(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    add(case, "other-0", office.clerk)
    assert add(case, "other-0", office.land_head).unit_id == office.units["land"].id


def test_void_keeps_row_and_reason(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    row = add(case, "ledger-0", office.clerk)
    assert refusal(void_attachment, case, row, reason=" ", by=office.clerk, now=LATER).facts == {
        "fields": ["reason"]
    }
    void_attachment(case, row, reason="传错了", by=office.officer, now=LATER)
    assert (row.is_void, row.voided_by_id, row.void_reason) == (True, office.officer.id, "传错了")
    again = refusal(void_attachment, case, row, reason="再次", by=office.clerk, now=LATER)
    assert again.code is Code.ALREADY_DONE
    labels = [e.label for e in db.session.query(CaseEvent).filter_by(case_id=case.id)]
    assert labels.count("作废附件") == 1


def test_unit_makes_void_what_it_added_itself_only(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    key = slots(case)[1].key
    of_office = add(case, key, office.clerk)
    of_unit = add(case, key, office.land_handler, file=file("b"))
    assert not may_void(case, of_office, office.land_head)
    assert may_void(case, of_unit, office.land_head)
    assert may_void(case, of_unit, office.clerk)
    assert not may_void(case, of_unit, office.build_head)
    assert not may_void(case, of_unit, office.m1)
    refused = refusal(void_attachment, case, of_office, reason="x", by=office.land_head, now=LATER)
    assert refused.code is Code.ROLE_MISSING


def test_unit_knows_of_its_own_records_and_the_ledger_it_leads(whole: Any) -> None:
    office, case = whole.office, whole.case
    for number, slot in enumerate(slots(case)):
        add(case, slot.key, office.clerk, file=dataclasses.replace(file(), sha256=f"{number:064d}"))
    everything = set(PaperKind) - {P.REJECTION}
    for who in ("officer", "clerk", "leader", "chief", "m1"):
        assert seen(office.people[who]) == everything, who
    own = {P.LEDGER, P.SLIP, P.EXPLANATION, P.EXTENSION, P.NOTICE, P.INTERVIEW, P.LETTER}
    assert seen(office.land_head) == seen(office.land_handler) == own
    assert seen(office.build_head) == {P.SLIP}  # a co-unit
    for who in ("tax_head", "tax_handler", "viewer", "sys_admin", "sec_admin", "auditor"):
        assert seen(office.people[who]) == set(), who


def test_unit_knows_of_no_scan_with_the_reporter_of_a_confidential_case(office: Office) -> None:
    case = office.dispatch(office.submit(office.draft(
        category=Category.CONDUCT, conduct_type=ConductType.RUDE, is_confidential=True,
        complaint_about=ComplaintAbout.UNIT, occurred_at=at("2026-10-09 11:40"),
    )))  # fmt: skip
    slip = slots(case)[1].key
    add(case, "ledger-0", office.clerk)
    add(case, slip, office.clerk)
    add(case, slip, office.clerk, file=file("b"), shows_reporter=True)
    rows = db.session.execute(select(Attachment).where(visible_attachments(office.land_head)))
    assert [(row.paper, row.shows_reporter) for row in rows.scalars()] == [(P.SLIP, False)]
    assert seen(office.land_handler) == set()


def test_section_knows_of_no_scan_of_a_complaint_about_itself(office: Office) -> None:
    case = office.submit(office.draft(
        category=Category.CONDUCT, conduct_type=ConductType.RUDE,
        complaint_about=ComplaintAbout.SECTION, occurred_at=at("2026-10-09 11:40"),
    ))  # fmt: skip
    add(case, "ledger-0", office.leader)
    assert seen(office.clerk) == set()
    assert seen(office.leader) == {P.LEDGER}


def test_look_at_the_reporter_is_recorded_and_kept_from_whom_the_number_is(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    row = add(case, "ledger-0", office.clerk)
    look_at_reporter(case, row, by=office.land_head, now=LATER)
    event = db.session.query(CaseEvent).filter_by(action=Action.REVEAL_PHONE).one()
    assert (event.by_id, event.summary) == (office.land_head.id, "下载含反映人信息的附件：问题台账")
    for who in (office.m1, office.build_head, office.viewer):
        assert isinstance(refusal(look_at_reporter, case, row, by=who, now=LATER), Refusal)


def test_measures_of_a_unit_are_its_own(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    supervision.supervise(
        case, kind=SupervisionKind.URGE, ground=SuperviseGround.SLOW, requirement="请加快",
        by=office.clerk, now=CONFIRMED,
    )  # fmt: skip
    assert P.NOTICE not in papers(case, office.clerk)


def test_bad_rating_has_a_form_of_its_own(office: Office) -> None:
    case = office.rate(office.case_in(State.TO_EVALUATE), EvalLevel.BAD, now=RATED)
    assert P.BAD_REVIEW in papers(case, office.clerk)
    assert P.BAD_REVIEW not in papers(case, office.land_head)
