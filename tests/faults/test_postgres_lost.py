"""The database goes away: sessions ended from outside, the server restarted in mid-request."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from tests.faults.cluster import Cluster, clusters
from tests.faults.desk import Walkers, open_office, orders_for, serving
from tests.faults.journal import Journal
from tests.faults.ledger import compare
from tests.faults.outcome import Outcome, times
from tests.faults.own_office import own_office

SESSIONS, RESTARTS = times("sessions", 20), times("restarts", 10)
GUARD_OFF_SESSIONS, GUARD_OFF_RESTARTS = 8, 3
# Whoever is at work is sent away; a session that only waits for the next request is no loss.
SEND_AWAY = text("""
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
""")
# An acknowledged commit stays in memory for ten seconds.
LAZY = ("synchronous_commit = off", "wal_writer_delay = 10s", "wal_writer_flush_after = 1GB")

Tell = Callable[[Outcome], Outcome]


def faults_under_load(
    name: str,
    app: Flask,
    folder: Path,
    journal: Journal,
    strike: Callable[[], None],
    *,
    count: int,
    off: tuple[str, ...] = (),
    is_guarded: bool = True,
) -> Outcome:
    """Strike again and again while four clients write, each time in the middle of their work."""
    open_office()
    db.session.remove()
    orders = orders_for(app, folder, is_slow=True, off=list(off))
    with (
        nullcontext() if is_guarded else suppress(AssertionError),
        serving(orders) as server,
        Walkers(server.port, journal) as walkers,
    ):
        for _ in range(count):
            walkers.wait_for_progress()
            strike()
    return compare(name, journal, times=count, is_guarded=is_guarded)


def send_all_away() -> None:
    """End every other session of this database."""
    db.session.execute(SEND_AWAY)
    db.session.remove()


@pytest.mark.postgresql_only
def test_ended_sessions_lose_nothing(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    outcome = tell(
        faults_under_load("sessions ended", app, tmp_path, journal, send_all_away, count=SESSIONS)
    )
    assert outcome.wrong == []
    assert outcome.acknowledged > SESSIONS


@pytest.mark.postgresql_only
def test_ended_sessions_without_one_transaction(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    outcome = tell(
        faults_under_load(
            "sessions ended", app, tmp_path, journal, send_all_away,
            count=GUARD_OFF_SESSIONS, off=("transaction",), is_guarded=False,
        )
    )  # fmt: skip
    assert outcome.wrong != []


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Return a server of this test's own, not yet made."""
    with clusters(1) as (one,):
        yield one


def restart_under_load(
    cluster: Cluster, folder: Path, journal: Journal, *, count: int, is_guarded: bool
) -> Outcome:
    """Restart the server in the middle of requests, as often as told."""

    def strike() -> None:
        db.session.remove()
        time.sleep(random.uniform(0, 0.3))
        cluster.restart()

    with own_office(cluster.url, folder) as app:
        return faults_under_load(
            "PostgreSQL restarted", app, folder, journal, strike, count=count, is_guarded=is_guarded
        )


def test_restarted_postgresql_loses_nothing(
    cluster: Cluster, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    cluster.create()
    outcome = tell(restart_under_load(cluster, tmp_path, journal, count=RESTARTS, is_guarded=True))
    assert outcome.wrong == []
    assert outcome.acknowledged > RESTARTS


def test_restarted_postgresql_with_lazy_commits(
    cluster: Cluster, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    cluster.create(*LAZY)
    outcome = tell(
        restart_under_load(cluster, tmp_path, journal, count=GUARD_OFF_RESTARTS, is_guarded=False)
    )
    assert outcome.missing != []
