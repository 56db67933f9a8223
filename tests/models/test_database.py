"""The engine: what the project relies on when several people write at once."""

import datetime as dt
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.clock import OFFICE_ZONE
from app.extensions import db
from app.models.job_state import JobState
from app.unit_of_work import unit_of_work

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=OFFICE_ZONE)
WRITERS, ROUNDS = 16, 15


def add_counter() -> None:
    with unit_of_work():
        db.session.add(JobState(name="counter", next_run_at=NOON, last_error="0"))


def add_one() -> None:
    """Read, then write what was read plus one: the shape that loses updates."""
    row = db.session.scalars(select(JobState).with_for_update()).one()
    row.last_error = str(int(row.last_error) + 1)


def count() -> int:
    return int(db.session.scalars(select(JobState.last_error)).one())


def test_unit_of_work_sixteen_writers_lose_nothing(app: Flask, session: object) -> None:
    add_counter()
    start = threading.Barrier(WRITERS)

    def write() -> None:
        start.wait()
        for _ in range(ROUNDS):
            with app.app_context(), unit_of_work():
                add_one()

    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(write) for _ in range(WRITERS)]:
            done.result()
    assert count() == WRITERS * ROUNDS


def test_post_request_that_commits_by_itself_loses_nothing(app: Flask, session: object) -> None:
    """FAB reads first and commits later, outside any unit of work."""
    add_counter()
    start = threading.Barrier(8)

    def write() -> None:
        start.wait()
        for _ in range(ROUNDS):
            with app.test_request_context("/", method="POST"):
                add_one()
                db.session.commit()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(write) for _ in range(8)]:
            done.result()
    assert count() == 8 * ROUNDS


@pytest.mark.sqlite_only
def test_sqlite_reader_during_a_write_does_not_wait(app: Flask, session: object) -> None:
    add_counter()
    with unit_of_work():
        add_one()
        db.session.flush()
        with ThreadPoolExecutor(1) as pool, app.app_context():
            assert pool.submit(_count_elsewhere, app).result(timeout=2) == 0
    assert count() == 1


def _count_elsewhere(app: Flask) -> int:
    with app.app_context():
        return count()


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("foreign_keys", 1),
        ("busy_timeout", 15_000),
        ("recursive_triggers", 1),
        ("synchronous", 2),
    ],
)
def test_sqlite_connection_has_pragma(session: object, pragma: str, value: object) -> None:
    assert db.session.scalar(text(f"PRAGMA {pragma}")) == value


def test_unit_of_work_that_fails_keeps_nothing(session: object) -> None:
    add_counter()

    def fail_half_way() -> None:
        with unit_of_work():
            add_one()
            db.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert count() == 0


def test_unit_of_work_inside_another_is_refused(session: object) -> None:
    with unit_of_work(), pytest.raises(RuntimeError, match="already open"), unit_of_work():
        pass


def test_unit_of_work_savepoint_keeps_the_rest(session: object) -> None:
    with unit_of_work():
        db.session.add(JobState(name="counter", next_run_at=NOON, last_error="7"))
        db.session.flush()
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(
                text(
                    "INSERT INTO job_state (name, next_run_at, last_error) SELECT name,"
                    " next_run_at, last_error FROM job_state"
                )
            )
    assert count() == 7


@pytest.mark.sqlite_only
def test_sqlite_driver_opens_no_transaction_itself(session: object) -> None:
    db.session.execute(text("SELECT 1"))
    driver = db.session.connection().connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    assert driver.isolation_level is None
