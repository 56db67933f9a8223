"""链头留存: the head of the 审计日志, every day, outside the database."""

import datetime as dt

from flask import current_app

from app.actions import audit
from app.audit_log.anchors import add_anchor
from app.domain.schedules import Schedule
from app.jobs.job import Job, JobResult

NAME = "anchor-audit"


def run(now: dt.datetime) -> JobResult:
    """Add the head to the file; run twice, the same line stands there twice and says the same."""
    head = audit.head()
    try:
        add_anchor(current_app.config["SETTINGS"], head, now=now)
    except OSError as error:
        return JobResult(failed=1, note=f"不能写入链头文件：{error.strerror or error}")
    audit.note_anchor(head)
    return JobResult(done=1, note=f"已留存至第{head.seq}条")


JOB = Job(NAME, run, Schedule(times=(dt.time(0, 5),)))
