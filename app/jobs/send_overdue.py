"""超期汇总: twice a working day to 督办考核科 and the day's duty leader, the units named."""

import datetime as dt
from functools import partial

from app.actions.people import accounts_with, approving_leader
from app.actions.summaries import Sender, Summary
from app.actions.visibility import sight_of
from app.domain.notice_kinds import NoticeKind
from app.domain.schedules import Days, Schedule
from app.domain.states import Role
from app.domain.workdays import WorkCalendar
from app.jobs.job import Job, JobResult
from app.jobs.turns import each_site, last_slot, work_page, works_on
from app.models import Account, Site
from app.reports.overdue import OverdueSummary, overdue_summary

NAME = "send-overdue"
SCHEDULE = Schedule(times=(dt.time(9), dt.time(14)), days=Days.WORKDAYS)


def run(now: dt.datetime) -> JobResult:
    """Queue the summary of the latest time of today that has come; nothing overdue, no mail."""
    slot = last_slot(NAME, SCHEDULE, now)
    if slot is None:
        return JobResult()
    return each_site(partial(_send, slot=slot, sender=Sender(now=now)), unit="人次")


def _send(site: Site, calendar: WorkCalendar, *, slot: dt.datetime, sender: Sender) -> int:
    if not works_on(sender.now.date(), calendar):
        return 0
    found: dict[object, OverdueSummary | None] = {}
    done = 0
    for person in _readers(site, sender.now.date()):
        sight = sight_of(person)
        if sight not in found:
            found[sight] = overdue_summary(
                person, site=site, calendar=calendar, now=sender.now, link=work_page()
            )
        text = found[sight]
        if text is not None:
            key = f"overdue:{site.id}:{slot:%Y-%m-%d:%H%M}"
            values = {"件数": str(text.count), "服务场所": site.name}
            kind = NoticeKind.OVERDUE_SUMMARY
            done += sender.send(person, Summary(kind, key, text.body, text.short, values))
    return done


def _readers(site: Site, day: dt.date) -> list[Account]:
    """Return the section and today's leader, each once."""
    leader = approving_leader(site_id=site.id, day=day)
    people = [*accounts_with(Role.SUPERVISOR, site_id=site.id), *([leader] if leader else [])]
    return list({person.id: person for person in people}.values())


JOB = Job(NAME, run, SCHEDULE)
