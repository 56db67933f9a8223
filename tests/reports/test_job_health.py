"""A scheduler that stands still is seen."""

import datetime as dt

from app.clock import OFFICE_ZONE
from app.extensions import db
from app.models.job_state import JobState
from app.reports.job_health import STALE_AFTER, stale_jobs
from app.unit_of_work import unit_of_work

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=OFFICE_ZONE)
SECOND = dt.timedelta(seconds=1)


def test_stale_jobs_are_those_long_due(session: object) -> None:
    with unit_of_work():
        db.session.add_all(
            [
                JobState(name="late", next_run_at=NOON - STALE_AFTER - SECOND),
                JobState(name="just", next_run_at=NOON - STALE_AFTER),
                JobState(name="later", next_run_at=NOON - 2 * STALE_AFTER),
                JobState(name="future", next_run_at=NOON + SECOND),
            ]
        )
    assert [job.name for job in stale_jobs(now=NOON)] == ["later", "late"]
