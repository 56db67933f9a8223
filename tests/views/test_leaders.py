"""领导带班: one tap checks in, the log is one's own and of today, missing half-days are red."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from app.actions.leaders import check_in, set_leader
from app.domain.states import Half, State
from app.extensions import db
from app.models import LeaderVisit
from tests.client import OfficeClient
from tests.factories import Office, at
from tests.views.lists import column, notes
from tests.views.pages import send, text_of

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Browser = Callable[..., OfficeClient]
Freeze = Callable[[dt.datetime], None]


def visits() -> list[LeaderVisit]:
    return db.session.query(LeaderVisit).order_by(LeaderVisit.arrived_at).all()


def tap(browser: OfficeClient) -> Any:
    """Press the big button of the home page."""
    (form,) = browser.page("/").xpath("//form[contains(@action, 'check-in')]")
    return browser.post(form.action, data=dict(form.form_values()))


def test_one_tap_checks_in_and_the_page_knows_the_half_day(
    hall: Office, client: Browser, freeze: Freeze
) -> None:
    freeze(at("2026-10-12 09:30"))
    browser = client(hall.leader)
    assert "到岗签到（上午）" in text_of(browser.page("/"))
    tap(browser)
    assert "上午已到岗签到 09:30" in text_of(browser.page("/"))
    assert "下午尚未签到" in text_of(browser.page("/"))
    freeze(at("2026-10-12 12:00"))
    browser = client(hall.leader)  # idle since the morning: logged out
    assert "到岗签到（下午）" in text_of(browser.page("/"))
    tap(browser)
    assert [(v.half, v.arrived_at) for v in visits()] == [
        (Half.AM, at("2026-10-12 09:30")), (Half.PM, at("2026-10-12 12:00")),
    ]  # fmt: skip


def test_second_tap_is_refused_in_words(hall: Office, client: Browser, freeze: Freeze) -> None:
    freeze(at("2026-10-12 09:30"))
    browser = client(hall.leader)
    tap(browser)
    answer = browser.post(
        "/leader-visits/check-in", data={"csrf_token": browser.token("/leader-visits/list/")}
    )
    (said,) = notes(browser.page(answer.location))
    assert "签到" in said
    assert len(visits()) == 1


def test_log_is_written_after_the_tap_and_may_name_a_case(
    hall: Office, client: Browser, freeze: Freeze
) -> None:
    case = hall.case_in(State.HANDLING)
    db.session.commit()
    freeze(at("2026-10-12 14:10"))
    browser = client(hall.leader)
    log = tap(browser).location
    answer = send(
        browser, log, seen="大厅秩序良好", solved="现场协调慢病备案", case_id=str(case.id),
        has_left="y",
    )  # fmt: skip
    assert answer.status_code == 302
    (visit,) = visits()
    assert (visit.seen, visit.solved, visit.case_id) == (
        "大厅秩序良好", "现场协调慢病备案", case.id,
    )  # fmt: skip
    assert visit.left_at == at("2026-10-12 14:10")
    page = browser.page("/leader-visits/list/")
    assert column(page, "solved") == ["现场协调慢病备案"]
    assert case.ledger_no in column(page, "case")[0]


def test_log_too_long_comes_back_with_its_text(
    hall: Office, client: Browser, freeze: Freeze
) -> None:
    freeze(at("2026-10-12 14:10"))
    browser = client(hall.leader)
    log = tap(browser).location
    answer = send(browser, log, seen="长" * 2001)
    assert answer.status_code == 200
    assert "长" * 100 in answer.text
    assert visits()[0].seen == ""


def test_log_is_ones_own_and_of_today(hall: Office, client: Browser, freeze: Freeze) -> None:
    freeze(at("2026-10-12 14:10"))
    log = tap(client(hall.leader)).location
    assert client(hall.leader2).get(log).status_code == 404
    assert client(hall.clerk).get(log).status_code == 403
    freeze(at("2026-10-13 08:00"))
    browser = client(hall.leader)
    assert browser.get(log).status_code == 404
    token = browser.token("/")
    assert browser.post(log, data={"csrf_token": token, "seen": "补写"}).status_code == 404


@pytest.mark.parametrize("who", ["clerk", "officer", "m1", "land_head", "sys_admin"])
def test_only_leaders_check_in(hall: Office, client: Browser, who: str) -> None:
    browser = client(hall.people[who])
    answer = browser.post("/leader-visits/check-in", data={"csrf_token": browser.token("/")})
    assert answer.status_code == 403
    assert not visits()


def test_month_shows_missing_half_days_and_counts_them(
    hall: Office, client: Browser, freeze: Freeze
) -> None:
    for text in ("2026-10-08 09:20", "2026-10-08 14:00", "2026-10-09 09:40", "2026-10-12 09:30"):
        check_in(site_id=hall.site.id, by=hall.leader, now=at(text))
    # 10-10 is a Saturday that is worked: its roster counts too.
    set_leader(
        site_id=hall.site.id, day=dt.date(2026, 10, 10), leader_id=hall.leader2.id,
        by=hall.sys_admin, now=at("2026-10-08 09:00"),
    )  # fmt: skip
    db.session.commit()
    freeze(at("2026-10-12 11:00"))
    page = client(hall.clerk).page("/leader-visits/list/")
    days = {
        " ".join(li.xpath("string(./p[1])").split()): [
            " ".join(p.text_content().split()) for p in li.xpath("./p[position() > 2]")
        ]
        for li in page.xpath("//ol[@class='visit-grid']/li")
    }
    assert days["8 周四"] == ["上午 09:20", "下午 14:00"]
    assert days["9 周五"] == ["上午 09:40", "下午 缺勤"]
    assert days["10 周六"] == ["上午 缺勤", "下午 缺勤"]
    assert days["12 周一"] == ["上午 09:30", "下午 —"]
    assert days["13 周二"] == ["上午 —", "下午 —"]
    assert "11 周日" not in days
    red = page.xpath("//p[contains(@class, 'is-missing')]")
    assert len(red) == 3
    assert "带班到岗（半日） 4/7" in " ".join(page.text_content().split())


def test_other_months_can_be_asked_for(hall: Office, client: Browser, freeze: Freeze) -> None:
    freeze(at("2026-10-12 11:00"))
    browser = client(hall.clerk)
    page = browser.page("/leader-visits/list/")
    earlier, later = page.xpath("//a[contains(@href, 'month=')]/@href")[:2]
    assert "2026年9月" in text_of(browser.page(earlier))
    assert "2026年11月" in text_of(browser.page(later))
    for text in ("2026-13", "nonsense", "0001-01", "9999-12"):
        assert "2026年10月" in text_of(browser.page(f"/leader-visits/list/?month={text}"))
