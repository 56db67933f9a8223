"""The scheduler only ticks; what is due, and who does it, is decided by rows in the database.

Any number of processes may tick: each run claims its job's row inside the transaction that does
the work, so a kill loses or repeats nothing, and a second runner passes by.
"""

import datetime as dt
import logging
from collections.abc import Iterable

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.clock import now as clock_now
from app.extensions import db
from app.jobs.job import Job, JobResult
from app.jobs.registry import JOBS
from app.models.job_state import JobState
from app.unit_of_work import unit_of_work

log = logging.getLogger(__name__)

# After a failed run; short, because most failures are a locked or restarting database.
RETRY_AFTER = dt.timedelta(minutes=1)
ERROR_LENGTH = 2000


def start(app: Flask, *, seconds: int) -> BackgroundScheduler:
    """Start ticking in a thread of this process and return the scheduler."""
    scheduler = BackgroundScheduler(timezone=dt.UTC)

    def tick_in_app() -> None:
        with app.app_context():
            tick(clock_now())

    # A late tick is as good as a punctual one, and ten late ones are one.
    scheduler.add_job(
        tick_in_app, "interval", seconds=seconds, misfire_grace_time=None, coalesce=True
    )
    scheduler.start()
    return scheduler


def tick(now: dt.datetime, jobs: Iterable[Job] = JOBS) -> dict[str, JobResult]:
    """Run every job that is due at `now` and return what each did; one failing stops no other."""
    jobs = tuple(jobs)
    _add_missing(now, jobs)
    due = [job for job in jobs if job.name in _due_names(now)]
    results = {}
    for job in due:
        try:
            result = run_claimed(job, now)
        except Exception as error:
            log.exception("job %s failed", job.name)
            _record_failure(job, now, error)
        else:
            if result is not None:
                results[job.name] = result
    return results


def run_claimed(job: Job, now: dt.datetime) -> JobResult | None:
    """Do the job and move its next run on, both or neither; None if another runner has it."""
    with unit_of_work():
        state = db.session.scalar(
            select(JobState)
            .where(JobState.name == job.name, JobState.next_run_at <= now)
            .with_for_update(skip_locked=True)
        )
        if state is None:
            return None
        result = job.run(now)
        state.last_run_at = state.last_ok_at = now
        state.last_error = result.note if result.failed else ""
        state.next_run_at = now + job.every
    if result.done or result.failed:
        log.info("job %s: %s done, %s failed", job.name, result.done, result.failed)
    return result


def _due_names(now: dt.datetime) -> set[str]:
    """Return the names due, by a read that takes no lock: most ticks find nothing to do."""
    names = set(db.session.scalars(select(JobState.name).where(JobState.next_run_at <= now)))
    db.session.rollback()
    return names


def _add_missing(now: dt.datetime, jobs: tuple[Job, ...]) -> None:
    known = set(db.session.scalars(select(JobState.name)))
    db.session.rollback()
    missing = [job.name for job in jobs if job.name not in known]
    for name in missing:
        try:
            with unit_of_work():
                db.session.add(JobState(name=name, next_run_at=now))
        except IntegrityError:
            log.info("job %s was added by another process", name)


def _record_failure(job: Job, now: dt.datetime, error: Exception) -> None:
    with unit_of_work():
        state = db.session.get(JobState, job.name, with_for_update=True)
        if state is not None:
            state.last_run_at = now
            state.last_error = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
            state.next_run_at = now + RETRY_AFTER
