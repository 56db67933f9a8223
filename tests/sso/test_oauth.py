"""Log-in by OAuth: the code flow over real HTTP, the same sessions, log and rules as any other."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import select

from app.actions.emergency import unseal
from app.actions.people import roles_of
from app.actions.setup import ensure_emergency_account
from app.clock import now
from app.domain.states import Role
from app.extensions import db
from app.fab.accounts import hashed
from app.models import Account, LoginSession, Notice
from app.unit_of_work import unit_of_work
from config import Auth
from tests.client import OfficeClient
from tests.factories import Office
from tests.sso.conftest import Door, audited
from tests.sso.provider import CLIENT, SECRET, Provider, running
from tests.views.pages import english_words, text_of

pytestmark = pytest.mark.sqlite_only  # what is written is tried on both in tests/actions
DOWN = "统一身份认证暂时无法连接"
GENERIC = "用户名或密码"


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(server: Provider) -> Provider:
    server.person, server.refuses = {}, False
    server.asked.clear()
    return server


@pytest.fixture
def desk(door: Door, provider: Provider) -> Callable[..., OfficeClient]:
    """Return a maker of browsers before an office that knows this provider."""

    def browser(**settings: Any) -> OfficeClient:
        facts = {
            "auth": Auth.OAUTH, "oauth_client_id": CLIENT, "oauth_client_secret": SECRET,
            "oauth_metadata_url": f"{provider.url}/.well-known/openid-configuration",
        }  # fmt: skip
        return door(**(facts | settings))

    return browser


def to_provider(browser: OfficeClient, wanted: str = "") -> str:
    """Press the button; return the address at the provider."""
    answer = browser.get("/login/office", query_string={"next": wanted} if wanted else None)
    assert answer.status_code == 302, answer.text
    return answer.location


def back(address: str) -> str:
    """Type the password at the provider; return where it sends the browser."""
    answer = requests.get(address, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def come(browser: OfficeClient, provider: Provider, account: Account | str, **claims: Any) -> Any:
    name = account if isinstance(account, str) else account.username
    provider.person = {"sub": f"id-{name}", "preferred_username": name} | claims
    return browser.get(back(to_provider(browser)))


def is_in(browser: OfficeClient) -> bool:
    return browser.get("/").status_code == 200


def said(browser: OfficeClient) -> str:
    return text_of(browser.page("/login/"))


def test_person_comes_in_under_a_log_in_of_the_office(
    desk: Callable[..., OfficeClient], provider: Provider, hall: Office
) -> None:
    browser = desk()
    page = browser.page("/login/")
    assert not english_words(page, hall)
    assert "统一身份认证登录" in text_of(page)
    assert not page.xpath("//input[@type='password']")
    assert come(browser, provider, hall.clerk).status_code == 302
    assert is_in(browser)
    (asked,) = provider.asked
    assert asked["code_challenge_method"] == "S256"
    assert asked["prompt"] == "login"
    assert len(asked["state"]) > 20
    (row,) = db.session.scalars(select(LoginSession))
    assert (row.account_id, row.needs_password) == (hall.clerk.id, False)
    assert [entry[0] for entry in audited("login")] == ["login"]
    assert hall.clerk.roles  # as 安全管理员 gave them
    thief = desk()
    thief._cookies = dict(browser._cookies)
    browser.post("/logout/", data={"csrf_token": browser.token("/")})
    assert not is_in(thief)


def test_plain_oauth_asks_who_that_is(
    desk: Callable[..., OfficeClient], provider: Provider, hall: Office
) -> None:
    browser = desk(
        oauth_metadata_url="", oauth_authorize_url=f"{provider.url}/authorize",
        oauth_token_url=f"{provider.url}/token", oauth_userinfo_url=f"{provider.url}/userinfo",
        oauth_scope="profile", oauth_username="account", oauth_ask_again=False,
    )  # fmt: skip
    provider.person = {"sub": "x", "account": hall.clerk.username.upper()}
    browser.get(back(to_provider(browser)))
    assert is_in(browser)
    assert "prompt" not in provider.asked[0]


def test_page_asked_for_comes_next_and_only_one_of_this_house(
    desk: Callable[..., OfficeClient], provider: Provider, hall: Office
) -> None:
    provider.person = {"sub": "x", "preferred_username": hall.clerk.username}
    for wanted, next_url in (
        ("/cases/list/?quick=todo", "/cases/list/?quick=todo"), ("https://evil.example/x", "/"),
        ("//evil.example", "/"), ("\\\\evil.example", "%5C%5Cevil.example"),
        ("javascript:alert(1)", "/"),
    ):  # fmt: skip
        browser = desk()
        answer = browser.get(back(to_provider(browser, wanted)))
        assert urlsplit(answer.location).netloc in ("", "localhost"), wanted
        parts = urlsplit(answer.location)
        assert f"{parts.path}?{parts.query}".rstrip("?") == next_url, wanted


def test_answer_that_this_browser_did_not_ask_for_is_refused(
    desk: Callable[..., OfficeClient], provider: Provider, hall: Office
) -> None:
    provider.person = {"sub": "x", "preferred_username": hall.sys_admin.username}
    attacker, victim = desk(), desk()
    planted = back(to_provider(attacker))
    to_provider(victim)
    code = parse_qs(urlsplit(planted).query)["code"][0]
    for url in (planted, f"/oauth-authorized/office?code={code}", "/oauth-authorized/office"):
        assert victim.get(url).location.endswith("/login/")
        assert "请重新登录" in said(victim)
        assert not is_in(victim)
    assert attacker.get(planted).status_code == 302
    assert is_in(attacker)
    again = desk()  # a code is good once, and in its own browser
    assert again.get(planted).location.endswith("/login/")
    assert not is_in(again)


def test_unknown_provider_is_not_found(desk: Callable[..., OfficeClient], hall: Office) -> None:
    for url in ("/login/other", "/oauth-authorized/other"):
        assert desk().get(url).status_code == 404


@pytest.mark.parametrize("who", ["stranger", "system", "emergency"])
def test_whom_nobody_knows_is_refused_in_words(
    desk: Callable[..., OfficeClient], provider: Provider, hall: Office, who: str
) -> None:
    with unit_of_work():
        ensure_emergency_account()
    browser = desk(sso_register=who != "stranger")
    come(browser, provider, who)
    assert "尚未在本系统登记" in said(browser)
    assert not is_in(browser)
    assert audited("login_failed")[0][1] == who


def test_account_switched_off_reads_as_any_failure(
    desk: Callable[..., OfficeClient], provider: Provider, hall: Office
) -> None:
    hall.clerk.active = False
    db.session.commit()
    browser = desk()
    come(browser, provider, hall.clerk)
    assert "密码" in said(browser)
    assert not is_in(browser)


def test_stranger_is_registered_without_a_role_if_the_office_says_so(
    desk: Callable[..., OfficeClient], provider: Provider, hall: Office
) -> None:
    browser = desk(sso_register=True)
    come(browser, provider, "ou.yang", name="欧阳云", email="ou.yang@example.cn", groups=["desk"])
    assert is_in(browser)
    new = db.session.scalars(select(Account).where(Account.username == "ou.yang")).one()
    assert (new.name, new.email, new.password) == ("欧阳云", "ou.yang@example.cn", None)
    assert new.roles == []
    assert browser.get("/cases/list/").status_code == 403
    assert client_fails(browser, "ou.yang")


def client_fails(browser: OfficeClient, username: str) -> bool:
    """Return whether no password of one's own opens the door."""
    answers = {browser.submit("/login/local", username=username, password=p).status_code
               for p in ("", " ", "None")}  # fmt: skip
    return answers <= {200, 302}


