"""kill -9 of the process that runs the jobs: each stage is told once, each letter arrives."""

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.domain.notice_kinds import OutgoingStatus
from app.extensions import db
from app.jobs import send_mail
from app.models import Case, Outgoing, Setting
from app.unit_of_work import unit_of_work
from tests.factories import Office
from tests.faults.desk import open_office, orders_for, serving
from tests.faults.ledger import half_done
from tests.faults.orders import office_now, set_clock
from tests.faults.outcome import Outcome, times
from tests.faults.test_runners import TimedPost, told_wrongly
from tests.mailing import give_addresses
from tests.smtp import mail_server

KILLS = times("runner_kills", 20)
HOUR = timedelta(hours=1)
QUIET_WITHIN, A_TICK_AND_MORE = 90, 4.0  # seconds

Tell = Callable[[Outcome], Outcome]


@pytest.fixture
def office(session: object) -> Office:
    """Return an office whose unit has mailboxes, and no letter is gathered into another."""
    office = open_office()
    with unit_of_work():
        give_addresses(office, "land_head", "land_handler", "clerk")
        db.session.add(Setting(name="mails_per_hour", text="999"))
    return office


def leave_unsigned(office: Office, clock: Path) -> list[Case]:
    """Hand two cases over an hour back: the job finds them unsigned a moment from now."""
    issued = office_now(clock) - HOUR
    with unit_of_work():
        return [
            office.dispatch(office.submit(office.draft(now=issued), now=issued), now=issued)
            for _ in range(2)
        ]


def waiting() -> int:
    """Return how many letters are still to leave; notices may wait for the evening's digest."""
    db.session.rollback()
    query = select(func.count()).where(Outgoing.status == OutgoingStatus.QUEUED)
    return int(db.session.scalar(query))


def run_jobs(
    app: Flask, office: Office, folder: Path, *, kills: int, off: tuple[str, ...] = ()
) -> tuple[list[Case], TimedPost]:
    """Let a runner work and kill it in the middle, again and again; then let one finish."""
    post, cases = TimedPost(), []
    with mail_server(post) as port:
        workers = 2 if off else 1
        orders = orders_for(
            app, folder, serves=False, ticks=1, smtp_port=port, workers=workers, off=list(off)
        )
        clock = Path(orders.clock)
        with serving(orders) as runner:
            for _ in range(max(kills, 4)):
                cases += leave_unsigned(office, clock)
                db.session.rollback()
                _wait_for_a_letter(post)
                if kills:
                    post.kills.append(time.time())
                    runner.kill_worker()
            post.ended = time.time()
            _finish(office, cases, clock)
    return cases, post


def _wait_for_a_letter(post: TimedPost) -> None:
    before, until = len(post.letters), time.monotonic() + 20
    while len(post.letters) == before and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(random.uniform(0, 0.5))


def _finish(office: Office, cases: list[Case], clock: Path) -> None:
    """Let what a killed runner held run out, twice, and wait until nothing is left."""
    for _ in range(2):
        set_clock(clock, office_now(clock) + timedelta(minutes=10))
        time.sleep(A_TICK_AND_MORE)
        until = time.monotonic() + QUIET_WITHIN
        while time.monotonic() < until and (waiting() or _untold(office, cases)):
            time.sleep(0.2)


def _untold(office: Office, cases: list[Case]) -> bool:
    """Return whether something is still to be told; what was told twice stays so."""
    return any("never" in text for text in told_wrongly(office, cases))


def judge(
    office: Office, cases: list[Case], post: TimedPost, *, kills: int, is_guarded: bool
) -> Outcome:
    """Hold notices and letters against what had to be told and what arrived."""
    db.session.rollback()
    told = told_wrongly(office, cases)
    arrived = Counter(post.ids)
    rows = db.session.execute(select(Outgoing.message_id, Outgoing.status)).all()
    sent = [key for key, status in rows if status is OutgoingStatus.SENT]
    # Killed between the mail server's yes and our note of it: it comes again under its own id.
    again = {
        key
        for key, came in post.times.items()
        if len(came) == 2 and any(came[0] - 1 <= kill <= came[1] for kill in post.kills)
    }
    return Outcome(
        "kill -9 of the job runner", kills,
        acknowledged=len(sent) + 2 * len(cases),
        missing=[text for text in told if "never" in text]
        + [key for key in sent if not arrived[key]]
        + [f"{key} {status}" for key, status in rows if status is OutgoingStatus.QUEUED],
        doubled=[text for text in told if "times" in text]
        + [key for key, n in arrived.items() if n > 1 and key not in again],
        half_done=half_done(),
        note=f"{len(again)} letters again under the same Message-ID",
        is_guarded=is_guarded,
    )  # fmt: skip


def test_killed_runner_loses_and_doubles_nothing(
    app: Flask, office: Office, tmp_path: Path, tell: Tell
) -> None:
    cases, post = run_jobs(app, office, tmp_path, kills=KILLS)
    outcome = tell(judge(office, cases, post, kills=KILLS, is_guarded=True))
    assert outcome.wrong == []
    assert len(set(post.ids)) > KILLS
    assert sum(n > 1 for n in Counter(post.ids).values()) <= send_mail.WORKERS * KILLS


# The check is the same on both; that it can fail is shown once.
@pytest.mark.sqlite_only
def test_without_the_claim_they_double(
    app: Flask, office: Office, tmp_path: Path, tell: Tell
) -> None:
    cases, post = run_jobs(app, office, tmp_path, kills=0, off=("claims",))
    outcome = tell(judge(office, cases, post, kills=0, is_guarded=False))
    assert outcome.doubled != []
