"""A hand in the database: what somebody with its owner's password can do, and no account of ours.

Whoever owns the tables can switch their guards off; what then remains is the chain.
"""

from sqlalchemy import Connection, text

from app.extensions import db


def unguarded(connection: Connection) -> None:
    """Switch every guard off, for good on SQLite, for this transaction on PostgreSQL."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    for (name,) in names.all():
        connection.execute(text(f"DROP TRIGGER {name}"))


def by_hand(*statements: str) -> None:
    """Do it as the owner, past the guards."""
    with db.engine.begin() as connection:
        unguarded(connection)
        for statement in statements:
            connection.execute(text(statement))
    db.session.rollback()
