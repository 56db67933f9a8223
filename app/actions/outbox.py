"""发件箱: messages on their way out, each written once and kept with what became of it."""

import datetime as dt
from uuid import uuid4

from sqlalchemy import select

from app.actions.channels import CHANNELS, MAIL
from app.domain.notice_kinds import NoticeKind, OutgoingStatus
from app.extensions import db
from app.models import Account, Outgoing, OutgoingFile


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
    address = CHANNELS[channel].address(recipient)
    if not address or _is_known(key):
        return None
    row = Outgoing(
        key=key, channel=channel, kind=kind, recipient_id=recipient.id, address=address,
        subject=" ".join(subject.split())[:160], body=body, file=file, is_gathered=is_gathered,
        # The server's answer may be lost: the same letter must be known by the same name.
        message_id=f"<{uuid4().hex}@banjie>", created_at=now, next_try_at=now,
        status=OutgoingStatus.QUEUED,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def _is_known(key: str) -> bool:
    return db.session.execute(select(Outgoing.id).where(Outgoing.key == key)).first() is not None
