"""督办: 催办, 督办通知单, 约谈, 通报 and 移送, on a case or on a unit (R36, R48–R50)."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import SuperviseGround, SupervisionKind
from app.models.case import Case
from app.models.org import Account, Site, Unit
from app.models.types import UtcDateTime, by_value


class Supervision(Model):
    """One measure with its ground, requirement, feedback and 销号."""

    __tablename__ = "supervisions"
    __table_args__ = (
        Index("ix_supervisions_case", "case_id"),
        Index("ix_supervisions_unit_open", "unit_id", "closed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    kind: Mapped[SupervisionKind] = mapped_column(by_value(SupervisionKind))
    series_no: Mapped[str] = mapped_column(String(30), default="")
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    ground: Mapped[SuperviseGround] = mapped_column(by_value(SuperviseGround))
    requirement: Mapped[str] = mapped_column(Text)
    feedback_due_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    issued_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    place: Mapped[str] = mapped_column(String(80), default="")
    interviewee: Mapped[str] = mapped_column(String(80), default="")
    statement: Mapped[str] = mapped_column(Text, default="")
    recorder: Mapped[str] = mapped_column(String(60), default="")
    document_no: Mapped[str] = mapped_column(String(60), default="")
    transfer_to: Mapped[str] = mapped_column(String(80), default="")
    feedback: Mapped[str] = mapped_column(Text, default="")
    feedback_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    feedback_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    close_note: Mapped[str] = mapped_column(Text, default="")
    case: Mapped[Case | None] = relationship(backref="supervisions")
    unit: Mapped[Unit] = relationship()
    site: Mapped[Site] = relationship()
    issued_by: Mapped[Account] = relationship(foreign_keys=[issued_by_id])
    feedback_by: Mapped[Account | None] = relationship(foreign_keys=[feedback_by_id])
    closed_by: Mapped[Account | None] = relationship(foreign_keys=[closed_by_id])


class MeasureDraft(Model):
    """待下发督办: a measure the clock calls for (domain/2.2), until somebody takes or drops it.

    `round_no` is the arming of the case's clock, so that one overrun asks once.
    """

    __tablename__ = "measure_drafts"
    __table_args__ = (
        UniqueConstraint("case_id", "kind", "round_no", name="uq_measure_drafts_once"),
        Index("ix_measure_drafts_open", "site_id", "settled_at"),
        Index("ix_measure_drafts_unit", "unit_id", "kind", "drafted_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    kind: Mapped[SupervisionKind] = mapped_column(by_value(SupervisionKind))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    round_no: Mapped[int] = mapped_column(default=0)
    requirement: Mapped[str] = mapped_column(Text)
    drafted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    settle_note: Mapped[str] = mapped_column(String(200), default="")
    supervision_id: Mapped[int | None] = mapped_column(ForeignKey("supervisions.id"))
    case: Mapped[Case] = relationship(backref="measure_drafts")
    unit: Mapped[Unit] = relationship()
    site: Mapped[Site] = relationship()
    settled_by: Mapped[Account | None] = relationship()
    supervision: Mapped[Supervision | None] = relationship()
