"""From notices to messages: one each, or gathered into one when a person would get too many."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, func, or_, select, update

from app.actions.outbox import GIVE_UP_AFTER, new_message, suppress_notices
from app.actions.still_true import Judge, Told, parts
from app.domain.notice_kinds import NoticeKind, NoticeStatus, OutgoingStatus
from app.domain.words import word
from app.extensions import db
from app.models import Case, JobState, Notice, Outgoing

HOUR = dt.timedelta(hours=1)
# With more cases than that still to be looked at, more news is on its way: gather it first.
BACKLOG = 20
SCAN, MAIL = "scan-deadlines", "send-mail"
STALLED_AFTER = dt.timedelta(minutes=10)
LISTED = 100
# Notices read in one transaction, or one person's, if he has more: others wait to write.
BATCH = 10_000
CASE_LINK = "查看事项：{address}/case/{case_id}"
LIST_LINK = "查看消息：{address}/notices/list/"
FOOTER = "本消息由“办不成事”反映窗口工作系统自动发送，请勿直接回复。"
GATHERED_SUBJECT = "“办不成事”反映窗口：{n}条提醒"
GATHERED_HEAD = "您有{n}条提醒："
MORE = "另有{n}条，请登录系统查看。"


@dataclass
class Composed:
    """What came of the notices that waited; `is_full`: there are more."""

    messages: int = 0
    told: int = 0
    suppressed: int = 0
    is_full: bool = False
    judge: Judge | None = None


class _Load(NamedTuple):
    """What a person has had on a channel in the last hour, or is about to get."""

    messages: int = 0
    is_gathered: bool = False


Person = tuple[int, str]  # account and channel


def compose(*, now: dt.datetime, address: str, judge: Judge | None = None) -> Composed:
    """Make messages of the notices whose time has come and which are still true.

    `address` is what links start with. A person who would get more than `mails_per_hour` gets one
    message that gathers them, and the next one an hour later. `judge` is the one of the
    transaction before, in the same run.
    """
    if _nothing_waits(now) or _is_scan_behind(now):
        return Composed()
    judge = judge or Judge(now)
    most = judge.rules.mails_per_hour
    counts = _counts(now)
    loads = _loads({recipient for recipient, _channel in counts}, now)
    for person in [p for p in counts if _must_wait(loads[p], counts[p], most)]:
        del counts[person]
    people = _first(counts)
    waiting = _waiting(people, now)
    untrue = judge.untrue(Told._make(row[:-1]) for rows in waiting.values() for row in rows)
    _suppress(untrue)
    writer = _Writer(judge, now, address)
    for person, rows in waiting.items():
        true = [row for row in rows if row.id not in untrue]
        if true and loads[person].messages + len(true) <= most:
            writer.write_each(true)
        elif true and not loads[person].is_gathered:
            writer.gather(true)
    writer.flush()
    is_full = len(people) < len(counts)
    return Composed(writer.messages, writer.told, len(untrue), is_full, judge)


def suppress_waiting(*, now: dt.datetime, note: str) -> int:
    """Let nothing leave the house that was written up to now; return how many notices."""
    done = db.session.execute(
        update(Notice)
        .where(Notice.status == NoticeStatus.WAITING, Notice.created_at <= now)
        .values(status=NoticeStatus.SUPPRESSED, status_note=note[:80])
        .execution_options(synchronize_session=False)
    )
    return int(getattr(done, "rowcount", 0))


def _due(now: dt.datetime) -> Any:
    return and_(Notice.status == NoticeStatus.WAITING, Notice.send_at <= now)


def _nothing_waits(now: dt.datetime) -> bool:
    return db.session.execute(select(Notice.id).where(_due(now)).limit(1)).first() is None


def _is_scan_behind(now: dt.datetime) -> bool:
    """Return whether the scan is in the middle of much."""
    waiting = select(Case.id).where(Case.next_look_at <= now).limit(BACKLOG + 1)
    many = len(db.session.execute(waiting).all()) > BACKLOG
    return many and not _is_scan_stuck(now)


def _is_scan_stuck(now: dt.datetime) -> bool:
    """Return whether the scan fails, or stands while we run: nobody waits for it then."""
    scan, mail = (db.session.get(JobState, name) for name in (SCAN, MAIL))
    if scan is None or scan.last_run_at is None:
        return False
    if scan.last_ok_at != scan.last_run_at:
        return True
    stands = scan.last_run_at < now - STALLED_AFTER
    return stands and mail is not None and (mail.last_run_at or now) > now - STALLED_AFTER


def _counts(now: dt.datetime) -> dict[Person, int]:
    """Return how many notices are due, by person and channel."""
    group = (Notice.recipient_id, Notice.channel)
    query = select(*group, func.count()).where(_due(now)).group_by(*group).order_by(*group)
    rows = db.session.execute(query)
    return {(recipient_id, channel): count for recipient_id, channel, count in rows}


def _first(counts: dict[Person, int]) -> set[Person]:
    """Return the people of one transaction: at least one, and no more than fit."""
    found: set[Person] = set()
    total = 0
    for person, count in counts.items():
        total += count
        if found and total > BATCH:
            break
        found.add(person)
    return found


def _waiting(people: set[Person], now: dt.datetime) -> dict[Person, list[Row[Any]]]:
    """Return these people's notices due, most urgent first; locked."""
    columns = (getattr(Notice, name) for name in Told._fields)
    query = (
        select(*columns, Case.due_at)
        .outerjoin(Case, Case.id == Notice.case_id)
        .where(_due(now))
        .with_for_update(skip_locked=True, of=Notice)
    )
    rows: list[Row[Any]] = []
    for keys in parts(sorted({recipient for recipient, _channel in people})):
        rows += db.session.execute(query.where(Notice.recipient_id.in_(keys)))
    found: dict[Person, list[Row[Any]]] = defaultdict(list)
    for row in sorted(rows, key=_urgency):
        if (row.recipient_id, row.channel) in people:
            found[row.recipient_id, row.channel].append(row)
    return dict(found)


