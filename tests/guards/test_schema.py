"""The migrations make exactly the tables the models describe, and can be taken back."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from app.extensions import db
from app.web.server import is_migrated
from tests.databases import make_app


def test_models_and_migrations_agree(app: Flask, session: object) -> None:
    context = MigrationContext.configure(db.session.connection(), opts={"compare_type": True})
    assert compare_metadata(context, db.metadata) == []


def test_every_constraint_has_a_name(session: object) -> None:
    nameless = [
        f"{table.name}: {constraint!r}"
        for table in db.metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert not nameless


@pytest.mark.sqlite_only
def test_migrations_go_down_to_nothing_and_up_again(tmp_path: Path, backend_name: str) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'updown.db'}", tmp_path)
    with app.app_context():
        upgrade()
        assert is_migrated(app)
        tables = inspect(db.engine).get_table_names()
        downgrade(revision="base")
        assert not is_migrated(app)
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        upgrade()
        assert inspect(db.engine).get_table_names() == tables
        db.engine.dispose()
