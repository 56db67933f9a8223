"""Runs the migrations on the application's own engine, FAB's tables included."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text
from sqlalchemy.types import TypeDecorator

from app.database import WRITES

# One number for this project: two migrations at once on PostgreSQL wait for each other.
LOCK = 20260101
OFFLINE = "migrations need the database: they read what is in it"


def migrate(connection: Connection) -> None:
    """Bring the schema to the wanted revision in one transaction."""
    extension = current_app.extensions["migrate"]
    options: dict[str, Any] = dict(extension.configure_args)
    context.configure(
        connection=connection,
        target_metadata=extension.db.metadata,
        # SQLite's DDL is transactional too, once the driver keeps its hands off (app/database.py):
        # a kill in the middle leaves the old schema.
        transactional_ddl=True,
        process_revision_directives=skip_empty,
        render_item=plain_type,
        **options,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        context.run_migrations()


def plain_type(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write the column type under ours: an old migration must not need the code of its day."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def skip_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Make no file when the models and the database agree."""
    options = context.config.cmd_opts
    if getattr(options, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def run() -> None:
    """Connect as a writer and migrate."""
    if context.is_offline_mode():
        raise SystemExit(OFFLINE)
    # Whatever the session asks: the office's own database, or one that is being restored.
    engine = current_app.extensions["migrate"].db.session.get_bind()
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # Rebuilding a table drops the old one; enforced keys would delete its children.
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = OFF")
        try:
            migrate(connection.execution_options(**{WRITES: True}))
        finally:
            if engine.dialect.name == "sqlite":
                connection.rollback()
                connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = ON")


run()
