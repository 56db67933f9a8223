"""事项交办单: one numbered slip a unit, never deleted; void ones stay."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import Boolean, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import LimitClass, SlipKind
from app.models.case import Case
from app.models.org import Account, Site, Unit
from app.models.types import UtcDateTime, by_value


class Slip(Model):
    """What one unit was handed, with its NO of the site and year (R18–R21, D-13, D-32)."""

    __tablename__ = "slips"
    __table_args__ = (
        UniqueConstraint("site_id", "year_no", "slip_no", name="uq_slips_site_year_no"),
        Index("ix_slips_unit_case", "unit_id", "case_id"),
        Index("ix_slips_case", "case_id"),
        Index("ix_slips_issued_at", "issued_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    year_no: Mapped[int]
    slip_no: Mapped[int]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    slip_kind: Mapped[SlipKind] = mapped_column(by_value(SlipKind))
    subject: Mapped[str] = mapped_column(String(80))
    content: Mapped[str] = mapped_column(Text)
    limit_class: Mapped[LimitClass] = mapped_column(by_value(LimitClass))
    due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    issued_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    # What the paper said when it was handed over, whatever became of its limit.
    issued_class: Mapped[LimitClass] = mapped_column(
        by_value(LimitClass), default=lambda row: row.get_current_parameters()["limit_class"]
    )
    issued_due_at: Mapped[dt.datetime] = mapped_column(
        UtcDateTime, default=lambda row: row.get_current_parameters()["due_at"]
    )
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    signed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    reply_text: Mapped[str] = mapped_column(Text, default="")
    replied_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    replied_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_void: Mapped[bool] = mapped_column(Boolean, default=False)
    void_reason: Mapped[str] = mapped_column(String(200), default="")
    voided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    print_count: Mapped[int] = mapped_column(default=0)
    remark: Mapped[str] = mapped_column(String(200), default="")
    case: Mapped[Case] = relationship(backref="slips")
    unit: Mapped[Unit] = relationship()
    site: Mapped[Site] = relationship()
    issued_by: Mapped[Account] = relationship(foreign_keys=[issued_by_id])
    signed_by: Mapped[Account | None] = relationship(foreign_keys=[signed_by_id])

    @property
    def no(self) -> str:
        """Return the NO as the form prints it: four digits at least."""
        return f"{self.slip_no:04d}"

    def __repr__(self) -> str:
        return f"NO {self.no}"
