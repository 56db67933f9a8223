"""日志归档: at the beginning of a month the entries of the months before, in a file outside."""

import datetime as dt

from flask import current_app

from app.audit_log.files import archive
from app.domain.schedules import Schedule
from app.jobs.job import Job, JobResult, Lane

NAME = "archive-audit"


def run(now: dt.datetime) -> JobResult:
    """Write what lies in no file yet; run every night, it finds something once a month."""
    try:
        written = archive(current_app.config["SETTINGS"], now=now)
    except OSError as error:
        return JobResult(failed=1, note=f"不能写入归档文件：{error.strerror or error}")
    if written is None:
        return JobResult()
    return JobResult(done=1, note=f"已归档第{written.first}至{written.last.seq}条")


JOB = Job(
    NAME, run, Schedule(times=(dt.time(0, 20),)), lane=Lane.LONG, lease=dt.timedelta(hours=1)
)  # fmt: skip
