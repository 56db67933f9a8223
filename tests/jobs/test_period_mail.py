"""周报 and 月报: which period, to whom, with which figures and whose ledger, once."""

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from flask import Flask
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import func, select

from app.actions.office import set_rule
from app.domain.notice_kinds import NoticeKind
from app.domain.states import ComplaintAbout, State
from app.extensions import db
from app.jobs import scheduler, send_monthly, send_weekly
from app.models import Account, OutgoingFile
from app.unit_of_work import unit_of_work
from tests.busy import CONDUCT, NAMELESS, SECRET
from tests.factories import NAME, NARRATIVE, PHONE, Office, at, make_office
from tests.jobs.summaries import give_address, letters, notes, run_in_two_threads, told

WEEKLY, MONTHLY = NoticeKind.WEEKLY_FIGURES, NoticeKind.MONTHLY_FIGURES
NEXT_MONDAY = at("2026-10-19 08:40")


@pytest.fixture
def office(session: Any) -> Office:
    """Return a committed office whose jobs have their rows."""
    office = make_office()
    db.session.commit()
    scheduler.tick(at("2026-09-07 09:00"), [send_weekly.JOB, send_monthly.JOB])
    give_address(office.clerk, office.clerk2, office.leader, office.chief, office.m1)
    return office


def run(job: Any, now: dt.datetime) -> Any:
    return scheduler.tick(now, [job]).get(job.name)


def readers(office: Office, kind: NoticeKind) -> set[str]:
    names = {person.id: key for key, person in office.people.items()}
    return {names[key] for key in (*letters(kind), *notes(kind))}


def sheet_to(person: Account, kind: NoticeKind = WEEKLY) -> Worksheet:
    """Return the attachment as an office opens it."""
    file = letters(kind)[person.id][-1].file
    return openpyxl.load_workbook(io.BytesIO(file.content)).active


def on_paper(text: str) -> dt.datetime:
    """Return a time as a workbook holds it: the office's, without a zone."""
    return at(text).replace(tzinfo=None)


def rows_of(sheet: Worksheet) -> list[dict[str, Any]]:
    head, *rows = list(sheet.iter_rows(min_row=3, values_only=True))
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_weekly_figures_of_the_week_before(office: Office) -> None:
    office.case_in(State.ARCHIVED)
    office.case_in(State.HANDLING)
    office.submit(office.draft(now=at("2026-10-19 08:00")), now=at("2026-10-19 08:10"))
    db.session.commit()
    assert run(send_weekly.JOB, NEXT_MONDAY).done == 4
    assert readers(office, WEEKLY) == {"clerk", "clerk2", "leader", "leader2"}
    (letter,) = letters(WEEKLY)[office.clerk.id]
    assert letter.subject == "“办不成事”反映窗口2026年10月12日至10月18日周报"
    for line in ("受理量：2件", "当日转办率：2/2（100.00%）", "按时办结率：1/2（50.00%）",
                 "办成率：1/1（100.00%）", "满意率：1/1（100.00%）", "台账（2件）"):  # fmt: skip
        assert line in letter.body
    note = notes(WEEKLY)[office.leader2.id][0]
    assert "按时办结率：1/2（50.00%）" in note.text
    assert letter.file.name == "2026年10月12日至10月18日问题台账.xlsx"
    assert db.session.scalar(select(func.count(OutgoingFile.id))) == 1


def test_nothing_to_count_is_a_dash(office: Office) -> None:
    run(send_weekly.JOB, NEXT_MONDAY)
    body = letters(WEEKLY)[office.clerk.id][0].body
    assert "受理量：0件\n当日转办率：—\n按时办结率：—\n办成率：—\n满意率：—\n" in body
    assert rows_of(sheet_to(office.clerk)) == []


def test_ledger_columns_and_kinds(office: Office) -> None:
    done = office.case_in(State.ARCHIVED, item_name=f"=HYPERLINK({NAME})")
    db.session.commit()
    run(send_weekly.JOB, NEXT_MONDAY)
    sheet = sheet_to(office.clerk)
    assert (sheet.freeze_panes, sheet.max_column) == ("A4", 22)
    assert [cell.value for cell in sheet[3]] == [
        "序号", "台账编号", "登记日期", "值班人员", "反映人", "联系电话", "受理类别", "受理事项",
        "“办不成事”事项情况", "接办窗口（科室）", "交办单号", "交办时间", "办理时限", "应办结时间",
        "延期（工作日）", "办结时间", "是否按时", "办理结果", "是否办成", "是否满意（评价等级）",
        "带班领导", "备注",
    ]  # fmt: skip
    (row,) = rows_of(sheet)
    assert row | {
        "序号": 1, "台账编号": done.ledger_no, "登记日期": on_paper("2026-10-12 00:00"),
        "值班人员": "甲officer", "反映人": "郁*篱", "联系电话": "160****0006",
        "受理事项": "'=HYPERLINK(某某)", "接办窗口（科室）": "不动产登记窗口", "交办单号": "0001",
        "交办时间": on_paper("2026-10-12 09:30"), "办理时限": "1个工作日",
        "应办结时间": on_paper("2026-10-13 17:00"), "办结时间": on_paper("2026-10-12 10:30"),
        "是否按时": "是", "办理结果": "已解决", "是否办成": "是",
        "是否满意（评价等级）": "是（满意）",
        "带班领导": "甲leader",
    } == row  # fmt: skip
    assert sheet["H4"].data_type == "s"  # text, not a formula
    assert sheet["C4"].number_format == "yyyy-mm-dd"


