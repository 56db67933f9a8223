"""待办摘要: each morning every person's own to-do; who supervises also reads the whole office."""

import datetime as dt
import logging

from app.actions.summaries import Sender, Summary
from app.domain.notice_kinds import NoticeKind
from app.domain.schedules import Days, Schedule
from app.jobs.job import Job, JobResult
from app.jobs.turns import last_slot, work_page, working_sites
from app.models import Account
from app.reports.digest import Digests, digest_readers

log = logging.getLogger(__name__)

NAME = "send-digest"
SCHEDULE = Schedule(times=(dt.time(8, 30),), days=Days.WORKDAYS)


def run(now: dt.datetime) -> JobResult:
    """Queue today's summaries of the sites that work today; one a person and day."""
    calendars = {site.id: calendar for site, calendar in working_sites(now.date())}
    if not calendars or last_slot(NAME, SCHEDULE, now) is None:
        return JobResult()
    sender = Sender(now=now)
    digests = Digests(now, sender.rules, calendars, link=work_page())
    done, failed = 0, []
    for person in digest_readers():
        try:
            done += _send(person, digests, sender)
        except Exception:
            log.exception("the digest of account %s failed", person.id)
            failed.append(person.name)
    note = f"发出{done}人次"
    if failed:
        note += f"，未完成：{'、'.join(failed[:5])}"
    return JobResult(done=done, failed=len(failed), note=note)


def _send(person: Account, digests: Digests, sender: Sender) -> bool:
    digest = digests.of(person)
    if digest is None:
        return False
    values = {"件数": str(digest.count), "服务场所": person.site.name if person.site else ""}
    key = f"digest:{digests.now:%Y-%m-%d}"
    return sender.send(person, Summary(NoticeKind.DIGEST, key, digest.body, digest.short, values))


JOB = Job(NAME, run, SCHEDULE)
