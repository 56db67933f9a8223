"""导出: a file somebody asked for, how far it is written, and the log of who took what."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.exports import ExportStatus
from app.models.org import Account
from app.models.types import UtcDateTime, by_value


class ExportRequest(Model):
    """One export of one person; never deleted, only its file is.

    `listing` and `query` are the list and its filter as the address had them. Who writes it holds
    it by `lease` until `leased_until`; a process that died loses it then. `sight` is what the
    person saw when it was written: somebody whose place has changed since may not fetch it.
    `case_ids` names the rows (1-500,507) where names and phones stand in full (`is_full`).
    """

    __tablename__ = "export_requests"
    __table_args__ = (
        Index("ix_export_requests_by", "by_id", "asked_at"),
        Index("ix_export_requests_status", "status", "finished_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing: Mapped[str] = mapped_column(String(24))
    query: Mapped[str] = mapped_column(String(1000), default="")
    title: Mapped[str] = mapped_column(String(60), default="")
    is_full: Mapped[bool] = mapped_column(Boolean, default=False)
    by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    asked_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    status: Mapped[ExportStatus] = mapped_column(
        by_value(ExportStatus), default=ExportStatus.QUEUED
    )
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str] = mapped_column(String(40), default="")
    leased_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(String(200), default="")
    stored_name: Mapped[str] = mapped_column(String(40), default="")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    sight: Mapped[str] = mapped_column(String(200), default="")
    case_ids: Mapped[str] = mapped_column(Text, default="", deferred=True)
    by: Mapped[Account] = relationship()

    def __repr__(self) -> str:
        return self.title
