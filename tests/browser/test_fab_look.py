"""The generated pages in a real Chromium: no policy violated, nothing from outside, usable by keys.

They are those of the throw-away office of tests/fab; the journeys have files of their own.
"""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from app.extensions import db
from config import Mode
from tests.browser.conftest import DESK, PHONE
from tests.fab.office import PASSWORD, fill, make_office
from tests.fab.test_pages import PAGES

SIZES = pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
SMALL_TEXT = """() => [...document.querySelectorAll("body *")].filter((e) =>
  [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) && e.offsetParent
  && parseFloat(getComputedStyle(e).fontSize) < 14).map((e) => e.outerHTML.slice(0, 80))"""
TOO_WIDE = "() => document.documentElement.scrollWidth - window.innerWidth"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the throw-away office on a free port of this process."""
    app = make_office(tmp_path_factory.mktemp("fab"), Mode.DEMO)
    with app.app_context():
        fill()
        db.session.remove()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def enter(chromium: Browser, url: str) -> Iterator[Callable[..., Page]]:
    """Return a maker of signed-in windows that fail the test on any trouble."""
    troubles: list[str] = []
    contexts = []

    def make(viewport: dict[str, int] = DESK) -> Page:
        context = chromium.new_context(base_url=url, viewport=viewport, locale="zh-CN")
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console", lambda line: troubles.append(line.text) if line.type == "error" else None
        )
        page.on(
            "request",
            lambda sent: None if sent.url.startswith((url, "data:")) else troubles.append(sent.url),
        )
        page.goto("/login/")
        page.fill("#username", "anna")
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{url}/")
        return page

    yield make
    for context in contexts:
        context.close()
    assert not troubles


@SIZES
def test_pages_violate_no_policy_and_fit(
    enter: Callable[..., Page], viewport: dict[str, int]
) -> None:
    page = enter(viewport)
    for address in PAGES:
        assert page.goto(address).status == 200, address
        assert page.evaluate(TOO_WIDE) <= 0, address
        assert page.evaluate(SMALL_TEXT) == [], address


def test_form_is_filled_and_saved_by_keyboard(enter: Callable[..., Page]) -> None:
    page = enter()
    page.goto("/bookview/add")
    page.focus("#title")
    page.keyboard.type("键盘书")
    page.keyboard.press("Enter")
    expect(page.locator("#shelf")).to_be_focused()
    page.select_option("#shelf", label="甲架")
    page.focus("#bought_on")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_role("dialog", name="日历")).to_contain_text("年")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert len(page.input_value("#bought_on")) == len("2026-10-15")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status")).to_contain_text("已保存。")


def test_text_left_unsaved_is_put_back_and_can_be_discarded(enter: Callable[..., Page]) -> None:
    page = enter()
    page.goto("/bookview/add")
    page.fill("#title", "写到一半")
    page.goto("/bookview/list/")
    page.goto("/bookview/add")
    expect(page.locator("#title")).to_have_value("写到一半")
    page.get_by_role("button", name="不用恢复").click()
    expect(page.locator("#title")).to_have_value("")


def test_text_saved_is_not_put_back(enter: Callable[..., Page]) -> None:
    page = enter()
    page.goto("/bookview/add")
    page.fill("#title", "存好的书")
    page.select_option("#shelf", label="甲架")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("已保存。")
    page.goto("/bookview/add")
    expect(page.locator("#title")).to_have_value("")


def test_action_asks_first_and_no_means_no(enter: Callable[..., Page]) -> None:
    page = enter()
    page.goto("/bookview/list/?q=00004")
    page.get_by_role("cell").get_by_role("button", name="借出").click()
    expect(page.get_by_role("alertdialog")).to_contain_text("确定借出吗？")
    page.keyboard.press("Escape")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    page.get_by_role("cell").get_by_role("button", name="借出").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("status")).to_contain_text("已借出。")
    expect(page.locator("input[name=q]")).to_have_value("00004")


def test_menu_opens_on_a_phone(enter: Callable[..., Page], root: Path) -> None:
    page = enter(PHONE)
    page.goto("/users/list/")
    entry = page.get_by_role("link", name="角色授权")
    expect(entry).not_to_be_visible()
    page.get_by_role("button", name="菜单").click()
    entry.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("角色授权")


def test_log_out_button_ends_the_session(enter: Callable[..., Page]) -> None:
    page = enter()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("status")).to_contain_text("已退出登录。")
    assert page.goto("/users/list/").url.split("?")[0].endswith("/login/")


def test_text_of_one_person_is_not_offered_to_the_next(enter: Callable[..., Page]) -> None:
    page = enter()
    page.goto("/bookview/add")
    page.fill("#title", "王建国写的")
    page.context.clear_cookies()  # the session ran out; the same window goes on
    page.goto("/login/?next=/bookview/add")
    page.fill("#username", "bert")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "login" not in address)
    page.goto("/bookview/add")
    expect(page.locator("#title")).to_have_value("")
