"""What the tests of the summaries share: addresses, the letters queued, the notes left."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import select

from app.domain.notice_kinds import NoticeKind
from app.extensions import db
from app.jobs.job import Job
from app.jobs.scheduler import run_until_done
from app.models import Account, JobState, Notice, Outgoing


def give_address(*people: Account) -> None:
    """Give these people a mailbox; the others have none."""
    for person in people:
        person.email = f"{person.username}@example.test"
    db.session.commit()


def letters(kind: NoticeKind) -> dict[int, list[Outgoing]]:
    """Return recipient → what was queued to him, in order."""
    found: dict[int, list[Outgoing]] = {}
    rows = select(Outgoing).where(Outgoing.kind == kind).order_by(Outgoing.id)
    for row in db.session.execute(rows).scalars():
        found.setdefault(row.recipient_id, []).append(row)
    return found


def notes(kind: NoticeKind) -> dict[int, list[Notice]]:
    """Return recipient → 站内消息 of this kind, in order."""
    found: dict[int, list[Notice]] = {}
    rows = select(Notice).where(Notice.kind == kind, Notice.channel == "site").order_by(Notice.id)
    for row in db.session.execute(rows).scalars():
        found.setdefault(row.recipient_id, []).append(row)
    return found


def told(kind: NoticeKind) -> int:
    """Return how many letters and 站内消息 there are."""
    return sum(len(rows) for each in (letters(kind), notes(kind)) for rows in each.values())


def run_in_two_threads(app: Flask, job: Job, now: dt.datetime) -> int:
    """Let two runners meet at a job that is due; return how many did it."""
    state = db.session.get(JobState, job.name) or JobState(name=job.name)
    state.next_run_at = now
    db.session.add(state)
    db.session.commit()
    start = threading.Barrier(2)

    def runner() -> bool:
        start.wait()
        with app.app_context():
            return run_until_done(job, now) is not None

    with ThreadPoolExecutor(2) as pool:
        tries = [pool.submit(runner) for _ in range(2)]
    return sum(each.result() for each in tries)