def _urgency(row: Row[Any]) -> tuple[Any, ...]:
    return (row.due_at is None, row.due_at or row.created_at, row.created_at, row.id)


def _loads(people: set[int], now: dt.datetime) -> dict[Person, _Load]:
    """Return what each person has had within the hour; times ahead of now count for nothing."""
    in_hour = and_(Outgoing.sent_at > now - HOUR, Outgoing.sent_at <= now)
    found: dict[Person, _Load] = defaultdict(_Load)
    for keys in parts(sorted(people)):
        rows = db.session.execute(
            select(Outgoing.recipient_id, Outgoing.channel, Outgoing.is_gathered, func.count())
            .where(
                Outgoing.recipient_id.in_(keys),
                # Older ones were sent or given up long ago; the index ends here.
                Outgoing.created_at > now - GIVE_UP_AFTER - HOUR,
                or_(Outgoing.status == OutgoingStatus.QUEUED, in_hour),
            )
            .group_by(Outgoing.recipient_id, Outgoing.channel, Outgoing.is_gathered)
        )
        for recipient_id, channel, is_gathered, count in rows:
            had = found[recipient_id, channel]
            both = _Load(had.messages + count, had.is_gathered or is_gathered)
            found[recipient_id, channel] = both
    return found


def _must_wait(load: _Load, new: int, most: int) -> bool:
    return load.is_gathered and load.messages + new > most


def _suppress(untrue: dict[int, str]) -> None:
    by_reason: dict[str, list[int]] = defaultdict(list)
    for key, why in untrue.items():
        by_reason[why].append(key)
    for why, found in by_reason.items():
        for keys in parts(found):
            suppress_notices(keys, why)


class _Writer:
    """Writes messages and ties their notices to them."""

    def __init__(self, judge: Judge, now: dt.datetime, address: str) -> None:
        self.judge, self.now, self.address = judge, now, address
        self._made: list[tuple[Outgoing, list[int]]] = []
        self.told = 0

    @property
    def messages(self) -> int:
        return len(self._made)

    def write_each(self, rows: Sequence[Row[Any]]) -> None:
        """Write a message for each notice."""
        words = _words(rows)
        for row in rows:
            subject, text = words[row.id]
            self._write([row], row.kind, f"notice:{row.id}", subject, [text, "", self._link(row)])

    def gather(self, rows: Sequence[Row[Any]]) -> None:
        """Write one message that lists the notices, the most urgent first."""
        listed, more = rows[:LISTED], len(rows) - LISTED
        words = _words(listed)
        lines = [GATHERED_HEAD.format(n=len(rows)), ""]
        for n, row in enumerate(listed, start=1):
            text = " ".join(words[row.id][1].split())
            lines.append(f"{n}.【{word(row.kind)}】{text}")
        if more > 0:
            lines += ["", MORE.format(n=more)]
        lines += ["", LIST_LINK.format(address=self.address)]
        subject = GATHERED_SUBJECT.format(n=len(rows))
        key = f"gathered:{min(row.id for row in rows)}"
        self._write(rows, NoticeKind.DIGEST, key, subject, lines, is_gathered=True)

    def flush(self) -> None:
        """Send what was written to the database, and mark the notices as sent on."""
        db.session.flush()
        for message, found in self._made:
            for keys in parts(found):
                db.session.execute(
                    update(Notice)
                    .where(Notice.id.in_(keys))
                    .values(status=NoticeStatus.SENT_ON, outgoing_id=message.id)
                    .execution_options(synchronize_session=False)
                )

    def _write(
        self,
        rows: Sequence[Row[Any]],
        kind: NoticeKind,
        key: str,
        subject: str,
        lines: list[str],
        *,
        is_gathered: bool = False,
    ) -> None:
        message = new_message(
            recipient=self.judge.people[rows[0].recipient_id], kind=kind, key=key,
            subject=subject, body="\n".join([*lines, "", FOOTER, ""]), now=self.now,
            channel=rows[0].channel, is_gathered=is_gathered,
        )  # fmt: skip
        self._made.append((message, [row.id for row in rows]))
        self.told += len(rows)

    def _link(self, row: Row[Any]) -> str:
        if row.case_id is None:
            return LIST_LINK.format(address=self.address)
        return CASE_LINK.format(address=self.address, case_id=row.case_id)


def _words(rows: Sequence[Row[Any]]) -> dict[int, tuple[str, str]]:
    """Return notice id → subject and text."""
    found = {}
    for keys in parts([row.id for row in rows]):
        query = select(Notice.id, Notice.subject, Notice.text, Notice.kind)
        for key, subject, text, kind in db.session.execute(query.where(Notice.id.in_(keys))):
            found[key] = (subject or word(kind), text)
    return found
