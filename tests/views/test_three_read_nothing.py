"""三员 and the sealed account read no case, by whatever address; FAB's own pages are not there."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from flask import Flask

from app.actions.setup import ensure_emergency_account
from app.domain.states import Role, State
from app.extensions import db
from app.models import Account, Case, Setting
from tests.client import OfficeClient
from tests.factories import NAME, NARRATIVE, PHONE, Office
from tests.guards.test_endpoints import address

pytestmark = pytest.mark.sqlite_only  # what people see rests on the scopes, tried on both
Browser = Callable[..., OfficeClient]
SECRETS = (NAME, PHONE, NARRATIVE[:12], "慢病备案", "已为您办妥")
QUERIES = ("", "?quick=all&q=慢病")
GONE = (
    "/permissions/list/", "/viewmenus/list/", "/permissionviews/list/", "/roles/list/",
    "/roles/add", "/roles/show/1", "/roles/edit/1", "/roles/delete/1", "/groups/list/",
    "/groups/add", "/registeruser/list/", "/userstatschartview/chart/", "/userinfoeditview/form",
    "/users/delete/1", "/users/download/1", "/api/v1/security/login", "/api/v1/menu/",
    "/api/v1/security/roles/", "/swagger/v1", "/lang/en",
)  # fmt: skip


@pytest.fixture
def cases(hall: Office) -> list[int]:
    """Return the ids of cases at rest and on the way, told of by mail too."""
    for person in (hall.clerk, hall.land_head, hall.leader):
        person.email = f"{person.username}@example.cn"
    states = (State.ARCHIVED, State.TO_SIGN, State.HANDLING, State.REJECTED, State.DRAFT)
    found = [hall.case_in(state) for state in states]
    ensure_emergency_account().active = True
    db.session.commit()
    return [case.id for case in found]


def addresses(app: Flask, ids: list[int]) -> Iterator[str]:
    """Yield every address that is read, with each case's key where one belongs."""
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint.endswith((".static", "static")):
            continue
        plain = address(rule)
        if plain == rule.rule:
            yield from (plain + query for query in QUERIES)
        else:
            yield from (plain.replace("1", str(key)) for key in ids[:3])


def who_reads_nothing(hall: Office) -> dict[str, Account]:
    both = hall.add("both", Role.SYS_ADMIN, Role.SEC_ADMIN)
    return {"both": both, "audit": hall.auditor, "emergency": ensure_emergency_account()}


def leaks(browser: OfficeClient, urls: list[str]) -> list[str]:
    found = []
    for url in urls:
        response = browser.get(url)
        assert response.status_code in {200, 302, 400, 403, 404, 405, 503}, url  # 503: no job runs
        text = response.text if response.mimetype.startswith("text/") else ""
        found += [f"{url}: {secret}" for secret in SECRETS if secret in text]
        found += [f"{url}: a file"] if "attachment" in str(response.headers) else []
    return found


@pytest.mark.parametrize("who", ["both", "audit", "emergency"])
def test_administrators_read_no_case_by_any_address(
    app: Flask, client: Browser, hall: Office, cases: list[int], who: str
) -> None:
    db.session.add(Setting(name="simplified_admins", text="1"))
    db.session.flush()
    person = who_reads_nothing(hall)[who]
    db.session.commit()
    browser = client(person)
    assert "慢病备案" in client(hall.clerk).get("/cases/list/?quick=all").text
    urls = [url for url in addresses(app, cases) if "logout" not in url]
    assert len(urls) > 300
    assert leaks(browser, urls) == []


def test_moves_are_refused_to_administrators(
    client: Browser, hall: Office, cases: list[int]
) -> None:
    before = [(c.id, c.state, c.event_count) for c in db.session.query(Case).order_by(Case.id)]
    for person, key in product((hall.sys_admin, hall.sec_admin, hall.auditor), cases):
        browser = client(person)
        data: dict[str, Any] = {"csrf_token": browser.token("/users/userinfo/")}
        for url in (f"/cases/{key}/move/sign", f"/cases/action/sign/{key}", f"/cases/{key}/phone"):
            assert browser.post(url, data=data).status_code in (403, 404, 405), url
    db.session.expire_all()
    after = [(c.id, c.state, c.event_count) for c in db.session.query(Case).order_by(Case.id)]
    assert after == before


@pytest.mark.parametrize("url", GONE)
def test_pages_of_the_framework_are_not_there(client: Browser, hall: Office, url: str) -> None:
    for person in (hall.sys_admin, hall.sec_admin):
        assert client(person).get(url).status_code in (404, 405), url


def test_no_page_of_the_administrators_speaks_the_frameworks_words(
    client: Browser, hall: Office
) -> None:
    for url in ("/roles/", "/users/list/", f"/users/show/{hall.clerk.id}", "/policy/form"):
        text = client(hall.sec_admin).get(url, follow_redirects=True).text
        assert " on " not in text.replace("can't", ""), url
        assert "can_" not in text, url
