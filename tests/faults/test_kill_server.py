"""kill -9 of the server in mid-move, again and again, while clients write and resubmit."""

from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from flask import Flask

from tests.faults.desk import Walkers, open_office, orders_for, serving
from tests.faults.journal import Journal
from tests.faults.ledger import compare
from tests.faults.outcome import Outcome, times

KILLS = times("kills", 50)
GUARD_OFF, PLENTY = 12, 60

Tell = Callable[[Outcome], Outcome]


def kill_again_and_again(
    app: Flask, folder: Path, journal: Journal, *, kills: int, off: tuple[str, ...] = ()
) -> Outcome:
    """Let four clients walk cases through while workers are killed at random instants."""
    orders = orders_for(app, folder, workers=2, is_slow=True, off=list(off))
    with (
        suppress(AssertionError) if off else nullcontext(),
        serving(orders) as server,
        Walkers(server.port, journal, 4 if kills else 8) as walkers,
    ):
        for _ in range(kills):
            walkers.wait_for_progress()
            server.kill_worker()
        walkers.wait_for_progress(0 if kills else PLENTY)
    return compare("kill -9 of the server", journal, times=kills, is_guarded=not off)


def test_killed_server_loses_nothing(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    open_office()
    outcome = tell(kill_again_and_again(app, tmp_path, journal, kills=KILLS))
    assert outcome.wrong == []
    assert outcome.acknowledged > KILLS
    assert journal.errors() == 0


@pytest.mark.postgresql_only
def test_forked_workers_that_share_connections(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    """No kill is needed: two processes on one connection read each other's answers.

    What they read makes no sense to the driver, which says so before anything is written: people
    get errors where, with the guard, nobody gets one.
    """
    open_office()
    outcome = tell(kill_again_and_again(app, tmp_path, journal, kills=0, off=("fork",)))
    assert outcome.wrong != [] or journal.errors() > 0


@pytest.mark.parametrize("guard", ["transaction", "seal"])
def test_without_the_guard_it_does(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell, guard: str
) -> None:
    open_office()
    outcome = tell(kill_again_and_again(app, tmp_path, journal, kills=GUARD_OFF, off=(guard,)))
    assert outcome.wrong != []
