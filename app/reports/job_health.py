"""Which scheduled jobs nobody runs: a stopped or frozen scheduler must not go unnoticed."""

import datetime as dt

from sqlalchemy import select

from app.extensions import db
from app.models.job_state import JobState

# Jobs run every minute and are retried after one; five missed turns are no coincidence.
STALE_AFTER = dt.timedelta(minutes=5)


def stale_jobs(*, now: dt.datetime) -> list[JobState]:
    """Return the jobs that have been due for more than five minutes, longest first."""
    late = select(JobState).where(JobState.next_run_at < now - STALE_AFTER)
    return list(db.session.scalars(late.order_by(JobState.next_run_at)))