def test_ledger_names_nobody_and_tells_no_story(office: Office) -> None:
    office.case_in(State.TO_EVALUATE, **NAMELESS)
    office.case_in(State.HANDLING, **SECRET)
    office.case_in(State.HANDLING, company_name="临沂某某建材有限公司")
    db.session.commit()
    run(send_weekly.JOB, NEXT_MONDAY)
    rows = rows_of(sheet_to(office.clerk))
    assert [row["反映人"] for row in rows] == ["（匿名）", "（保密）", "临********司"]
    assert [row["联系电话"] for row in rows] == [None, None, "160****0006"]
    everything = str(rows)
    assert not any(word in everything for word in (NAME, PHONE, NARRATIVE[:8]))


def test_complaints_are_kept_from_whom_they_concern(office: Office) -> None:
    section = office.submit(office.draft(**CONDUCT, complaint_about=ComplaintAbout.SECTION))
    leader = office.submit(office.draft(**CONDUCT, complaint_about=ComplaintAbout.LEADER))
    db.session.commit()
    run(send_weekly.JOB, NEXT_MONDAY)
    numbers = {
        key: {row["台账编号"] for row in rows_of(sheet_to(office.people[key]))}
        for key in ("clerk", "leader")
    }
    assert numbers == {"clerk": {leader.ledger_no}, "leader": {section.ledger_no}}
    clerks = {letters(WEEKLY)[office.people[k].id][0].file_id for k in ("clerk", "clerk2")}
    assert len(clerks) == 1


def test_who_reads_is_a_setting(office: Office) -> None:
    with unit_of_work():
        for name, text in (("section", "0"), ("leaders", "0"), ("head", "1"), ("members", "1")):
            set_rule(name=f"weekly_to_{name}", text=text, by=office.sys_admin, now=NEXT_MONDAY)
    run(send_weekly.JOB, NEXT_MONDAY)
    assert readers(office, WEEKLY) == {"chief", "m1", "m2", "m3"}


def test_monthly_of_the_month_before(office: Office) -> None:
    case = office.submit(office.draft(now=at("2026-09-30 16:00")), now=at("2026-09-30 16:10"))
    office.submit(office.draft(now=at("2026-10-08 09:00")), now=at("2026-10-08 09:10"))
    db.session.commit()
    assert run(send_monthly.JOB, at("2026-10-01 08:40")) is None  # 国庆
    assert run(send_monthly.JOB, at("2026-10-08 08:39")) is None
    assert run(send_monthly.JOB, at("2026-10-08 08:40")).done == 5
    assert readers(office, MONTHLY) == {"clerk", "clerk2", "leader", "leader2", "chief"}
    assert letters(MONTHLY)[office.chief.id][0].subject == "“办不成事”反映窗口2026年9月月报"
    assert [row["台账编号"] for row in rows_of(sheet_to(office.chief, MONTHLY))] == [case.ledger_no]


@pytest.mark.parametrize(
    ("now", "week"),
    [
        ("2026-10-19 08:39", ""),
        ("2026-10-19 08:40", "2026-10-12"),
        ("2026-10-21 10:00", "2026-10-12"),  # missed on Monday, made up
        ("2026-10-24 10:00", "2026-10-12"),  # even on Saturday
        ("2026-09-20 09:00", "2026-09-07"),  # a Sunday made up: its week's report, late
        ("2026-10-05 09:00", ""),  # 国庆: no working day of this week yet
        ("2026-10-08 09:00", "2026-09-28"),
        ("2026-02-16 09:00", ""),  # 春节: the whole week is off
        ("2026-02-24 09:00", "2026-02-09"),  # and the week before it is told too
    ],
)
def test_weeks(office: Office, now: str, week: str) -> None:
    with unit_of_work():
        send_weekly.run(at(now))
    keys = {row.key.split(":")[2] for rows in letters(WEEKLY).values() for row in rows}
    assert keys == ({week} if week else set())


def test_twice_and_beside_another_tells_once(app: Flask, office: Office) -> None:
    assert run_in_two_threads(app, send_weekly.JOB, NEXT_MONDAY) == 1
    with unit_of_work():
        assert send_weekly.run(NEXT_MONDAY).done == 0
        assert send_weekly.run(NEXT_MONDAY + dt.timedelta(days=2)).done == 0
    assert told(WEEKLY) == 4
    assert db.session.scalar(select(func.count(OutgoingFile.id))) == 1
