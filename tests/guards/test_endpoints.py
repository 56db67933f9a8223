"""Every address is guarded, and looking never changes anything."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.extensions import db
from app.unit_of_work import unit_of_work
from tests.client import OfficeClient

# Open to everybody, with the reason.
PUBLIC = {
    "static": "styles and scripts",
    "appbuilder.static": "styles and scripts of the framework",
    "office.favicon": "the office's mark",
    "OfficeAuthView.login": "where people come in",
    "OfficeAuthView.logout": "where they leave; needs a token",
    "office.language": "changes the session's language only; needs a token",
    "search.find": "turns words into the address of a list, which asks; needs a token",
    "UtilView.back": "goes to the page before",
    "LocaleView.index": "answers 404: the language is switched by POST",
    "monitor.healthz": "for monitors: one word each, no names and no secrets",
    "IndexView.index": "sends strangers to the log-in page",
    "HomeView.index": "sends strangers to the log-in page",
}
# Which permission these need depends on the action named; tried one by one below.
ACTIONS = (".action", ".action_post")
REFUSED = {401, 403, 404, 405}
CHANGE = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE|MERGE)\b", re.I)

# That somebody looked, printed or was refused stands in the log: that is no change of anything.
LOGGED = re.compile(r"^\s*(INSERT INTO audit_entries|UPDATE audit_head)\b", re.I)


def rules(app: Flask, method: str) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if method in rule.methods and rule.endpoint not in PUBLIC:
            yield rule


def address(rule: Rule) -> str:
    """Return the rule's address with 1 for every variable part."""
    return re.sub(r"<[^>]+>", "1", rule.rule)


def is_refused(response: Any) -> bool:
    return response.status_code in REFUSED or (
        response.status_code == 302 and "/login" in response.location
    )


def test_every_address_names_the_permission_it_needs(app: Flask) -> None:
    views = app.view_functions
    open_ones = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in PUBLIC
        and not rule.endpoint.endswith(ACTIONS)
        and not hasattr(views[rule.endpoint], "_permission_name")
    }
    assert not open_ones


def test_public_list_names_endpoints_that_exist(app: Flask) -> None:
    homes = {"IndexView.index", "HomeView.index"}
    assert set(PUBLIC) - homes <= set(app.view_functions)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_stranger_is_refused_everywhere(
    app: Flask, client: Callable[[], OfficeClient], method: str
) -> None:
    browser = client()
    token = browser.token()
    let_in = []
    for rule in rules(app, method):
        if rule.endpoint.endswith(ACTIONS):
            continue
        response = browser.open(address(rule), method=method, headers={"X-CSRFToken": token})
        if not is_refused(response):
            let_in.append(f"{method} {rule.rule} {response.status_code}")
    assert not let_in


def test_stranger_is_refused_every_row_action(
    app: Flask, client: Callable[[], OfficeClient]
) -> None:
    browser = client()
    headers = {"X-CSRFToken": browser.token()}
    let_in = []
    for view in app.appbuilder.baseviews:
        for name in getattr(view, "actions", {}):
            one = f"{view.route_base}/action/{name}/1"
            many = f"{view.route_base}/action_post"
            form = {"action": name, "rowid": ["1"]}
            for url, data in ((one, {}), (many, form)):
                if not is_refused(browser.post(url, data=data, headers=headers)):
                    let_in.append(f"{url} {name}")
    assert not let_in


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_every_change_needs_a_token(
    app: Flask, client: Callable[..., OfficeClient], administrator: int, method: str
) -> None:
    browser = client(administrator)
    accepted = [
        f"{method} {rule.rule}"
        for rule in rules(app, method)
        if browser.open(address(rule), method=method).status_code not in {400, 404, 405}
    ]
    assert not accepted


def test_looking_changes_nothing(
    app: Flask,
    client: Callable[..., OfficeClient],
    administrator: int,
    count_statements: Callable[[], Any],
) -> None:
    browser = client(administrator)
    changes = []
    for rule in rules(app, "GET"):
        with count_statements() as statements:
            browser.get(address(rule))
        changes += [
            f"{rule.rule}: {line}"
            for line in statements
            if CHANGE.match(line) and not LOGGED.match(line)
        ]
    assert not changes


@pytest.fixture
def administrator(app: Flask, session: object) -> int:
    """Return the id of somebody with every permission there is."""
    from flask_appbuilder.security.sqla.models import PermissionView, Role, User

    with unit_of_work():
        role = Role(name="everything", permissions=list(db.session.query(PermissionView)))
        user = User(
            username="all",
            first_name="全权",
            last_name="",
            email="all@local.invalid",
            active=True,
            roles=[role],
        )
        db.session.add(user)
        db.session.flush()
        return int(user.id)
