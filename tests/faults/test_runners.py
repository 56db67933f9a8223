"""Two processes tick and a third is killed again and again: each stage told once, each mail too.

BANJIE_RUNNERS is how many seconds it lasts; `make runners` takes two minutes for each database.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.actions import outbox
from app.domain.notice_kinds import NoticeKind, OutgoingStatus
from app.extensions import db
from app.jobs import scheduler, send_mail
from app.models import Case, JobState, Notice, Outgoing, Setting
from app.unit_of_work import unit_of_work
from config import ROOT
from tests.factories import Office, at, make_office
from tests.jobs.runner_process import FACTOR, JOBS, Orders, with_mail
from tests.mailing import give_addresses
from tests.smtp import Post, mail_server

SECONDS = float(os.environ.get("BANJIE_RUNNERS", "12"))
BASE = at("2026-10-12 09:50")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
# What a killed runner held is taken up when its lease has run out, less the run it was claimed in.
TAKEN_UP = (outbox.LEASE.total_seconds() - 2 * send_mail.CLAIM_SECONDS) / FACTOR
ENDS_WITHIN = 60


@dataclass
class TimedPost(Post):
    """A mail server that knows when each letter came, when a runner was killed, when all ended."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    kills: list[float] = field(default_factory=list)
    ended: float = 0.0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take every letter, and the time that a server takes."""
        await asyncio.sleep(0.1)
        answer = await super().handle_DATA(server, session, envelope)
        self.times[self.ids[-1]].append(time.time())
        return answer


@pytest.fixture
def office(session: Any) -> Office:
    """Return an office whose unit has mailboxes, and no letter is gathered into another."""
    office = make_office()
    give_addresses(office, "land_head", "land_handler", "clerk")
    db.session.add(Setting(name="mails_per_hour", text="999"))
    db.session.commit()
    return office


@contextmanager
def runners(
    app: Flask, folder: Path, port: int, *, seconds: float, claims: bool
) -> Iterator[Orders]:
    """Start two runners and the one that is killed, all at once; wait for their end."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    command = [sys.executable, "-m", "tests.jobs.runner_process", url, str(folder), str(port)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with ExitStack() as stack:
        started = [stack.enter_context(subprocess.Popen(command, cwd=ROOT, **pipes)) for _ in "abc"]
        for process in started:
            stack.callback(process.kill)
        assert [process.stdout.readline() for process in started] == ["ready\n"] * 3
        begin = time.time()
        orders = Orders(begin, begin + seconds, BASE.isoformat(), claims=claims)
        for process, kills in zip(started, ("", "", str(folder / "kills")), strict=True):
            process.stdin.write(json.dumps(asdict(replace(orders, kills=kills))) + "\n")
            process.stdin.flush()
        yield orders
        assert [process.wait(timeout=ENDS_WITHIN) for process in started] == [0, 0, 0]


def make_work(office: Office, orders: Orders) -> list[Case]:
    """Hand over cases an hour back, so that they are left unsigned in a moment; sign some."""
    cases: list[Case] = []
    while time.time() < orders.ends - 1:
        issued = orders.now - HOUR + timedelta(seconds=30)
        with unit_of_work():
            for _ in range(3):
                case = office.submit(office.draft(now=issued), now=issued)
                cases.append(office.dispatch(case, now=issued))
        if len(cases) % 4 == 0:
            with unit_of_work():
                office.sign(cases[-4], now=orders.now)
        time.sleep(0.1)
    return cases


def run_for(
    app: Flask, office: Office, folder: Path, *, seconds: float, claims: bool = True
) -> tuple[list[Case], TimedPost]:
    """Let them run, then finish what a killed one has left; return cases and mail."""
    post, kills = TimedPost(), folder / "kills"
    with mail_server(post) as port:
        with runners(app, folder, port, seconds=seconds, claims=claims) as orders:
            cases = make_work(office, orders)
        post.ended = time.time()
        settings = app.config["SETTINGS"]
        with_mail(app, port)
        for minutes in (10, 20):
            scheduler.tick(orders.now + minutes * MINUTE, JOBS)
        app.config["SETTINGS"] = settings
    post.kills = [float(line) for line in kills.read_text().split()]
    return cases, post


def told_wrongly(office: Office, cases: list[Case]) -> list[str]:
    """Return whoever was told another number of times than once that a slip is unsigned."""
    people = {office.land_head.id, office.land_handler.id}
    rows = select(Notice.case_id, Notice.recipient_id).where(
        Notice.kind == NoticeKind.UNSIGNED, Notice.channel == "site"
    )
    counts = Counter((case_id, person) for case_id, person in db.session.execute(rows))
    signed = {case.id for case in cases if case.signed_at is not None}
    expected = {(case.id, person) for case in cases if case.id not in signed for person in people}
    wrong = [f"{key} told {n} times" for key, n in counts.items() if n != 1]
    return wrong + [f"{key} never told" for key in expected - set(counts)]


def sent_wrongly(post: TimedPost) -> list[str]:
    """Return the letters that came twice, but for those in whose middle a runner was killed.

    Such a letter comes again when its lease has run out, or when the test finishes what is left.
    """
    twice = {key: times for key, times in post.times.items() if len(times) > 1}
    excused = {
        key
        for key, times in twice.items()
        if len(times) == 2
        # The server takes its time: a letter is there a moment after its sender is not.
        and any(times[0] - 1 <= kill <= times[1] for kill in post.kills)
        and (times[1] > post.ended or times[1] - times[0] > TAKEN_UP)
    }
    wrong = [
        f"{key} came at {twice[key]}, kills at {post.kills}, end at {post.ended}"
        for key in sorted(set(twice) - excused)
    ]
    if len(excused) > send_mail.WORKERS * len(post.kills):
        wrong.append(f"{len(excused)} letters came twice after {len(post.kills)} kills")
    return wrong


def test_three_runners_tell_and_send_once(app: Flask, office: Office, tmp_path: Path) -> None:
    cases, post = run_for(app, office, tmp_path, seconds=SECONDS)
    db.session.expire_all()
    print(f"{len(cases)} cases, {len(post.letters)} letters, {len(post.kills)} kills")
    assert len(cases) >= 6
    assert len(post.kills) >= 2
    assert told_wrongly(office, cases) == []
    assert sent_wrongly(post) == []
    rows = db.session.execute(select(Outgoing.message_id, Outgoing.status)).all()
    assert {status for _id, status in rows} <= {OutgoingStatus.SENT, OutgoingStatus.SUPPRESSED}
    assert {key for key, status in rows if status is OutgoingStatus.SENT} == set(post.times)
    errors = dict(db.session.execute(select(JobState.name, JobState.last_error)).all())
    assert errors == {job.name: "" for job in JOBS}


# The check is the same on both; that it can fail is shown once.
@pytest.mark.sqlite_only
def test_without_the_claim_the_same_check_fails(app: Flask, office: Office, tmp_path: Path) -> None:
    _cases, post = run_for(app, office, tmp_path, seconds=5, claims=False)
    assert sent_wrongly(post) != []
