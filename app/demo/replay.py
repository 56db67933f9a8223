"""Steps of the demo office in one order of time, each its own unit of work."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.unit_of_work import unit_of_work


@dataclass(frozen=True)
class Step:
    """Something one person did at one time; `play` calls the action that a screen would call."""

    at: dt.datetime
    play: Callable[[], object]


def replay(steps: Iterable[Step], *, until: dt.datetime) -> int:
    """Play every step up to `until` in order of time; return how many."""
    due = sorted((step for step in steps if step.at <= until), key=lambda step: step.at)
    for step in due:
        with unit_of_work():
            step.play()
    return len(due)
