"""Jobs made for tests, that say in the database when they ran."""

import datetime as dt
from collections.abc import Callable

from app.clock import OFFICE_ZONE
from app.domain.schedules import Days, Schedule
from app.extensions import db
from app.jobs.job import Job, JobResult, Lane
from app.models.job_state import JobState

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=OFFICE_ZONE)  # a Monday
SECOND, MINUTE, HOUR = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
EVERY_MINUTE = Schedule(seconds=60)
MORNING = Schedule(times=(dt.time(8, 30),), days=Days.ALL)


def recording(
    runs: list[dt.datetime], schedule: Schedule = EVERY_MINUTE, *, name: str = "record"
) -> Job:
    """Return a job that also leaves its mark in the database, in the runner's transaction."""

    def run(now: dt.datetime) -> JobResult:
        runs.append(now)
        mark = f"mark-{now:%d%H%M%S}-{len(runs)}"
        db.session.add(JobState(name=mark, next_run_at=now + dt.timedelta(days=999)))
        return JobResult(done=1)

    return Job(name, run, schedule)


def leased(work: Callable[[dt.datetime], JobResult], *, name: str = "leased") -> Job:
    """Return a job that holds its lease for five minutes while it works."""
    return Job(name, work, EVERY_MINUTE, Lane.LONG, lease=5 * MINUTE)


def state_of(name: str) -> JobState:
    """Return the job's row as the database has it."""
    return db.session.get_one(JobState, name, populate_existing=True)
