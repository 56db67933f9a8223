"""What was imported: a row an upload, from its dry run to the day it was applied or dropped."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.import_kinds import ImportKind, RunStatus
from app.models.org import Account, Site
from app.models.types import UtcDateTime, by_value


class ImportRun(Model):
    """An uploaded file: it waits on its shelf for its person, and is applied once or not at all.

    `plan` is a digest of the verdicts the person has seen; `verdicts_name` is the file they stand
    in, `secrets_name` the initial passwords until they were fetched.
    """

    __tablename__ = "import_runs"
    __table_args__ = (
        Index("ix_import_runs_by", "by_id", "uploaded_at"),
        Index("ix_import_runs_status", "status", "uploaded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    kind: Mapped[ImportKind] = mapped_column(by_value(ImportKind))
    status: Mapped[RunStatus] = mapped_column(by_value(RunStatus), default=RunStatus.WAITING)
    file_name: Mapped[str] = mapped_column(String(120))
    file_size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    stored_name: Mapped[str] = mapped_column(String(32), default="")
    verdicts_name: Mapped[str] = mapped_column(String(32), default="")
    secrets_name: Mapped[str] = mapped_column(String(32), default="")
    plan: Mapped[str] = mapped_column(String(64), default="")
    rows_new: Mapped[int] = mapped_column(default=0)
    rows_changed: Mapped[int] = mapped_column(default=0)
    rows_same: Mapped[int] = mapped_column(default=0)
    rows_bad: Mapped[int] = mapped_column(default=0)
    rows_left_out: Mapped[int] = mapped_column(default=0)
    uploaded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    applied_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    site: Mapped[Site] = relationship()
    by: Mapped[Account] = relationship()

    def __repr__(self) -> str:
        return self.file_name
