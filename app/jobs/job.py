"""What a job is: a name, a rhythm and a function that does all that is due at an instant."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class JobResult:
    """What one run did; rows in `failed` were left as they were and are tried again."""

    done: int = 0
    failed: int = 0
    note: str = ""


@dataclass(frozen=True)
class Job:
    """A job asks the database what is due, so a missed or repeated run does no harm.

    `run` works inside the runner's transaction and never commits; a row that may fail alone is
    wrapped in a savepoint.
    """

    name: str
    run: Callable[[dt.datetime], JobResult]
    every: dt.timedelta
