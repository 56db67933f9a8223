"""What the reporter says of it: 服务评价, its verification, and 回访."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import CallOutcome, ContactMode, EvalChannel, EvalLevel, SolvedLevel, Verdict
from app.models.case import Case
from app.models.org import Account
from app.models.types import UtcDateTime, by_value


class Evaluation(Model):
    """服务评价 of one round, never defaulted (R39, R53, D-26, D-28)."""

    __tablename__ = "evaluations"
    __table_args__ = (
        UniqueConstraint("case_id", "round_no", name="uq_evaluations_case_round"),
        Index("ix_evaluations_evaluated_at", "evaluated_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    round_no: Mapped[int] = mapped_column(default=1)
    eval_level: Mapped[EvalLevel] = mapped_column(by_value(EvalLevel))
    solved_level: Mapped[SolvedLevel] = mapped_column(by_value(SolvedLevel))
    reasons: Mapped[str] = mapped_column(String(200), default="")
    opinion: Mapped[str] = mapped_column(Text, default="")
    channel: Mapped[EvalChannel] = mapped_column(by_value(EvalChannel))
    evaluated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    unit_read_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    unit_read_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    leader_read_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    leader_read_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    verify_due_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    verdict: Mapped[Verdict | None] = mapped_column(by_value(Verdict))
    verify_note: Mapped[str] = mapped_column(Text, default="")
    verified_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    approved_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    approve_opinion: Mapped[str] = mapped_column(Text, default="")
    redo_due_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    case: Mapped[Case] = relationship(backref="evaluations")
    entered_by: Mapped[Account] = relationship(foreign_keys=[entered_by_id])
    verified_by: Mapped[Account | None] = relationship(foreign_keys=[verified_by_id])
    approved_by: Mapped[Account | None] = relationship(foreign_keys=[approved_by_id])
    unit_read_by: Mapped[Account | None] = relationship(foreign_keys=[unit_read_by_id])
    leader_read_by: Mapped[Account | None] = relationship(foreign_keys=[leader_read_by_id])


class Callback(Model):
    """回访记录: one call; three attempts on two days make somebody 未联系上 (D-20)."""

    __tablename__ = "callbacks"
    __table_args__ = (Index("ix_callbacks_case", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    round_no: Mapped[int] = mapped_column(default=1)
    attempt_no: Mapped[int]
    called_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    mode: Mapped[ContactMode] = mapped_column(by_value(ContactMode), default=ContactMode.PHONE)
    outcome: Mapped[CallOutcome] = mapped_column(by_value(CallOutcome))
    unit_made_contact: Mapped[bool | None]
    solved_level: Mapped[SolvedLevel | None] = mapped_column(by_value(SolvedLevel))
    opinion: Mapped[str] = mapped_column(Text, default="")
    follow_up: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    case: Mapped[Case] = relationship(backref="callbacks")
    by: Mapped[Account] = relationship()
