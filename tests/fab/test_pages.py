"""Every generated page: Chinese only, one h1, nothing from outside, no inline code."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import render_template_string
from lxml import html

from tests.client import OfficeClient
from tests.fab.office import PASSWORD

PAGES = [
    "/",
    "/bookview/list/",
    "/bookview/list/?q=x&quick=lent",
    "/bookview/show/1",
    "/bookview/add",
    "/bookview/edit/1",
    "/shelfview/list/",
    "/shelfview/show/1",
    "/shelfmasterview/list/2",
    "/users/list/",
    "/users/show/1",
    "/users/add",
    "/users/edit/2",
    "/users/userinfo/",
    "/roles/list/",
    "/roles/show/1",
    "/roles/edit/1",
    "/resetmypassword/form",
    "/resetpassword/form?pk=2",
]
# What may be Latin on a Chinese page: the switch to English and the accounts' own names.
LATIN = {"English", "anna", "bert", "nemo"}
SAMPLE = Path(__file__).with_name("macros.html")
SHOWN = ("placeholder", "title", "aria-label", "alt", "data-confirm")


def latin_words(page: html.HtmlElement) -> set[str]:
    for hidden in page.xpath("//script|//style"):
        hidden.drop_tree()
    texts = [page.text_content()]
    texts += [value for name in SHOWN for value in page.xpath(f"//@{name}")]
    return {word for text in texts for word in re.findall(r"[A-Za-z]{2,}", text)} - LATIN


@pytest.mark.parametrize("url", PAGES)
def test_page_is_chinese_and_decent(browser: Any, url: str) -> None:
    assert latin_words(browser().page(url)) == set()


def test_errors_of_an_empty_form_are_chinese(browser: Any) -> None:
    for url in ("/bookview/add", "/users/add", "/resetmypassword/form"):
        response = browser().submit(url, "//form[contains(@class,'office-form')]")
        assert response.status_code == 200
        assert latin_words(html.fromstring(response.text)) == set()


def test_log_in_page_is_chinese_and_says_what_is_wrong(office: Any) -> None:
    stranger = OfficeClient(office, office.response_class)
    assert latin_words(stranger.page("/login/")) == set()
    assert "请先登录。" in stranger.page("/bookview/list/").text_content()
    stranger.log_in("anna", "wrong")
    assert "用户名或密码错误" in stranger.page("/login/").text_content()
    assert stranger.log_in("anna", PASSWORD).location == "/"
    assert "王建国" in stranger.page("/").text_content()


def test_language_is_switched_on_the_same_page(browser: Any) -> None:
    anna = browser()
    data = {"csrf_token": anna.token("/users/list/"), "locale": "en", "back": "/users/list/?q=a"}
    response = anna.post("/language", data=data)
    assert response.location == "/users/list/?q=a"
    assert "Log out" in anna.get("/users/list/").text or "Logout" in anna.get("/users/list/").text
    assert 'lang="en"' in anna.get("/users/list/").text


@pytest.mark.parametrize("back", ["https://example.com/", "//example.com", "/\\example.com", "x"])
def test_language_never_leads_elsewhere(browser: Any, back: str) -> None:
    anna = browser()
    data = {"csrf_token": anna.token("/"), "locale": "zh", "back": back}
    assert anna.post("/language", data=data).location == "/"


def test_menu_shows_permitted_entries_only_and_marks_the_page(browser: Any) -> None:
    menu = browser().page("/users/list/").get_element_by_id("menu")
    assert [a.text for a in menu.xpath(".//a")] == ["图书", "书架", "用户账号", "角色授权"]
    assert menu.xpath(".//a[@aria-current]/text()") == ["用户账号"]
    assert not browser("nemo").page("/").get_element_by_id("menu").xpath(".//a")


def test_demo_strip_only_in_the_demo_office(browser: Any) -> None:
    assert not browser().page("/").xpath("//*[@class='demo-strip']")


def test_macros_draw_a_whole_page(office: Any) -> None:
    with office.test_request_context("/"):
        page = html.fromstring(render_template_string(SAMPLE.read_text(encoding="utf-8")))
    assert page.xpath("//h1/text()") == ["样张"]
    assert page.findtext(".//title").startswith("样张 · ")
    assert page.xpath("//form//input[@name='half']/@value") == ["am"]
    assert page.xpath("//button[@data-confirm]/@data-confirm") == ["确定签到吗？"]
    assert [part.text_content() for part in page.xpath("//dd")][:2] == ["张三", "否"]
    card = page.xpath("//*[@class='number-card']")[0]
    assert card.text_content().split() == ["按时办结", "3/3", "本月"]


def test_styles_have_no_text_under_14_pixels(root: Path) -> None:
    style = (root / "app" / "static" / "css" / "office.css").read_text(encoding="utf-8")
    sizes = [float(size) for size in re.findall(r"font(?:-size)?:\s*(\d+(?:\.\d+)?)px", style)]
    assert min(sizes) >= 14
