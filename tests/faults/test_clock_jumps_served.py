"""The server's clock jumps between and in requests, with the jobs ticking in the same process."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.extensions import db
from app.models import Case
from app.unit_of_work import unit_of_work
from tests.factories import Office
from tests.faults.desk import MORNING, Walkers, open_office, orders_for, serving
from tests.faults.hands import Hands
from tests.faults.journal import Journal
from tests.faults.ledger import compare
from tests.faults.orders import office_now, set_clock
from tests.faults.outcome import Outcome, times
from tests.faults.test_runners import told_wrongly

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS = times("jumps", 12)
# Each way there and back again: over the limit of an idle log-in, and over a night.
WAYS = (2 * HOUR, -2 * HOUR, DAY, -DAY, -HOUR, HOUR)
A_TICK_AND_MORE = 3.0
TOLD_WITHIN = 30

Tell = Callable[[Outcome], Outcome]


def jump_about(
    app: Flask, office: Office, folder: Path, journal: Journal, *, jumps: int, off: tuple[str, ...]
) -> Outcome:
    """Let clients write while the clock jumps; then leave slips unsigned and see who is told."""
    orders = orders_for(app, folder, ticks=1, is_slow=True, off=list(off))
    clock = Path(orders.clock)
    db.session.rollback()
    with serving(orders) as server:
        idle = Hands(server.port, journal)
        idle.log_in("viewer-1")
        with Walkers(server.port, journal, 3) as walkers:
            for n in range(jumps):
                walkers.wait_for_progress()
                set_clock(clock, office_now(clock) + WAYS[n % len(WAYS)])
                time.sleep(A_TICK_AND_MORE)
                if n == 0:  # logged out: nobody was there for two hours
                    assert idle.get("/").status == 302
        set_clock(clock, MORNING + HOUR)
        cases = _left_unsigned(office, clock)
        _wait_until_told(office, cases)
    outcome = compare("clock jumps", journal, times=jumps, is_guarded=not off)
    told = told_wrongly(office, [db.session.get_one(Case, key) for key in cases])
    outcome.acknowledged += 2 * len(cases)
    outcome.missing += [text for text in told if "never" in text]
    outcome.doubled += [text for text in told if "times" in text]
    return outcome


def _left_unsigned(office: Office, clock: Path) -> list[int]:
    issued = office_now(clock) - HOUR
    with unit_of_work():
        cases = [
            office.dispatch(office.submit(office.draft(now=issued), now=issued), now=issued)
            for _ in range(3)
        ]
        return [case.id for case in cases]


def _wait_until_told(office: Office, cases: list[int]) -> None:
    until = time.monotonic() + TOLD_WITHIN
    while time.monotonic() < until:
        time.sleep(0.3)
        db.session.rollback()
        if not _untold(office, cases):
            return


def _untold(office: Office, cases: list[int]) -> list[str]:
    return told_wrongly(office, [db.session.get_one(Case, key) for key in cases])


def test_jumps_lose_nothing(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    office = open_office()
    outcome = tell(jump_about(app, office, tmp_path, journal, jumps=JUMPS, off=()))
    assert outcome.wrong == []
    assert outcome.acknowledged > JUMPS


# Which next run is believed is the same on both databases.
@pytest.mark.sqlite_only
def test_a_plan_of_tomorrow_believed_silences_the_jobs(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    office = open_office()
    outcome = tell(jump_about(app, office, tmp_path, journal, jumps=4, off=("rhythm",)))
    assert outcome.missing != []
