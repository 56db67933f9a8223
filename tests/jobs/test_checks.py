"""The yearly notice and the rosters: who is told what is missing, and how often."""

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.actions.calendars import publish_year
from app.domain.notice_kinds import NoticeKind
from app.domain.states import ComplaintAbout, Half, LimitClass
from app.extensions import db
from app.jobs import check_calendar, check_roster, scheduler
from app.models import Account, DutyShift, LeaderRoster, Notice
from app.unit_of_work import unit_of_work
from tests.busy import CONDUCT
from tests.factories import Office, at, make_office
from tests.jobs.summaries import give_address, notes, run_in_two_threads

MISSING, HOLE = NoticeKind.CALENDAR_MISSING, NoticeKind.ROSTER_HOLE
DAY = dt.timedelta(days=1)
MONDAY = at("2026-10-12 08:00")


@pytest.fixture
def office(session: Any) -> Office:
    """Return a committed office; both jobs have their rows."""
    office = make_office()
    db.session.commit()
    scheduler.tick(at("2026-09-01 08:30"), [check_calendar.JOB, check_roster.JOB])
    return office


def run(job: Any, now: dt.datetime) -> Any:
    return scheduler.tick(now, [job]).get(job.name)


def told_to(office: Office, kind: NoticeKind) -> dict[str, int]:
    """Return short name → how often he was told."""
    names = {person.id: key for key, person in office.people.items()}
    return {names[key]: len(rows) for key, rows in notes(kind).items()}


def text_to(person: Account, kind: NoticeKind) -> str:
    return notes(kind)[person.id][-1].text


def provisional(office: Office, n: int, **facts: Any) -> None:
    """Hand over cases whose due time runs into the year without a notice."""
    for _ in range(n):
        case = office.submit(office.draft(now=at("2026-12-30 09:00"), **facts),
                             now=at("2026-12-30 09:10"))  # fmt: skip
        office.dispatch(case, limit=LimitClass.THREE_DAYS, now=at("2026-12-30 09:20"))


def test_missing_notice_is_asked_for_in_the_year_itself_too(office: Office) -> None:
    for day in (at("2027-01-04 08:00"), at("2027-01-05 08:00")):
        run(check_calendar.JOB, day)
    assert "2027年" in text_to(office.sys_admin, MISSING)
    assert told_to(office, MISSING)["sys_admin"] == 1


def test_missing_notice_is_told_from_november_on_once_a_week(office: Office) -> None:
    for day in range(40):
        run(check_calendar.JOB, at("2026-10-28 08:00") + day * DAY)
    # The weeks of 26 October (its Sunday only) to 30 November.
    expected = {"sys_admin": 6, "clerk": 6, "clerk2": 6}
    assert told_to(office, MISSING) == expected
    first = notes(MISSING)[office.clerk.id][0]
    assert first.created_at == at("2026-11-01 08:00")
    assert first.text == (
        "第1政务服务中心：2027年节假日安排尚未导入，应办结时间为暂算结果的事项0件。"
        "请在通知印发后及时导入，系统将重新计算。"
    )


def test_provisional_due_times_are_listed_without_complaints(office: Office) -> None:
    provisional(office, 12)
    about = CONDUCT | {"occurred_at": at("2026-12-29 10:00")}
    hidden = office.draft(now=at("2026-12-30 09:00"), complaint_about=ComplaintAbout.UNIT, **about)
    office.submit(hidden, now=at("2026-12-30 09:10"))
    office.dispatch(hidden, now=at("2026-12-31 09:20"))
    db.session.commit()
    run(check_calendar.JOB, at("2026-12-31 10:00"))
    text = text_to(office.sys_admin, MISSING)
    assert "暂算结果的事项13件：2026-0001（2027年1月5日17:00）、" in text
    assert text.count("（2027年") == 10
    assert "等。请在" in text
    assert hidden.ledger_no not in text


def test_published_notice_ends_it(office: Office) -> None:
    with unit_of_work():
        publish_year(year=2027, days=[], notice_no="国办发明电〔2026〕1号", by=office.sys_admin,
                     now=at("2026-11-04 09:00"))  # fmt: skip
    run(check_calendar.JOB, at("2026-11-05 08:00"))
    assert told_to(office, MISSING) == {}


def test_calendar_is_checked_once_by_two_runners(app: Flask, office: Office) -> None:
    assert run_in_two_threads(app, check_calendar.JOB, at("2026-11-02 08:00")) == 1
    with unit_of_work():
        assert check_calendar.run(at("2026-11-02 09:00")).done == 0
    assert told_to(office, MISSING) == {"sys_admin": 1, "clerk": 1, "clerk2": 1}


def fill_rosters(office: Office, first: dt.date, days: int) -> None:
    """Put somebody at the desk on each of these days; the leaders' roster is full already."""
    rows = [
        DutyShift(site_id=1, day=first + n * DAY, half=half, officer_id=office.officer.id)
        for n in range(days)
        for half in Half
    ]
    db.session.add_all(rows)
    db.session.commit()


def test_full_rosters_tell_nobody(office: Office) -> None:
    fill_rosters(office, MONDAY.date(), 5)
    run(check_roster.JOB, MONDAY)
    assert told_to(office, HOLE) == {}


def test_holes_are_named_by_day_and_half(office: Office) -> None:
    fill_rosters(office, MONDAY.date(), 5)
    wednesday = MONDAY.date() + 2 * DAY
    afternoon = DutyShift.half == Half.PM
    db.session.execute(delete(DutyShift).where(DutyShift.day == wednesday, afternoon))
    db.session.execute(delete(LeaderRoster).where(LeaderRoster.day == MONDAY.date() + 4 * DAY))
    give_address(office.clerk)
    run(check_roster.JOB, MONDAY)
    assert told_to(office, HOLE) == {"sys_admin": 1, "clerk": 1, "clerk2": 1}
    assert text_to(office.clerk, HOLE) == (
        "第1政务服务中心最近5个工作日排班有空缺：2026年10月14日（周三）缺下午值班；"
        "2026年10月16日（周五）缺带班领导。"
    )
    mail = select(Notice.send_at).where(Notice.kind == HOLE, Notice.channel == "mail")
    assert db.session.execute(mail).scalars().all() == [at("2026-10-12 09:00")]


def test_holes_are_told_once_a_working_day(app: Flask, office: Office) -> None:
    assert run_in_two_threads(app, check_roster.JOB, MONDAY) == 1
    with unit_of_work():
        assert check_roster.run(MONDAY + dt.timedelta(hours=4)).done == 0
    for day in range(1, 8):
        run(check_roster.JOB, MONDAY + day * DAY)
    days = [row.created_at.date().day for row in notes(HOLE)[office.clerk.id]]
    assert days == [12, 13, 14, 15, 16, 17]  # Saturday looks at Monday's days, so Monday is told


def test_holiday_looks_beyond_itself(office: Office) -> None:
    fill_rosters(office, dt.date(2026, 9, 28), 16)
    run(check_roster.JOB, at("2026-10-01 08:00"))
    assert told_to(office, HOLE) == {}
    db.session.execute(delete(DutyShift).where(DutyShift.day == dt.date(2026, 10, 10)))
    db.session.commit()
    run(check_roster.JOB, at("2026-10-02 08:00"))
    assert "2026年10月10日（周六）缺上午值班、下午值班" in text_to(office.sys_admin, HOLE)
