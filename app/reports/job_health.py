"""How the scheduled jobs stand: who ticks, what is late or failed, what the mail is stuck with.

One judgement for the jobs page, `jobs status` and /healthz.
"""

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from app.domain.notice_kinds import OutgoingStatus
from app.extensions import db
from app.models import JobState, Outgoing, Runner

# The longest rhythm is retried after a minute; five missed turns are no coincidence.
STALE_AFTER = dt.timedelta(minutes=5)
# It passes over a case it could not look at for five minutes; in between all seems well.
SCANS, REMEMBERED = "scan-deadlines", dt.timedelta(minutes=6)
# A process may be busy for a tick or two, or the clock of its host a little off.
FRESH_TICKS, FRESH_FOR = 3, dt.timedelta(minutes=2)
LISTED_FOR = dt.timedelta(days=1)
STUCK_AFTER = dt.timedelta(minutes=30)
DAY = dt.timedelta(days=1)
# What it could not deliver is judged by the outbox: one refused letter is no failed job.
SENDS_MAIL = "send-mail"


class Heartbeat(enum.StrEnum):
    """Whether some process ticks."""

    OK = "ok"
    STALE = "stale"
    NONE = "none"


@dataclass(frozen=True)
class RunnerHealth:
    """A process that ticks or has ticked lately."""

    runner: Runner
    is_fresh: bool


@dataclass(frozen=True)
class JobHealth:
    """A job's row (none before its first tick), and whether it is late, failed or at work."""

    name: str
    state: JobState | None
    is_late: bool = False
    is_failed: bool = False
    is_running: bool = False

    @property
    def is_well(self) -> bool:
        """Return whether it runs when it should and the last run went through."""
        return not self.is_late and not self.is_failed


@dataclass(frozen=True)
class MailHealth:
    """How many messages wait too long, and how many were refused in the last day."""

    stuck: int
    refused: int


@dataclass(frozen=True)
class Health:
    """All of it together."""

    runners: list[RunnerHealth]
    jobs: list[JobHealth]
    mail: MailHealth

    @property
    def heartbeat(self) -> Heartbeat:
        """Return whether at least one process ticks: one is enough for all the work."""
        if any(each.is_fresh for each in self.runners):
            return Heartbeat.OK
        return Heartbeat.STALE if self.runners else Heartbeat.NONE

    @property
    def late(self) -> list[JobHealth]:
        """Return the jobs that nobody ran in time."""
        return [job for job in self.jobs if job.is_late]

    @property
    def failed(self) -> list[JobHealth]:
        """Return the jobs whose last run failed, in whole or in part."""
        return [job for job in self.jobs if job.is_failed]

    @property
    def is_ok(self) -> bool:
        """Return whether a monitor may be quiet; refused letters alone are only a warning."""
        is_ticking = self.heartbeat is Heartbeat.OK
        return is_ticking and not self.mail.stuck and all(job.is_well for job in self.jobs)


def judge(*, names: Sequence[str], tick_seconds: int, now: dt.datetime) -> Health:
    """Return how everything stands; four statements."""
    return Health(
        runners=runners(tick_seconds=tick_seconds, now=now),
        jobs=jobs(names=names, now=now),
        mail=mail(now=now),
    )


def runners(*, tick_seconds: int, now: dt.datetime) -> list[RunnerHealth]:
    """Return the processes seen within a day, the latest first; of older ones only the last."""
    fresh = max(FRESH_TICKS * dt.timedelta(seconds=tick_seconds), FRESH_FOR)
    rows = list(db.session.scalars(select(Runner).order_by(Runner.seen_at.desc())))
    shown = [row for row in rows if abs(now - row.seen_at) <= LISTED_FOR] or rows[:1]
    # A beat of the future was written before the clock was put back: it proves nothing.
    return [RunnerHealth(row, abs(now - row.seen_at) <= fresh) for row in shown]


def jobs(*, names: Sequence[str], now: dt.datetime) -> list[JobHealth]:
    """Return the jobs called `names`, in that order; rows of jobs given up long ago are no news."""
    query = select(JobState).where(JobState.name.in_(names))
    found = db.session.scalars(query.options(joinedload(JobState.asked_by)))
    rows = {state.name: state for state in found}
    return [_judged(rows[name], now) if name in rows else JobHealth(name, None) for name in names]


def mail(*, now: dt.datetime) -> MailHealth:
    """Return how the outbox stands.

    A letter is stuck when it was due for half an hour and nobody tried, or was tried that long.
    """
    since = now - STUCK_AFTER
    stuck = select(func.count(Outgoing.id)).where(
        Outgoing.status == OutgoingStatus.QUEUED,
        Outgoing.created_at < since,
        or_(Outgoing.next_try_at < since, Outgoing.attempts > 0),
    )
    refused = select(func.count(Outgoing.id)).where(
        Outgoing.status == OutgoingStatus.FAILED, Outgoing.created_at > now - DAY
    )
    stuck_count, refused_count = db.session.execute(
        select(stuck.scalar_subquery(), refused.scalar_subquery())
    ).one()
    return MailHealth(stuck_count, refused_count)


def refused_messages(*, most: int) -> list[Outgoing]:
    """Return the latest messages that were refused for good."""
    query = select(Outgoing).where(Outgoing.status == OutgoingStatus.FAILED)
    query = query.order_by(Outgoing.id.desc()).limit(most).options(joinedload(Outgoing.recipient))
    return list(db.session.scalars(query))


def _judged(state: JobState, now: dt.datetime) -> JobHealth:
    is_running = state.leased_until is not None and state.leased_until > now
    is_late = not is_running and state.next_run_at < now - STALE_AFTER
    return JobHealth(state.name, state, is_late, _is_failed(state, now), is_running)


def _is_failed(state: JobState, now: dt.datetime) -> bool:
    """Return whether the last run raised or left rows behind (of the scan: one of the last)."""
    at = state.last_error_at
    if at is None:
        return False
    if state.name == SENDS_MAIL:
        return state.last_run_at == at and state.last_ok_at != at
    is_remembered = state.name == SCANS and now - REMEMBERED < at <= now
    return state.last_run_at == at or is_remembered
