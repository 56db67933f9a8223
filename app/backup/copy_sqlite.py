"""SQLite's copies: VACUUM INTO reads one instant, whoever writes; a copied file may be torn."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from app.backup.archive import CANNOT_WRITE, Facts
from app.backup.copies import facts_of
from app.backup.problems import BackupError, Damaged
from app.disk import reason_of
from config import Settings

FOREIGN_KEYS = "表“{table}”有{count}行指向不存在的记录"


def size_of(engine: Engine) -> int:
    """Return about how many bytes a copy takes."""
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())


@contextmanager
def copying(engine: Engine, target: Path, _settings: Settings) -> Iterator[Connection]:
    """Copy the database into a new file; yield a connection that sees what the copy holds."""
    try:
        with engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            # Outside any transaction of ours.
            driver.execute("VACUUM INTO ?", (str(target),))
    except Exception as error:
        raise BackupError(CANNOT_WRITE.format(reason=reason_of(error))) from error
    target.chmod(0o600)
    with _engine(target) as copy, copy.connect() as connection:
        yield connection


@contextmanager
def opened(path: Path, _settings: Settings) -> Iterator[tuple[Engine, Facts]]:
    """Look at every page of a copy; yield an engine over it, and what it holds."""
    with _engine(path) as engine:
        try:
            with engine.connect() as connection:
                answer = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
                if answer != "ok":
                    raise Damaged(str(answer)[:200])
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise Damaged(FOREIGN_KEYS.format(table=broken[0][0], count=len(broken)))
                facts = facts_of(connection)
        except DatabaseError as error:
            raise Damaged(str(error.orig)) from error
        yield engine, facts


@contextmanager
def _engine(path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    try:
        yield engine
    finally:
        engine.dispose()
