"""The triggers that keep the log: those of the migrations, missed when gone, put back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.audit_log import guards
from app.extensions import db
from app.models import AuditEntry
from tests.backups import command, place, source

__all__ = ["place", "source"]
UPDATE = text("UPDATE audit_entries SET object_name = 'x' WHERE id = 1")
# What a hand does → the guards that are then missing.
SQLITE = {
    "DROP TRIGGER audit_entries_no_update": ["audit_entries_no_update"],
    "DROP TRIGGER cases_keep_number; DROP TRIGGER audit_head_no_way_back": [
        "audit_head_no_way_back", "cases_keep_number",
    ],
    "DROP TRIGGER audit_entries_no_update; CREATE TRIGGER audit_entries_no_update BEFORE UPDATE "
    "ON audit_entries WHEN 0 BEGIN SELECT 1; END": ["audit_entries_no_update"],
}  # fmt: skip
POSTGRESQL = {
    "DROP TRIGGER audit_entries_fixed ON audit_entries": ["audit_entries_fixed"],
    "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_fixed": ["audit_entries_fixed"],
    "ALTER TABLE audit_entries ENABLE REPLICA TRIGGER audit_entries_fixed": ["audit_entries_fixed"],
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql "
    "AS $$ BEGIN RETURN NEW; END $$": ["refuse_change"],
}
HANDS = [("sqlite", *one) for one in SQLITE.items()] + [
    ("postgresql", *one) for one in POSTGRESQL.items()
]


@pytest.fixture
def put_back(session: Any) -> Iterator[None]:
    """Let the next test find its guards, however this one ends."""
    yield
    db.session.rollback()
    with db.engine.begin() as connection:
        guards.put_back(connection)


def by_owner(statements: str) -> None:
    # A body holds semicolons of its own.
    single = "AS $$" in statements or "BEGIN" in statements.partition(";")[0]
    for statement in [statements] if single else statements.split("; ", 1):
        with db.engine.begin() as connection:
            connection.execute(text(statement))
    db.session.rollback()


def missing() -> list[str]:
    with db.engine.connect() as connection:
        return guards.missing(connection)


def audit_command(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["audit", *words])
    return result.exit_code, result.output


def test_guards_are_those_of_the_migrations_and_no_others(session: Any) -> None:
    assert missing() == []
    is_sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect() as connection:
        query = guards.SQLITE_FOUND if is_sqlite else guards.POSTGRESQL_FOUND
        names = {row.name for row in connection.execute(text(query))}
    ours = guards.SQLITE if is_sqlite else {**guards.POSTGRESQL, **guards.FUNCTIONS}
    assert names == set(ours)


@pytest.mark.parametrize(("dialect", "hand", "expected"), HANDS)
def test_guard_that_is_gone_is_named_and_put_back(
    app: Flask, put_back: None, dialect: str, hand: str, expected: list[str]
) -> None:
    if db.engine.dialect.name != dialect:
        return
    by_owner(hand)
    assert sorted(missing()) == expected
    code, output = audit_command(app, "verify", "--without-files")
    assert (code, f"缺失、停用或被改动：{expected[0]}" in output) == (1, True), output
    code, output = audit_command(app, "guards")
    assert (code, all(name in output for name in expected)) == (0, True), output
    assert missing() == []
    assert audit_command(app, "guards") == (0, "防改动触发器齐全，未作改动。\n")
    db.session.rollback()
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert expected[0] in entry.after
    with pytest.raises(DBAPIError, match="never changed"), db.engine.begin() as connection:
        connection.execute(UPDATE)


def test_backup_of_an_office_without_a_guard_is_told_and_restored_with_it(
    source: Flask, place: Flask, put_back: None, tmp_path: Path
) -> None:
    hands = SQLITE if db.engine.dialect.name == "sqlite" else POSTGRESQL
    hand, (name,) = next(iter(hands.items()))
    by_owner(hand)
    path = tmp_path / "office.zip"
    code, output = command(source, "create", path)
    assert (code, f"触发器缺失或被改动（{name}" in output) == (3, True), output
    code, output = command(source, "verify", path)
    assert (code, f"防改动触发器：{name}" in output) == (0, True), output
    with place.app_context():
        code, output = command(place, "restore", path, "--yes")
        assert (code, f"已重新建立防改动触发器：{name}" in output) == (0, True), output
        assert missing() == []
        with pytest.raises(DBAPIError, match="never changed"), db.engine.begin() as connection:
            connection.execute(UPDATE)
