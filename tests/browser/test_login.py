"""The door: the log-in page looks right, lets in with the right password only."""

from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_login_page_shows_the_office_and_the_demo_mark(
    page: Page, office: object, shoot: Callable[[Page, str], None]
) -> None:
    page.goto("/login/")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_label("用户名")).to_be_focused()
    expect(page.get_by_text("演示数据").first).to_be_visible()
    shoot(page, "login")


def test_wrong_password_is_said_in_chinese(page: Page, office: object) -> None:
    page.goto("/login/")
    page.get_by_label("用户名").fill("nobody")
    page.get_by_label("密码").fill("wrong")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    assert "/login" in page.url
    expect(page.get_by_text("Invalid")).to_have_count(0)
