"""工作台: each role its own page, every number opens the list behind it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from app.extensions import db
from app.models import Account
from app.unit_of_work import unit_of_work
from tests.busy import NOW, Busy
from tests.client import OfficeClient
from tests.factories import Office, at
from tests.views.lists import ADMINS, WORKERS, latin_words, number, total
from tests.views.pages import text_of

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Freeze = Callable[[dt.datetime], None]


def links(page: Any, css: str) -> dict[str, int]:
    """Return address → number of the counters or figures with this class."""
    found = page.xpath(f"//a[contains(concat(' ', @class, ' '), ' {css} ')]")
    return {a.get("href"): number(a.xpath("string(.//*[@class='counter-n'])")) for a in found}


def test_stranger_is_sent_to_the_login_page(client: Callable[..., OfficeClient]) -> None:
    answer = client().get("/")
    assert answer.status_code == 302
    assert "/login" in answer.location


# Words of a page; what it counts is tried on both.
@pytest.mark.sqlite_only
@pytest.mark.parametrize("who", [*WORKERS, *ADMINS])
def test_page_is_whole_and_chinese(busy: Busy, freeze: Freeze, who: str) -> None:
    freeze(NOW)
    page = busy.browser(who).page("/")
    assert not latin_words(page)
    assert "今日带班" in text_of(page)


@pytest.mark.parametrize("who", WORKERS)
def test_every_counter_opens_a_list_of_as_many(busy: Busy, freeze: Freeze, who: str) -> None:
    freeze(NOW)
    browser = busy.browser(who)
    counters = links(browser.page("/"), "counter")
    assert {href: total(browser.page(href)) for href in counters} == counters


@pytest.mark.parametrize("who", ["clerk", "land_head", "viewer"])
def test_every_figure_opens_the_lists_of_n_and_d(busy: Busy, freeze: Freeze, who: str) -> None:
    freeze(NOW)
    browser = busy.browser(who)
    page = browser.page("/")
    shown = page.xpath("//*[@class='figure-of']/a | //a[@class='figure-value']")
    assert len(shown) == (2 if who == "land_head" else 9)
    for link in shown:
        assert total(browser.page(link.get("href"))) == number(link.text_content())


@pytest.mark.parametrize("who", ADMINS)
def test_administrators_see_no_business(busy: Busy, freeze: Freeze, who: str) -> None:
    freeze(NOW)
    page = busy.browser(who).page("/")
    assert not page.xpath("//*[contains(@class, 'counter') or contains(@class, 'figure')]")
    assert "2026-0001" not in text_of(page)


def test_todo_is_sorted_red_yellow_rest(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    for who in ("clerk", "leader", "land_head"):
        page = busy.browser(who).page("/")
        for card in page.xpath("//ul[@class='todo']"):
            looks = [li.get("class") for li in card.xpath("./li")]
            assert looks == sorted(looks, key=["is-red", "is-yellow", "is-none"].index), who


def test_unit_has_three_lists_and_its_own_figure(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    page = busy.browser("land_head").page("/")
    heads = [h.text_content() for h in page.xpath("//main//h2")]
    assert heads == ["待签收", "办理中", "退回补办、重办", "我单位本月"]
    lists = [card.text_content() for card in page.xpath("//section[contains(@class, 'card')]")]
    assert busy.case("to_sign").ledger_no in lists[0]
    assert busy.case("handling").ledger_no in lists[1]
    assert busy.case("sent_back").ledger_no in lists[2]
    assert busy.case("redo").ledger_no in lists[2]
    assert "按时办结率" in text_of(page)


def test_unit_sees_nothing_of_another_unit(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    text = text_of(busy.browser("build_head").page("/"))
    assert busy.case("co").ledger_no in text
    assert busy.case("handling").ledger_no not in text


def test_leader_of_the_day_signs_others_read(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    today = busy.browser("leader").page("/")
    other = busy.browser("leader2").page("/")
    assert "今日审批、签字由带班领导办理" not in text_of(today)
    assert f"今日带班：{busy.person('leader').name}" in text_of(other)
    assert today.xpath("//form[contains(@action, 'check-in')]")
    assert "到岗签到（下午）" in text_of(other)
    assert "暂无待办事项。" in text_of(other)


def test_group_reads_a_brief_of_each_case(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    page = busy.browser("m1").page("/")
    briefs = [b.text_content() for b in page.xpath("//article[@class='brief']")]
    assert len(briefs) == 3
    assert busy.case("waits_long").ledger_no in briefs[0]
    assert "多家推诿" in briefs[0]


def test_drafts_left_after_closing_are_a_red_banner(busy: Busy, freeze: Freeze) -> None:
    freeze(at("2026-10-12 16:59"))  # the draft is of this morning
    assert "草稿未提交" not in text_of(busy.browser("officer").page("/"))
    freeze(at("2026-10-12 17:01"))
    assert "有 1 件草稿未提交" in text_of(busy.browser("officer").page("/"))
    freeze(at("2026-10-13 08:00"))
    assert "有 1 件草稿未提交" in text_of(busy.browser("officer").page("/"))


def test_desk_has_two_doors(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    page = busy.browser("officer").page("/")
    assert page.xpath("//a[contains(@class, 'btn-big') and contains(@href, '/intake')]")
    assert page.xpath("//form[@role='search']//input[@name='q']")


def test_roster_holes_of_tomorrow_are_shown_to_the_administrator(
    hall: Office, client: Callable[..., OfficeClient], freeze: Freeze
) -> None:
    freeze(at("2026-10-09 10:00"))
    text = text_of(client(hall.sys_admin).page("/"))
    assert "2026-10-10 周六：上午值班人员未排班、下午值班人员未排班" in text


def test_account_without_a_role_is_told_so(
    hall: Office, client: Callable[..., OfficeClient]
) -> None:
    with unit_of_work():
        db.session.get(Account, hall.officer.id).roles = []
    assert "尚未分配角色" in text_of(client(hall.officer).page("/"))


def test_new_ratings_are_news_for_unit_and_leader(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    for who in ("land_head", "leader"):
        browser = busy.browser(who)
        page = browser.page("/")
        link = page.xpath("//a[contains(@href, 'quick=unread')]")[0]
        wanted = number(link.getparent().text_content())
        assert total(browser.page(link.get("href"))) == wanted > 0
    assert not busy.browser("leader2").page("/").xpath("//main//a[contains(@href, 'unread')]")
