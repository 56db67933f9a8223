"""The primary of a synchronous pair dies under eight writers, and its standby takes over."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from app.extensions import db
from tests.faults.cluster import DATABASE, LOOPBACK, Cluster, clusters
from tests.faults.desk import Walkers, open_office, orders_for, serving
from tests.faults.journal import Journal
from tests.faults.ledger import compare
from tests.faults.outcome import Outcome
from tests.faults.own_office import own_office

WRITERS = 8
SYNCHRONOUS = "synchronous_standby_names = 'second'"
STALLED = 3.0  # seconds in which nothing reaches the standby before the primary dies

Tell = Callable[[Outcome], Outcome]


def pair_url(first: Cluster, second: Cluster) -> str:
    """Return the address of whichever of the two may be written to."""
    hosts = "&".join(f"host={LOOPBACK}:{each.port}" for each in (first, second))
    return (
        f"postgresql+psycopg://postgres@/{DATABASE}?{hosts}"
        "&target_session_attrs=read-write&connect_timeout=3"
    )


def fail_over(
    first: Cluster, second: Cluster, folder: Path, journal: Journal, *, is_synchronous: bool
) -> Outcome:
    """Let eight clients write; stall the replication, kill the primary, promote the standby."""
    url = pair_url(first, second)
    with own_office(url, folder) as app:
        open_office()
        db.session.remove()
        second.copy_from(first, "second")
        if is_synchronous:
            first.configure(SYNCHRONOUS)
            first.reload()
        with (
            serving(orders_for(app, folder, threads=WRITERS)) as server,
            Walkers(server.port, journal, WRITERS) as walkers,
        ):
            walkers.wait_for_progress(WRITERS)
            _stall(first)
            time.sleep(STALLED)
            first.kill()
            second.promote()
            walkers.wait_for_progress(WRITERS)
        db.engine.dispose()
        return compare("fail-over of the pair", journal, times=1, is_guarded=is_synchronous)


def _stall(primary: Cluster) -> None:
    """Freeze whoever sends the log to the standby."""
    with primary.connect() as connection:
        rows = connection.execute("SELECT pid FROM pg_stat_replication").fetchall()
    assert rows
    for (sender,) in rows:
        with suppress(ProcessLookupError):
            os.kill(sender, signal.SIGSTOP)


@pytest.mark.parametrize("is_synchronous", [True, False], ids=["synchronous", "asynchronous"])
def test_failover_loses_nothing_unless_asynchronous(
    tmp_path: Path, journal: Journal, tell: Tell, *, is_synchronous: bool
) -> None:
    with clusters(2) as (first, second):
        first.create()
        outcome = tell(fail_over(first, second, tmp_path, journal, is_synchronous=is_synchronous))
    assert (outcome.wrong == []) is is_synchronous
    assert outcome.acknowledged > WRITERS
