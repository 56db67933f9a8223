"""节假日安排: from 1 November on, next year's notice is asked for until it is published.

It goes on asking in the year itself, when limits are counted by provisional days already.

Told once a week, by the Monday of the week as the round: who reads it cannot mend it the same day.
"""

import datetime as dt

from sqlalchemy import func, select

from app.actions.notices import tell_office
from app.actions.people import accounts_with
from app.domain.notice_kinds import NoticeKind
from app.domain.schedules import Days, Schedule
from app.domain.states import Role
from app.domain.workdays import WorkCalendar, office_time
from app.extensions import db
from app.jobs.job import Job, JobResult
from app.jobs.turns import each_site
from app.models import CalendarYear, Case, Site
from app.reports.standing import RUNNING

NAME = "check-calendar"
SCHEDULE = Schedule(times=(dt.time(8),), days=Days.ALL)
MOST_NAMED = 10
ASKED_FROM = 11  # November: the notice comes out some day in it


def run(now: dt.datetime) -> JobResult:
    """Tell administrators and section what is missing, and which due times are provisional."""
    year = now.year + 1 if now.month >= ASKED_FROM else now.year
    if _is_published(year):
        return JobResult()

    def tell(site: Site, _calendar: WorkCalendar) -> int:
        monday = now.date() - dt.timedelta(days=now.weekday())
        people = [p for role in _TOLD for p in accounts_with(role, site_id=site.id)]
        return tell_office(
            people, about=f"calendar:{year}:{site.id}", text=_text(year, site),
            kind=NoticeKind.CALENDAR_MISSING, round_no=monday.toordinal(), site_id=site.id, now=now,
        )  # fmt: skip

    return each_site(tell, unit="人次")


_TOLD = (Role.SYS_ADMIN, Role.SUPERVISOR)


def _is_published(year: int) -> bool:
    row = db.session.get(CalendarYear, year)
    return row is not None and row.is_published


def _text(year: int, site: Site) -> str:
    """Return the sentence of domain/5.6, the number of provisional cases and some of them."""
    provisional = (Case.site_id == site.id, Case.is_due_provisional.is_(True))
    waiting = (*provisional, Case.state.in_(RUNNING), Case.due_at.is_not(None))
    total = db.session.execute(select(func.count(Case.id)).where(*waiting)).scalar_one()
    text = f"{site.name}：{year}年节假日安排尚未导入，应办结时间为暂算结果的事项{total}件"
    # D-22: the section does not read which complaints about it there are.
    named = (
        select(Case.ledger_no, Case.due_at)
        .where(*waiting, Case.complaint_about.is_(None))
        .order_by(Case.due_at, Case.id)
        .limit(MOST_NAMED)
    )
    rows = [f"{number}（{_due(at)}）" for number, at in db.session.execute(named)]
    listed = f"：{'、'.join(rows)}{'等' if total > len(rows) else ''}" if rows else ""
    return f"{text}{listed}。请在通知印发后及时导入，系统将重新计算。"


def _due(at: dt.datetime) -> str:
    local = office_time(at)
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"


JOB = Job(NAME, run, SCHEDULE)
