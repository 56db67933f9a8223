"""A drafted measure as the ladder leaves it, for the tests of what becomes of it."""

import datetime as dt
from typing import Any

from app.domain.states import Category, ConductType, SupervisionKind
from app.extensions import db
from app.models import Case, MeasureDraft
from tests.factories import SIGNED, at

# A complaint needs these; whom it is about is added by the test.
NAMED: dict[str, Any] = {
    "category": Category.CONDUCT,
    "conduct_type": ConductType.SLOW,
    "occurred_at": at("2026-10-09 10:00"),
    "is_confidential": True,
}


def draft_of(
    case: Case,
    kind: SupervisionKind = SupervisionKind.NOTICE,
    *,
    unit: int | None = None,
    now: dt.datetime = SIGNED,
) -> MeasureDraft:
    """Return an open draft against the unit that leads the case."""
    draft = MeasureDraft(
        site_id=case.site_id, kind=kind, case_id=case.id, unit_id=unit or case.lead_unit_id,
        requirement=f"{case.ledger_no}现已超期，请立即办理并反馈原因和措施。", drafted_at=now,
    )  # fmt: skip
    db.session.add(draft)
    db.session.flush()
    return draft