MAPPED = json.dumps({"desk": ["值班人员"], "admins": ["系统管理员"], "watch": ["审计员"]})


def test_roles_follow_the_groups_at_every_log_in(
    desk: Callable[..., OfficeClient], provider: Provider, hall: Office
) -> None:
    settings = {"sso_roles": MAPPED, "sso_sync_roles": True}
    come(desk(**settings), provider, hall.viewer, groups=["desk", "other"])
    db.session.expire_all()
    assert roles_of(hall.viewer) == {Role.DUTY_OFFICER}
    come(desk(**settings), provider, hall.viewer, groups=[])
    db.session.expire_all()
    assert roles_of(hall.viewer) == frozenset()
    # Without the setting they stay as 安全管理员 gave them.
    come(desk(sso_roles=MAPPED), provider, hall.clerk, groups=["desk"])
    db.session.expire_all()
    assert roles_of(hall.clerk) == {Role.SUPERVISOR}


def test_groups_that_would_mix_the_three_let_nobody_in(
    desk: Callable[..., OfficeClient], provider: Provider, hall: Office
) -> None:
    settings = {"sso_roles": MAPPED, "sso_sync_roles": True, "sso_register": True}
    for who in (hall.viewer, "new.comer"):
        for groups in (["admins", "watch"], ["admins", "desk"]):
            browser = desk(**settings)
            come(browser, provider, who, groups=groups)
            assert "兼任" in said(browser)
            assert not is_in(browser)
    db.session.expire_all()
    assert roles_of(hall.viewer) == {Role.COUNTY_VIEWER}
    assert not db.session.scalars(select(Account).where(Account.username == "new.comer")).all()
    assert "兼任" in audited("login_failed")[-1][2]


