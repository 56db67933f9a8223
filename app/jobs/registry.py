"""The jobs of the office; one file per job beside this one."""

from app.jobs import scan_deadlines, send_digest
from app.jobs.job import Job

JOBS: tuple[Job, ...] = (
    scan_deadlines.JOB,
    send_digest.JOB,
)


def find(name: str) -> Job:
    """Return the job called `name`; raises KeyError."""
    return {job.name: job for job in JOBS}[name]
