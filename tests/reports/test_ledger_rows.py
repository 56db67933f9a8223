"""The rows of the ledger: what stands in each column, for whose eyes, and at what cost."""

from array import array
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, true, update

from app.actions.visibility import visible_cases
from app.domain.states import (
    Category,
    ComplaintAbout,
    ConductType,
    EvalLevel,
    LimitClass,
    ResultType,
    Role,
    State,
)
from app.extensions import db
from app.models import Account, Case
from app.reports.ledger_cells import COLUMNS, Entry, Reader, cells, reader_of
from app.reports.ledger_rows import contents, later_extensions, ledger_rows
from app.reports.past import as_of
from tests.crowd import crowd
from tests.factories import DUE_1, NAME, NARRATIVE, PHONE, Office, at, make_office

SECRET = {
    "category": Category.CONDUCT, "conduct_type": ConductType.RUDE, "is_confidential": True,
    "complaint_about": ComplaintAbout.UNIT, "occurred_at": at("2026-10-11 10:00"),
}  # fmt: skip


@pytest.fixture
def office(session: Any) -> Office:
    return make_office()


def ledger(
    reader: Reader | None = None, *, condition: Any = None, undone: Any = None
) -> list[dict[str, Any]]:
    """Return the ledger as dictionaries by the heads of its columns."""
    connection = db.session.connection()
    found = contents(connection, true() if condition is None else condition)
    eyes = reader or Reader(frozenset({Role.SUPERVISOR}), is_full=True)
    heads = [column.head for column in COLUMNS]
    rows = ledger_rows(connection, found.ids)
    return [
        dict(zip(heads, cells(Entry(row, eyes, undone=undone or {})), strict=True)) for row in rows
    ]


def seen_by(person: Account, *, is_full: bool = False) -> list[dict[str, Any]]:
    return ledger(reader_of(person, is_full=is_full), condition=visible_cases(person))


def test_an_archived_case_fills_every_column(office: Office) -> None:
    case = office.case_in(State.ARCHIVED, remark="群众携带材料")
    db.session.flush()
    (row,) = ledger()
    assert row == {
        "台账编号": case.ledger_no, "登记日期": case.registered_at, "值班人员": "甲officer",
        "反映人": NAME, "联系电话": PHONE, "受理类别": "未成功受理/审批", "受理事项": "慢病备案",
        "“办不成事”事项情况": NARRATIVE, "接办窗口（科室）": "不动产登记窗口", "交办单号": "0001",
        "交办时间": at("2026-10-12 09:30"), "办理时限": "1个工作日", "应办结时间": DUE_1,
        "延期（工作日）": 0, "办结时间": at("2026-10-12 10:30"), "是否按时": "是",
        "办理结果": "已解决：已核实补录\n答复：已为您办妥", "是否办成": "是",
        "是否满意（评价等级）": "是（满意）", "带班领导": "甲leader", "备注": "群众携带材料",
    }  # fmt: skip


def test_several_units_stand_lead_first_with_all_their_slips(office: Office) -> None:
    case = office.submit(office.draft())
    office.dispatch(case, lead="tax", co=("land", "build"), limit=LimitClass.THREE_DAYS)
    (row,) = ledger()
    assert row["接办窗口（科室）"] == "税务窗口、不动产登记窗口、工程建设科"
    assert row["交办单号"] == "0001、0002、0003"
    assert row["办理时限"] == "3个工作日"


