"""What a unit asks for while it works: 延期申请 and 退回（改派）申请."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import RequestStatus
from app.models.case import Case
from app.models.org import Account, Unit
from app.models.slip import Slip
from app.models.types import UtcDateTime, by_value


class Extension(Model):
    """延期申请: asked by the unit, decided by the day's leader (R29–R31, D-10, D-11)."""

    __tablename__ = "extensions"
    __table_args__ = (
        Index("ix_extensions_case", "case_id"),
        Index("ix_extensions_status", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    round_no: Mapped[int] = mapped_column(default=1)
    days_asked: Mapped[int]
    days_granted: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    work_done: Mapped[str] = mapped_column(Text)
    reporter_told: Mapped[str] = mapped_column(String(120), default="")
    is_late: Mapped[bool] = mapped_column(Boolean, default=False)
    former_due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    asked_due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    new_due_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    applied_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    applied_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    section_opinion: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[RequestStatus] = mapped_column(
        by_value(RequestStatus), default=RequestStatus.PENDING
    )
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    opinion: Mapped[str] = mapped_column(Text, default="")
    case: Mapped[Case] = relationship(backref="extensions")
    unit: Mapped[Unit] = relationship()
    applied_by: Mapped[Account] = relationship(foreign_keys=[applied_by_id])
    decided_by: Mapped[Account | None] = relationship(foreign_keys=[decided_by_id])


class ReturnRequest(Model):
    """退回（改派）申请: “not ours”, once a unit and early (D-14, D-15)."""

    __tablename__ = "return_requests"
    __table_args__ = (
        Index("ix_return_requests_case", "case_id"),
        Index("ix_return_requests_status", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    slip_id: Mapped[int] = mapped_column(ForeignKey("slips.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    reason: Mapped[str] = mapped_column(Text)
    suggest_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    requested_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    decide_due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    status: Mapped[RequestStatus] = mapped_column(
        by_value(RequestStatus), default=RequestStatus.PENDING
    )
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    opinion: Mapped[str] = mapped_column(Text, default="")
    assigned_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    case: Mapped[Case] = relationship(backref="return_requests")
    slip: Mapped[Slip] = relationship()
    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    suggest_unit: Mapped[Unit | None] = relationship(foreign_keys=[suggest_unit_id])
    assigned_unit: Mapped[Unit | None] = relationship(foreign_keys=[assigned_unit_id])
    requested_by: Mapped[Account] = relationship(foreign_keys=[requested_by_id])
    decided_by: Mapped[Account | None] = relationship(foreign_keys=[decided_by_id])
