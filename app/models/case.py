"""反映事项: the case, the one central record."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import Boolean, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.masking import written_reporter
from app.domain.states import (
    ApplyMode,
    Category,
    ComplaintAbout,
    ConductType,
    DueBasis,
    EvalLevel,
    ItemKind,
    LimitClass,
    ReporterType,
    ResultType,
    Source,
    State,
    StuckStage,
    SuggestionType,
)
from app.models.org import Account, DictEntry, Site, Unit
from app.models.phone import WithPhone
from app.models.types import UtcDateTime, by_value


class Case(WithPhone, Model):
    """What a person could not get done, from 登记 to 归档.

    Lateness is never stored: `due_at` and `finished_at` are, and what follows is calculated.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("site_id", "ledger_no", name="uq_cases_site_ledger_no"),
        Index("ix_cases_site_state_due", "site_id", "state", "due_at"),
        Index("ix_cases_lead_unit_state", "lead_unit_id", "state"),
        Index("ix_cases_state_due", "state", "due_at"),
        Index("ix_cases_site_registered", "site_id", "registered_at"),
        Index("ix_cases_registered_at", "registered_at"),
        Index("ix_cases_phone_mark", "phone_mark"),
        Index("ix_cases_phone_tail_mark", "phone_tail_mark"),
        Index("ix_cases_next_look", "next_look_at"),
        Index("ix_cases_first_due", "first_due_at"),
        Index("ix_cases_original_due", "original_due_at"),
        Index("ix_cases_first_dispatched", "first_dispatched_at"),
        Index("ix_cases_dispatch_due", "dispatch_due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    state: Mapped[State] = mapped_column(by_value(State), default=State.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    # Every move counts up, so that every move writes the row and two at once collide on `version`.
    event_count: Mapped[int] = mapped_column(default=0)
    round_no: Mapped[int] = mapped_column(default=1)
    ledger_no: Mapped[str | None] = mapped_column(String(16))
    is_ledger_void: Mapped[bool] = mapped_column(Boolean, default=False)

    # 登记: what the person said
    source: Mapped[Source] = mapped_column(by_value(Source), default=Source.WINDOW)
    reporter_type: Mapped[ReporterType] = mapped_column(
        by_value(ReporterType), default=ReporterType.PERSON
    )
    reporter_name: Mapped[str] = mapped_column(String(60), default="")
    company_name: Mapped[str] = mapped_column(String(80), default="")
    is_anonymous: Mapped[bool] = mapped_column(Boolean, default=False)
    is_confidential: Mapped[bool] = mapped_column(Boolean, default=False)
    category: Mapped[Category | None] = mapped_column(by_value(Category))
    item_name: Mapped[str] = mapped_column(String(80), default="")
    item_kind: Mapped[ItemKind | None] = mapped_column(by_value(ItemKind))
    apply_mode: Mapped[ApplyMode | None] = mapped_column(by_value(ApplyMode))
    stuck_stage: Mapped[StuckStage | None] = mapped_column(by_value(StuckStage))
    apply_no: Mapped[str] = mapped_column(String(40), default="")
    applied_on: Mapped[dt.date | None]
    visits_count: Mapped[int | None]
    visits_note: Mapped[str] = mapped_column(String(200), default="")
    conduct_type: Mapped[ConductType | None] = mapped_column(by_value(ConductType))
    complaint_about: Mapped[ComplaintAbout | None] = mapped_column(by_value(ComplaintAbout))
    involved_person: Mapped[str] = mapped_column(String(60), default="")
    occurred_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    suggestion_type: Mapped[SuggestionType | None] = mapped_column(by_value(SuggestionType))
    involved_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    narrative: Mapped[str] = mapped_column(Text, default="")
    demand: Mapped[str] = mapped_column(Text, default="")
    preliminary_view: Mapped[str] = mapped_column(Text, default="")
    proposed_class: Mapped[LimitClass | None] = mapped_column(by_value(LimitClass))
    is_informed: Mapped[bool] = mapped_column(Boolean, default=True)
    heard_from: Mapped[str] = mapped_column(String(40), default="")
    remark: Mapped[str] = mapped_column(Text, default="")
    registered_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    registered_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    is_backfilled: Mapped[bool] = mapped_column(Boolean, default=False)
    # 补登 from a paper ledger: whether the times of day stand on it, who signed there, and the
    # file it came with. Names on paper need no account.
    has_true_times: Mapped[bool] = mapped_column(Boolean, default=True)
    paper_officer: Mapped[str] = mapped_column(String(30), default="")
    paper_leader: Mapped[str] = mapped_column(String(30), default="")
    import_run_id: Mapped[int | None] = mapped_column(ForeignKey("import_runs.id"))

    # 转办: the hand-over and the due time that follows
    submitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    dispatch_due_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    is_carried_over: Mapped[bool] = mapped_column(Boolean, default=False)
    first_dispatched_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    dispatched_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    lead_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    is_lead_final: Mapped[bool] = mapped_column(Boolean, default=False)
    limit_class: Mapped[LimitClass | None] = mapped_column(by_value(LimitClass))
    is_class_changed: Mapped[bool] = mapped_column(Boolean, default=False)
    is_class_asked: Mapped[bool] = mapped_column(Boolean, default=False)
    complex_grounds: Mapped[str] = mapped_column(String(60), default="")
    signed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    first_contact_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    original_due_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    due_from_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    due_basis: Mapped[DueBasis | None] = mapped_column(by_value(DueBasis))
    due_reason: Mapped[str] = mapped_column(String(300), default="")
    is_due_provisional: Mapped[bool] = mapped_column(Boolean, default=False)
    calendar_version: Mapped[str] = mapped_column(String(40), default="")
    due_computed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    ext_total: Mapped[int] = mapped_column(default=0)
    # D-11: an extension asked after the due time was granted; the case stays late for good.
    is_extended_late: Mapped[bool] = mapped_column(Boolean, default=False)
    is_extension_pending: Mapped[bool] = mapped_column(Boolean, default=False)
    is_return_pending: Mapped[bool] = mapped_column(Boolean, default=False)
    escalated_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    is_auto_escalated: Mapped[bool] = mapped_column(Boolean, default=False)

    # 办结 and 评价: three separate facts, of the latest round
    finished_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    first_finished_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    first_due_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    result_type: Mapped[ResultType | None] = mapped_column(by_value(ResultType))
    is_achieved: Mapped[bool | None]
    cause_id: Mapped[int | None] = mapped_column(ForeignKey("dict_entries.id"))
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    eval_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    eval_level: Mapped[EvalLevel | None] = mapped_column(by_value(EvalLevel))
    verify_due_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    archived_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    is_common_issue: Mapped[bool] = mapped_column(Boolean, default=False)
    is_typical: Mapped[bool] = mapped_column(Boolean, default=False)
    is_repeat: Mapped[bool] = mapped_column(Boolean, default=False)
    related_case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))

    # What the scan keeps: when to look again, and what the stages were armed with last.
    next_look_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    alarm_round: Mapped[int] = mapped_column(default=0)
    alarm_key: Mapped[str] = mapped_column(String(160), default="")

    site: Mapped[Site] = relationship()
    registered_by: Mapped[Account] = relationship(foreign_keys=[registered_by_id])
    confirmed_by: Mapped[Account | None] = relationship(foreign_keys=[confirmed_by_id])
    lead_unit: Mapped[Unit | None] = relationship(foreign_keys=[lead_unit_id])
    involved_unit: Mapped[Unit | None] = relationship(foreign_keys=[involved_unit_id])
    cause: Mapped[DictEntry | None] = relationship()
    related_case: Mapped["Case | None"] = relationship(remote_side=[id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def reporter(self) -> str:
        """Return who reported it as the ledger writes it (R60)."""
        return written_reporter(
            self.reporter_name, self.company_name, is_anonymous=self.is_anonymous
        )

    @property
    def officer_name(self) -> str:
        """Return the 值班人员 of the ledger: of a paper one, whoever is written there."""
        return self.paper_officer or self.registered_by.name

    @property
    def leader_name(self) -> str:
        """Return the 带班领导 who signed, blank if nobody has."""
        return self.paper_leader or (self.confirmed_by.name if self.confirmed_by else "")

    def __repr__(self) -> str:
        return self.ledger_no or self.item_name
