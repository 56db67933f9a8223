"""周报: on the first working day of a week the figures and the ledger of the week before."""

import datetime as dt

from app.domain.notice_kinds import NoticeKind
from app.domain.schedules import Days, Schedule
from app.jobs.job import Job, JobResult
from app.jobs.period_mail import Rhythm, send
from app.reports.period_report import past_week

NAME = "send-weekly"
SCHEDULE = Schedule(times=(dt.time(8, 40),), days=Days.WEEKLY)
RHYTHM = Rhythm(NAME, NoticeKind.WEEKLY_FIGURES, "weekly", "周报", SCHEDULE, past_week)


def run(now: dt.datetime) -> JobResult:
    """Queue the report of the past calendar week, to the roles the office has set."""
    return send(RHYTHM, now)


JOB = Job(NAME, run, SCHEDULE)
