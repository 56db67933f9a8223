"""审计日志: who did what, when, from where; rows are only ever added, each chained to the last."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.audit import BEGINNING, AuditAction, AuditResult
from app.models.types import UtcDateTime, by_value


class AuditEntry(Model):
    """One deed. Names stand as they were then: an account may be renamed later.

    `id` is the number in the chain, without a gap; `before` and `after` are JSON texts.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_at", "at"),
        Index("ix_audit_entries_account", "account_id", "id"),
        Index("ix_audit_entries_action", "action", "id"),
        Index("ix_audit_entries_result", "result", "id"),
        Index("ix_audit_entries_object", "object_type", "object_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None]
    account_name: Mapped[str] = mapped_column(String(160), default="")
    roles: Mapped[str] = mapped_column(String(160), default="")
    address: Mapped[str] = mapped_column(String(60), default="")
    reference: Mapped[str] = mapped_column(String(16), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")
    action: Mapped[AuditAction] = mapped_column(by_value(AuditAction))
    object_type: Mapped[str] = mapped_column(String(40), default="")
    object_id: Mapped[str] = mapped_column(String(40), default="")
    object_name: Mapped[str] = mapped_column(String(160), default="")
    before: Mapped[str] = mapped_column(Text, default="")
    after: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[AuditResult] = mapped_column(by_value(AuditResult), default=AuditResult.DONE)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Model):
    """The last number and digest: one row, whose lock puts the writers in a line."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(String(64), default=BEGINNING)


class AuditArchive(Model):
    """A file outside the database that holds the entries up to a number, and what it ends with.

    What stands in none cannot be deleted from the table: the database asks this one.
    """

    __tablename__ = "audit_archives"

    id: Mapped[int] = mapped_column(primary_key=True)
    first_seq: Mapped[int]
    last_seq: Mapped[int] = mapped_column(unique=True)
    last_hash: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(60))
    sha256: Mapped[str] = mapped_column(String(64))
    archived_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
