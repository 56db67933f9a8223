"""The door over the web: locks, log-ins that end, passwords that must be changed."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from lxml import html
from sqlalchemy import select, update

from app.domain.passwords import SessionEnd
from app.extensions import db
from app.fab.accounts import hashed
from app.models import Account, LoginSession, Setting
from app.web.login import TOKEN
from tests.client import OfficeClient
from tests.factories import Office, at

pytestmark = pytest.mark.sqlite_only  # the rules are tried on both in tests/actions/test_access.py
NOW = at("2026-10-12 09:00")
MINUTE = dt.timedelta(minutes=1)
GOOD, NEW = "Right-pass-1", "Fresh-pass-2"
FORM = "//form[contains(@class,'office-form')]"
Browser = Callable[..., OfficeClient]


@pytest.fixture
def clerk(hall: Office, freeze: Callable[[dt.datetime], None]) -> str:
    """Return the user name of a clerk with a password; the clock stands at nine."""
    freeze(NOW)
    hall.clerk.password, hall.clerk.password_set_at = hashed(GOOD), NOW
    db.session.commit()
    return str(hall.clerk.username)


def is_in(browser: OfficeClient) -> bool:
    return browser.get("/").status_code == 200


def words(browser: OfficeClient, response: Any) -> str:
    page = browser.get(response.location or "/", follow_redirects=True)
    return " ".join(html.fromstring(page.text).text_content().split())


def test_right_password_opens_and_wrong_does_not(client: Browser, clerk: str) -> None:
    browser = client()
    browser.log_in(clerk, "wrong")
    assert not is_in(browser)
    browser.log_in(clerk, GOOD)
    assert is_in(browser)


def test_every_failure_reads_the_same(client: Browser, clerk: str, hall: Office) -> None:
    hall.officer.active = False
    hall.officer.password = hashed(GOOD)
    off = hall.officer.username
    db.session.commit()
    read = set()
    for name, password in ((clerk, "wrong"), ("nobody", GOOD), (off, GOOD), (clerk, "")):
        browser = client()
        if password:
            read.add(words(browser, browser.log_in(name, password)))
    browser = client()
    for _ in range(5):
        browser.log_in(clerk, "wrong")
    read.add(words(browser, browser.log_in(clerk, GOOD)))  # locked by now
    assert len(read) == 1
    assert "锁定" in read.pop()


def test_five_failures_lock_and_half_an_hour_opens(
    client: Browser, clerk: str, freeze: Callable[[dt.datetime], None]
) -> None:
    for _ in range(5):  # from five browsers: the account counts, not the cookie
        client().log_in(clerk, "wrong")
    browser = client()
    browser.log_in(clerk, GOOD)
    assert not is_in(browser)
    freeze(NOW + 30 * MINUTE)
    browser = client()
    browser.log_in(clerk, GOOD)
    assert is_in(browser)


def test_security_administrator_unlocks_from_the_list(
    client: Browser, clerk: str, hall: Office
) -> None:
    for _ in range(5):
        client().log_in(clerk, "wrong")
    address = f"/users/unlock/{hall.clerk.id}"
    warden, admin = client(hall.sec_admin), client(hall.sys_admin)
    page = warden.page("/users/list/?quick=locked")
    assert "锁定至" in page.text_content()
    assert page.xpath(f"//form[@action='{address}']")
    assert not admin.page("/users/list/?quick=locked").xpath(f"//form[@action='{address}']")
    assert admin.post(address, data={"csrf_token": admin.token("/")}).status_code == 403
    done = warden.post(address, data={"csrf_token": warden.token("/")}, follow_redirects=True)
    assert "可以重新登录了" in done.text
    browser = client()
    browser.log_in(clerk, GOOD)
    assert is_in(browser)


def test_copied_cookie_is_worth_nothing_after_log_out(client: Browser, clerk: str) -> None:
    browser, thief, other = client(), client(), client()
    browser.log_in(clerk, GOOD)
    other.log_in(clerk, GOOD)
    thief._cookies = dict(browser._cookies)
    assert is_in(thief)
    assert is_in(other)
    browser.post("/logout/", data={"csrf_token": browser.token("/")})
    assert not is_in(thief)
    assert not is_in(other)


def test_log_in_takes_a_token_that_was_never_there_before(client: Browser, clerk: str) -> None:
    browser = client()
    browser.get("/login/")
    with browser.session_transaction() as cookie:
        cookie[TOKEN] = "planted"
        cookie["other"] = "planted"
    browser.log_in(clerk, GOOD)
    assert is_in(browser)
    with browser.session_transaction() as cookie:
        assert cookie[TOKEN] != "planted"
        assert "other" not in cookie


@pytest.mark.parametrize(("pause", "hours"), [(31, 0.6), (29, 12.1)])
def test_idle_and_long_log_ins_end(
    client: Browser,
    clerk: str,
    freeze: Callable[[dt.datetime], None],
    pause: int,
    hours: float,
) -> None:
    browser = client()
    browser.log_in(clerk, GOOD)
    now, end = NOW, NOW + dt.timedelta(hours=hours)
    while now + pause * MINUTE < min(end, NOW + dt.timedelta(hours=12)):
        now += pause * MINUTE
        freeze(now)
        if pause < 30:
            assert is_in(browser)
        else:
            assert not is_in(browser)
    freeze(end)
    assert not is_in(browser)


def test_password_given_by_another_must_be_changed_first(
    client: Browser, clerk: str, hall: Office
) -> None:
    before = client()
    before.log_in(clerk, GOOD)
    admin = client(hall.sys_admin)
    url = f"/resetpassword/form?pk={hall.clerk.id}"
    assert admin.submit(url, FORM, password=NEW, conf_password=NEW).status_code == 302
    assert not is_in(before)
    browser = client()
    browser.log_in(clerk, NEW)
    for address in ("/", "/cases/list/", "/users/userinfo/"):
        assert browser.get(address).location == "/resetmypassword/form", address
    posted = browser.post("/cases/action_post", data={"csrf_token": browser.token("/login/")})
    assert posted.location == "/resetmypassword/form"
    fields = {"old_password": NEW, "password": "Own-word-33", "conf_password": "Own-word-33"}
    assert browser.submit("/resetmypassword/form", FORM, **fields).status_code == 302
    assert is_in(browser)


def test_new_account_changes_its_password_at_the_first_log_in(
    client: Browser, hall: Office
) -> None:
    admin = client(hall.sys_admin)
    fields = {
        "first_name": "欧阳古丽", "username": "gu.li", "password": GOOD, "conf_password": GOOD,
        "active": "y",
    }  # fmt: skip
    weak = fields | {"password": "abc", "conf_password": "abc"}
    assert "密码太简单" in admin.submit("/users/add", FORM, **weak).text
    telling = {"username": "gulinazha", "password": "Gulinazha-1", "conf_password": "Gulinazha-1"}
    assert "不能包含用户名" in admin.submit("/users/add", FORM, **(fields | telling)).text
    assert admin.submit("/users/add", FORM, **fields).status_code == 302
    browser = client()
    browser.log_in("gu.li", GOOD)
    assert browser.get("/").location == "/resetmypassword/form"


def test_own_password_says_what_is_wrong_and_logs_the_others_out(
    client: Browser, clerk: str
) -> None:
    browser, other = client(), client()
    browser.log_in(clerk, GOOD)
    other.log_in(clerk, GOOD)
    url = "/resetmypassword/form"

    def send(old: str, new: str) -> Any:
        return browser.submit(url, FORM, old_password=old, password=new, conf_password=new)

    assert "至少8位" in browser.page(url).text_content()
    assert "当前密码不正确" in send("guess", NEW).text
    assert "密码太简单" in send(GOOD, "abcdefgh").text
    assert "最近5次" in send(GOOD, GOOD).text
    assert is_in(other)
    assert send(GOOD, NEW).status_code == 302
    assert is_in(browser)
    assert not is_in(other)


def test_old_password_is_to_be_changed(client: Browser, clerk: str, hall: Office) -> None:
    hall.clerk.password_set_at = NOW - dt.timedelta(days=90)
    db.session.commit()
    browser = client()
    browser.log_in(clerk, GOOD)
    assert browser.get("/").location == "/resetmypassword/form"
    db.session.add(Setting(name="password_days", text="120"))
    db.session.commit()
    browser = client()
    browser.log_in(clerk, GOOD)
    assert is_in(browser)


def test_log_in_is_written_down_with_its_place(client: Browser, clerk: str, hall: Office) -> None:
    client().log_in(clerk, GOOD)
    row = db.session.scalars(
        select(LoginSession).where(LoginSession.account_id == hall.clerk.id)
    ).one()
    assert (row.address, row.began_at) == ("127.0.0.1", NOW)
    assert len(row.token_hash) == 64


def test_accounts_nobody_used_for_long_are_listed(
    client: Browser, hall: Office, freeze: Callable[[dt.datetime], None]
) -> None:
    freeze(NOW)
    long_ago = (NOW - dt.timedelta(days=91)).replace(tzinfo=None)
    for account in db.session.scalars(select(Account)):
        account.last_login = dt.datetime(2100, 1, 1)  # noqa: DTZ001 (FAB's column)
    hall.clerk.last_login, name = long_ago, hall.clerk.name
    db.session.commit()
    browser = client(hall.sys_admin)
    page = browser.page("/users/list/?quick=unused")
    assert name in page.text_content()
    assert hall.officer.name not in page.text_content()
    home = "//a[contains(@href, 'quick=unused')]"
    assert "长期未登录的账号：1个" in browser.page("/").xpath(f"string({home})")
    hall.officer.last_login = long_ago
    hall.clerk.last_login = (NOW - dt.timedelta(days=89)).replace(tzinfo=None)
    hall.land_head.last_login, hall.land_head.active = long_ago, False  # switched off already
    hall.leader.last_login = long_ago
    db.session.commit()
    assert "长期未登录的账号：2个" in browser.page("/").xpath(f"string({home})")
    db.session.execute(update(Account).values(last_login=dt.datetime(2100, 1, 1)))  # noqa: DTZ001
    db.session.commit()
    assert not browser.page("/").xpath(home)


def test_wrong_old_passwords_lock_like_wrong_log_ins(client: Browser, clerk: str) -> None:
    """Whoever sits at a computer left alone tries five times, and is out; so are all others."""
    browser, elsewhere = client(), client()
    for each in (browser, elsewhere):
        each.log_in(clerk, GOOD)
    url, new = "/resetmypassword/form", {"password": NEW, "conf_password": NEW}
    for _attempt in range(5):
        assert is_in(elsewhere)
        browser.submit(url, FORM, old_password="wrong", **new)
    assert not is_in(browser)
    assert not is_in(elsewhere)
    browser.log_in(clerk, GOOD)
    assert not is_in(browser)
    why = set(db.session.scalars(select(LoginSession.ended_why)))
    assert why == {SessionEnd.LOCKED}
