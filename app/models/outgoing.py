"""发件箱: every message that leaves the house, from the first attempt to the server's answer."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import Boolean, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.notice_kinds import NoticeKind, OutgoingStatus
from app.models.org import Account
from app.models.types import UtcDateTime, by_value


class OutgoingFile(Model):
    """What is attached to messages; many to one file: a month's ledger goes to several people."""

    __tablename__ = "outgoing_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Outgoing(Model):
    """One message to one person over one channel.

    `key` says what it is, once in the database (`digest:2026-10-09:12`). A runner that sends it
    holds it by `lease` until `leased_until`; a runner that died loses it then. `reply` is the
    server's last word, at `tried_at`. `tried_since` is when 重发 began anew.
    """

    __tablename__ = "outgoing"
    __table_args__ = (
        UniqueConstraint("key", name="uq_outgoing_key"),
        UniqueConstraint("message_id", name="uq_outgoing_message_id"),
        Index("ix_outgoing_status_next", "status", "next_try_at"),
        Index("ix_outgoing_recipient_created", "recipient_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80))
    channel: Mapped[str] = mapped_column(String(20))
    kind: Mapped[NoticeKind] = mapped_column(by_value(NoticeKind))
    recipient_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    address: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(160))
    body: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(120))
    is_gathered: Mapped[bool] = mapped_column(Boolean, default=False)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("outgoing_files.id"))
    status: Mapped[OutgoingStatus] = mapped_column(
        by_value(OutgoingStatus), default=OutgoingStatus.QUEUED
    )
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    next_try_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    leased_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    lease: Mapped[str] = mapped_column(String(40), default="")
    tried_since: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    tried_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    reply: Mapped[str] = mapped_column(String(500), default="")
    recipient: Mapped[Account] = relationship()
    file: Mapped[OutgoingFile | None] = relationship()

    def __repr__(self) -> str:
        return self.subject
