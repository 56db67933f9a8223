"""排班: a hole in the duty or leader roster of the next five working days is told every morning.

The round is the first of the days looked at: told once a working day while the hole stands, however
often the job runs, and one time for a weekend or a holiday, which looks at the same days.
"""

import datetime as dt
from functools import partial

from app.actions.notices import tell_office
from app.actions.people import accounts_with
from app.domain.notice_kinds import NoticeKind
from app.domain.schedules import Schedule
from app.domain.states import Role
from app.domain.workdays import WorkCalendar
from app.jobs.job import Job, JobResult
from app.jobs.turns import each_site
from app.models import Site
from app.reports.health import HOLE_DAYS, holes_ahead
from app.reports.mail_words import HOLE_WORDS, day_words

NAME = "check-roster"
SCHEDULE = Schedule(times=(dt.time(8),))
_TOLD = (Role.SYS_ADMIN, Role.SUPERVISOR)


def run(now: dt.datetime) -> JobResult:
    """Tell administrators and section which days lack a leader or somebody at the desk."""
    return each_site(partial(_tell, now=now), unit="人次")


def _tell(site: Site, calendar: WorkCalendar, *, now: dt.datetime) -> int:
    today = now.date()
    holes = holes_ahead(site_id=site.id, calendar=calendar, today=today)
    if not holes:
        return 0
    people = [p for role in _TOLD for p in accounts_with(role, site_id=site.id)]
    first = calendar.next_workday(today - dt.timedelta(days=1))
    return tell_office(
        people, about=f"roster:{site.id}", text=_text(site, holes), kind=NoticeKind.ROSTER_HOLE,
        round_no=first.toordinal(), site_id=site.id, now=now,
    )  # fmt: skip


def _text(site: Site, holes: list[tuple[dt.date, list[str]]]) -> str:
    days = [f"{day_words(day)}缺{'、'.join(HOLE_WORDS[h] for h in lacks)}" for day, lacks in holes]
    return f"{site.name}最近{HOLE_DAYS}个工作日排班有空缺：{'；'.join(days)}。"


JOB = Job(NAME, run, SCHEDULE)
