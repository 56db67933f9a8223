"""The clock of a started process: it follows a file, so that a test can make it jump."""

import datetime as dt
import threading
import time
from pathlib import Path

import time_machine

from tests.faults.orders import offset_of

LOOKS = 0.02


def follow(file: Path) -> None:
    """Set this process's clock by the file; call it before threads are started or forked."""
    _travel(offset_of(file))


def keep_following(file: Path) -> None:
    """Watch the file from a thread of this process and jump when it says so."""
    threading.Thread(target=_watch, args=[file], daemon=True).start()


def _watch(file: Path) -> None:
    last = offset_of(file)
    while True:
        time.sleep(LOOKS)
        offset = offset_of(file)
        if offset != last:
            last = offset
            _travel(offset)


def _travel(offset: float) -> None:
    hatch = time_machine.escape_hatch
    real = hatch.time.time() if hatch.is_travelling() else time.time()
    instant = dt.datetime.fromtimestamp(real + offset, dt.UTC)
    time_machine.travel(instant, tick=True).start()
