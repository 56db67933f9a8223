"""The scheduler only ticks; what is due, and who does it, is decided by rows in the database.

Any number of processes may tick: each run claims its job's row inside the transaction that does
the work, so a kill loses or repeats nothing, and a second runner passes by.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.actions import audit
from app.actions.calendars import site_calendars
from app.clock import now as clock_now
from app.domain.audit import AuditAction, AuditResult
from app.domain.workdays import WorkCalendar
from app.extensions import db
from app.jobs import heartbeat
from app.jobs.job import Job, JobResult, Lane
from app.jobs.registry import JOBS
from app.jobs.steady import SteadyStore
from app.models.job_state import JobState
from app.unit_of_work import unit_of_work

log = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]

# After a failed run; short, because most failures are a locked or restarting database.
RETRY_AFTER = dt.timedelta(minutes=1)
ERROR_LENGTH = 2000
# A job with a backlog gets so many turns in one tick, then the others have theirs.
MOST_TURNS = 100
# A last run further ahead than a clock that ran fast for a day says nothing about today's.
CREDIBLE = dt.timedelta(days=2)


@dataclass
class _Run:
    """One run of a job in as many turns as its backlog takes, and what they did together."""

    is_asked: bool = False  # by a person: it need not be due
    turns: int = 0
    total: JobResult = field(default_factory=JobResult)
    started: float = field(default_factory=time.monotonic)

    def add(self, result: JobResult) -> JobResult:
        """Add what one turn did, and return the sum."""
        self.turns += 1
        done, failed = self.total.done + result.done, self.total.failed + result.failed
        note = result.note
        if self.turns > 1:
            note = f"分{self.turns}批完成{done}件；最后一批：{note}"
        self.total = JobResult(done, failed, note, result.is_partial)
        return self.total

    @property
    def seconds(self) -> float:
        """Return how long it has taken until now."""
        return round(time.monotonic() - self.started, 3)


class _Plan(NamedTuple):
    """What a tick reads of a job's row, without a lock."""

    name: str
    next_run_at: dt.datetime
    schedule: str
    last_run_at: dt.datetime | None
    leased_until: dt.datetime | None


def start(app: Flask, *, seconds: int) -> BackgroundScheduler:
    """Start ticking in threads of this process, one a lane, and return the scheduler.

    Its `shutdown()` waits for the turn that is running, and takes the heartbeat away.
    """
    # The next tick of a lane that is still at work is left out, which is no news.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(timezone=dt.UTC, jobstores={"default": SteadyStore()})
    runner, since = heartbeat.runner_name(), clock_now()

    def tick_lane(lane: Lane) -> None:
        jobs = [job for job in JOBS if job.lane is lane]
        tick(clock_now(), jobs, clock=clock_now, is_stopping=lambda: not scheduler.running)

    def beat() -> None:
        heartbeat.beat(runner, now=clock_now(), since=since)

    def leave(_event: object) -> None:
        _guarded(app, "heartbeat", lambda: heartbeat.leave(runner))

    def add(name: str, work: Callable[..., None], *args: Lane) -> None:
        # A late tick is as good as a punctual one, and ten late ones are one.
        scheduler.add_job(
            _guarded, "interval", args=[app, name, work, *args], id=name, seconds=seconds,
            next_run_time=clock_now(), misfire_grace_time=None, coalesce=True,
        )  # fmt: skip

    # A thread of its own: a long run in a lane is no reason to take the process for dead.
    add("heartbeat", beat)
    for lane in Lane:
        add(lane.value, tick_lane, lane)
    scheduler.add_listener(leave, EVENT_SCHEDULER_SHUTDOWN)
    scheduler.start()
    return scheduler


def _guarded(app: Flask, name: str, work: Callable[..., None], *args: Lane) -> None:
    """Do the work; a database that is away is one line of the log, and is asked again."""
    with app.app_context():
        try:
            work(*args)
        except Exception as error:
            log.error("%s could not tick: %s", name, str(error).partition("\n")[0])


