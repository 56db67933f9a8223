"""督办阶梯 after a red card (domain/2.2): 催办, a draft 督办通知单, advice to 约谈."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import func, insert, select

from app.actions.audit_changes import note_created
from app.actions.notices import name_of
from app.domain.due_words import full_time
from app.domain.notice_kinds import NoticeKind
from app.domain.rules import Rules
from app.domain.states import SuperviseGround, SupervisionKind
from app.domain.words import word
from app.extensions import db
from app.models import Account, Case, CaseEvent, MeasureDraft, Supervision


class Ladder:
    """The steps of one batch; each counts for the next case of its unit, `write` stores them."""

    def __init__(self, cases: Iterable[Case], *, by: Account, now: dt.datetime) -> None:
        self.by, self.now = by, now
        self._keys = [case.id for case in cases]
        self._rows: dict[type[Model], list[dict[str, Any]]] = defaultdict(list)
        self._reds: dict[int, int] = {}
        self._advised: dict[int, bool] = {}

    def step(self, case: Case, kind: NoticeKind, armed: int) -> bool:
        """Take the step that belongs to a stage; return whether the stage is to be told."""
        if kind is NoticeKind.MEASURE_DRAFTED:
            return self._draft(case, SupervisionKind.NOTICE, armed)
        return kind is not NoticeKind.INTERVIEW_ADVISED or self._advise(case, armed)

    def urge(self, case: Case, armed: int, rules: Rules) -> Sequence[NoticeKind]:
        """催办 a red case once; with so many reds in the month, advise an interview too.

        Beside the red card, not with it: while an extension waits the card is red already (D-11).
        """
        unit = case.lead_unit_id
        if unit is None or self._is_taken(case, SupervisionKind.URGE):
            return ()
        self._reds[unit] = self._reds_of(unit) + 1
        self._write_urge(case)
        too_many = self._reds[unit] >= rules.interview_reds
        return (NoticeKind.INTERVIEW_ADVISED,) if too_many and self._advise(case, armed) else ()

    def _write_urge(self, case: Case) -> None:
        """Write the 催办 beside the case: a person's open form must not grow stale by it."""
        until = full_time(case.due_at) if case.due_at else ""
        words = f"应于{until}前办结，现已超过，请立即办理"
        unit = case.lead_unit.name if case.lead_unit else ""
        kind, ground = SupervisionKind.URGE, SuperviseGround.OVERDUE
        self._rows[Supervision].append(
            {
                "site_id": case.site_id, "case_id": case.id, "kind": kind, "ground": ground,
                "unit_id": case.lead_unit_id, "requirement": words, "issued_at": self.now,
                "issued_by_id": self.by.id, "closed_at": self.now, "closed_by_id": self.by.id,
                "close_note": "系统催办，无需反馈",
            }
        )  # fmt: skip
        self._rows[CaseEvent].append(
            {
                "case_id": case.id, "label": word(kind), "old_state": case.state,
                "new_state": case.state, "round_no": case.round_no, "at": self.now,
                "by_id": self.by.id, "summary": f"系统催办（{unit}）：{words}",
            }
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
        key = (case.id, kind, armed)
        if case.lead_unit_id is None or key in self._drafts or self._is_taken(case, kind):
            return False
        self._drafts.add(key)
        until = full_time(case.due_at) if case.due_at else ""
        words = f"{name_of(case)}应于{until}前办结，现已超期，请立即办理并反馈原因和措施。"
        self._rows[MeasureDraft].append(
            {
                "site_id": case.site_id, "kind": kind, "case_id": case.id,
                "unit_id": case.lead_unit_id, "round_no": armed, "drafted_at": self.now,
                "requirement": words,
            }
        )  # fmt: skip
        return True

    def write(self) -> None:
        """Store what the steps left, one statement a table; each row stands in the 审计日志."""
        for record, rows in self._rows.items():
            for row in db.session.scalars(insert(record).returning(record), rows).all():
                note_created(row)
        self._rows.clear()

    def _is_taken(self, case: Case, kind: SupervisionKind) -> bool:
        """Return whether the measure was taken since the case is overdue."""
        taken = self._taken.get((case.id, kind))
        return taken is not None and case.due_at is not None and taken > case.due_at

    @cached_property
    def _drafts(self) -> set[tuple[int, SupervisionKind, int]]:
        """What was drafted for these cases, each overrun apart."""
        query = select(MeasureDraft.case_id, MeasureDraft.kind, MeasureDraft.round_no)
        rows = db.session.execute(query.where(MeasureDraft.case_id.in_(self._keys)))
        return {(case_id, kind, armed) for case_id, kind, armed in rows}

    @cached_property
    def _taken(self) -> dict[tuple[int, SupervisionKind], dt.datetime]:
        """When each measure was last taken; of 催办 the system's own, not what a person added."""
        is_own = (Supervision.kind != SupervisionKind.URGE) | (
            Supervision.issued_by_id == self.by.id
        )
        rows = db.session.execute(
            select(Supervision.case_id, Supervision.kind, func.max(Supervision.issued_at))
            .where(Supervision.case_id.in_(self._keys), is_own)
            .group_by(Supervision.case_id, Supervision.kind)
        )
        return {(case_id, kind): at for case_id, kind, at in rows}

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
