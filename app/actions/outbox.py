"""发件箱: messages on their way out, each written once and kept with what became of it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import uuid4

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import joinedload

from app.actions import audit
from app.actions.channels import CHANNELS, MAIL
from app.actions.people import roles_of
from app.actions.still_true import Judge, Told
from app.domain.audit import AuditAction
from app.domain.notice_kinds import NoticeKind, NoticeStatus, OutgoingStatus
from app.domain.refusals import Code, Refusal
from app.domain.states import Role
from app.extensions import db
from app.models import Account, Notice, Outgoing, OutgoingFile

# Longer than any attempt: who holds a message that long has died.
LEASE = dt.timedelta(minutes=5)
WAITS = tuple(dt.timedelta(minutes=m) for m in (1, 2, 5, 10, 15))
GIVE_UP_AFTER = dt.timedelta(days=3)
GIVEN_UP = "三天内未能发出，最后一次答复：{reply}"
LONGEST_REPLY = 500


def queue_message(
    *,
    recipient: Account,
    kind: NoticeKind,
    key: str,
    subject: str,
    body: str,
    now: dt.datetime,
    channel: str = MAIL,
    file: OutgoingFile | None = None,
    is_gathered: bool = False,
) -> Outgoing | None:
    """Queue one message to one person; None if `key` was queued before or nobody can be reached.

    `key` names the message for good (`digest:2026-10-09:12`): a second run, late or on another
    host, adds nothing.
    """
    if not CHANNELS[channel].address(recipient) or _is_known(key):
        return None
    row = new_message(
        recipient=recipient, kind=kind, key=key, subject=subject, body=body, now=now,
        channel=channel, file=file, is_gathered=is_gathered,
    )  # fmt: skip
    db.session.flush()
    return row


def new_message(
    *,
    recipient: Account,
    kind: NoticeKind,
    key: str,
    subject: str,
    body: str,
    now: dt.datetime,
    channel: str,
    file: OutgoingFile | None = None,
    is_gathered: bool = False,
) -> Outgoing:
    """Return a message added to the session, whose key nobody else can have."""
    row = Outgoing(
        key=key, channel=channel, kind=kind, recipient_id=recipient.id,
        address=CHANNELS[channel].address(recipient), subject=" ".join(subject.split())[:160],
        body=body, file=file, is_gathered=is_gathered,
        # The server's answer may be lost: the same letter must be known by the same name.
        message_id=f"<{uuid4().hex}@banjie>", created_at=now, next_try_at=now,
        status=OutgoingStatus.QUEUED,
    )  # fmt: skip
    db.session.add(row)
    return row


def _is_known(key: str) -> bool:
    return db.session.execute(select(Outgoing.id).where(Outgoing.key == key)).first() is not None


def claim(
    *,
    now: dt.datetime,
    limit: int,
    lease: dt.timedelta = LEASE,
    channels: Collection[str] = tuple(CHANNELS),
) -> list[Outgoing]:
    """Take up to `limit` messages for an attempt each; nobody else does while the lease stands.

    What is no longer true by now is suppressed instead, visibly.
    """
    taken: list[Outgoing] = []
    while len(taken) < limit:
        found = _free(now, limit - len(taken), lease, channels)
        if not found:
            break
        suppressed = _suppress_untrue(found, now)
        for row in (row for row in found if row.id not in suppressed):
            row.lease, row.leased_until = uuid4().hex, now + lease
            row.attempts += 1
            taken.append(row)
        db.session.flush()
    return taken


def _free(
    now: dt.datetime, limit: int, lease: dt.timedelta, channels: Collection[str]
) -> list[Outgoing]:
    """Return messages that are due and held by nobody, locked.

    A time further ahead than two hosts' clocks can differ was written by one put back since.
    """
    query = (
        select(Outgoing)
        .where(
            Outgoing.status == OutgoingStatus.QUEUED,
            Outgoing.channel.in_(channels),
            or_(Outgoing.next_try_at <= now, Outgoing.next_try_at > now + 2 * WAITS[-1]),
            or_(
                Outgoing.leased_until.is_(None),
                Outgoing.leased_until <= now,
                Outgoing.leased_until > now + 2 * lease,
            ),
        )
        .order_by(Outgoing.next_try_at, Outgoing.id)
        .limit(limit)
        .options(joinedload(Outgoing.recipient))
        .with_for_update(skip_locked=True, of=Outgoing)
        .execution_options(populate_existing=True)
    )
    return list(db.session.execute(query).scalars())


def _suppress_untrue(rows: Sequence[Outgoing], now: dt.datetime) -> set[int]:
    """Suppress the messages of which nothing is true any more; return their ids."""
    judge = Judge(now)
    notices: dict[int, list[Told]] = defaultdict(list)
    columns = (getattr(Notice, name) for name in Told._fields)
    query = select(Notice.outgoing_id, *columns).where(
        Notice.outgoing_id.in_([row.id for row in rows])
    )
    for outgoing_id, *told in db.session.execute(query):
        notices[outgoing_id].append(Told(*told))
    untrue = judge.untrue(notice for told in notices.values() for notice in told)
    suppressed = set()
    for row in rows:
        told = notices[row.id]
        # A digest holds no notices; only its reader may have gone.
        whys = [untrue.get(notice.id, "") for notice in told]
        whys = whys or [judge.why_unreachable(row.recipient_id, row.channel)]
        if all(whys):
            row.status, row.reply = OutgoingStatus.SUPPRESSED, whys[0]
            row.lease, row.leased_until = "", None
            suppress_notices([notice.id for notice in told], whys[0])
            suppressed.add(row.id)
    return suppressed


def suppress_notices(keys: Sequence[int], note: str) -> None:
    """Mark notices as not sent, with the reason in the office's words."""
    if keys:
        db.session.execute(
            update(Notice)
            .where(Notice.id.in_(keys))
            .values(status=NoticeStatus.SUPPRESSED, status_note=note[:80])
            .execution_options(synchronize_session=False)
        )


