"""The scheduler only ticks; what is due, and who does it, is decided by rows in the database.

Any number of processes may tick: each run claims its job's row inside the transaction that does
the work, so a kill loses or repeats nothing, and a second runner passes by.
"""

import datetime as dt
import logging
import time
from collections.abc import Iterable

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.actions.calendars import site_calendars
from app.clock import now as clock_now
from app.extensions import db
from app.jobs import heartbeat
from app.jobs.job import Job, JobResult, Lane
from app.jobs.registry import JOBS
from app.models.job_state import JobState
from app.unit_of_work import unit_of_work

log = logging.getLogger(__name__)

# After a failed run; short, because most failures are a locked or restarting database.
RETRY_AFTER = dt.timedelta(minutes=1)
ERROR_LENGTH = 2000
# A job with a backlog gets so many turns in one tick, then the others have theirs.
MOST_TURNS = 100


def start(app: Flask, *, seconds: int) -> BackgroundScheduler:
    """Start ticking in threads of this process, one a lane, and return the scheduler."""
    scheduler = BackgroundScheduler(timezone=dt.UTC)
    runner = heartbeat.runner_name()

    def tick_lane(lane: Lane) -> None:
        with app.app_context():
            now = clock_now()
            if lane is Lane.WORK:
                heartbeat.beat(runner, now=now)
            tick(now, [job for job in JOBS if job.lane is lane])

    for lane in Lane:
        # A late tick is as good as a punctual one, and ten late ones are one.
        scheduler.add_job(
            tick_lane, "interval", args=[lane], id=lane.value, seconds=seconds,
            next_run_time=clock_now(), misfire_grace_time=None, coalesce=True,
        )  # fmt: skip
    scheduler.start()
    return scheduler


def tick(now: dt.datetime, jobs: Iterable[Job] = JOBS) -> dict[str, JobResult]:
    """Run every job that is due at `now` and return what each did; one failing stops no other."""
    jobs = tuple(jobs)
    due = _due_names(now, jobs)
    results = {}
    for job in (job for job in jobs if job.name in due):
        result = run_until_done(job, now)
        if result is not None:
            results[job.name] = result
    return results


def run_until_done(job: Job, now: dt.datetime) -> JobResult | None:
    """Give the job its turns until nothing is left; None if another runner has it or it failed."""
    total: JobResult | None = None
    for _turn in range(MOST_TURNS):
        try:
            result = run_leased(job, now) if job.lease else run_claimed(job, now)
        except Exception as error:
            log.exception("job %s failed", job.name)
            _record_failure(job, now, error)
            return None
        if result is None:
            break
        total = _added(total, result)
        if not result.is_partial:
            break
    return total


def run_claimed(job: Job, now: dt.datetime) -> JobResult | None:
    """Do the job and move its next run on, both or neither; None if another runner has it."""
    started = time.monotonic()
    with unit_of_work():
        state = _claim(job, now)
        if state is None:
            return None
        result = job.run(now)
        _record(state, job, result, now, time.monotonic() - started)
    return result


def run_leased(job: Job, now: dt.datetime) -> JobResult | None:
    """Take the job for its lease, do it outside any transaction of ours, record the outcome."""
    if job.lease is None:
        raise ValueError(f"{job.name} has no lease")
    started = time.monotonic()
    with unit_of_work():
        state = _claim(job, now)
        if state is None:
            return None
        state.leased_until = now + job.lease
    result = job.run(now)
    with unit_of_work():
        state = db.session.get_one(JobState, job.name, with_for_update=True)
        state.leased_until = None
        _record(state, job, result, now, time.monotonic() - started)
    return result


def _claim(job: Job, now: dt.datetime) -> JobState | None:
    """Return the job's row, locked, if it is due and nobody else holds it."""
    state = db.session.scalar(
        select(JobState).where(JobState.name == job.name).with_for_update(skip_locked=True)
    )
    if state is None or not _is_due(job, now, state.next_run_at, state.schedule):
        return None
    return state if _is_free(job, now, state.leased_until) else None


def _is_due(job: Job, now: dt.datetime, next_run_at: dt.datetime, schedule: str) -> bool:
    """Return whether a job runs now.

    A rhythm's next run that lies further ahead than the rhythm was written by a clock that has
    been put back since: it counts for nothing.
    """
    rhythm = job.schedule.changed_to(schedule) if schedule else job.schedule
    if rhythm.seconds and next_run_at > now + max(RETRY_AFTER, rhythm.longest_wait):
        return True
    return next_run_at <= now


def _is_free(job: Job, now: dt.datetime, leased_until: dt.datetime | None) -> bool:
    """Return whether no lease is held; one further ahead than the job takes is no lease."""
    if job.lease is None or leased_until is None:
        return True
    return not now < leased_until <= now + job.lease


def _record(state: JobState, job: Job, result: JobResult, now: dt.datetime, seconds: float) -> None:
    state.last_run_at = state.last_ok_at = now
    state.last_seconds = round(seconds, 3)
    state.last_done, state.last_failed = result.done, result.failed
    if result.done or result.failed:
        state.last_worked_at, state.last_note = now, result.note[:300]
        log.info("job %s: %s done, %s failed", job.name, result.done, result.failed)
    state.last_error = result.note if result.failed else ""
    state.next_run_at = now if result.is_partial else next_run(job, state, now)


def next_run(job: Job, state: JobState, now: dt.datetime) -> dt.datetime:
    """Return when the job runs after `now`, by the administrator's times or its own."""
    schedule = job.schedule.changed_to(state.schedule) if state.schedule else job.schedule
    return schedule.next_run(now, () if schedule.seconds else site_calendars())


def _added(total: JobResult | None, result: JobResult) -> JobResult:
    if total is None:
        return result
    note = result.note or total.note
    return JobResult(total.done + result.done, total.failed + result.failed, note)


def _due_names(now: dt.datetime, jobs: tuple[Job, ...]) -> set[str]:
    """Return the names due, by a read that takes no lock: most ticks find nothing to do."""
    rows = db.session.execute(select(JobState.name, JobState.next_run_at, JobState.schedule))
    known = {name: (at, schedule) for name, at, schedule in rows}
    db.session.rollback()
    for job in (job for job in jobs if job.name not in known):
        known[job.name] = (_add(job, now), "")
    return {job.name for job in jobs if _is_due(job, now, *known[job.name])}


def _add(job: Job, now: dt.datetime) -> dt.datetime:
    """Write the row of a job this database has not seen: a rhythm starts now, times in time."""
    first = now if job.schedule.seconds else job.schedule.next_run(now, site_calendars())
    try:
        with unit_of_work():
            db.session.add(JobState(name=job.name, next_run_at=first))
    except IntegrityError:
        log.info("job %s was added by another process", job.name)
    return first


def _record_failure(job: Job, now: dt.datetime, error: Exception) -> None:
    with unit_of_work():
        state = db.session.get(JobState, job.name, with_for_update=True)
        if state is not None:
            state.last_run_at, state.leased_until = now, None
            state.last_error = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
            state.next_run_at = now + RETRY_AFTER
