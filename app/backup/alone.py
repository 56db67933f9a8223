"""One restore at a time in one place: the second is refused, and a killed one holds nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine

from app.backup.problems import BackupError

FILE = ".restore-lock"
NOT_ALONE = "另一个恢复正在这里进行，没有恢复：请等它结束（{place}）"
# Of PostgreSQL's advisory locks, which are one database's; the number is ours alone.
TAKE, LEAVE = "SELECT pg_try_advisory_lock(1650552426)", "SELECT pg_advisory_unlock(1650552426)"


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold a folder; raises BackupError while another process does.

    SQLite's lock rather than a file that says so: it goes with its process, on every system.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / FILE, timeout=0, isolation_level=None)) as held:
        try:
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise BackupError(NOT_ALONE.format(place=folder)) from None
        yield


@contextmanager
def alone_at(engine: Engine) -> Iterator[None]:
    """Hold a PostgreSQL database likewise, whatever machine the other one works on."""
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        if not connection.exec_driver_sql(TAKE).scalar_one():
            place = engine.url.render_as_string(hide_password=True)
            raise BackupError(NOT_ALONE.format(place=place))
        try:
            yield
        finally:
            connection.exec_driver_sql(LEAVE)
