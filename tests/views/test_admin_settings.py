"""系统参数, 编号起始 and 健康页 on screen."""

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import fields

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import delete

from app.actions.numbers import draw_number
from app.actions.office import POLICY, load_rules
from app.actions.restores import begin_anew
from app.actions.settings import change_rules
from app.backup.create import note_checked
from app.domain.rules import Rules
from app.domain.states import NumberKind
from app.extensions import db
from app.models import JobState, LeaderRoster, Setting
from app.unit_of_work import unit_of_work
from app.views.setting_words import SETTING_WORDS
from tests.client import OfficeClient
from tests.factories import Office, at
from tests.views.pages import english_words, errors_of, send, text_of

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Browser = Callable[..., OfficeClient]
URL, POLICY_URL = "/settings/form", "/policy/form"
START = "/numbers/start/form?series=slip&site=1"
NOW = at("2026-10-12 09:00")


@pytest.fixture(autouse=True)
def _today(freeze: Callable[[dt.datetime], None]) -> None:
    freeze(at("2026-10-12 11:00"))


def test_every_setting_has_its_words() -> None:
    assert set(SETTING_WORDS) == {field.name for field in fields(Rules)}


def test_page_shows_every_setting_with_its_default(hall: Office, client: Browser) -> None:
    page = client(hall.sys_admin).page(URL)
    assert not english_words(page, hall)
    policy = client(hall.sec_admin).page(POLICY_URL)
    assert not english_words(policy, hall)
    for each, names in ((page, set(SETTING_WORDS) - POLICY), (policy, POLICY)):
        assert {name for name in SETTING_WORDS if each.xpath(f"//*[@name='{name}']")} == names
    text = text_of(page)
    assert "延期累计上限" in text
    assert "单位：工作日 默认：7 依据：R31" in text
    assert "默认：过半数 依据：D-12" in text


def test_settings_are_changed_and_go_back_to_their_default(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    answer = send(
        browser, URL, extension_cap_days="5", carry_over_time="11:30", quorum="all",
    )  # fmt: skip
    assert answer.status_code == 302
    db.session.expire_all()
    rules = load_rules()
    assert (rules.extension_cap_days, rules.carry_over_time, rules.quorum) == (
        5, dt.time(11, 30), "all",
    )  # fmt: skip
    assert db.session.query(Setting).filter(Setting.name.in_(SETTING_WORDS)).count() == 3
    send(browser, URL, extension_cap_days="", carry_over_time="12:00", quorum="")
    db.session.expire_all()
    assert load_rules() == Rules()
    assert db.session.query(Setting).filter(Setting.name.in_(SETTING_WORDS)).count() == 0


def test_notice_to_the_reporter_is_in_the_office_s_words(hall: Office, client: Browser) -> None:
    browser, desk = client(hall.sys_admin), client(hall.officer)
    usual = text_of(desk.page("/intake/scope"))
    assert "本窗口（县审批服务局）登记您的姓名和联系电话" in usual
    assert "办结后保存3年，咨询和不予受理的保存1年" in usual
    own = "登记您的姓名和电话。\r\n\r\n保存{办结保存}年，<b>请{提出方式}</b>。"
    answer = send(browser, URL, privacy_notice="请{联系人}处理")
    assert "只能使用这些占位符：{单位}" in text_of(html.fromstring(answer.text))
    assert send(browser, URL, privacy_notice=own, keep_case_years="5").status_code == 302
    for address in ("/intake/scope", "/intake/new"):
        page = desk.page(address)
        assert "保存5年，<b>请向值班人员提出</b>。" in text_of(page), address
        assert "县审批服务局）登记" not in text_of(page)
    send(browser, URL, privacy_notice="")
    assert load_rules().privacy_notice == Rules().privacy_notice


@pytest.mark.sqlite_only  # words and forms need no second database
@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("extension_cap_days", "8", "请填写1至7的整数。"),
        ("extension_cap_days", "0", "请填写1至7的整数。"),
        ("max_extensions", "4", "请填写1至3的整数。"),
        ("redo_days", "五", "请填写0至1000的整数。"),
        ("carry_over_time", "25:00", "请填写时间，如 12:00。"),
        ("quorum", "half", ""),
    ],
)
def test_bad_value_is_refused_beside_the_field_and_nothing_is_saved(
    hall: Office, client: Browser, name: str, value: str, words: str
) -> None:
    answer = send(client(hall.sys_admin), URL, verify_days="2", **{name: value})
    page = html.fromstring(answer.text)
    errors = errors_of(page)
    assert set(errors) == {name}
    assert errors[name].startswith(words)
    if name != "quorum":
        assert page.xpath(f"//input[@name='{name}']/@value") == [value]
    db.session.expire_all()
    assert load_rules() == Rules()


def test_one_refused_setting_changes_none(hall: Office) -> None:
    from app.domain.refusals import Refusal

    with pytest.raises(Refusal), unit_of_work():
        change_rules({"verify_days": "2", "redo_days": "x"}, by=hall.sys_admin, now=NOW)
    assert load_rules() == Rules()


