"""用户账号 and 角色授权 on screen: two administrators' work, and what one person may not hold."""

from collections.abc import Callable

import pytest
from lxml import html
from sqlalchemy import select

from app.actions.people import SYSTEM_USERNAME, roles_of
from app.domain.states import NEVER_GIVEN, Role
from app.extensions import db
from app.models import Account, Setting
from app.models.roles import ROLE_NAMES
from app.unit_of_work import unit_of_work
from tests.client import OfficeClient
from tests.factories import Office
from tests.views.pages import english_words, errors_of, send, text_of

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Browser = Callable[..., OfficeClient]
PASSWORD = "Guanli-2026"
NEW = {"first_name": "欧阳云", "username": "ouyangyun", "password": PASSWORD,
       "conf_password": PASSWORD, "post": "科员", "phone": "05390000000",
       "sort_order": "3"}  # fmt: skip


def account(username: str) -> Account:
    db.session.expire_all()
    return db.session.scalars(select(Account).where(Account.username == username)).one()


def roles_form(who: Account) -> str:
    return f"/users/roles/form?pk={who.id}"


def test_account_is_added_with_its_place_and_can_log_in(hall: Office, client: Browser) -> None:
    unit = str(hall.units["land"].id)
    answer = send(client(hall.sys_admin), "/users/add", unit=unit, **NEW)
    assert answer.status_code == 302
    new = account("ouyangyun")
    assert (new.name, new.unit, new.site, new.post) == (
        "欧阳云", hall.units["land"], hall.site, "科员",
    )  # fmt: skip
    assert not new.roles
    page = client(hall.sec_admin).page("/users/list/?quick=bare")
    assert "欧阳云" in text_of(page)
    send(client(hall.sec_admin), roles_form(new), roles=["unit_handler"])
    stranger = client()
    assert stranger.log_in("ouyangyun", PASSWORD).status_code == 302
    assert "欧阳云" in stranger.page("/users/userinfo/").text_content()


@pytest.mark.sqlite_only  # words and forms need no second database
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"password": "abc", "conf_password": "abc"}, "password"),
        ({"conf_password": "Guanli-2027"}, "conf_password"),
        ({"username": "land_head-1"}, "username"),
        ({"username": "欧阳"}, "username"),
        ({"first_name": ""}, "first_name"),
    ],
)
def test_wrong_account_is_refused_beside_the_field_with_the_text_kept(
    hall: Office, client: Browser, wrong: dict[str, str], field: str
) -> None:
    answer = send(client(hall.sys_admin), "/users/add", **(NEW | wrong))
    page = html.fromstring(answer.text)
    assert field in errors_of(page)
    assert page.xpath("//input[@name='post']/@value") == ["科员"]
    assert db.session.query(Account).filter_by(post="科员").count() == 0


def test_system_administrator_gives_no_roles_and_security_adds_no_accounts(
    hall: Office, client: Browser
) -> None:
    page = client(hall.sys_admin).page("/users/add")
    assert not page.xpath("//*[@name='roles']")
    assert client(hall.sys_admin).get(roles_form(hall.clerk)).status_code == 403
    assert client(hall.sec_admin).get("/users/add").status_code == 403
    page = client(hall.sec_admin).page("/users/list/")
    assert page.xpath("//a[contains(@href, '/users/roles/form')]")
    assert not page.xpath("//a[contains(@href, '/users/edit')]")


def test_roles_are_given_in_words(hall: Office, client: Browser) -> None:
    browser, url = client(hall.sec_admin), roles_form(hall.officer)
    page = browser.page(url)
    assert not english_words(page, hall)
    offered = [tick.text for tick in page.xpath("//label[@class='tick']/span")]
    assert offered == [ROLE_NAMES[role] for role in Role if role not in NEVER_GIVEN]
    assert page.xpath("//input[@name='roles' and @checked]/@value") == ["duty_officer"]
    send(browser, url, roles=["duty_officer", "supervisor"])
    assert roles_of(account(hall.officer.username)) == {Role.DUTY_OFFICER, Role.SUPERVISOR}


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        (["unit_head", "duty_leader"], "这些角色不能由同一人兼任。"),
        (["sys_admin", "duty_officer"], "系统管理类角色不得兼任业务角色。"),
        (["sys_admin", "auditor"], "系统管理员、安全管理员、审计员不得由同一人兼任"),
    ],
)
def test_roles_that_must_be_apart_are_refused_with_the_ticks_kept(
    hall: Office, client: Browser, roles: list[str], words: str
) -> None:
    answer = send(client(hall.sec_admin), roles_form(hall.land_head), roles=roles)
    page = html.fromstring(answer.text)
    assert errors_of(page)["roles"].startswith(words)
    assert set(page.xpath("//input[@name='roles' and @checked]/@value")) == set(roles)
    assert roles_of(account(hall.land_head.username)) == {Role.UNIT_HEAD}


