"""PostgreSQL with two accounts: the office works under one that only adds to its log."""

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.actions import audit
from app.audit_log.rights import BadRole, grant, may_tamper, statements
from app.extensions import db
from app.unit_of_work import unit_of_work
from tests.client import OfficeClient
from tests.databases import make_app, start_postgresql
from tests.factories import make_office

REFUSED = (
    "UPDATE audit_entries SET account_name = 'x'",
    "DELETE FROM audit_entries",
    "TRUNCATE audit_entries",
    "UPDATE case_events SET summary = 'x'",
    "DELETE FROM case_events",
    "TRUNCATE case_events CASCADE",
    "DELETE FROM audit_head",
    "UPDATE audit_archives SET sha256 = ''",
    "DROP TRIGGER audit_entries_fixed ON audit_entries",
    "ALTER TABLE audit_entries DISABLE TRIGGER ALL",
    "DROP TABLE audit_entries CASCADE",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
    "SET session_replication_role = replica",
    "CREATE TABLE mine (id int)",
    "UPDATE alembic_version SET version_num = 'x'",
)


@pytest.fixture
def clerk_app(app: Flask, tmp_path: Path, session: Any) -> Iterator[Flask]:
    """Return the application logged in as a role that owns nothing."""
    role = f"banjie_app_{secrets.token_hex(4)}"
    make_office()
    db.session.commit()
    name = db.engine.url.database
    with psycopg.connect(start_postgresql().get_uri(), autocommit=True) as server:
        server.execute(f"CREATE ROLE {role} LOGIN")
    grant(role)
    url = db.engine.url.set(username=role).render_as_string(hide_password=False)
    assert name in url
    other = make_app(url, tmp_path)
    yield other
    with other.app_context():
        db.session.remove()
        db.engine.dispose()
    with psycopg.connect(start_postgresql().get_uri(database=name), autocommit=True) as server:
        server.execute(f"DROP OWNED BY {role}")
        server.execute(f"DROP ROLE {role}")


@pytest.mark.postgresql_only
def test_office_works_under_an_account_that_only_adds(clerk_app: Flask) -> None:
    with clerk_app.app_context():
        assert not may_tamper()
        office = {person.username: person for person in people()}
        ids = {name: person.id for name, person in office.items()}
        before = audit.head().seq
        db.session.rollback()
    with clerk_app.app_context():
        work_a_case()
    clerk = OfficeClient(clerk_app, clerk_app.response_class)
    clerk.sign_in(ids["clerk-1"])
    token = {"X-CSRFToken": clerk.token("/users/userinfo/")}
    file = clerk.post("/cases/export?quick=all", headers=token, follow_redirects=True)
    assert "attachment" in file.headers["Content-Disposition"]
    assert clerk.post("/logout/", headers=token).status_code == 302
    with clerk_app.app_context():
        assert audit.head().seq > before
        assert audit.verify(anchors={}) == []


def people() -> list[Any]:
    from app.models import Account

    return list(db.session.query(Account))


def work_a_case() -> None:
    """Register, submit, hand over; and throw a draft away, whose events go with it."""
    from app.actions.intake import delete_draft
    from app.clock import now
    from app.models import Site, Unit
    from tests.factories import Office, _roles

    site = db.session.query(Site).one()
    office = Office(site, roles=_roles())
    office.people = {person.username.removesuffix("-1"): person for person in people()}
    names = {"不动产登记窗口": "land", "工程建设科": "build", "税务窗口": "tax"}
    office.units = {names[u.name]: u for u in db.session.query(Unit) if u.name in names}
    with unit_of_work():
        office.dispatch(office.submit(office.draft()))
        case = office.draft(now=now())
        delete_draft(case, by=office.officer, now=now())


@pytest.mark.postgresql_only
@pytest.mark.parametrize("sql", REFUSED)
def test_account_of_the_application_cannot_tamper(clerk_app: Flask, sql: str) -> None:
    with (
        clerk_app.app_context(),
        pytest.raises(ProgrammingError, match="permission denied|must be owner"),
        db.engine.begin() as connection,
    ):
        connection.execute(text(sql))


@pytest.mark.parametrize("role", ["", "x; DROP", "Ä", "a b", '"a"'])
def test_role_is_a_plain_name(role: str) -> None:
    with contextlib.suppress(BadRole):
        statements(role)
        pytest.fail(role)
