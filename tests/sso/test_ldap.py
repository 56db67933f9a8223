"""Log-in by LDAP: a real directory decides, the log-in and its rules are the office's own."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.actions.people import roles_of
from app.domain.states import Role
from app.extensions import db
from app.fab.accounts import hashed
from app.models import Account, LoginSession
from config import Auth
from tests.client import OfficeClient
from tests.factories import Office
from tests.sso.conftest import Door, audited
from tests.sso.directory import (
    BASE,
    SERVICE,
    SERVICE_PASSWORD,
    DirectoryServer,
    require_directory,
    running,
)
from tests.views.pages import text_of

pytestmark = pytest.mark.sqlite_only  # what is written is tried on both in tests/actions
GOOD = "Ldap-pass-1"
Desk = Callable[..., OfficeClient]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectoryServer]:
    require_directory()
    with running(tmp_path_factory.mktemp("slapd")) as directory:
        for uid in ("clerk-1", "viewer-1", "sec_admin-1", "ou.yang", "both"):
            directory.hire(uid, "欧阳云", GOOD)
        directory.group("desk", "viewer-1", "ou.yang")
        directory.group("admins", "both")
        directory.group("watch", "both")
        yield directory


@pytest.fixture
def desk(door: Door, server: DirectoryServer, hall: Office) -> Desk:
    """Return a maker of browsers before an office that asks this directory."""

    def browser(**settings: Any) -> OfficeClient:
        facts = {
            "auth": Auth.LDAP, "ldap_server": server.url, "ldap_search": f"ou=people,{BASE}",
            "ldap_bind_user": SERVICE, "ldap_bind_password": SERVICE_PASSWORD,
        }  # fmt: skip
        return door(**(facts | settings))

    return browser


def is_in(browser: OfficeClient) -> bool:
    return browser.get("/").status_code == 200


def said(browser: OfficeClient) -> str:
    return text_of(browser.page("/login/"))


def test_password_of_the_directory_opens_and_no_other(desk: Desk, hall: Office) -> None:
    hall.clerk.password = hashed("Here-pass-1")  # from before the office joined
    db.session.commit()
    browser = desk()
    for wrong in ("wrong", "Here-pass-1", "*", " "):
        browser.log_in("clerk-1", wrong)
        assert not is_in(browser)
    browser.log_in("clerk-1", GOOD)
    assert is_in(browser)
    (row,) = db.session.scalars(select(LoginSession))
    assert (row.account_id, row.needs_password) == (hall.clerk.id, False)
    assert len(audited("login")) == 1


@pytest.mark.parametrize("name", ["*", "clerk-1)(uid=*", "clerk*", "nobody", "uid=clerk-1"])
def test_name_is_no_filter(desk: Desk, name: str) -> None:
    browser = desk(sso_register=True)
    browser.log_in(name, GOOD)
    assert not is_in(browser)


def test_person_finds_himself_without_a_service_account(desk: Desk) -> None:
    browser = desk(ldap_bind_user="", ldap_username_format=f"uid=%s,ou=people,{BASE}")
    browser.log_in("clerk-1", "wrong")
    assert not is_in(browser)
    browser.log_in("clerk-1", GOOD)
    assert is_in(browser)


def test_guesses_lock_the_account_here_before_the_directory_is_asked(desk: Desk) -> None:
    browser = desk()
    for _ in range(5):
        browser.log_in("clerk-1", "wrong")
    browser.log_in("clerk-1", GOOD)
    assert not is_in(browser)
    assert "锁定" in said(browser)
    assert [entry[0] for entry in audited("locked")] == ["locked"]


def test_password_goes_over_a_checked_line_only(
    desk: Desk, server: DirectoryServer, tmp_path: Path
) -> None:
    browser = desk(ldap_starttls=True, ca_file=str(server.folder / "ca.pem"))
    browser.log_in("clerk-1", GOOD)
    assert is_in(browser)
    stranger = desk(ldap_starttls=True)  # the office does not know who signed that
    stranger.log_in("clerk-1", GOOD)
    assert not is_in(stranger)
    assert "暂时无法连接" in said(stranger)


def test_directory_that_is_down_is_said_and_locks_nobody(desk: Desk, hall: Office) -> None:
    browser = desk(ldap_server="ldap://127.0.0.1:9")
    for _ in range(6):
        browser.log_in("clerk-1", GOOD)
        assert "暂时无法连接" in said(browser)
    wrong_service = desk(ldap_bind_password="wrong")
    wrong_service.log_in("clerk-1", GOOD)
    assert "暂时无法连接" in said(wrong_service)
    db.session.expire_all()
    assert not hall.clerk.locked_until


def test_stranger_is_refused_or_registered_by_setting(desk: Desk) -> None:
    browser = desk()
    browser.log_in("ou.yang", GOOD)
    assert "尚未在本系统登记" in said(browser)
    assert not is_in(browser)
    browser = desk(sso_register=True)
    browser.log_in("ou.yang", GOOD)
    assert is_in(browser)
    new = db.session.scalars(select(Account).where(Account.username == "ou.yang")).one()
    assert (new.name, new.email, new.roles, new.password) == (
        "欧阳云", "ou.yang@example.cn", [], None,
    )  # fmt: skip


def test_groups_of_the_directory_give_roles_and_never_mix_the_three(
    desk: Desk, hall: Office
) -> None:
    roles = {f"cn={name},ou=groups,{BASE}": [role] for name, role in (
        ("desk", "值班人员"), ("admins", "系统管理员"), ("watch", "审计员"))}  # fmt: skip
    settings = {"sso_roles": json.dumps(roles), "sso_sync_roles": True, "sso_register": True}
    desk(**settings).log_in("viewer-1", GOOD)
    db.session.expire_all()
    assert roles_of(hall.viewer) == {Role.DUTY_OFFICER}
    browser = desk(**settings)
    browser.log_in("both", GOOD)
    assert "兼任" in said(browser)
    assert not is_in(browser)
