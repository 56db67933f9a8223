"""附件: a scan of a signed paper, kept for good beside the record it belongs to."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import Boolean, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.attachable import PaperKind
from app.domain.file_kinds import FileKind
from app.models.case import Case
from app.models.org import Account, Unit
from app.models.types import UtcDateTime, by_value


class Attachment(Model):
    """One file of a case; the bytes lie in instance/attachments under `stored_name`.

    `record_id` is the slip, extension … it belongs to (None: the case itself), `unit_id` the unit
    of that record. Nothing is deleted: a wrong one is made void with its reason (D-37).
    """

    __tablename__ = "attachments"
    __table_args__ = (
        UniqueConstraint("stored_name", name="uq_attachments_stored_name"),
        Index("ix_attachments_case", "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    paper: Mapped[PaperKind] = mapped_column(by_value(PaperKind))
    record_id: Mapped[int | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    shows_reporter: Mapped[bool] = mapped_column(Boolean, default=False)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[FileKind] = mapped_column(by_value(FileKind))
    file_size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    stored_name: Mapped[str] = mapped_column(String(32))
    pages: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(200), default="")
    # Of the form it came with: the same form sent twice is one attachment.
    form_key: Mapped[str] = mapped_column(String(40), default="")
    attached_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    attached_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    by_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    voided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    void_reason: Mapped[str] = mapped_column(String(200), default="")
    case: Mapped[Case] = relationship()
    unit: Mapped[Unit | None] = relationship(foreign_keys=[unit_id])
    attached_by: Mapped[Account] = relationship(foreign_keys=[attached_by_id])
    voided_by: Mapped[Account | None] = relationship(foreign_keys=[voided_by_id])

    @property
    def is_void(self) -> bool:
        """Return whether it no longer counts."""
        return self.voided_at is not None
