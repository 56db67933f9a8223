"""Run as a program: a process that ticks the scan and the mail until it is told to end.

Arguments: the database's URL, a folder, the port of the mail server. Says “ready”, and waits for
its orders as a line of JSON.
"""

import datetime as dt
import json
import os
import signal
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.actions import outbox
from app.domain.notice_kinds import OutgoingStatus
from app.extensions import db
from app.jobs import scan_deadlines, scheduler, send_mail
from app.jobs.job import Job
from app.models import JobState, Outgoing
from config import Security
from tests.databases import make_app
from tests.smtp import LOOPBACK

# A second here is twenty of the office: a lease of two minutes runs out while the test runs, and
# yet is no shorter than a busy machine takes to mark a letter.
FACTOR = 20
PAUSE = 0.1
LIVES = 5.0  # seconds from one kill to the next
JOBS: tuple[Job, ...] = (scan_deadlines.JOB, send_mail.JOB)


@dataclass(frozen=True)
class Orders:
    """What the test tells a runner: begin and end in seconds since 1970, the office's time then.

    `kills` is a file: then the process kills its worker with -9 every few seconds and writes down
    when. `claims` off: nothing is locked and nothing leased.
    """

    started: float
    ends: float
    base: str
    kills: str = ""
    claims: bool = True

    @property
    def now(self) -> dt.datetime:
        """Return the office's time, the same in every process."""
        passed = dt.timedelta(seconds=(time.time() - self.started) * FACTOR)
        return dt.datetime.fromisoformat(self.base) + passed


def with_mail(app: Flask, port: int) -> Flask:
    """Let the application's mail go to the test's server."""
    app.config["SETTINGS"] = replace(
        app.config["SETTINGS"], smtp_host=LOOPBACK, smtp_port=port, smtp_security=Security.NONE,
        mail_from="notice@banjie.example",
    )  # fmt: skip
    return app


def work(app: Flask, orders: Orders) -> None:
    """Tick as fast as it goes."""
    with app.app_context():
        db.engine.dispose(close=False)  # a worker opens connections of its own
        while time.time() < orders.ends:
            scheduler.tick(orders.now, JOBS)
            time.sleep(PAUSE)
        db.session.remove()
        db.engine.dispose()


def work_and_die(app: Flask, orders: Orders) -> None:
    """Let workers tick, and kill each in the middle of whatever it does."""
    while time.time() < orders.ends:
        worker = os.fork()
        if worker == 0:
            work(app, orders)
            os._exit(0)
        time.sleep(LIVES)
        os.kill(worker, signal.SIGKILL)
        with Path(orders.kills).open("a") as file:
            print(time.time(), file=file, flush=True)
        os.waitpid(worker, 0)


def switch_claims_off() -> None:
    """Let every runner take whatever it sees: the mistake that the test must find."""
    mine: set[int] = set()

    def take_job(job: Job, now: dt.datetime, **_rest: Any) -> JobState | None:
        return db.session.get(JobState, job.name)

    def take_messages(*, now: dt.datetime, limit: int, **_rest: Any) -> list[Outgoing]:
        query = select(Outgoing).where(
            Outgoing.status == OutgoingStatus.QUEUED, Outgoing.id.not_in(mine)
        )
        found = list(db.session.scalars(query.order_by(Outgoing.id).limit(limit)))
        mine.update(row.id for row in found)
        return found

    scheduler._claim, scheduler._is_free = take_job, lambda *_lease: True
    outbox.claim = send_mail.claim = take_messages


def main(url: str, folder: str, port: str) -> None:
    """Get ready, then do what the orders say."""
    app = with_mail(make_app(url, Path(folder)), int(port))
    send_mail.CLAIM_SECONDS /= FACTOR  # the leases are counted in the office's time
    print("ready", flush=True)
    orders = Orders(**json.loads(sys.stdin.readline()))
    if not orders.claims:
        switch_claims_off()
    (work_and_die if orders.kills else work)(app, orders)


if __name__ == "__main__":
    main(*sys.argv[1:])