def test_unit_role_without_a_unit_is_refused(hall: Office, client: Browser) -> None:
    answer = send(client(hall.sec_admin), roles_form(hall.clerk), roles=["unit_head"])
    assert "窗口（科室）人员须填写所在窗口（科室）" in answer.text
    answer = send(client(hall.sys_admin), f"/users/edit/{hall.land_head.id}", unit="")
    assert "unit" in errors_of(html.fromstring(answer.text))
    assert account(hall.land_head.username).unit is not None


def test_simplified_mode_lets_one_person_be_both(hall: Office, client: Browser) -> None:
    with unit_of_work():
        db.session.add(Setting(name="simplified_admins", text="1"))
    answer = send(client(hall.sec_admin), roles_form(hall.sys_admin),
                  roles=["sys_admin", "sec_admin"])  # fmt: skip
    assert answer.status_code == 302
    browser = client(hall.sys_admin)
    answer = send(browser, "/users/add", **NEW)
    assert f"/users/roles/form?pk={account('ouyangyun').id}" in answer.location


def test_unknown_role_is_refused(hall: Office, client: Browser) -> None:
    for wrong in ("system", "应急管理员"):
        answer = send(client(hall.sec_admin), roles_form(hall.clerk), roles=[wrong])
        assert answer.status_code == 200
    assert roles_of(account(hall.clerk.username)) == {Role.SUPERVISOR}


def test_who_leaves_is_switched_off_not_deleted(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    assert not browser.page("/users/list/").xpath("//form[contains(@action, 'delete')]")
    assert send(browser, f"/users/edit/{hall.clerk2.id}", active=None).status_code == 302
    assert not account(hall.clerk2.username).active
    assert client(hall.clerk2).get("/units/list/").status_code in (302, 403)
    answer = send(browser, f"/users/edit/{hall.sys_admin.id}", active=None)
    assert "active" in errors_of(html.fromstring(answer.text))


def test_account_of_the_jobs_is_not_shown(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    assert SYSTEM_USERNAME not in text_of(browser.page("/users/list/?quick=off")).split()
    assert browser.get(f"/users/edit/{hall.people['system'].id}").status_code == 404
    assert client(hall.sec_admin).get(roles_form(hall.people["system"])).status_code == 404


def test_accounts_are_found_by_name_role_and_unit(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    for query in ("role=unit_head", f"unit={hall.units['land'].id}", "q=land_head"):
        assert hall.land_head.username in text_of(browser.page(f"/users/list/?{query}"))
    assert hall.clerk.username not in text_of(browser.page("/users/list/?role=unit_head"))


def test_password_is_reset_by_the_administrator_and_must_be_strong(
    hall: Office, client: Browser
) -> None:
    browser, url = client(hall.sys_admin), f"/resetpassword/form?pk={hall.clerk.id}"
    answer = send(browser, url, password="weak", conf_password="weak")
    assert errors_of(html.fromstring(answer.text))["password"].startswith("密码太简单")
    send(browser, url, password=PASSWORD, conf_password=PASSWORD)
    assert client().log_in(hall.clerk.username, PASSWORD).location.endswith("/")


def test_matrix_shows_every_screen_and_role_in_words(hall: Office, client: Browser) -> None:
    page = client(hall.auditor).page("/roles/")
    assert not english_words(page, hall)
    heads = [th.text for th in page.xpath("//th[@class='role-head']")]
    assert heads == [ROLE_NAMES[role] for role in Role if role is not Role.SYSTEM]
    row = page.xpath("//tr[th[contains(., '服务场所')]]")[0]
    cells = row.xpath("td[starts-with(@class, 'role-cell')]")
    ticked = [bool(cell.xpath(".//i")) for cell in cells]
    assert [head for head, is_ticked in zip(heads, ticked, strict=True) if is_ticked] == [
        "系统管理员",
        "应急管理员",
    ]
    assert row.xpath("td")[0].text == "查看列表、查看详情、新增、编辑"
