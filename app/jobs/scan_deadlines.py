"""期限巡查: every stage a case has crossed since it was last looked at (domain/2.2)."""

import datetime as dt

from sqlalchemy import select

from app.actions.alarms import look
from app.actions.watch import look_again
from app.domain.schedules import Schedule
from app.extensions import db
from app.jobs.job import Job, JobResult
from app.models import JobState

NAME = "scan-deadlines"


def run(now: dt.datetime) -> JobResult:
    """Look at one batch of the cases whose time has come; partial while there are more."""
    if _clock_went_back(now):
        look_again(now=now)
    done = look(now=now)
    parts = [f"检查{done.cases}件", f"通知{done.told}条"]
    if done.escalated:
        parts.append(f"提交领导小组{done.escalated}件")
    if done.failed:
        parts.append(f"未能检查：{'、'.join(done.failed[:5])}")
    return JobResult(
        done=done.cases - len(done.failed), failed=len(done.failed), note="，".join(parts),
        is_partial=done.is_full,
    )  # fmt: skip


def _clock_went_back(now: dt.datetime) -> bool:
    """Return whether the last scan was later than now: its times to look again are too late."""
    last = db.session.scalar(select(JobState.last_run_at).where(JobState.name == NAME))
    return last is not None and last > now


JOB = Job(NAME, run, Schedule(seconds=30))
