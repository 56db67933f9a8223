"""What a job is: a name, a schedule and a function that does all that is due at an instant."""

import datetime as dt
import enum
from collections.abc import Callable
from dataclasses import dataclass

from app.domain.schedules import Schedule


@dataclass(frozen=True)
class JobResult:
    """What one run did; rows in `failed` were left as they were and are tried again.

    `note` is a Chinese sentence for the jobs page; `is_partial`: there is more, run again at once.
    """

    done: int = 0
    failed: int = 0
    note: str = ""
    is_partial: bool = False


class Lane(enum.StrEnum):
    """Jobs of one lane wait for each other; a slow mail server must not hold up the scan."""

    WORK = "work"
    MAIL = "mail"
    LONG = "long"
    EXPORT = "export"


@dataclass(frozen=True)
class Job:
    """A job asks the database what is due, so a missed or repeated run does no harm.

    Without `lease`, `run` works inside the runner's transaction and never commits; a row that may
    fail alone is wrapped in a savepoint. With a `lease`, the runner only takes the job for so
    long, and `run` opens its own units of work: for what must not hold a transaction open, such
    as a conversation with a mail server. A runner that dies leaves the lease to run out.
    """

    name: str
    run: Callable[[dt.datetime], JobResult]
    schedule: Schedule
    lane: Lane = Lane.WORK
    lease: dt.timedelta | None = None