def tick(
    now: dt.datetime,
    jobs: Iterable[Job] = JOBS,
    *,
    clock: Clock | None = None,
    is_stopping: Callable[[], bool] = lambda: False,
) -> dict[str, JobResult]:
    """Run every job that is due at `now` and return what each did; one failing stops no other.

    `clock` tells the time to whatever comes later in a long tick; without it, it stays `now`.
    """
    jobs = tuple(jobs)
    due = _due_names(now, jobs)
    results = {}
    for job in (job for job in jobs if job.name in due):
        if is_stopping():
            break
        at = clock() if clock else now
        result = run_until_done(job, at, clock=clock, is_stopping=is_stopping)
        if result is not None:
            results[job.name] = result
    return results


def run_until_done(
    job: Job,
    now: dt.datetime,
    *,
    clock: Clock | None = None,
    is_stopping: Callable[[], bool] = lambda: False,
) -> JobResult | None:
    """Give the job its turns until nothing is left; None if another runner has it or it failed."""
    try:
        return _turns(job, now, _Run(), clock, is_stopping)
    except Exception:
        log.exception("job %s failed", job.name)
        return None


def run_asked(job: Job, now: dt.datetime, *, clock: Clock | None = None) -> JobResult | None:
    """Run the job whether or not it is due; None if another runner has it.

    Raises what the job raised, after it was recorded.
    """
    _read_plans(now, (job,))  # writes the row of a job that has none yet
    return _turns(job, now, _Run(is_asked=True), clock, lambda: False)


def _turns(
    job: Job, now: dt.datetime, run: _Run, clock: Clock | None, is_stopping: Callable[[], bool]
) -> JobResult | None:
    for turn in range(MOST_TURNS):
        at = clock() if clock and turn else now
        result = run_leased(job, at, run) if job.lease else run_claimed(job, at, run)
        run.is_asked = False
        if result is None or not result.is_partial or is_stopping():
            break
    return run.total if run.turns else None


def run_claimed(job: Job, now: dt.datetime, run: _Run | None = None) -> JobResult | None:
    """Do the job and move its next run on, both or neither; None if another runner has it."""
    run = run or _Run()
    try:
        with unit_of_work():
            state = _claim(job, now, is_asked=run.is_asked)
            if state is None:
                return None
            result = job.run(now)
            _record(state, job, run.add(result), now, run.seconds)
    except Exception as error:
        _record_failure(job, now, error)
        raise
    return result


def run_leased(job: Job, now: dt.datetime, run: _Run | None = None) -> JobResult | None:
    """Take the job for its lease, do it outside any transaction of ours, record the outcome.

    Whoever works longer than the lease may find that another took over: its outcome stands.
    """
    if job.lease is None:
        raise ValueError(f"{job.name} has no lease")
    run, lease = run or _Run(), now + job.lease
    with unit_of_work():
        state = _claim(job, now, is_asked=run.is_asked)
        if state is None:
            return None
        state.leased_until = lease
    try:
        result = job.run(now)
        with unit_of_work():
            state = db.session.get_one(JobState, job.name, with_for_update=True)
            if state.leased_until == lease:
                state.leased_until = None
                _record(state, job, run.add(result), now, run.seconds)
    except BaseException as error:  # also Ctrl+C: the lease would outlive us
        _record_failure(job, now, error, lease)
        raise
    return result


def _claim(job: Job, now: dt.datetime, *, is_asked: bool = False) -> JobState | None:
    """Return the job's row, locked, if it is due (or asked for) and nobody else holds it."""
    state = db.session.scalar(
        select(JobState).where(JobState.name == job.name).with_for_update(skip_locked=True)
    )
    if state is None or not _is_free(job, now, state.leased_until):
        return None
    if is_asked:
        state.asked_at, state.asked_by_id = now, None  # by a command, which names nobody
        return state
    return state if _is_due(job, now, state.next_run_at, state.schedule) else None


def _is_due(job: Job, now: dt.datetime, next_run_at: dt.datetime, schedule: str) -> bool:
    """Return whether a job runs now.

    A rhythm's next run that lies further ahead than the rhythm was written by a clock that has
    been put back since: it counts for nothing.
    """
    rhythm = job.schedule.as_set(schedule)
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
    state.last_seconds = seconds
    state.last_done, state.last_failed = result.done, result.failed
    if result.done or result.failed:
        state.last_worked_at, state.last_note = now, result.note[:300]
        log.info("job %s: %s done, %s failed", job.name, result.done, result.failed)
        audit.note(
            AuditAction.JOB_RUN, about=("job_state", job.name, ""),
            after={"done": result.done, "failed": result.failed, "note": result.note[:300]},
            result=AuditResult.FAILED if result.failed else AuditResult.DONE,
        )  # fmt: skip
    if result.failed:
        state.last_error, state.last_error_at = result.note, now
    state.next_run_at = now if result.is_partial else next_run(job, state, now)


