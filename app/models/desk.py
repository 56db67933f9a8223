"""What happens at the desk beside the cases: 接待登记 and 不予受理登记."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import Boolean, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import ReceptionOutcome
from app.models.case import Case
from app.models.org import Account, DictEntry, Site
from app.models.phone import WithPhone
from app.models.types import UtcDateTime, by_value


class Reception(WithPhone, Model):
    """接待登记: everybody who came, also for one line of advice (R13)."""

    __tablename__ = "receptions"
    __table_args__ = (
        UniqueConstraint("site_id", "reception_no", name="uq_receptions_site_no"),
        Index("ix_receptions_received_at", "received_at"),
        Index("ix_receptions_phone_tail_mark", "phone_tail_mark"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    reception_no: Mapped[str] = mapped_column(String(20))
    received_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    officer_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    outcome: Mapped[ReceptionOutcome] = mapped_column(by_value(ReceptionOutcome))
    reporter_name: Mapped[str] = mapped_column(String(60), default="")
    question: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    site: Mapped[Site] = relationship()
    officer: Mapped[Account] = relationship()
    case: Mapped[Case | None] = relationship()


class Rejection(WithPhone, Model):
    """不予受理登记: ground, basis, explanation, referral; a number of its own (R11)."""

    __tablename__ = "rejections"
    __table_args__ = (
        UniqueConstraint("site_id", "rejection_no", name="uq_rejections_site_no"),
        Index("ix_rejections_rejected_at", "rejected_at"),
        Index("ix_rejections_phone_tail_mark", "phone_tail_mark"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    rejection_no: Mapped[str] = mapped_column(String(16))
    rejected_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    officer_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    reporter_name: Mapped[str] = mapped_column(String(60), default="")
    item_name: Mapped[str] = mapped_column(String(80))
    ground_id: Mapped[int] = mapped_column(ForeignKey("dict_entries.id"))
    legal_basis: Mapped[str] = mapped_column(Text)
    explain_text: Mapped[str] = mapped_column(Text)
    referred_to: Mapped[str] = mapped_column(Text)
    is_understood: Mapped[bool | None] = mapped_column(Boolean)
    informed_by: Mapped[str] = mapped_column(String(60), default="")
    informed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    site: Mapped[Site] = relationship()
    officer: Mapped[Account] = relationship()
    ground: Mapped[DictEntry] = relationship()
    case: Mapped[Case | None] = relationship()
