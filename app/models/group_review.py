"""领导小组集体研究: why a case came before the group and what the group decided (R32, D-12)."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import DecisionType
from app.models.case import Case
from app.models.org import Account, GroupMember, Unit
from app.models.types import UtcDateTime, by_value

attendance = Table(
    "group_attendance",
    Model.metadata,
    Column("review_id", ForeignKey("group_reviews.id"), primary_key=True),
    Column("member_id", ForeignKey("group_members.id"), primary_key=True),
)


class GroupReview(Model):
    """集体研究记录: opened by the escalation, recorded by the section, confirmed by the head."""

    __tablename__ = "group_reviews"
    __table_args__ = (Index("ix_group_reviews_case", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    round_no: Mapped[int] = mapped_column(default=1)
    asked_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    is_auto: Mapped[bool] = mapped_column(Boolean, default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    met_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    place: Mapped[str] = mapped_column(String(80), default="")
    chair_id: Mapped[int | None] = mapped_column(ForeignKey("group_members.id"))
    observers: Mapped[str] = mapped_column(String(200), default="")
    unit_report: Mapped[str] = mapped_column(Text, default="")
    discussion: Mapped[str] = mapped_column(Text, default="")
    decision_type: Mapped[DecisionType | None] = mapped_column(by_value(DecisionType))
    decision: Mapped[str] = mapped_column(Text, default="")
    lead_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    co_units: Mapped[str] = mapped_column(String(200), default="")
    new_due_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    recorded_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    case: Mapped[Case] = relationship(backref="group_reviews")
    asked_by: Mapped[Account] = relationship(foreign_keys=[asked_by_id])
    chair: Mapped[GroupMember | None] = relationship()
    attendees: Mapped[list[GroupMember]] = relationship(
        secondary=attendance, order_by=GroupMember.sort_order
    )
    lead_unit: Mapped[Unit | None] = relationship()
    recorded_by: Mapped[Account | None] = relationship(foreign_keys=[recorded_by_id])
    confirmed_by: Mapped[Account | None] = relationship(foreign_keys=[confirmed_by_id])