def test_a_void_slip_keeps_its_number(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    slip = case.slips[0]
    slip.is_void, slip.voided_at = True, at("2026-10-13 09:00")
    db.session.flush()
    (row,) = ledger()
    assert (row["交办单号"], row["接办窗口（科室）"]) == ("0001（作废）", "")


def test_immediate_and_late_and_bad(office: Office) -> None:
    case = office.submit(office.draft())
    office.dispatch(case, limit=LimitClass.IMMEDIATE)
    office.sign(case)
    late = at("2026-10-14 09:00")
    office.resolve(case, now=late, result_type=ResultType.ANSWERED, is_achieved=False,
                   short_reason="缺少材料，须补正后重新申请")  # fmt: skip
    office.confirm(case, now=late)
    office.rate(case, EvalLevel.VERY_BAD, now=at("2026-10-14 10:00"))
    (row,) = ledger()
    assert row["办理时限"] == "立即"
    assert (row["是否按时"], row["是否办成"]) == ("否", "否")
    assert row["是否满意（评价等级）"] == "否（非常不满意）"
    assert str(row["办理结果"]).startswith("妥善答复：")


def test_drafts_and_refusals_are_no_rows_but_void_and_withdrawn_numbers_are(office: Office) -> None:
    office.draft()
    office.case_in(State.REJECTED)
    withdrawn = office.case_in(State.WITHDRAWN)
    void = office.case_in(State.TO_DISPATCH)
    void.is_ledger_void = True
    db.session.flush()
    rows = {row["台账编号"]: row["备注"] for row in ledger()}
    assert rows == {withdrawn.ledger_no: "已撤回", void.ledger_no: "编号已作废"}


def test_rows_stand_in_the_order_of_their_numbers(office: Office) -> None:
    numbers = ["2026-9999", "2026-10000", "2025-0300", "2026-0002"]
    for number in numbers:
        case = office.draft()  # a number once given is never changed
        numbered = {"ledger_no": number, "state": State.TO_DISPATCH}
        db.session.execute(update(Case).where(Case.id == case.id).values(**numbered))
    assert [row["台账编号"] for row in ledger()] == [
        "2025-0300", "2026-0002", "2026-9999", "2026-10000",
    ]  # fmt: skip
    assert contents(db.session.connection(), true()).years == ("2025", "2026")


# Role → whether names, and phones, stand in full: masked export, then full export.
EYES = {
    "officer": ("郁*篱", "160****0006", NAME, PHONE),
    "clerk": ("郁*篱", "160****0006", NAME, PHONE),
    "leader": ("郁*篱", "160****0006", NAME, PHONE),
    "chief": ("郁*篱", "160****0006", NAME, PHONE),
    "land_head": ("郁*篱", "160****0006", NAME, PHONE),
    "land_handler": ("郁*篱", "160****0006", NAME, PHONE),
    "m1": ("郁*篱", "160****0006", NAME, "160****0006"),
    "viewer": ("郁*篱", "160****0006", "郁*篱", "160****0006"),
}


@pytest.mark.parametrize("who", EYES)
def test_names_and_phones_stand_in_full_only_for_whom_they_may(office: Office, who: str) -> None:
    office.case_in(State.TO_EVALUATE, item_name=f"{NAME}的慢病备案")
    db.session.flush()
    person = office.people[who]
    (masked,), (full,) = seen_by(person), seen_by(person, is_full=True)
    found = (masked["反映人"], masked["联系电话"], full["反映人"], full["联系电话"])
    assert found == EYES[who]
    assert masked["受理事项"] == "某某的慢病备案"
    words = "（略）" if who == "viewer" else NARRATIVE
    assert masked["“办不成事”事项情况"] == words
    assert (masked["办理结果"] == "已解决") is (who == "viewer")


@pytest.mark.parametrize("who", ["tax_head", "build_handler", "sys_admin", "auditor", "sec_admin"])
def test_other_units_and_administrators_have_no_row(office: Office, who: str) -> None:
    office.case_in(State.HANDLING)
    db.session.flush()
    assert seen_by(office.people[who]) == []


def test_a_confidential_case_tells_units_and_viewers_nobody(office: Office) -> None:
    office.case_in(State.TO_EVALUATE, **SECRET)
    db.session.flush()
    assert seen_by(office.land_handler) == []
    for person in (office.land_head, office.viewer):
        (row,) = seen_by(person, is_full=True)
        assert (row["反映人"], row["联系电话"]) == ("（保密）", "")
    (row,) = seen_by(office.clerk, is_full=True)
    assert (row["反映人"], row["联系电话"]) == (NAME, PHONE)


def test_a_unit_reads_no_phone_of_an_archived_case(office: Office) -> None:
    office.case_in(State.ARCHIVED)
    db.session.flush()
    (row,) = seen_by(office.land_head, is_full=True)
    assert row["联系电话"] == "160****0006"  # the workflow closes it with the case (R61)


def test_a_firm_is_named_with_its_agent_only_in_full(office: Office) -> None:
    office.case_in(State.HANDLING, company_name="临沂某某建材有限公司")
    db.session.flush()
    assert seen_by(office.clerk)[0]["反映人"] == "临沂某某建材有限公司"
    assert seen_by(office.clerk, is_full=True)[0]["反映人"] == f"临沂某某建材有限公司经办人 {NAME}"


def test_a_past_day_knows_nothing_of_what_came_later(office: Office) -> None:
    office.case_in(State.ARCHIVED)
    office.submit(office.draft(now=at("2026-10-13 09:00")), now=at("2026-10-13 09:10"))
    db.session.flush()
    with as_of(at("2026-10-12 10:00")):
        (row,) = ledger()
    assert (row["交办时间"], row["交办单号"]) == (at("2026-10-12 09:30"), "0001")
    later = ("办结时间", "是否按时", "办理结果", "是否办成", "是否满意（评价等级）", "带班领导")
    assert not any(row[head] for head in later)
    with as_of(at("2026-10-12 09:20")):
        (row,) = ledger()
    assert not any(row[head] for head in ("交办时间", "交办单号", "办理时限", "应办结时间"))
    assert len(ledger()) == 2


def test_an_extension_granted_later_is_not_yet_there(office: Office) -> None:
    case = office.case_in(State.HANDLING, limit=LimitClass.THREE_DAYS)
    first = case.due_at
    office.extend(case, 5, asked=at("2026-10-14 09:00"), granted=at("2026-10-15 09:00"))
    db.session.flush()
    noon = at("2026-10-14 12:00")
    undone = later_extensions(db.session.connection(), noon)
    with as_of(noon):
        (row,) = ledger(undone=undone)
    assert (row["应办结时间"], row["延期（工作日）"]) == (first, 0)
    (row,) = ledger()
    assert (row["应办结时间"], row["延期（工作日）"]) == (case.due_at, 5)
    assert str(row["备注"]).startswith("2026-10-15批准延期5个工作日")
    assert ledger(Reader(withheld="（略）"))[0]["备注"] == "延期5个工作日"


# Statements are counted above the driver: one database tells it all.
@pytest.mark.sqlite_only
def test_a_chunk_costs_four_statements_at_500_and_at_5000_rows(
    office: Office, count_statements: Callable[[], Any]
) -> None:
    crowd(office, 5000)
    db.session.commit()
    ids = array("q", db.session.scalars(select(Case.id)))
    connection = db.session.connection()
    for chunk, chunks in ((500, 10), (5000, 1)):
        with count_statements() as statements:
            assert sum(1 for _row in ledger_rows(connection, ids, chunk=chunk)) == 5000
        assert len(statements) == 4 * chunks
    assert len(db.session.identity_map) < 100  # plain columns: no object per case is kept
