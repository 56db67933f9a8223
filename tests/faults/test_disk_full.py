"""No room left on the database's disk, again and again, while clients write and send again.

The disk is a small one of the test's own, in memory; mounting it takes root's rights.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import pytest
from flask import Flask

from app.extensions import db
from tests.faults.cluster import clusters
from tests.faults.desk import START_SECONDS, Walkers, open_office, orders_for, serving
from tests.faults.journal import Journal
from tests.faults.ledger import compare
from tests.faults.outcome import Outcome, times
from tests.faults.own_office import own_office

FILLED, GUARD_OFF = times("disk", 5), 8
SQLITE_MB, POSTGRESQL_MB = 24, 120
PIECE = 4096
# How a full disk is told: the page of the error, or the reason above the form.
TOLD = ("507", "refused 422", "500")
ENOUGH = 4
# So that the log is no larger than the disk, and old parts of it are not used again.
SMALL = ("max_wal_size = 32MB", "min_wal_size = 32MB", "wal_recycle = off")

Tell = Callable[[Outcome], Outcome]

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[Path]:
    """Mount a disk of so many megabytes, in memory."""
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "none", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@contextmanager
def no_room(disk: Path) -> Iterator[None]:
    """Fill the disk to its last byte, and make room again."""
    ballast = disk / "ballast"
    try:
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(b"\0" * PIECE):
                pass
        yield
    finally:
        ballast.unlink()


def fill_again_and_again(
    app: Flask, disk: Path, folder: Path, journal: Journal, *, count: int,
    off: tuple[str, ...] = (), after: Callable[[], None] = lambda: None,
) -> Outcome:  # fmt: skip
    """Let four clients walk cases through while the disk is full for a while, again and again."""
    open_office()
    db.session.remove()
    orders = orders_for(app, folder, is_slow=True, off=list(off))
    with (
        suppress(AssertionError) if off else nullcontext(),
        serving(orders) as server,
        Walkers(server.port, journal) as walkers,
    ):
        for _ in range(count):
            walkers.wait_for_progress()
            with no_room(disk):
                wait_until_told(walkers)
            after()
        walkers.wait_for_progress()
    return compare("disk full", journal, times=count, is_guarded=not off)


def wait_until_told(walkers: Walkers) -> None:
    """Wait until several people were refused for want of room."""
    answers = walkers.journal.answers
    before, until = told(answers), time.monotonic() + START_SECONDS
    while told(answers) < before + ENOUGH:
        if walkers.errors:
            raise walkers.errors[0]
        assert time.monotonic() < until, f"nobody is told: {dict(answers)}"
        time.sleep(0.02)


def told(answers: dict[str, int]) -> int:
    """Return how many answers said that nothing was saved."""
    return sum(answers.get(answer, 0) for answer in TOLD)


@pytest.mark.parametrize("off", [(), ("transaction",)], ids=["guarded", "statement by statement"])
def test_sqlite_without_room_loses_nothing(
    tmp_path: Path, journal: Journal, tell: Tell, off: tuple[str, ...]
) -> None:
    with (
        small_disk(tmp_path / "disk", SQLITE_MB) as disk,
        own_office(f"sqlite:///{disk}/banjie.db", tmp_path) as app,
    ):
        count = GUARD_OFF if off else FILLED
        outcome = tell(fill_again_and_again(app, disk, tmp_path, journal, count=count, off=off))
    assert (outcome.wrong == []) is (not off)
    if not off:
        assert journal.answers["500"] == 0, "a full disk is told in words"


def test_postgresql_without_room_loses_nothing(
    tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    """The server may stop for want of room, and is started again when there is some."""
    with clusters(1) as (server,), small_disk(server.folder, POSTGRESQL_MB) as disk:
        server.own()
        server.create(*SMALL)
        with own_office(server.url, tmp_path) as app:
            outcome = tell(
                fill_again_and_again(
                    app, disk, tmp_path, journal, count=FILLED, after=server.start_if_stopped
                )
            )
        server.stop()
    assert outcome.wrong == []
    assert outcome.acknowledged > FILLED
