"""The digest: own work by remaining time, the office for who supervises, once a day, in time."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.actions.calendars import set_override
from app.actions.office import set_rule
from app.domain.calendar_parts import DayKind
from app.domain.notice_kinds import NoticeKind
from app.domain.states import ComplaintAbout, LimitClass, Role, State
from app.extensions import db
from app.jobs import scheduler, send_digest
from app.models import Account, Case, JobState
from app.unit_of_work import unit_of_work
from tests.busy import CONDUCT, SECRET
from tests.crowd import crowd
from tests.factories import NAME, NARRATIVE, PHONE, Office, at, make_office
from tests.jobs.summaries import give_address, letters, notes, run_in_two_threads, told

KIND = NoticeKind.DIGEST
MORNING = at("2026-10-14 08:30")  # a Wednesday; the one-day cases of Monday are red


@pytest.fixture
def office(session: Any) -> Office:
    """Return a committed office whose job has its row."""
    office = make_office()
    db.session.commit()
    scheduler.tick(at("2026-09-18 08:00"), [send_digest.JOB])
    return office


def run(now: dt.datetime) -> Any:
    """Tick as a runner does."""
    return scheduler.tick(now, [send_digest.JOB]).get("send-digest")


def body_to(person: Account) -> str:
    (letter,) = letters(KIND)[person.id]
    return letter.body


def test_nobody_with_nothing_to_do_is_told(office: Office) -> None:
    assert run(MORNING).done == 0
    office.case_in(State.HANDLING)
    db.session.commit()
    run(MORNING + dt.timedelta(days=1))
    names = {office.people[k].id: k for k in office.people}
    assert {names[key] for key in notes(KIND)} == {
        "clerk", "clerk2", "leader", "leader2", "chief", "land_handler", "land_head",
    }  # fmt: skip


def test_red_comes_first_then_yellow_then_by_time(office: Office) -> None:
    give_address(office.land_head)
    easy = office.case_in(State.HANDLING, limit=LimitClass.THREE_DAYS, item_name="不急")
    late = office.case_in(State.HANDLING, item_name="已晚")
    later = office.submit(office.draft(item_name="更晚", now=at("2026-10-09 09:00")),
                          now=at("2026-10-09 09:10"))  # fmt: skip
    office.sign(office.dispatch(later, now=at("2026-10-09 09:20")), now=at("2026-10-09 10:00"))
    soon = office.submit(office.draft(item_name="将到", now=at("2026-10-13 09:00")),
                         now=at("2026-10-13 09:10"))  # fmt: skip
    office.dispatch(soon, limit=LimitClass.ONE_DAY, now=at("2026-10-13 09:20"))
    db.session.commit()
    run(at("2026-10-14 14:30"))
    text = body_to(office.land_head)
    order = [text.index(case.ledger_no) for case in (later, late, soon, easy)]
    assert order == sorted(order)
    assert text.count("【红牌】") == 2
    assert text.count("【黄牌】") == 1
    assert "您有待办4件，其中红牌2件、黄牌1件：" in text
    assert f"{soon.ledger_no}“将到”：待签收；应于2026年10月14日17时前办结，剩余2小时30分" in text
    assert letters(KIND)[office.land_head.id][0].subject == "“办不成事”反映窗口：待办4件"


def test_letter_names_no_reporter_and_tells_no_story(office: Office) -> None:
    give_address(office.land_head, office.clerk)
    office.case_in(State.HANDLING, item_name=f"{NAME}的备案{PHONE}")
    db.session.commit()
    run(MORNING)
    for person in (office.land_head, office.clerk):
        text = body_to(person) + letters(KIND)[person.id][0].subject
        assert NAME not in text
        assert PHONE not in text
        assert NARRATIVE[:8] not in text
    assert "http://127.0.0.1:8080/" in body_to(office.land_head)


def test_nobody_reads_of_a_case_he_may_not_see(office: Office) -> None:
    give_address(*(office.people[k] for k in ("clerk", "leader", "leader2", "chief")))
    give_address(office.land_head, office.land_handler, office.build_head)
    section = office.submit(office.draft(**CONDUCT, complaint_about=ComplaintAbout.SECTION))
    about = office.submit(office.draft(**CONDUCT, complaint_about=ComplaintAbout.LEADER))
    secret = office.case_in(State.HANDLING, **SECRET)
    db.session.commit()
    run(MORNING)
    clerk, leader, chief = (body_to(office.people[k]) for k in ("clerk", "leader", "chief"))
    assert "全部在办事项2件" in clerk
    assert section.ledger_no not in clerk
    assert about.ledger_no not in leader
    assert section.ledger_no in leader
    assert about.ledger_no in chief
    assert "全部在办事项3件" in chief
    assert secret.ledger_no in body_to(office.land_head)
    assert not {office.land_handler.id, office.build_head.id} & set(letters(KIND))


def test_leader_of_the_day_and_of_another_day(office: Office) -> None:
    give_address(office.leader, office.leader2)
    case = office.case_in(State.TO_CONFIRM)
    db.session.commit()
    run(MORNING)
    assert f"{case.ledger_no}“慢病备案”：待签字办结" in body_to(office.leader)
    assert "您目前没有待办事项。" in body_to(office.leader2)
    assert "按状态：待审签1件。" in body_to(office.leader2)


def test_who_has_no_address_reads_it_on_the_site(office: Office) -> None:
    give_address(office.clerk)
    office.case_in(State.HANDLING)
    db.session.commit()
    run(MORNING)
    (note,) = notes(KIND)[office.land_head.id]
    assert (note.about, note.text) == ("digest:2026-10-14", "您有待办1件，其中红牌1件。")
    assert (note.case_id, office.clerk.id in notes(KIND)) == (None, False)
    with unit_of_work():
        set_rule(name="mail_notices", text="0", by=office.sys_admin, now=MORNING)
    run(MORNING + dt.timedelta(days=1))
    assert len(letters(KIND)[office.clerk.id]) == 1
    assert len(notes(KIND)[office.clerk.id]) == 1


def test_twice_and_beside_another_tells_once(app: Flask, office: Office) -> None:
    give_address(office.clerk, office.land_head)
    office.case_in(State.HANDLING)
    db.session.commit()
    assert run_in_two_threads(app, send_digest.JOB, MORNING) == 1
    count = told(KIND)
    assert count == 7
    with unit_of_work():
        assert send_digest.run(MORNING).done == 0
        assert send_digest.run(MORNING + dt.timedelta(hours=6)).done == 0
    assert told(KIND) == count


@pytest.mark.parametrize(
    ("now", "is_sent"),
    [
        ("2026-09-20 08:30", True),  # a Sunday made up for 中秋
        ("2026-09-25 08:30", False),  # 中秋
        ("2026-10-01 08:30", False),  # 国庆
        ("2026-10-10 08:30", True),  # a Saturday made up
        ("2026-10-11 08:30", False),  # a Sunday
        ("2026-10-14 08:29", False),
        ("2026-10-14 11:00", True),  # missed at 08:30, still today's
        ("2026-10-15 00:10", False),  # yesterday's is not sent any more
    ],
)
def test_days_and_hours(office: Office, now: str, is_sent: bool) -> None:
    office.submit(office.draft(now=at("2026-09-18 09:00")), now=at("2026-09-18 09:10"))
    db.session.commit()
    with unit_of_work():
        send_digest.run(at(now))
    assert bool(told(KIND)) is is_sent
    assert {row.about for rows in notes(KIND).values() for row in rows} <= {f"digest:{now[:10]}"}


def test_three_days_of_downtime_bring_one_digest(office: Office) -> None:
    office.case_in(State.HANDLING)
    db.session.commit()
    run(MORNING)
    before = told(KIND)
    run(at("2026-10-19 07:00"))
    assert told(KIND) == before
    run(at("2026-10-19 08:31"))
    assert {row[-1].about for row in notes(KIND).values()} == {"digest:2026-10-19"}
    assert told(KIND) == 2 * before


def test_each_site_by_its_own_calendar(office: Office) -> None:
    other = make_office(2)
    county = office.add("county", Role.SUPERVISOR, site_id=None)
    db.session.flush()
    here, there = office.case_in(State.HANDLING), other.case_in(State.HANDLING)
    give_address(county)
    with unit_of_work():
        set_override(
            site_id=other.site.id, day=MORNING.date(), kind=DayKind.CLOSED,
            notice_no="县政办〔2026〕1号", by=office.sys_admin, now=at("2026-10-13 09:00"),
        )  # fmt: skip
    run(MORNING)
    everybody = set(letters(KIND)) | set(notes(KIND))
    assert office.land_head.id in everybody
    assert not everybody & {person.id for person in other.people.values()} - {county.id}
    assert "全部在办事项1件" in body_to(county)
    run(MORNING + dt.timedelta(days=1))
    assert "全部在办事项2件" in letters(KIND)[county.id][-1].body
    assert {here.site_id, there.site_id} == {1, 2}


def test_pressed_early_it_is_sent_at_once_and_not_again(office: Office) -> None:
    office.case_in(State.HANDLING)
    state = db.session.get_one(JobState, "send-digest")
    state.asked_at = state.next_run_at = at("2026-10-14 07:00")
    db.session.commit()
    run(at("2026-10-14 07:00"))
    count = told(KIND)
    assert count
    run(MORNING)
    assert told(KIND) == count


def test_times_of_the_administrator_count(office: Office) -> None:
    office.case_in(State.HANDLING)
    state = db.session.get_one(JobState, "send-digest")
    state.schedule, state.next_run_at = "10:00", at("2026-10-14 08:00")
    db.session.commit()
    run(at("2026-10-14 09:00"))
    assert not told(KIND)
    run(at("2026-10-14 10:00"))
    assert told(KIND)


def test_one_bad_row_stops_no_other_person(office: Office) -> None:
    office.case_in(State.HANDLING)
    bad = office.dispatch(office.submit(office.draft()), lead="tax")
    bad.due_at = at("2150-01-04 17:00")  # beyond every calendar: its remaining time has no answer
    db.session.commit()
    result = run(MORNING)
    assert (result.failed, "甲tax_head" in result.note) == (2, True)
    assert {office.land_head.id, office.clerk.id} <= set(notes(KIND))
    assert office.tax_head.id not in notes(KIND)
    bad.due_at = at("2026-10-15 17:00")
    db.session.commit()
    with unit_of_work():
        assert send_digest.run(MORNING).done == 2


def test_cost_does_not_grow_with_the_cases(
    office: Office, count_statements: Callable[[], Any]
) -> None:
    for n in range(60 - 7):
        office.add(f"more{n}", Role.UNIT_HANDLER, unit="land")
    db.session.flush()
    crowd(office, 120)
    db.session.execute(update(Case).values(state=State.HANDLING, finished_at=None))
    give_address(*office.people.values())
    run(MORNING - dt.timedelta(days=1))  # lays out the calendar, which is remembered
    with count_statements() as few:
        assert run(MORNING).done > 50
    with count_statements() as again, unit_of_work():
        assert send_digest.run(MORNING).done == 0
    assert len(few) < 5 * 60
    assert len(again) < 2 * 70
    text = letters(KIND)[office.land_head.id][-1].body
    assert text.count("\n50. ") == 1
    assert "\n另有70件，请登录系统查看。" in text
