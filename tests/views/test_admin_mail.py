"""An account's e-mail address, and what a server said when it refused the last mail to it."""

from collections.abc import Callable
from typing import Any

import pytest
from lxml import html

from app.actions.channels import NO_MAIL, mail_address
from app.domain.notice_kinds import OutgoingStatus
from app.extensions import db
from app.models import Account
from tests.client import OfficeClient
from tests.factories import Office, at
from tests.views.lists import column
from tests.views.pages import errors_of, send, text_of
from tests.views.test_outgoing import BOUNCED, NOON, letter

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Browser = Callable[..., OfficeClient]
REFUSED = f"邮件被退回：{BOUNCED}，2026-10-12 11:30"


def stored(account: Account) -> Account:
    db.session.expire_all()
    return db.session.get_one(Account, account.id)


def test_address_is_written_changed_and_taken_away(hall: Office, client: Browser) -> None:
    browser, url = client(hall.sys_admin), f"/users/edit/{hall.land_head.id}"
    assert browser.page(url).xpath("//input[@name='email']/@value") == [""]
    assert send(browser, url, email=" head@example.cn ").status_code == 302
    assert mail_address(stored(hall.land_head)) == "head@example.cn"
    assert browser.page(url).xpath("//input[@name='email']/@value") == ["head@example.cn"]
    assert send(browser, url, post="科长").status_code == 302
    assert mail_address(stored(hall.land_head)) == "head@example.cn"
    assert send(browser, url, email="").status_code == 302
    assert stored(hall.land_head).email == f"{hall.land_head.username}@{NO_MAIL}"


@pytest.mark.parametrize(
    "address",
    ["head", "a b@example.cn", "head@example.cn\nBcc: x@example.cn", "a@b,c@d.cn", "甲@example.cn",
     "<head@example.cn>", "head@local.invalid", "TAX@example.cn", "x" * 120 + "@example.cn"],
)  # fmt: skip
def test_no_address_and_that_of_another_are_refused(
    hall: Office, client: Browser, address: str
) -> None:
    hall.tax_head.email = "tax@example.cn"
    db.session.commit()
    browser, url = client(hall.sys_admin), f"/users/edit/{hall.land_head.id}"
    answer = send(browser, url, email=address)
    assert answer.status_code == 200
    assert errors_of(html.fromstring(answer.text))["email"]
    assert mail_address(stored(hall.land_head)) == ""


def test_new_account_may_have_an_address(hall: Office, client: Browser) -> None:
    fields = {"first_name": "欧阳云", "username": "ouyangyun", "password": "Guanli-2026",
              "conf_password": "Guanli-2026", "sort_order": "3"}  # fmt: skip
    answer = send(client(hall.sys_admin), "/users/add", email="ouyang@example.cn", **fields)
    assert answer.status_code == 302
    new = db.session.query(Account).filter_by(username="ouyangyun").one()
    assert new.email == "ouyang@example.cn"


def test_refused_mail_is_shown_on_the_person_until_one_gets_through(
    hall: Office, client: Browser
) -> None:
    letter(hall.land_head, OutgoingStatus.FAILED, reply=BOUNCED, tried_at=NOON)
    admin, person = client(hall.sys_admin), client(hall.land_head)
    (noted,) = [w for w in column(admin.page("/users/list/"), "username") if "退回" in w]
    assert noted == f"{hall.land_head.username}{REFUSED}"
    assert REFUSED in text_of(admin.page(f"/users/show/{hall.land_head.id}"))
    assert REFUSED in text_of(person.page("/users/userinfo/"))
    assert "退回" not in text_of(admin.page(f"/users/show/{hall.tax_head.id}"))
    later = at("2026-10-12 12:00")
    letter(hall.land_head, OutgoingStatus.SENT, sent_at=later, tried_at=later)
    assert "退回" not in text_of(admin.page("/users/list/"))


@pytest.mark.sqlite_only
def test_list_of_accounts_costs_the_same_however_many_bounced(
    hall: Office, client: Browser, count_statements: Callable[[], Any]
) -> None:
    browser = client(hall.sys_admin)

    def cost() -> int:
        browser.get("/users/list/")
        with count_statements() as statements:
            browser.get("/users/list/")
        return len(statements)

    letter(hall.land_head, OutgoingStatus.FAILED, reply=BOUNCED, tried_at=NOON)
    few = cost()
    for person in (hall.tax_head, hall.build_head, hall.leader):
        letter(person, OutgoingStatus.FAILED, reply=BOUNCED, tried_at=NOON)
    assert cost() == few
