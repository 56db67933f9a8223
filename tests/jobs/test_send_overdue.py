"""The overdue summary: to section and duty leader, units in rank order, twice a working day."""

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from app.domain.notice_kinds import NoticeKind
from app.domain.states import ComplaintAbout, State
from app.extensions import db
from app.jobs import scheduler, send_overdue
from app.models import Account
from app.reports import overdue
from app.unit_of_work import unit_of_work
from tests.busy import CONDUCT
from tests.factories import NAME, PHONE, Office, at, make_office
from tests.jobs.summaries import give_address, letters, notes, run_in_two_threads, told

KIND = NoticeKind.OVERDUE_SUMMARY
NINE = at("2026-10-14 09:00")  # Monday's one-day cases were due on Tuesday
FIVE_HOURS = dt.timedelta(hours=5)


@pytest.fixture
def office(session: Any) -> Office:
    """Return a committed office whose job has its row, and whose readers have mailboxes."""
    office = make_office()
    db.session.commit()
    scheduler.tick(at("2026-09-18 08:00"), [send_overdue.JOB])
    give_address(office.clerk, office.leader, office.leader2, office.land_head)
    return office


def run(now: dt.datetime) -> Any:
    return scheduler.tick(now, [send_overdue.JOB]).get("send-overdue")


def body_to(person: Account) -> str:
    return letters(KIND)[person.id][-1].body


def test_nothing_overdue_nobody_is_told(office: Office) -> None:
    office.case_in(State.HANDLING)
    db.session.commit()
    assert run(at("2026-10-13 14:00")).done == 0
    assert told(KIND) == 0


def test_units_are_named_and_counted_in_their_rank(office: Office) -> None:
    tax, land = (
        office.sign(office.dispatch(office.submit(office.draft(item_name=name)), lead=lead))
        for name, lead in ((f"{NAME}的税", "tax"), ("产权", "land"))
    )
    again = office.case_in(State.HANDLING)
    waiting = office.submit(office.draft())
    db.session.commit()
    run(NINE)
    assert set(letters(KIND)) == {office.clerk.id, office.leader.id}
    assert set(notes(KIND)) == {office.clerk2.id}
    text = body_to(office.clerk)
    assert "超期事项4件：不动产登记窗口2件、税务窗口1件、尚未交办1件。" in text
    lines = ["【不动产登记窗口】", land.ledger_no, again.ledger_no, "【税务窗口】", tax.ledger_no,
             "【尚未交办】", waiting.ledger_no]  # fmt: skip
    assert sorted(lines, key=text.index) == lines
    assert f"{land.ledger_no}“产权”：应于2026年10月13日17时前办结，已超期1个工作日。" in text
    assert "应于2026年10月12日17时前交办，已超期2个工作日。" in text
    assert (NAME in text, PHONE in text) == (False, False)
    assert letters(KIND)[office.leader.id][0].subject == "超期事项汇总：4件"


def test_days_overdue_are_working_days(office: Office) -> None:
    case = office.draft(now=at("2026-09-23 09:00"))
    office.submit(case, now=at("2026-09-23 09:10"))
    office.sign(office.dispatch(case, now=at("2026-09-23 09:20")), now=at("2026-09-23 10:00"))
    db.session.commit()
    run(at("2026-10-10 14:00"))  # due on 24 September: 中秋, two weekends and 国庆 lie between
    assert "应于2026年9月24日17时前办结，已超期6个工作日。" in body_to(office.clerk)


def test_late_result_waiting_for_its_signature_says_so(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    office.resolve(case, now=at("2026-10-14 08:00"))
    db.session.commit()
    run(NINE)
    assert "办结时超期1个工作日，待审签。" in body_to(office.clerk)


def test_complaints_are_kept_from_whom_they_concern(office: Office) -> None:
    section = office.submit(office.draft(**CONDUCT, complaint_about=ComplaintAbout.SECTION))
    leader = office.submit(office.draft(**CONDUCT, complaint_about=ComplaintAbout.LEADER))
    db.session.commit()
    run(NINE)
    assert section.ledger_no not in body_to(office.clerk)
    assert leader.ledger_no in body_to(office.clerk)
    assert leader.ledger_no not in body_to(office.leader)
    assert section.ledger_no in body_to(office.leader)


def test_morning_and_afternoon_once_each(app: Flask, office: Office) -> None:
    office.case_in(State.HANDLING)
    db.session.commit()
    assert run_in_two_threads(app, send_overdue.JOB, NINE) == 1
    run(NINE + FIVE_HOURS)
    with unit_of_work():
        assert send_overdue.run(NINE + FIVE_HOURS).done == 0
    keys = [row.key for row in letters(KIND)[office.clerk.id]]
    assert keys == [f"overdue:1:2026-10-14:{slot}:{office.clerk.id}" for slot in ("0900", "1400")]
    assert told(KIND) == 6


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-10-14 11:20", "0900"),  # missed, and made up
        ("2026-10-14 16:00", "1400"),  # the morning's is past
        ("2026-10-15 08:00", ""),  # and is not sent the next day
        ("2026-10-17 09:00", ""),  # a Saturday
        ("2026-10-10 09:00", "0900"),  # a Saturday made up
        ("2026-09-20 14:00", "1400"),  # a Sunday made up
        ("2026-10-05 09:00", ""),  # 国庆
    ],
)
def test_days_and_hours(office: Office, now: str, slot: str) -> None:
    office.submit(office.draft(now=at("2026-09-17 09:00")), now=at("2026-09-17 09:10"))
    db.session.commit()
    with unit_of_work():
        send_overdue.run(at(now))
    keys = {row.key.split(":")[3] for rows in letters(KIND).values() for row in rows}
    assert keys == ({slot} if slot else set())


def test_many_cases_make_no_endless_letter(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overdue, "MOST_LINES", 2)
    for _ in range(3):
        office.case_in(State.HANDLING)
    db.session.commit()
    run(NINE)
    assert "超期事项3件" in body_to(office.clerk)
    assert "另有1件，请登录系统查看。" in body_to(office.clerk)