def test_last_administrator_keeps_the_post_whatever_the_groups_say(
    desk: Callable[..., OfficeClient], provider: Provider, hall: Office
) -> None:
    browser = desk(sso_roles=MAPPED, sso_sync_roles=True)
    come(browser, provider, hall.sec_admin, groups=["desk"])
    assert is_in(browser)
    db.session.expire_all()
    assert roles_of(hall.sec_admin) == {Role.SEC_ADMIN}


def test_person_who_says_no_at_the_provider_stays_outside(
    desk: Callable[..., OfficeClient], provider: Provider, hall: Office
) -> None:
    provider.refuses = True
    browser = desk()
    come(browser, provider, hall.clerk)
    assert "拒绝了本次登录" in said(browser)
    assert not is_in(browser)


def test_provider_that_is_down_is_said_in_chinese(
    desk: Callable[..., OfficeClient], provider: Provider, hall: Office, door: Door
) -> None:
    nowhere = "http://127.0.0.1:9/.well-known/openid-configuration"
    browser = desk(oauth_metadata_url=nowhere)
    assert browser.get("/login/office").location.endswith("/login/")
    assert DOWN in said(browser)
    # It went down while the person was typing the password.
    browser = desk(
        oauth_metadata_url="", oauth_authorize_url=f"{provider.url}/authorize",
        oauth_token_url="http://127.0.0.1:9/token", oauth_userinfo_url="http://127.0.0.1:9/me",
    )  # fmt: skip
    provider.person = {"sub": "x", "preferred_username": hall.clerk.username}
    browser.get(back(to_provider(browser)))
    assert DOWN in said(browser)
    assert not is_in(browser)
    assert DOWN in audited("login_failed")[-1][2]


def test_no_page_is_about_passwords_and_none_opens_the_door(
    desk: Callable[..., OfficeClient], provider: Provider, hall: Office
) -> None:
    hall.clerk.password, hall.clerk.must_change_password = hashed("Right-pass-1"), True
    db.session.commit()
    browser = desk()
    browser.submit("/login/local", username=hall.clerk.username, password="Right-pass-1")
    assert not is_in(browser)
    come(browser, provider, hall.clerk)
    assert is_in(browser)  # nor is a new one asked for
    assert browser.get("/resetmypassword/form").status_code == 404
    assert not browser.page("/users/userinfo/").xpath("//a[contains(@href,'resetmypassword')]")
    admin = desk()
    come(admin, provider, hall.sys_admin)
    assert not admin.page("/users/list/").xpath("//a[contains(@href,'/users/password/')]")
    page = admin.page("/users/add")
    assert not page.xpath("//input[@name='password']")
    fields = {"first_name": "欧阳云", "username": "ouyangyun"}
    assert admin.submit("/users/add", "//form[contains(@class,'office-form')]",
                        **fields).status_code == 302  # fmt: skip
    new = db.session.scalars(select(Account).where(Account.username == "ouyangyun")).one()
    assert new.password is None


def test_sealed_account_comes_in_beside_the_provider_and_rings(
    desk: Callable[..., OfficeClient], provider: Provider, hall: Office
) -> None:
    with unit_of_work():
        ensure_emergency_account()
    browser = desk()
    name, password = "emergency", "Once-only-1"
    browser.submit("/login/local", username=name, password=password)
    assert not is_in(browser)
    with unit_of_work():
        unseal(reason="认证平台停用", hours=1, password_hash=hashed(password), now=now())
    browser.submit("/login/local", username=name, password=password)
    assert is_in(browser)
    texts = db.session.scalars(select(Notice.text).where(Notice.recipient_id == hall.auditor.id))
    assert any("登录" in text for text in texts)