def mark_sent(*, outgoing_id: int, lease: str, reply: str, now: dt.datetime) -> bool:
    """Record that the server took the message; False where our lease does not stand any more."""
    row = _held(outgoing_id, lease)
    if row is None:
        return False
    row.sent_at = now
    return _settle(row, OutgoingStatus.SENT, reply, now)


def mark_refused(*, outgoing_id: int, lease: str, reply: str, now: dt.datetime) -> bool:
    """Record that the server refused the message for good; it is kept and may be sent again."""
    row = _held(outgoing_id, lease)
    return row is not None and _settle(row, OutgoingStatus.FAILED, reply, now)


def mark_failed(*, outgoing_id: int, lease: str, reply: str, now: dt.datetime) -> bool:
    """Record that an attempt failed, and try again after a while; after three days give up."""
    row = _held(outgoing_id, lease)
    if row is None:
        return False
    if now >= (row.tried_since or row.created_at) + GIVE_UP_AFTER:
        return _settle(row, OutgoingStatus.FAILED, GIVEN_UP.format(reply=reply), now)
    row.next_try_at = now + WAITS[min(row.attempts, len(WAITS)) - 1]
    return _settle(row, OutgoingStatus.QUEUED, reply, now)


def _held(outgoing_id: int, lease: str) -> Outgoing | None:
    query = select(Outgoing).where(
        Outgoing.id == outgoing_id,
        Outgoing.lease == lease,
        Outgoing.status == OutgoingStatus.QUEUED,
    )
    query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(query).scalar_one_or_none()


def _settle(row: Outgoing, status: OutgoingStatus, reply: str, now: dt.datetime) -> bool:
    row.status, row.reply, row.tried_at = status, reply[:LONGEST_REPLY], now
    row.lease, row.leased_until = "", None
    return True


def resend(outgoing_id: int, *, by: Account, now: dt.datetime) -> Outgoing:
    """重发: queue a failed message again, to the address the person has now.

    It keeps its Message-ID: whether an earlier attempt arrived after all, nobody can know.
    """
    if Role.SYS_ADMIN not in roles_of(by):
        raise Refusal(Code.ROLE_MISSING)
    row = db.session.get(Outgoing, outgoing_id, with_for_update=True)
    if row is None or row.status is not OutgoingStatus.FAILED:
        raise Refusal(Code.NOTHING_TO_RESEND)
    address = CHANNELS[row.channel].address(row.recipient)
    if not address:
        raise Refusal(Code.FIELDS_MISSING, fields=["email"])
    row.address, row.status, row.attempts = address, OutgoingStatus.QUEUED, 0
    row.next_try_at = row.tried_since = now
    row.lease, row.leased_until = "", None
    audit.note(AuditAction.RESENT, about=("outgoing", row.id, row.recipient.name))
    return row


def refused_of(account_ids: Collection[int]) -> dict[int, Outgoing]:
    """Return account id → the last message that failed, unless a later one got through."""
    of_them = Outgoing.recipient_id.in_(account_ids)
    later = (
        select(Outgoing.recipient_id, Outgoing.channel, func.max(Outgoing.sent_at))
        .where(of_them, Outgoing.status == OutgoingStatus.SENT)
        .group_by(Outgoing.recipient_id, Outgoing.channel)
    )
    got_through = {(person, channel): at for person, channel, at in db.session.execute(later)}
    failed = select(Outgoing).where(of_them, Outgoing.status == OutgoingStatus.FAILED)
    found = {}
    for row in db.session.execute(failed.order_by(Outgoing.tried_at, Outgoing.id)).scalars():
        at = got_through.get((row.recipient_id, row.channel))
        if at is None or row.tried_at is None or at < row.tried_at:
            found[row.recipient_id] = row
    return found