def test_series_go_on_after_the_paper_numbers(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    page = browser.page("/numbers/")
    assert not english_words(page, hall)
    assert "台账编号" in text_of(page)
    assert "接待编号" not in text_of(page)
    assert send(browser, START, last_no="130").status_code == 302
    with unit_of_work():
        number = draw_number(site_id=1, series=NumberKind.SLIP, period="2026")
    assert number == 131
    assert "0132" in text_of(browser.page("/numbers/"))
    answer = send(browser, START, last_no="100")
    assert errors_of(html.fromstring(answer.text)) == {
        "last_no": "编号已用至131，已用编号不再使用。"
    }


@pytest.mark.sqlite_only  # words and forms need no second database
@pytest.mark.parametrize("value", ["", "-1", "10000", "x"])
def test_number_that_is_none_is_refused(hall: Office, client: Browser, value: str) -> None:
    answer = send(client(hall.sys_admin), START, last_no=value)
    assert "last_no" in errors_of(html.fromstring(answer.text))


def test_series_that_does_not_exist_is_not_found(hall: Office, client: Browser) -> None:
    for series in ("", "reception", "x"):
        url = f"/numbers/start/form?series={series}&site=1"
        assert client(hall.sys_admin).get(url).status_code == 404


def test_health_shows_years_holes_and_late_jobs(hall: Office, client: Browser) -> None:
    with unit_of_work():
        db.session.execute(delete(LeaderRoster).where(LeaderRoster.day == dt.date(2026, 10, 14)))
        db.session.add(JobState(name="scan-deadlines", next_run_at=NOW - dt.timedelta(hours=1)))
    page = client(hall.sys_admin).page("/health/")
    assert not english_words(page, hall)
    text = text_of(page)
    assert "2027年节假日安排尚未导入，应办结时间为暂算结果。" in text
    assert "2026-10-14 周三 带班领导、上午值班、下午值班" in text
    assert "2026-10-13 周二 上午值班、下午值班" in text
    assert "2026-10-19" not in text
    assert "已停止 没有进程在执行定时任务。" in text
    assert "未按时运行 期限巡查" in text


def test_health_shows_the_last_backup(hall: Office, client: Browser, app: Flask) -> None:
    folder = app.config["SETTINGS"].instance / "backups"
    browser = client(hall.sys_admin)
    assert "无备份 本机尚无备份。" in text_of(browser.page("/health/"))
    folder.mkdir()
    try:
        for hours, words in ((27, "已超过一天 最近备份："), (20, "已校验 最近备份：")):
            made = NOW - dt.timedelta(hours=hours)
            (folder / f"banjie-{made:%Y%m%d-%H%M%S}.zip").write_bytes(b"x")
            page = browser.page("/health/")
            assert words in text_of(page)
            assert not english_words(page, hall)
        assert "，0.1兆字节" in text_of(page)
        assert "现有2份，最多14份" in text_of(page)
        newest = folder / f"banjie-{made:%Y%m%d-%H%M%S}.zip"
        for reason, words in (("", "已再次校验，完好"), ("坏", "已损坏")):
            with unit_of_work():
                note_checked(newest, reason)
            assert words in text_of(browser.page("/health/"))
    finally:
        shutil.rmtree(folder)


def test_health_tells_a_failed_backup_and_asks_for_one_now(hall: Office, client: Browser) -> None:
    with unit_of_work():
        row = JobState(name="backup", next_run_at=NOW + dt.timedelta(hours=1), last_run_at=NOW)
        row.last_failed, row.last_error, row.last_error_at = 1, "磁盘空间不足", NOW
        db.session.add(row)
    browser = client(hall.sys_admin)
    page = browser.page("/health/")
    assert "磁盘空间不足" in text_of(page)
    assert page.xpath("//form[contains(@action, '/jobs/run/backup')]")
    browser.submit("/health/", "//form[contains(@action, '/jobs/run/backup')]")
    assert "几秒内开始" in text_of(browser.page("/health/"))


def test_messages_are_released_after_a_restore(hall: Office, client: Browser) -> None:
    with unit_of_work():
        begin_anew(backup_name="a.zip", backup_seal="0" * 64, backed_up_at=NOW, now=NOW)
    browser = client(hall.sys_admin)
    page = browser.page("/health/")
    assert "发件已暂停" in text_of(page)
    assert not english_words(page, hall)
    token = {"csrf_token": browser.token("/health/")}
    browser.post("/health/release", data=token | {"backlog": "drop"})
    page = browser.page("/health/")
    assert "已放行，消息恢复发送。" in text_of(page)
    assert "发件已暂停" not in text_of(page)
    browser.post("/health/release", data=token | {"backlog": "send"})
    assert "已放行，消息恢复发送。" not in text_of(browser.page("/health/"))
