"""The records behind a number of 量化考核, and how each is called."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.domain.states import ScoreKind
from app.extensions import db
from app.models import Account, Case, ScoreExclusion, Slip, Supervision
from app.reports.scope import Scope
from app.reports.score_counts import TALLIES

WITHHELD = "（无权查看）"


def records(kind: ScoreKind, ids: Iterable[int]) -> list[Any]:
    """Return the records of these ids in their order, each with its case; one statement."""
    rows = TALLIES[kind].rows
    query = select(rows).where(rows.id.in_(list(ids))).order_by(rows.id)
    if rows is not Case:
        query = query.options(joinedload(rows.case))
    return list(db.session.execute(query).scalars())


def seen(kind: ScoreKind, ids: Iterable[int], *, by: Account) -> set[int]:
    """Return the ids of those that a person may see at all; the number counts them all."""
    rows = TALLIES[kind].rows
    query = select(rows.id).where(rows.id.in_(list(ids)), Scope(by=by).of(rows))
    return set(db.session.execute(query).scalars())


def name_of(row: Any) -> str:
    """Return how a record is called on paper: its case's number, else its own."""
    case = row if isinstance(row, Case) else row.case
    number = (case.ledger_no or "") if case else ""
    if isinstance(row, Slip):
        return f"{number} NO {row.no}".strip()
    if isinstance(row, Supervision):
        return f"{number} {row.series_no}".strip() or "（未涉及事项）"
    return number


def excluded_names(
    exclusions: Iterable[ScoreExclusion], *, by: Account | None = None
) -> Mapping[int, str]:
    """Return how the record of each exclusion is called, by the exclusion's id.

    What `by` may not see is withheld.
    """
    found: dict[int, str] = {}
    by_kind: dict[ScoreKind, list[ScoreExclusion]] = {}
    for row in exclusions:
        by_kind.setdefault(row.kind, []).append(row)
    for kind, rows in by_kind.items():
        ids = [row.record_id for row in rows]
        names = {record.id: name_of(record) for record in records(kind, ids)}
        open_ = names.keys() if by is None else seen(kind, ids, by=by)
        for row in rows:
            found[row.id] = names[row.record_id] if row.record_id in open_ else WITHHELD
    return found
