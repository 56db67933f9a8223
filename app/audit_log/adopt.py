"""补记: an entry written afterwards for each 催办 that an earlier version did past the 审计日志.

Nothing that stands is touched: the new entry says when it was really written, and by whom. What
the system cannot have left itself stays a fault.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import exists, select

from app.actions import audit
from app.actions.audit_changes import note_created
from app.actions.people import system_account
from app.domain.audit import Link, Tampering
from app.domain.states import SupervisionKind
from app.domain.words import word
from app.extensions import db
from app.models import CaseEvent, Supervision
from app.unit_of_work import unit_of_work

WORDS = "补记：旧版程序未将此项系统催办写入日志，本条为事后补写"


class Adopted(NamedTuple):
    """The events that were given an entry, and those that no known defect explains."""

    noted: list[int]
    left: list[int]


def adopt(archived: Iterable[Link]) -> Adopted:
    """Note every 催办 of the system that has no entry; return which, and what is left."""
    faults = audit.verify(anchors={}, archived=archived)
    unknown = sorted(int(f.note) for f in faults if f.what is Tampering.EVENT_ADDED)
    with unit_of_work():
        noted = [row for key in unknown if (row := _urge(key)) is not None]
        for row in noted:
            note_created(row, detail=WORDS)
        keys = [row.id for row in noted]
    return Adopted(keys, [key for key in unknown if key not in keys])


def _urge(key: int) -> CaseEvent | None:
    """Return the event if the measure that the system took at that instant stands beside it."""
    measure = exists().where(
        Supervision.case_id == CaseEvent.case_id, Supervision.issued_at == CaseEvent.at,
        Supervision.issued_by_id == CaseEvent.by_id, Supervision.kind == SupervisionKind.URGE,
    )  # fmt: skip
    query = select(CaseEvent).where(
        CaseEvent.id == key, CaseEvent.by_id == system_account().id, CaseEvent.action.is_(None),
        CaseEvent.label == word(SupervisionKind.URGE), measure,
    )  # fmt: skip
    return db.session.scalar(query)
