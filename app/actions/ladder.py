"""督办阶梯 after a red card (domain/2.2): 催办, a draft 督办通知单, advice to 约谈."""

import datetime as dt

from sqlalchemy import func, select

from app.actions.notices import name_of
from app.domain.due_words import full_time
from app.domain.notice_kinds import NoticeKind
from app.domain.rules import Rules
from app.domain.states import SuperviseGround, SupervisionKind
from app.domain.words import word
from app.extensions import db
from app.models import Account, Case, CaseEvent, MeasureDraft, Supervision


class Ladder:
    """The steps of one batch; what it writes counts for the next case of the same unit."""

    def __init__(self, *, by: Account, now: dt.datetime) -> None:
        self.by, self.now = by, now
        self._reds: dict[int, int] = {}
        self._advised: dict[int, bool] = {}

    def step(self, case: Case, kind: NoticeKind, armed: int, rules: Rules) -> list[NoticeKind]:
        """Take the step that belongs to a stage; return the stages to tell, `kind` or more."""
        if kind is NoticeKind.RED:
            return [kind, *self._red(case, armed, rules)]
        if kind is NoticeKind.MEASURE_DRAFTED:
            return [kind] if self._draft(case, SupervisionKind.NOTICE, armed) else []
        if kind is NoticeKind.INTERVIEW_ADVISED:
            return [kind] if self._advise(case, armed) else []
        return [kind]

    def _red(self, case: Case, armed: int, rules: Rules) -> list[NoticeKind]:
        """Record the 催办; with so many reds in the month, advise an interview too."""
        if case.lead_unit_id is None or case.is_extension_pending:
            return []
        self._urge(case)
        unit = case.lead_unit_id
        self._reds[unit] = self._reds_of(unit) + 1
        too_many = self._reds[unit] >= rules.interview_reds
        return [NoticeKind.INTERVIEW_ADVISED] if too_many and self._advise(case, armed) else []

    def _urge(self, case: Case) -> None:
        """Write the 催办 beside the case: a person's open form must not grow stale by it."""
        until = full_time(case.due_at) if case.due_at else ""
        words = f"应于{until}前办结，现已超过，请立即办理"
        unit = case.lead_unit.name if case.lead_unit else ""
        kind, ground = SupervisionKind.URGE, SuperviseGround.OVERDUE
        db.session.add_all(
            [
                Supervision(
                    site_id=case.site_id, case_id=case.id, kind=kind, ground=ground,
                    unit_id=case.lead_unit_id, requirement=words, issued_at=self.now,
                    issued_by_id=self.by.id, closed_at=self.now, closed_by_id=self.by.id,
                    close_note="系统催办，无需反馈",
                ),
                CaseEvent(
                    case_id=case.id, action=None, label=word(kind), old_state=case.state,
                    new_state=case.state, round_no=case.round_no, at=self.now, by_id=self.by.id,
                    summary=f"系统催办（{unit}）：{words}",
                ),
            ]
        )  # fmt: skip

    def _advise(self, case: Case, armed: int) -> bool:
        """Draft an interview with the unit, one a calendar month; return whether it is new."""
        unit = case.lead_unit_id
        if unit is None or self._was_advised(unit):
            return False
        self._advised[unit] = self._draft(case, SupervisionKind.INTERVIEW, armed)
        return self._advised[unit]

    def _draft(self, case: Case, kind: SupervisionKind, armed: int) -> bool:
        """Draft a measure unless somebody has taken or drafted it; return whether it is new."""
        if case.lead_unit_id is None or self._is_taken(case, kind, armed):
            return False
        until = full_time(case.due_at) if case.due_at else ""
        db.session.add(
            MeasureDraft(
                site_id=case.site_id, kind=kind, case_id=case.id, unit_id=case.lead_unit_id,
                round_no=armed, drafted_at=self.now,
                requirement=f"{name_of(case)}应于{until}前办结，现已超期，请立即办理并反馈原因和措施。",
            )
        )  # fmt: skip
        return True

    def _is_taken(self, case: Case, kind: SupervisionKind, armed: int) -> bool:
        """Return whether the measure was drafted for this overrun, or taken since it began."""
        drafted = select(MeasureDraft.id).where(
            MeasureDraft.case_id == case.id,
            MeasureDraft.kind == kind,
            MeasureDraft.round_no == armed,
        )
        taken = select(Supervision.id).where(
            Supervision.case_id == case.id,
            Supervision.kind == kind,
            Supervision.issued_at > case.due_at,
        )
        return any(db.session.execute(query).first() for query in (drafted, taken))

    def _month(self) -> dt.datetime:
        return self.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    def _reds_of(self, unit_id: int) -> int:
        if unit_id not in self._reds:
            self._reds[unit_id] = db.session.execute(
                select(func.count(Supervision.id)).where(
                    Supervision.unit_id == unit_id,
                    Supervision.kind == SupervisionKind.URGE,
                    Supervision.issued_by_id == self.by.id,
                    Supervision.issued_at >= self._month(),
                )
            ).scalar_one()
        return self._reds[unit_id]

    def _was_advised(self, unit_id: int) -> bool:
        if unit_id not in self._advised:
            self._advised[unit_id] = (
                db.session.execute(
                    select(MeasureDraft.id).where(
                        MeasureDraft.unit_id == unit_id,
                        MeasureDraft.kind == SupervisionKind.INTERVIEW,
                        MeasureDraft.drafted_at >= self._month(),
                    )
                ).first()
                is not None
            )
        return self._advised[unit_id]
