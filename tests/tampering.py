"""A hand in the database: what somebody with its owner's password can do, and no account of ours.

Whoever owns the tables can switch their guards off; what then remains is the chain.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from app.extensions import db


@contextmanager
def unguarded(connection: Connection) -> Iterator[None]:
    """Switch every guard off for what is done inside."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield
        return
    query = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    guards = connection.execute(query).all()
    for name, _sql in guards:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _name, sql in guards:
        connection.execute(text(sql))


def by_hand(*statements: str) -> None:
    """Do it as the owner, past the guards, which stand again afterwards."""
    with db.engine.begin() as connection, unguarded(connection):
        for statement in statements:
            connection.exec_driver_sql(statement)
    db.session.rollback()
