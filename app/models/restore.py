"""恢复: that this office came back from a backup, and whether its messages may leave again."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.org import Account
from app.models.types import UtcDateTime


class Restore(Model):
    """One restore. Until it is released no message leaves: the office before may have sent it.

    `is_backlog_sent`: whether what had been waiting was let go, or dropped.
    """

    __tablename__ = "restores"

    id: Mapped[int] = mapped_column(primary_key=True)
    backup_name: Mapped[str] = mapped_column(String(120))
    backup_seal: Mapped[str] = mapped_column(String(64))
    backed_up_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    restored_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    released_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_backlog_sent: Mapped[bool | None]
    released_by: Mapped[Account | None] = relationship()
