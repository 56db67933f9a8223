"""What a test tells the processes it starts, and the clock they share."""

import datetime as dt
import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Orders:
    """Where the database is, what time it is, which guards are off, and what is made slow."""

    url: str
    folder: str
    clock: str  # a file, see `set_clock`
    off: list[str] = field(default_factory=list)
    workers: int = 1
    threads: int = 8
    is_slow: bool = False  # widens the moments in which a kill hits
    serves: bool = True  # off: jobs only, as `jobs serve`
    ticks: int = 0  # seconds between two ticks of the jobs; 0: no jobs
    smtp_port: int = 0
    falls: float = 0.0  # how many of the units of work fall over just before their commit

    def dump(self) -> str:
        """Return them as one argument."""
        return json.dumps(asdict(self))


def set_clock(file: Path, now: dt.datetime) -> None:
    """Let the processes that read `file` have `now` as their time, from this instant on."""
    aside = file.with_suffix(".new")
    aside.write_text(json.dumps([now.timestamp(), time.time()]))
    aside.replace(file)


def offset_of(file: Path) -> float:
    """Return how many seconds the office's clock is ahead of the machine's."""
    office, machine = json.loads(file.read_text())
    return office - machine


def office_now(file: Path) -> dt.datetime:
    """Return the office's time as a test reads it."""
    return dt.datetime.fromtimestamp(time.time() + offset_of(file), dt.UTC)
