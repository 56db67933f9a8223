"""站内消息: what a person was told about a case, with a read mark."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.case import Case
from app.models.org import Account
from app.models.types import UtcDateTime


class Notice(Model):
    """One message to one person; it names the case, never the reporter or the narrative."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_recipient_read", "recipient_id", "read_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    recipient: Mapped[Account] = relationship()
    case: Mapped[Case | None] = relationship()
