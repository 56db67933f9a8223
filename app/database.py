"""How the engine talks to its database: SQLite made safe for several writers, PostgreSQL bounded.

SQLite's driver opens transactions by itself, late and as readers, so that two writers meet at the
first UPDATE and one fails or loses. Here the driver is silenced and BEGIN is said explicitly.
"""

import logging
import os
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import has_request_context, request
from sqlalchemy import Connection, Engine, event, exc
from sqlalchemy.orm import Session, scoped_session

from app.causes import behind

log = logging.getLogger(__name__)

# An option of a connection: this transaction is going to write, or surely is not.
WRITES = "banjie_writes"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
BUSY_TIMEOUT_MS = 15_000
# More than the server has threads, so that no request waits for a connection.
POOL_SIZE = 20
SQLITE_PRAGMAS = (
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
    "journal_mode = WAL",
    "foreign_keys = ON",
    # Without it INSERT OR REPLACE deletes a row past the triggers that guard the events.
    "recursive_triggers = ON",
    # What is masked or encrypted must not be left readable in the file's free space.
    "secure_delete = ON",
)

SQLITE_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
# Connection lost, too many of them, idle for too long, deadlock, lock not granted, server stopped.
POSTGRESQL_BUSY = ("08", "53300", "25P03", "40P01", "55P03", "57P0")


def engine_options(url: str) -> dict[str, Any]:
    """Return create_engine's options for the database at `url`."""
    # An error quotes its statement; what people typed is none of the log's business.
    quiet: dict[str, Any] = {"pool_size": POOL_SIZE, "hide_parameters": True}
    if not url.startswith("postgresql"):
        return quiet
    # A frozen holder of the scheduler's row lock must not block the jobs for ever.
    guard = "-c idle_in_transaction_session_timeout=60000"
    return quiet | {"pool_pre_ping": True, "connect_args": {"options": guard}}


def prepare_engine(engine: Engine) -> None:
    """Attach the events that SQLite needs, and let forked workers connect for themselves."""
    _connect_anew_after_fork(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _make_folder)
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)


def _connect_anew_after_fork(engine: Engine) -> None:
    """Let a forked process forget the connections it was born with.

    Two processes on one connection read each other's answers and commit each other's halves; a
    server that forks its workers after the application was made would do just that.
    """
    if not hasattr(os, "register_at_fork"):  # Windows never forks
        return
    known = weakref.ref(engine)

    def forget() -> None:
        engine = known()
        if engine is not None:
            engine.dispose(close=False)

    os.register_at_fork(after_in_child=forget)


def begin_writing(session: Session | scoped_session[Any]) -> None:
    """Open the session's transaction as a writer: on SQLite writers queue from here on."""
    session.connection(execution_options={WRITES: True})


def is_out_of_reach(error: BaseException | None) -> bool:
    """Return whether the database did not answer in time, or the connection to it was lost.

    A COMMIT on its way then may have been done or not: only the database knows.
    """
    return any(_says_out_of_reach(each) for each in behind(error))


def _says_out_of_reach(error: BaseException) -> bool:
    if isinstance(error, sqlite3.OperationalError):
        # The lowest byte is the kind, the rest says more about it.
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in SQLITE_BUSY
    if isinstance(error, exc.OperationalError) and getattr(error.orig, "sqlstate", "") is None:
        return True  # PostgreSQL's driver could not connect, or lost the connection
    state = getattr(error, "sqlstate", None) or ""
    return isinstance(error, exc.TimeoutError) or state.startswith(POSTGRESQL_BUSY)


def let_go(session: scoped_session[Any]) -> None:
    """Give the session's connection back; one that was lost by now costs nobody the answer."""
    if not session.registry.has():
        return
    try:
        session.close()
    except exc.DBAPIError as error:
        log.warning("a connection was lost after its request: %s", type(error.orig).__name__)
        session().invalidate()


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Yield a connection of its own that only reads, and sees one instant whoever writes.

    On SQLite that is WAL's way anyway; its BEGIN must not queue up with the writers.
    """
    options: dict[str, Any] = {WRITES: False}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def _make_folder(_dialect: object, _record: object, args: Any, _options: object) -> None:
    """Make the folder on first use, for its owner only: the file holds names and phones."""
    Path(args[0]).parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def _set_pragmas(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    writes = _request_writes() if writes is None else writes
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _request_writes() -> bool:
    """Tell whether FAB itself may write in this request: it reads first and commits later."""
    return has_request_context() and request.method not in SAFE_METHODS
