"""Eight dispatchers at New Year's midnight, and one in four of their transactions falls over."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest
from flask import Flask
from sqlalchemy import select

from app.clock import OFFICE_ZONE
from app.domain.states import State
from app.extensions import db
from app.models import Slip
from app.unit_of_work import unit_of_work
from tests.factories import at
from tests.faults.desk import dispatch, open_office, orders_for, serving
from tests.faults.hands import Hands
from tests.faults.journal import Journal
from tests.faults.ledger import compare
from tests.faults.orders import set_clock
from tests.faults.outcome import Outcome, times

DISPATCHERS = 8
# Enough for each dispatcher to hand some over on either side of midnight.
CASES = max(times("new_year_cases", 96), 64)
FALLS = 0.25
EVENING, MIDNIGHT = at("2026-12-31 23:50"), at("2026-12-31 23:59:59")

Tell = Callable[[Outcome], Outcome]


def dispatch_over_midnight(
    app: Flask, folder: Path, journal: Journal, *, off: tuple[str, ...] = ()
) -> Outcome:
    """Let eight clerks empty the list of cases to dispatch while the year ends."""
    office = open_office(EVENING)
    with unit_of_work():
        cases = [office.case_in(State.TO_DISPATCH) for _ in range(CASES)]
    waiting: SimpleQueue[int] = SimpleQueue()
    for case in cases:
        waiting.put(case.id)
    db.session.rollback()
    orders = orders_for(app, folder, EVENING, workers=2, falls=FALLS, off=list(off))
    started, is_over = threading.Barrier(DISPATCHERS), threading.Event()

    def one(n: int) -> None:
        clerk = Hands(server.port, journal)
        clerk.log_in(f"{'clerk' if n % 2 else 'clerk2'}-1")
        started.wait(timeout=120)
        while True:
            try:
                case_id = waiting.get_nowait()
            except Empty:
                return
            hand_over(clerk, case_id)
            if len(journal.acknowledged) > CASES // 2 and not is_over.is_set():
                is_over.set()
                set_clock(Path(orders.clock), MIDNIGHT)

    with serving(orders) as server, ThreadPoolExecutor(DISPATCHERS) as pool:
        list(pool.map(one, range(DISPATCHERS)))
    outcome = compare("New Year's midnight", journal, times=CASES, is_guarded=not off)
    outcome.half_done += wrong_years()
    return outcome


def hand_over(clerk: Hands, case_id: int) -> None:
    """Hand a case over; log in once more when the two servers' clocks were not yet the same.

    Who saw midnight first signs a cookie which the other one takes for one of the future.
    """
    content = f"第{case_id}件，请核查"
    if not dispatch(clerk, case_id, content):
        clerk.log_in(clerk.username)
        assert dispatch(clerk, case_id, content), case_id


def wrong_years() -> list[str]:
    """Return the slips that bear another year than the one they were issued in."""
    rows = db.session.execute(select(Slip.year_no, Slip.slip_no, Slip.issued_at)).all()
    assert {row.year_no for row in rows} == {2026, 2027}
    return [
        f"slip {row.year_no}-{row.slip_no} of {row.issued_at}"
        for row in rows
        if row.issued_at.astimezone(OFFICE_ZONE).year != row.year_no
    ]


def test_numbers_are_gapless_in_their_own_year(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    outcome = tell(dispatch_over_midnight(app, tmp_path, journal))
    assert outcome.wrong == []
    assert outcome.acknowledged == CASES
    assert journal.answers["500"] > 0


# On SQLite the second transaction would wait for the first one for ever.
@pytest.mark.postgresql_only
def test_numbers_drawn_apart_leave_gaps(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    outcome = tell(dispatch_over_midnight(app, tmp_path, journal, off=("numbers",)))
    assert any("numbers" in text for text in outcome.half_done)
