"""更正记录: a fact put right afterwards, with the old value kept (D-36)."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.case import Case
from app.models.org import Account
from app.models.types import Sealed, UtcDateTime


class Correction(Model):
    """One field of one case: old value, new value, reason, who and when.

    A telephone number stands in its own two columns, encrypted; the others are blank then.
    """

    __tablename__ = "corrections"
    __table_args__ = (Index("ix_corrections_case", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    field: Mapped[str] = mapped_column(String(40))
    old_value: Mapped[str] = mapped_column(Text)
    new_value: Mapped[str] = mapped_column(Text)
    old_phone: Mapped[str] = mapped_column(Sealed, default="")
    new_phone: Mapped[str] = mapped_column(Sealed, default="")
    reason: Mapped[str] = mapped_column(Text)
    corrected_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    case: Mapped[Case] = relationship(backref="corrections")
    by: Mapped[Account] = relationship()
