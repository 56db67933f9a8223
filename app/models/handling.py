"""What the unit writes: 问题处理说明, contacts with the reporter, and results."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import ContactMode, ResultStatus, ResultType
from app.models.case import Case
from app.models.org import Account, DictEntry, Unit
from app.models.types import UtcDateTime, by_value


class Explanation(Model):
    """问题处理说明 of a unit (R27, D-08); a later one replaces an earlier one, all are kept."""

    __tablename__ = "explanations"
    __table_args__ = (Index("ix_explanations_case", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    round_no: Mapped[int] = mapped_column(default=1)
    basic_facts: Mapped[str] = mapped_column(Text)
    verification: Mapped[str] = mapped_column(Text)
    policy_basis: Mapped[str] = mapped_column(Text)
    difficulty: Mapped[str] = mapped_column(Text)
    proposal: Mapped[str] = mapped_column(Text)
    units_needed: Mapped[str] = mapped_column(String(200), default="")
    expected_on: Mapped[dt.date | None]
    written_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    written_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    case: Mapped[Case] = relationship(backref="explanations")
    unit: Mapped[Unit] = relationship()
    written_by: Mapped[Account] = relationship()


class Contact(Model):
    """A contact of the unit with the reporter; the first one is the response (响应率)."""

    __tablename__ = "contacts"
    __table_args__ = (Index("ix_contacts_case", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    contacted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    mode: Mapped[ContactMode] = mapped_column(by_value(ContactMode))
    is_reached: Mapped[bool] = mapped_column(Boolean, default=True)
    note: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    case: Mapped[Case] = relationship(backref="contacts")
    by: Mapped[Account] = relationship()


class Result(Model):
    """办理结果 as a unit submitted it: a row a submission, with what became of it (R23, D-18)."""

    __tablename__ = "results"
    __table_args__ = (
        Index("ix_results_case", "case_id"),
        Index("ix_results_submitted", "submitted_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    round_no: Mapped[int] = mapped_column(default=1)
    result_type: Mapped[ResultType] = mapped_column(by_value(ResultType))
    is_achieved: Mapped[bool] = mapped_column(Boolean)
    handling_note: Mapped[str] = mapped_column(Text)
    reply_text: Mapped[str] = mapped_column(Text)
    reply_mode: Mapped[ContactMode] = mapped_column(by_value(ContactMode))
    replied_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    cause_id: Mapped[int | None] = mapped_column(ForeignKey("dict_entries.id"))
    improvement: Mapped[str] = mapped_column(Text, default="")
    is_common_issue: Mapped[bool] = mapped_column(Boolean, default=False)
    short_reason: Mapped[str] = mapped_column(Text, default="")
    legal_basis: Mapped[str] = mapped_column(Text, default="")
    unit_person: Mapped[str] = mapped_column(String(60), default="")
    submitted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    submitted_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    status: Mapped[ResultStatus] = mapped_column(
        by_value(ResultStatus), default=ResultStatus.SUBMITTED
    )
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decision_note: Mapped[str] = mapped_column(Text, default="")
    case: Mapped[Case] = relationship(backref="results")
    unit: Mapped[Unit] = relationship()
    cause: Mapped[DictEntry | None] = relationship()
    submitted_by: Mapped[Account] = relationship(foreign_keys=[submitted_by_id])
    decided_by: Mapped[Account | None] = relationship(foreign_keys=[decided_by_id])
