"""备份: a checked copy of the database every night, the newest few kept."""

import datetime as dt

from flask import current_app

from app.backup import BackupError, create_backup
from app.domain.schedules import Schedule
from app.jobs.job import Job, JobResult, Lane

NAME = "backup"


def run(now: dt.datetime) -> JobResult:
    """Make a backup; run twice it makes two, and the rotation keeps as many as the office wants."""
    try:
        made = create_backup(current_app.config["SETTINGS"], now=now)
    except BackupError as error:
        return JobResult(failed=1, note=str(error))
    return JobResult(done=1, note=f"{made.path.name}，{made.megabytes}兆字节，已校验")


JOB = Job(
    NAME, run, Schedule(times=(dt.time(2),)), lane=Lane.LONG, lease=dt.timedelta(hours=1)
)  # fmt: skip
