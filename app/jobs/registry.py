"""The jobs of the office; one file per job beside this one."""

from app.jobs import (
    anchor_audit,
    archive_audit,
    backup,
    check_calendar,
    check_roster,
    mask_records,
    scan_deadlines,
    send_digest,
    send_mail,
    send_monthly,
    send_overdue,
    send_weekly,
    write_exports,
)
from app.jobs.job import Job

JOBS: tuple[Job, ...] = (
    scan_deadlines.JOB,
    send_mail.JOB,
    send_digest.JOB,
    send_overdue.JOB,
    send_weekly.JOB,
    send_monthly.JOB,
    check_calendar.JOB,
    check_roster.JOB,
    backup.JOB,
    anchor_audit.JOB,
    archive_audit.JOB,
    write_exports.JOB,
    mask_records.JOB,
)


def find(name: str) -> Job:
    """Return the job called `name`; raises KeyError."""
    return {job.name: job for job in JOBS}[name]
