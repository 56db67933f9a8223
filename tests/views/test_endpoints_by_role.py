"""Row actions, tokens and the menu, role by role; addresses are asked in tests/walk."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import Role as RoleRecord
from sqlalchemy import select
from werkzeug.routing import Rule

from app.domain.states import NEVER_GIVEN, Role
from app.extensions import db
from app.models import Account
from app.models.roles import ROLE_NAMES
from app.role_sync import menu_items, sync_roles
from app.security import EVERYONE, SCREENS
from app.unit_of_work import unit_of_work
from tests.client import OfficeClient
from tests.factories import Office
from tests.guards.test_endpoints import ACTIONS, PUBLIC, address

# Permissions say nothing of the database: one will do.
pytestmark = pytest.mark.sqlite_only
Browser = Callable[..., OfficeClient]
ROLES = sorted(EVERYONE - NEVER_GIVEN)
Case = tuple[str, str, frozenset[Role]]


def allowed_on(app: Flask, rule: Rule) -> frozenset[Role]:
    """Return the roles that SCREENS lets through to the view of an address."""
    endpoint, _dot, method = rule.endpoint.partition(".")
    view = next(v for v in app.appbuilder.baseviews if v.endpoint == endpoint)
    permission = f"can_{view.get_method_permission(method)}"
    return SCREENS.get(view.class_permission_name, {}).get(permission, frozenset())


def pages(app: Flask, method: str) -> Iterator[tuple[Rule, frozenset[Role]]]:
    """Yield every address that needs a permission, and who has it."""
    for rule in app.url_map.iter_rules():
        guarded = rule.endpoint not in PUBLIC and not rule.endpoint.endswith(ACTIONS)
        if guarded and method in rule.methods:
            yield rule, allowed_on(app, rule)


def row_actions(app: Flask) -> Iterator[tuple[str, str, str, frozenset[Role]]]:
    """Yield view, name and address of every row action, and who has it."""
    for view in app.appbuilder.baseviews:
        for name in getattr(view, "actions", {}):
            roles = SCREENS.get(view.class_permission_name, {}).get(name, frozenset())
            yield view.route_base, name, f"{view.route_base}/action/{name}/1", roles


def is_refused(response: Any) -> bool:
    return response.status_code == 403 or "/login" in (response.location or "")


@pytest.fixture
def people(hall: Office) -> dict[Role, Account]:
    """Return one person of each role and nothing but that role."""
    found = {}
    for person in hall.people.values():
        for record in person.roles:
            found.setdefault(record.name, person)
    return {role: found[ROLE_NAMES[role]] for role in ROLES}


@pytest.mark.parametrize("role", ROLES)
def test_changes_without_a_token_are_refused_to_everybody(
    app: Flask, client: Browser, people: dict[Role, Account], role: Role
) -> None:
    browser = client(people[role])
    urls = [address(rule) for rule, _roles in pages(app, "POST")]
    urls += [url for _base, _name, url, _roles in row_actions(app)]
    accepted = [url for url in urls if browser.post(url).status_code not in {400, 405}]
    assert not accepted


@pytest.mark.parametrize("role", ROLES)
def test_row_actions_open_for_whom_the_table_names(
    app: Flask, client: Browser, people: dict[Role, Account], role: Role
) -> None:
    """There is no row 1: who may act finds nothing, who may not is refused before the look."""
    browser = client(people[role])
    headers = {"X-CSRFToken": browser.token("/users/userinfo/")}
    wrong = []
    for base, name, url, roles in row_actions(app):
        many = {"action": name, "rowid": "1"}
        answers = (
            browser.post(url, headers=headers),
            browser.post(f"{base}/action_post", data=many, headers=headers),
        )
        expected = 404 if role in roles else 403
        if any(answer.status_code != expected for answer in answers):
            wrong.append(f"{url} {[answer.status_code for answer in answers]}")
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_menu_shows_what_the_role_may_open(
    app: Flask, client: Browser, people: dict[Role, Account], role: Role
) -> None:
    page = client(people[role]).page("/users/userinfo/")
    shown = set(page.xpath("//nav[contains(@class, 'menu')]//a/@href"))
    with app.test_request_context("/"):
        wanted = {
            item.get_url()
            for item in menu_items(app.appbuilder)
            if role in SCREENS.get(item.name, {}).get(item.permission, frozenset())
        }
    assert shown == wanted


def test_table_names_what_exists(app: Flask) -> None:
    there = {
        (view.class_permission_name, permission)
        for view in app.appbuilder.baseviews
        for permission in view.base_permissions or ()
    }
    named = {(screen, name) for screen, rows in SCREENS.items() for name in rows}
    assert named <= there


def test_sync_is_idempotent_and_takes_back_what_the_table_does_not_name(
    app: Flask, session: object
) -> None:
    assert sync_roles() == 0
    with unit_of_work():
        viewer = role_record(Role.COUNTY_VIEWER)
        clerk = role_record(Role.SUPERVISOR)
        own = RoleRecord(name="自定义", permissions=list(clerk.permissions[:3]))
        db.session.add(own)
        viewer.permissions.append(next(p for p in clerk.permissions if p not in viewer.permissions))
        clerk.permissions.pop()
    assert sync_roles() == 2
    assert sync_roles() == 0
    own = db.session.scalars(select(RoleRecord).where(RoleRecord.name == "自定义")).one()
    assert len(own.permissions) == 3


def role_record(role: Role) -> RoleRecord:
    query = select(RoleRecord).where(RoleRecord.name == ROLE_NAMES[role])
    return db.session.scalars(query).one()