def next_run(job: Job, state: JobState, now: dt.datetime) -> dt.datetime:
    """Return when the job runs after `now`, by the administrator's times or its own."""
    schedule = job.schedule.as_set(state.schedule)
    return schedule.next_run(now, () if schedule.seconds else site_calendars())


def _due_names(now: dt.datetime, jobs: tuple[Job, ...]) -> set[str]:
    """Return the names due, by reads that take no lock: most ticks find nothing to do."""
    plans = _read_plans(now, jobs)
    calendars = site_calendars() if any(not job.schedule.seconds for job in jobs) else []
    db.session.rollback()
    due = set()
    for job in jobs:
        plan = plans[job.name]
        if _is_due(job, now, plan.next_run_at, plan.schedule):
            due |= {job.name} if _is_free(job, now, plan.leased_until) else set()
        elif _is_too_late(job, now, plan, calendars):
            _plan_anew(job, now, calendars)
    return due


def _read_plans(now: dt.datetime, jobs: Sequence[Job]) -> dict[str, _Plan]:
    """Return each job's plan; a job this database has not seen gets its row first."""
    columns = (getattr(JobState, name) for name in _Plan._fields)
    query = select(*columns).where(JobState.name.in_([job.name for job in jobs]))
    plans = {row.name: _Plan(*row) for row in db.session.execute(query)}
    missing = [job for job in jobs if job.name not in plans]
    for job in missing:
        _add(job, now)
    return plans if not missing else _read_plans(now, jobs)


def _add(job: Job, now: dt.datetime) -> None:
    """Write the row of a new job: a rhythm starts now, times of day in their time."""
    first = now if job.schedule.seconds else job.schedule.next_run(now, site_calendars())
    try:
        with unit_of_work():
            db.session.add(JobState(name=job.name, next_run_at=first))
    except IntegrityError:
        log.info("job %s was added by another process", job.name)


def _is_too_late(
    job: Job, now: dt.datetime, plan: _Plan, calendars: Sequence[WorkCalendar]
) -> bool:
    """Return whether a time of day would be missed by what is planned.

    The clock was put back since, or a day has become a working day. A time that was run is not
    run again, though a clock that is behind (or another host's) still has it ahead.
    """
    schedule = job.schedule.as_set(plan.schedule)
    if schedule.seconds:
        return False
    slot, last = schedule.next_run(now, calendars), plan.last_run_at
    was_run = last is not None and slot <= last <= now + CREDIBLE
    return slot < plan.next_run_at and not was_run


def _plan_anew(job: Job, now: dt.datetime, calendars: Sequence[WorkCalendar]) -> None:
    with unit_of_work():
        state = db.session.get_one(JobState, job.name, with_for_update=True)
        columns = {name: getattr(state, name) for name in _Plan._fields}
        if _is_too_late(job, now, _Plan(**columns), calendars):
            log.info("job %s is planned anew", job.name)
            state.next_run_at = next_run(job, state, now)


def _record_failure(
    job: Job, now: dt.datetime, error: BaseException, lease: dt.datetime | None = None
) -> None:
    """Write down why the run failed and try again soon, unless another runner took it over."""
    with unit_of_work():
        state = db.session.get(JobState, job.name, with_for_update=True)
        if state is None or (state.leased_until is not None and state.leased_until != lease):
            return
        state.last_run_at = state.last_error_at = now
        state.leased_until = None
        state.last_error = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
        # The kind of error alone: its words may hold what a statement carried.
        audit.note(
            AuditAction.JOB_RUN, about=("job_state", job.name, ""),
            after={"error": type(error).__name__}, result=AuditResult.FAILED,
        )  # fmt: skip
        state.next_run_at = now + RETRY_AFTER
