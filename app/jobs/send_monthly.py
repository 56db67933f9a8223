"""月报: on the first working day of a month the figures and the ledger of the month before."""

import datetime as dt

from app.domain.notice_kinds import NoticeKind
from app.domain.schedules import Days, Schedule
from app.jobs.job import Job, JobResult
from app.jobs.period_mail import Rhythm, send
from app.reports.period_report import past_month

NAME = "send-monthly"
SCHEDULE = Schedule(times=(dt.time(8, 40),), days=Days.MONTHLY)
RHYTHM = Rhythm(NAME, NoticeKind.MONTHLY_FIGURES, "monthly", "月报", SCHEDULE, past_month)


def run(now: dt.datetime) -> JobResult:
    """Queue the report of the past calendar month, to the roles the office has set."""
    return send(RHYTHM, now)


JOB = Job(NAME, run, SCHEDULE)
