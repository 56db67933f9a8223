"""发件: notices become messages, and messages leave the house, a few at a time."""

import datetime as dt
import logging
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import cached_property

from flask import current_app

from app.actions.channels import CHANNELS
from app.actions.composing import compose
from app.actions.outbox import claim, mark_failed, mark_refused, mark_sent
from app.actions.restores import held_restore
from app.channels.build import build_adapters
from app.channels.letter import Adapter, Answer, Letter, Outcome
from app.domain.schedules import Schedule
from app.extensions import db
from app.jobs.job import Job, JobResult, Lane
from app.models import Outgoing
from app.unit_of_work import unit_of_work

log = logging.getLogger(__name__)

NAME = "send-mail"
HELD = "从备份恢复后发件暂停，待系统管理员在“健康”页放行"
# One server that hangs takes one of them, for the length of an attempt.
WORKERS = 4
# Then what is on its way is waited for, and the next turn goes on.
CLAIM_SECONDS = 50.0
LEASE = dt.timedelta(minutes=2)
MARKS = {
    Outcome.ACCEPTED: mark_sent,
    Outcome.REFUSED: mark_refused,
    Outcome.FAILED: mark_failed,
}


@dataclass(frozen=True)
class _Sending:
    """One message that is on its way."""

    outgoing_id: int
    lease: str
    letter: Letter
    channel: str


@dataclass
class _Round:
    """One run: what is on its way, which channels are shut for now, and what came of it."""

    now: dt.datetime
    started: float = field(default_factory=time.monotonic)
    running: dict[Future[Answer], _Sending] = field(default_factory=dict)
    open: set[str] = field(default_factory=lambda: set(CHANNELS))
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    last_reply: str = ""

    @cached_property
    def adapters(self) -> dict[str, Adapter]:
        """Return the ways out; most runs need none, and certificates take time to read."""
        return build_adapters(current_app.config["SETTINGS"])

    @property
    def is_over(self) -> bool:
        """Return whether nothing new is begun in this run."""
        return time.monotonic() - self.started > CLAIM_SECONDS or not self.open

    def deliver_all(self) -> None:
        """Keep the workers busy until nothing is left or the time is up."""
        with ThreadPoolExecutor(WORKERS, thread_name_prefix=NAME) as pool:
            finished: set[Future[Answer]] = set()
            while True:
                for sending in self._mark_and_claim(finished):
                    adapter = self.adapters[sending.channel]
                    self.running[pool.submit(adapter.deliver, sending.letter)] = sending
                if not self.running:
                    return
                finished = wait(self.running, return_when=FIRST_COMPLETED).done

    def _mark_and_claim(self, finished: set[Future[Answer]]) -> list[_Sending]:
        """Record what has come back and take as many anew, in one transaction."""
        with unit_of_work():
            for future in finished:
                self._mark(self.running.pop(future), _answer_of(future))
            if self.is_over:
                return []
            free = WORKERS - len(self.running)
            rows = claim(now=self.now, limit=free, channels=sorted(self.open))
            return [_sending(row, self.now) for row in rows]

    def _mark(self, sending: _Sending, answer: Answer) -> None:
        MARKS[answer.outcome](
            outgoing_id=sending.outgoing_id, lease=sending.lease, reply=answer.reply,
            now=self.now,
        )  # fmt: skip
        self.outcomes[answer.outcome] += 1
        if answer.outcome is not Outcome.ACCEPTED:
            self.last_reply = answer.reply
        if answer.is_down:
            # Nobody's letter gets through; to go on would only knock at a shut door.
            self.open.discard(sending.channel)


def run(now: dt.datetime) -> JobResult:
    """Compose what has come due, then deliver until nothing is left or the time is up.

    After a restore nothing leaves until somebody has released it.
    """
    if held_restore() is not None:
        db.session.rollback()
        return JobResult(note=HELD)
    suppressed = _compose(now)
    turn = _Round(now)
    turn.deliver_all()
    sent = turn.outcomes[Outcome.ACCEPTED]
    failed = turn.outcomes[Outcome.REFUSED] + turn.outcomes[Outcome.FAILED]
    return JobResult(
        done=sent + suppressed, failed=failed,
        note=_note(turn, suppressed=suppressed),
        is_partial=turn.is_over and bool(turn.open),
    )  # fmt: skip


def _compose(now: dt.datetime) -> int:
    """Make messages of what has come due; return how many notices were over by then."""
    suppressed, judge = 0, None
    address = current_app.config["SETTINGS"].address
    while True:
        with unit_of_work():
            done = compose(now=now, address=address, judge=judge)
        judge = done.judge
        suppressed += done.suppressed
        if not done.is_full:
            return suppressed


def _sending(row: Outgoing, now: dt.datetime) -> _Sending:
    """Return the message as it leaves, free of the session."""
    person, file = row.recipient, row.file
    letter = Letter(
        message_id=row.message_id, address=row.address, username=person.username or "",
        name=person.name, subject=row.subject, body=row.body, written_at=row.created_at,
        tried_at=now, file_name=file.name if file else "",
        file_content=file.content if file else b"",
    )  # fmt: skip
    return _Sending(row.id, row.lease, letter, row.channel)


def _answer_of(future: Future[Answer]) -> Answer:
    error = future.exception()
    if error is None:
        return future.result()
    log.error("a letter could not be tried", exc_info=error)
    return Answer(Outcome.FAILED, f"{type(error).__name__}: {error}"[:500])


def _note(turn: _Round, *, suppressed: int) -> str:
    counts = {
        "发出": turn.outcomes[Outcome.ACCEPTED],
        "被退回": turn.outcomes[Outcome.REFUSED],
        "未发出，稍后再试": turn.outcomes[Outcome.FAILED],
        "不再发送": suppressed,
    }
    parts = [f"{what}{n}封" for what, n in counts.items() if n]
    if turn.last_reply:
        parts.append(f"服务器答复：{turn.last_reply}")
    return "，".join(parts)


JOB = Job(NAME, run, Schedule(seconds=15), Lane.MAIL, LEASE)
