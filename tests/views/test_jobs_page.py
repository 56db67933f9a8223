"""定时任务 on screen, and /healthz beside it: what an administrator and a monitor see."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import text

from app.domain.notice_kinds import NoticeKind, OutgoingStatus
from app.domain.schedules import Days, Schedule
from app.extensions import db
from app.jobs.registry import JOBS
from app.models import JobState, Outgoing, Runner
from app.unit_of_work import unit_of_work
from app.views.job_words import JOB_WORDS, schedule_words, took_words
from tests.client import OfficeClient
from tests.databases import make_app
from tests.factories import Office, at
from tests.views.pages import english_words, errors_of, send

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Browser = Callable[..., OfficeClient]
NOW = at("2026-10-12 11:00")
RUN = "/jobs/run/scan-deadlines"
FORM = "/jobs/schedule/form?name=scan-deadlines"
TIMES = "/jobs/schedule/form?name=send-overdue"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _now(freeze: Callable[[dt.datetime], None]) -> None:
    freeze(NOW)


def save(*rows: Any) -> None:
    with unit_of_work():
        db.session.add_all(rows)


def beat(age: dt.timedelta = MINUTE) -> Runner:
    return Runner(name="fwq-1:77", started_at=NOW - dt.timedelta(hours=3), seen_at=NOW - age)


def state(name: str = "scan-deadlines") -> JobState:
    return db.session.get_one(JobState, name, populate_existing=True)


def words_of(page: Any) -> str:
    """Return the words of the main part, one space between the cells."""
    parts = page.xpath("//main//text()")
    return " ".join(" ".join(parts).split())


def alerts(page: Any) -> list[str]:
    return [" ".join(e.text_content().split()) for e in page.xpath("//main//*[@role='alert']")]


def test_every_registered_job_has_its_words() -> None:
    assert {job.name for job in JOBS} <= set(JOB_WORDS)


def test_page_before_the_first_tick_says_loudly_that_nobody_ticks(
    hall: Office, client: Browser
) -> None:
    page = client(hall.sys_admin).page("/jobs/")
    assert not english_words(page, hall)
    assert alerts(page)[0].startswith("没有进程在执行定时任务。")
    words = words_of(page)
    for job in JOBS:
        assert str(JOB_WORDS[job.name].label) in words
    assert "每30秒" in words
    assert "尚无进程执行过定时任务。" in words
    assert "没有未送达的消息。" in words


def test_page_shows_what_a_job_did_and_who_asked(hall: Office, client: Browser) -> None:
    save(
        beat(),
        JobState(
            name="scan-deadlines", next_run_at=NOW, last_run_at=NOW - MINUTE,
            last_ok_at=NOW - MINUTE, last_worked_at=NOW - 2 * MINUTE, last_seconds=1.26,
            last_done=12, last_note="检查12件，通知3条", last_error="OSError: 磁盘已满",
            last_error_at=NOW - dt.timedelta(days=1), asked_at=NOW - 3 * MINUTE,
            asked_by_id=hall.sys_admin.id,
        ),
    )  # fmt: skip
    page = client(hall.sys_admin).page("/jobs/")
    words = words_of(page)
    assert not alerts(page)
    assert "正常 每30秒 2026-10-12 10:59 用时1.3秒 检查12件，通知3条 2026-10-12 10:58" in words
    assert "最近错误 2026-10-11 11:00：OSError: 磁盘已满" in words
    assert f"{hall.sys_admin.name}要求立即运行 2026-10-12 10:57" in words
    assert "fwq-1:77 正常 2026-10-12 08:00 60秒前" in words


def test_stale_heartbeat_stuck_mail_and_refused_letters_are_shown(
    hall: Office, client: Browser
) -> None:
    letter = {
        "channel": "mail", "kind": NoticeKind.RED, "recipient_id": hall.clerk.id,
        "address": "a@example.cn", "subject": "红牌：0001已超过应办结时间", "body": "…",
        "next_try_at": NOW, "attempts": 3,
    }  # fmt: skip
    refused = letter | {"status": OutgoingStatus.FAILED, "reply": "550 无此用户"}
    waiting = letter | {"created_at": NOW - 40 * MINUTE}
    save(
        beat(3 * MINUTE),
        Outgoing(key="a", message_id="<a@banjie>", created_at=NOW - MINUTE, **refused),
        Outgoing(key="b", message_id="<b@banjie>", **waiting),
    )
    page = client(hall.sys_admin).page("/jobs/")
    words = words_of(page)
    assert len(alerts(page)) == 2
    assert alerts(page)[1].startswith("有1条消息超过30分钟未能发出。")
    assert "fwq-1:77 已无心跳 2026-10-12 08:00 2026-10-12 10:57" in words
    assert f"2026-10-12 10:59 {hall.clerk.name} 红牌：0001已超过应办结时间 550 无此用户" in words
    assert page.xpath("//main//a[@href='/outgoing/list/']")


def test_run_now_asks_and_does_not_run(hall: Office, client: Browser) -> None:
    save(beat(), JobState(name="scan-deadlines", next_run_at=NOW + MINUTE))
    browser = client(hall.sys_admin)
    page = browser.page("/jobs/")
    (button,) = page.xpath(f"//form[@action='{RUN}']//button")
    assert button.get("data-confirm") == "确定立即运行“期限巡查”吗？"
    answer = browser.post(RUN, data={"csrf_token": browser.token("/jobs/")}, follow_redirects=True)
    page = html.fromstring(answer.text)
    assert "“期限巡查”将在几秒内运行" in words_of(page)
    assert "即将运行" in words_of(page)
    row = state()
    assert (row.next_run_at, row.asked_at, row.asked_by_id) == (NOW, NOW, hall.sys_admin.id)
    assert (row.last_run_at, row.last_ok_at) == (None, None)


def test_run_now_without_a_process_warns(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    answer = browser.post(RUN, data={"csrf_token": browser.token("/jobs/")}, follow_redirects=True)
    assert "目前没有进程执行定时任务，须先恢复" in answer.text
    assert state().next_run_at == NOW


def test_run_now_while_it_runs_is_refused_in_words(hall: Office, client: Browser) -> None:
    save(beat(), JobState(name="backup", next_run_at=NOW, leased_until=NOW + MINUTE))
    browser = client(hall.sys_admin)
    page = browser.page("/jobs/")
    assert "运行中" in words_of(page)
    assert not page.xpath("//form[@action='/jobs/run/backup']")
    token = {"csrf_token": browser.token("/jobs/")}
    answer = browser.post("/jobs/run/backup", data=token, follow_redirects=True)
    assert "正在运行" in answer.text
    assert state("backup").asked_at is None


def test_schedule_is_changed_at_once_and_back_to_default(hall: Office, client: Browser) -> None:
    save(JobState(name="scan-deadlines", next_run_at=NOW + 50 * MINUTE, schedule="3600"))
    browser = client(hall.sys_admin)
    page = browser.page(FORM)
    assert not english_words(page, hall)
    assert page.xpath("//input[@name='schedule']/@value") == ["3600"]
    assert send(browser, FORM, schedule="60").status_code == 302
    assert (state().schedule, state().next_run_at) == ("60", NOW + MINUTE)
    assert "每1分钟 已修改" in words_of(browser.page("/jobs/"))
    assert send(browser, FORM, restore="1", schedule="无所谓").status_code == 302
    row = state()
    assert (row.schedule, row.next_run_at) == ("", NOW + dt.timedelta(seconds=30))
    assert send(browser, FORM, schedule="30").status_code == 302
    assert state().schedule == ""  # what is delivered is not written down


def test_times_of_day_are_changed_and_their_days_stay(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    save(JobState(name="send-overdue", next_run_at=NOW + MINUTE))
    assert send(browser, TIMES, schedule="16：30、9:05").status_code == 302
    row = state("send-overdue")
    assert (row.schedule, row.next_run_at) == ("09:05,16:30", at("2026-10-12 16:30"))
    assert "工作日 09:05、16:30" in words_of(browser.page("/jobs/"))


def test_a_run_that_is_due_survives_a_change_of_schedule(hall: Office, client: Browser) -> None:
    save(JobState(name="scan-deadlines", next_run_at=NOW, asked_at=NOW))
    send(client(hall.sys_admin), FORM, schedule="600")
    assert state().next_run_at == NOW


@pytest.mark.sqlite_only  # words and forms need no second database
@pytest.mark.parametrize(
    ("url", "typed"),
    [(FORM, "4"), (FORM, "3601"), (FORM, "09:00"), (FORM, "一分钟"), (TIMES, "24:00"),
     (TIMES, "9:00,09:00"), (TIMES, "1:00,2:00,3:00,4:00,5:00,6:00,7:00"), (TIMES, "30")],
)  # fmt: skip
def test_what_is_no_schedule_stays_in_the_form(
    hall: Office, client: Browser, url: str, typed: str
) -> None:
    answer = send(client(hall.sys_admin), url, schedule=typed)
    page = html.fromstring(answer.text)
    assert answer.status_code == 200
    assert errors_of(page)["schedule"].startswith(f"“{typed}”不能识别")
    assert page.xpath("//input[@name='schedule']/@value") == [typed]
    assert db.session.query(JobState).filter(JobState.schedule != "").count() == 0


@pytest.mark.sqlite_only
def test_others_may_not_and_unknown_jobs_are_not_found(hall: Office, client: Browser) -> None:
    for person in (hall.sec_admin, hall.auditor, hall.clerk):
        browser = client(person)
        token = {"csrf_token": browser.token("/users/userinfo/")}
        assert browser.post(RUN, data=token).status_code in (302, 403)
        assert browser.get("/jobs/").status_code in (302, 403)
    assert db.session.query(JobState).count() == 0
    browser = client(hall.sys_admin)
    token = {"csrf_token": browser.token("/jobs/")}
    assert browser.post("/jobs/run/no-such", data=token).status_code == 404
    assert browser.get("/jobs/schedule/form?name=no-such").status_code == 404


@pytest.mark.sqlite_only
def test_schedules_and_times_in_words(app: Flask) -> None:
    noon = (dt.time(12),)
    with app.test_request_context("/"):
        words = [schedule_words(Schedule(times=noon, days=days)) for days in Days]
        assert words == ["每日 12:00", "工作日 12:00", "每周第一个工作日 12:00",
                         "每月第一个工作日 12:00"]  # fmt: skip
        assert [schedule_words(Schedule(seconds=n)) for n in (5, 90, 300)] == [
            "每5秒", "每90秒", "每5分钟",
        ]  # fmt: skip
        assert [took_words(n) for n in (None, 0.01, 1.26, 300)] == [
            "—",
            "<0.1秒",
            "1.3秒",
            "5.0分钟",
        ]


def test_healthz_tells_a_monitor_without_log_in_and_without_secrets(
    hall: Office, client: Browser
) -> None:
    browser = client()
    answer = browser.get("/healthz")
    assert (answer.status_code, answer.json["status"], answer.json["heartbeat"]) == (
        503, "stale", "none",
    )  # fmt: skip
    save(beat())
    answer = browser.get("/healthz")
    assert answer.status_code == 200
    assert answer.json == dict.fromkeys(("status", "heartbeat", "jobs", "mail", "database"), "ok")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    save(JobState(name="scan-deadlines", next_run_at=NOW - 6 * MINUTE))
    answer = browser.get("/healthz")
    assert (answer.status_code, answer.json["jobs"], answer.json["status"]) == (
        503,
        "late",
        "stale",
    )


@pytest.mark.sqlite_only
def test_healthz_and_its_statements_are_few(
    hall: Office, client: Browser, count_statements: Callable[[], Any]
) -> None:
    save(beat())
    with count_statements() as statements:
        client().get("/healthz")
    assert len([s for s in statements if s.startswith("SELECT")]) == 3


@pytest.mark.sqlite_only
def test_healthz_without_tables_is_503_and_no_traceback(tmp_path: Any) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path)
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json == {
        "status": "stale", "database": "error", "heartbeat": "unknown", "jobs": "unknown",
        "mail": "unknown",
    }  # fmt: skip
    with app.app_context():
        db.session.execute(text("SELECT 1"))
        db.engine.dispose()
