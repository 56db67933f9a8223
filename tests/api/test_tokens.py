"""Tokens: made on the page, shown once, kept as a digest; log-in over the interface."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from lxml import html

from app.actions import access, emergency
from app.actions.accounts import Person, change_account
from app.actions.people import EMERGENCY_USERNAME, account_named
from app.actions.setup import ensure_emergency_account
from app.domain.api_tokens import ApiScope
from app.domain.audit import AuditAction
from app.domain.states import State
from app.extensions import db
from app.fab.accounts import hashed
from app.models import Account, ApiToken, AuditEntry, Setting
from app.unit_of_work import unit_of_work
from tests.api.caller import Caller
from tests.client import OfficeClient
from tests.databases import make_open_app
from tests.factories import SUBMITTED, Office, make_office

pytestmark = pytest.mark.sqlite_only  # asks nothing that the pages do not ask on both databases
Call = Callable[..., Caller]
PASSWORD = "Reception-2026"


def give_password(app: Flask, person: Account, **facts: Any) -> str:
    """Give somebody a password of their own; returns the user name."""
    key, name = person.id, person.username
    with app.app_context(), unit_of_work():
        account = db.session.get(Account, key)
        account.password, account.password_set_at = hashed(PASSWORD), SUBMITTED
        for fact, value in facts.items():
            setattr(account, fact, value)
    return str(name)


def log_in(caller: Call, username: str, password: str = PASSWORD) -> Any:
    """Ask for a token."""
    return caller().post("/token", {"username": username, "password": password})


def deeds() -> list[AuditAction]:
    """Return what stands in the log about tokens, the latest last."""
    db.session.rollback()
    rows = db.session.query(AuditEntry).filter_by(object_type="api_tokens").order_by(AuditEntry.id)
    return [row.action for row in rows]


def test_log_in_gives_a_token_for_an_hour(
    office: Office, api_app: Flask, caller: Call, freeze: Callable[..., None]
) -> None:
    answer = log_in(caller, give_password(api_app, office.clerk))
    assert answer.status_code == 201, answer.text
    assert answer.json["scopes"] == sorted(ApiScope)
    asking = Caller(api_app, answer.json["token"])
    assert asking.get("/cases").status_code == 200
    assert asking.send("DELETE", "/token").status_code == 204
    assert asking.get("/cases").status_code == 401
    again = Caller(api_app, log_in(caller, f"clerk-{office.site.id}").json["token"])
    freeze(SUBMITTED + dt.timedelta(minutes=61))
    assert again.get("/cases").status_code == 401


def test_five_failures_lock_the_account_here_and_on_the_page(
    office: Office, api_app: Flask, caller: Call, client: Callable[..., OfficeClient]
) -> None:
    name = give_password(api_app, office.clerk)
    words = {log_in(caller, name, "wrong").json["message"] for _ in range(5)}
    words |= {log_in(caller, name).json["message"], log_in(caller, "nobody").json["message"]}
    assert len(words) == 1
    assert log_in(caller, name).status_code == 401
    page = client().log_in(name, PASSWORD)
    assert "/login" in page.location
    db.session.rollback()
    assert db.session.query(AuditEntry).filter_by(action=AuditAction.LOCKED).count() == 1


def test_who_may_not_log_in_over_the_interface(
    office: Office, api_app: Flask, caller: Call
) -> None:
    reset = give_password(api_app, office.clerk, must_change_password=True)
    old = give_password(api_app, office.officer)
    with unit_of_work():
        account = db.session.get(Account, office.officer.id)
        account.password_set_at = SUBMITTED - dt.timedelta(days=91)
    for name in (reset, old):
        answer = log_in(caller, name)
        assert (answer.status_code, answer.json["code"]) == (403, "password_due")
    for key in ("sys_admin", "sec_admin", "auditor"):
        assert log_in(caller, give_password(api_app, getattr(office, key))).status_code == 403
    office.leader.password = ""  # whoever comes by single sign-on has none here
    db.session.commit()
    assert log_in(caller, office.leader.username, "").status_code == 422
    assert log_in(caller, office.leader.username, "x").status_code == 401
    assert db.session.query(ApiToken).count() == 0


def test_emergency_account_gets_no_token(office: Office, api_app: Flask, caller: Call) -> None:
    with unit_of_work():
        ensure_emergency_account()
    with unit_of_work():
        emergency.unseal(reason="管理员口令遗失", hours=2, password_hash="", now=SUBMITTED)
    account = account_named(EMERGENCY_USERNAME)
    assert log_in(caller, give_password(api_app, account)).status_code == 403


def test_limit_of_the_log_in_counts_here_too(
    office: Office, api_app: Flask, tmp_path: Path
) -> None:
    url = api_app.config["SQLALCHEMY_DATABASE_URI"]
    limited = make_open_app(url, tmp_path, RATELIMIT_ENABLED=True, AUTH_RATE_LIMIT="3 per minute")
    call = Caller(limited, "")
    codes = [call.post("/token", {"username": "x", "password": "y"}).status_code for _ in range(4)]
    assert codes == [401, 401, 401, 429]
    with limited.app_context():
        db.engine.dispose()


def test_token_is_made_on_the_page_and_shown_once(
    office: Office, api_app: Flask, freeze: Callable[..., None]
) -> None:
    browser = OfficeClient(api_app, api_app.response_class)
    browser.sign_in(office.clerk)
    page = browser.submit("/my-tokens/", form="//form[@data-keep]", name="台账系统",
                          scopes=["cases:read", "units:read"], days="90")  # fmt: skip
    token = html.fromstring(page.text).findtext(".//code[@class='shown-once']")
    assert token not in browser.get("/my-tokens/").text
    row = db.session.query(ApiToken).one()
    assert token not in (row.token_hash, row.scope_text)
    asking = Caller(api_app, token)
    assert asking.get("/cases").status_code == 200
    assert asking.get("/slips").json["code"] == "scope_missing"
    asking.get("/cases")
    assert deeds() == [AuditAction.TOKEN_ISSUED, AuditAction.TOKEN_USED]
    browser.submit("/my-tokens/", form="//form[contains(@action, 'revoke')]")
    assert asking.get("/cases").status_code == 401
    assert deeds()[2:] == [AuditAction.TOKEN_REVOKED, AuditAction.TOKEN_REFUSED]
    assert "127.0.0.1" in browser.get("/my-tokens/").text


@pytest.mark.parametrize("days", ["0", "91", "x", ""])
def test_token_lasts_no_longer_than_the_rule(office: Office, api_app: Flask, days: str) -> None:
    browser = OfficeClient(api_app, api_app.response_class)
    browser.sign_in(office.clerk)
    answer = browser.submit("/my-tokens/", form="//form[@data-keep]", name="台账系统",
                            scopes=["cases:read"], days=days)  # fmt: skip
    assert answer.status_code == 422
    assert db.session.query(ApiToken).count() == 0


def test_office_may_shorten_the_life_of_tokens(office: Office, api_app: Flask) -> None:
    db.session.add(Setting(name="api_token_days", text="10"))
    db.session.commit()
    browser = OfficeClient(api_app, api_app.response_class)
    browser.sign_in(office.clerk)
    fields = {"name": "台账系统", "scopes": ["cases:read"]}
    answer = browser.submit("/my-tokens/", form="//form[@data-keep]", days="11", **fields)
    assert "有效期为1至10天" in answer.text


def test_only_scopes_of_the_own_role_are_offered(office: Office, api_app: Flask) -> None:
    browser = OfficeClient(api_app, api_app.response_class)
    browser.sign_in(office.viewer)
    page = browser.page("/my-tokens/")
    assert "cases:write" not in page.xpath("//input[@name='scopes']/@value")
    answer = browser.submit("/my-tokens/", form="//form[@data-keep]", name="x",
                            scopes=["cases:write"], days="5")  # fmt: skip
    assert answer.status_code == 422


def test_rights_are_asked_anew_at_every_request(office: Office, caller: Call) -> None:
    key = office.case_in(State.HANDLING).id
    db.session.commit()
    asking = caller(office.land_head)
    assert asking.get(f"/cases/{key}").status_code == 200
    with unit_of_work():
        db.session.get(Account, office.land_head.id).unit_id = office.units["tax"].id
    assert asking.get(f"/cases/{key}").status_code == 404
    with unit_of_work():
        db.session.get(Account, office.land_head.id).roles = []
    assert asking.get(f"/cases/{key}").status_code == 403


def test_what_ends_a_token(office: Office, caller: Call) -> None:
    by_reset, by_change, by_switch = (caller(p) for p in (office.clerk, office.officer, office.m1))
    with unit_of_work():
        admin = db.session.get(Account, office.sys_admin.id)
        clerk, new = db.session.get(Account, office.clerk.id), "Wholly-New-77"
        access.reset_password(
            clerk, password=new, password_hash=hashed(new), by=admin, now=SUBMITTED
        )
        officer = db.session.get(Account, office.officer.id)
        officer.password = hashed(PASSWORD)
        access.change_own_password(
            officer, old=PASSWORD, password=new, password_hash=hashed(new), now=SUBMITTED
        )
        member = db.session.get(Account, office.m1.id)
        off = Person(member.username, "甲", member.site_id, is_active=False)
        change_account(member, off, by=admin, now=SUBMITTED)
    with unit_of_work():
        db.session.get(Account, office.m1.id).active = True
    for asking in (by_reset, by_change, by_switch):
        assert asking.get("/cases").status_code == 401


def test_logging_out_of_the_page_leaves_programs_running(office: Office, caller: Call) -> None:
    from app.domain.passwords import SessionEnd

    asking = caller(office.clerk)
    with unit_of_work():
        account = db.session.get(Account, office.clerk.id)
        access.end_sessions(account, why=SessionEnd.LOGOUT, now=SUBMITTED)
    assert asking.get("/cases").status_code == 200


def test_security_administrator_sees_and_revokes_everybodys(
    office: Office, api_app: Flask, caller: Call
) -> None:
    asking = caller(office.clerk)
    key = db.session.query(ApiToken.id).scalar()
    for person in (office.officer, office.sys_admin):
        other = OfficeClient(api_app, api_app.response_class)
        other.sign_in(person)
        headers = {"X-CSRFToken": other.token("/users/userinfo/")}
        assert other.get("/api-tokens/").status_code in (302, 403)
        other.post(f"/my-tokens/revoke/{key}", headers=headers)
        assert asking.get("/cases").status_code == 200
    browser = OfficeClient(api_app, api_app.response_class)
    browser.sign_in(office.sec_admin)
    assert "台账系统" in browser.page("/api-tokens/").text_content()
    browser.submit("/api-tokens/", form="//form[contains(@action, 'revoke')]")
    assert asking.get("/cases").status_code == 401


def test_tokens_of_another_office_are_nobodys_here(
    office: Office, api_app: Flask, caller: Call
) -> None:
    afar = make_office(2)
    db.session.commit()
    asking = caller(afar.clerk)
    key = db.session.query(ApiToken.id).scalar()
    for person, door in ((office.sec_admin, "/api-tokens"), (office.clerk, "/my-tokens")):
        browser = OfficeClient(api_app, api_app.response_class)
        browser.sign_in(person)
        assert "台账系统" not in browser.page(f"{door}/").text_content()
        headers = {"X-CSRFToken": browser.token("/users/userinfo/")}
        assert browser.post(f"{door}/revoke/{key}", headers=headers).status_code == 404
    assert asking.get("/cases").status_code == 200


def test_no_more_tokens_than_somebody_needs(office: Office, caller: Call) -> None:
    from app.domain.refusals import Refusal

    for _ in range(20):
        caller(office.clerk)
    with pytest.raises(Refusal):
        caller(office.clerk)
