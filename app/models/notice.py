"""消息提醒: what a person was told about what, on which channel, and what became of it."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import Boolean, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.notice_kinds import NoticeKind, NoticeStatus, Timing
from app.models.case import Case
from app.models.org import Account
from app.models.outgoing import Outgoing
from app.models.types import UtcDateTime, by_value

SITE_CHANNEL = "site"  # 站内消息


class Notice(Model):
    """One message to one person on one channel; it names the case, never the reporter.

    `about` is `case:12` or what else it concerns. `round_no` tells one arming of a clock from the
    next; for news of a move it is the number of the case's event. The five together are unique:
    whoever scans twice, or beside another, tells once.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint(
            "recipient_id", "about", "kind", "round_no", "channel", name="uq_notices_once"
        ),
        Index("ix_notices_recipient_read", "recipient_id", "channel", "read_at"),
        Index("ix_notices_status_send", "status", "send_at"),
        Index("ix_notices_about", "about", "kind", "round_no"),
        Index("ix_notices_outgoing", "outgoing_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    about: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[NoticeKind] = mapped_column(by_value(NoticeKind))
    round_no: Mapped[int] = mapped_column(default=0)
    channel: Mapped[str] = mapped_column(String(20), default=SITE_CHANNEL)
    subject: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(String(600))
    status: Mapped[NoticeStatus] = mapped_column(by_value(NoticeStatus), default=NoticeStatus.TOLD)
    status_note: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    send_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    read_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    outgoing_id: Mapped[int | None] = mapped_column(ForeignKey("outgoing.id"))
    recipient: Mapped[Account] = relationship()
    case: Mapped[Case | None] = relationship()
    outgoing: Mapped[Outgoing | None] = relationship(backref="notices")


class NoticeTemplate(Model):
    """消息模板: the words of one kind where the office changed them; the others have defaults."""

    __tablename__ = "notice_templates"

    kind: Mapped[NoticeKind] = mapped_column(by_value(NoticeKind), primary_key=True)
    subject: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(String(400))
    is_mailed: Mapped[bool] = mapped_column(Boolean, default=True)
    timing: Mapped[Timing] = mapped_column(by_value(Timing), default=Timing.IN_HOURS)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    changed_by: Mapped[Account] = relationship()
