"""备份: a checked copy of database and attachments every night, the newest few kept."""

import datetime as dt

from flask import current_app

from app.backup.create import create_backup, note_made
from app.backup.problems import BackupError
from app.domain.schedules import Schedule
from app.jobs.job import Job, JobResult, Lane
from app.unit_of_work import unit_of_work

NAME = "backup"
ALREADY = "同一时刻的备份已经生成"


def run(now: dt.datetime) -> JobResult:
    """Make a backup; run twice it makes two, and the rotation keeps as many as the office wants."""
    try:
        made = create_backup(current_app.config["SETTINGS"], now=now)
    except BackupError as error:
        return JobResult(failed=1, note=str(error))
    if made is None:
        return JobResult(done=1, note=ALREADY)
    with unit_of_work():
        note_made(made)
    count = len(made.manifest.attachments)
    words = f"{made.backup.path.name}，{made.backup.megabytes}兆字节，附件{count}个，已校验"
    # What is wrong beside it is told as a failure, but the backup stands.
    note = "；".join((*made.alarms, words))
    return JobResult(done=1, failed=len(made.alarms), note=note)


JOB = Job(
    NAME, run, Schedule(times=(dt.time(2),)), lane=Lane.LONG, lease=dt.timedelta(hours=1)
)  # fmt: skip
