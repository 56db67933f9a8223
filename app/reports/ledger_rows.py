"""The rows of the yearly 问题台账, read in chunks of plain columns: no object per case is kept."""

import datetime as dt
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, func, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from app.domain.states import RequestStatus
from app.models import (
    Account,
    Case,
    Correction,
    Evaluation,
    Extension,
    Result,
    Site,
    Slip,
    Unit,
)

CHUNK = 1000
ORDER = (
    Case.site_id,
    # 2026-10000 comes after 2026-9999, which as text it does not.
    func.substr(Case.ledger_no, 1, 5),
    func.length(Case.ledger_no),
    Case.ledger_no,
    Case.id,
)
DUTY, LEADER = aliased(Account), aliased(Account)
_CASE = (
    Case.id, Case.site_id, Case.state, Case.round_no, Case.ledger_no, Case.is_ledger_void,
    Case.reporter_name, Case.company_name, Case.phone, Case.is_anonymous, Case.is_confidential,
    Case.category, Case.item_name, Case.involved_person, Case.narrative, Case.remark,
    Case.registered_at, Case.dispatched_at, Case.limit_class, Case.due_at, Case.is_due_provisional,
    Case.ext_total, Case.is_extended_late, Case.escalated_at, Case.finished_at,
    Case.first_finished_at, Case.first_due_at, Case.is_achieved, Case.confirmed_at,
    Case.eval_level, Case.is_backfilled, Case.paper_officer, Case.paper_leader,
)  # fmt: skip
CASES: Any = (
    select(
        *_CASE,
        Unit.name.label("lead_unit"),
        Site.name.label("site"),
        (DUTY.last_name + DUTY.first_name).label("duty_officer"),
        (LEADER.last_name + LEADER.first_name).label("leader"),
        # `as_of` restores the rating, not the case's copy of it.
        Evaluation.evaluated_at,
    )
    .join(Site, Site.id == Case.site_id)
    .join(DUTY, DUTY.id == Case.registered_by_id)
    .outerjoin(LEADER, LEADER.id == Case.confirmed_by_id)
    .outerjoin(Unit, Unit.id == Case.lead_unit_id)
    .outerjoin(
        Evaluation, and_(Evaluation.case_id == Case.id, Evaluation.round_no == Case.round_no)
    )
)
SLIPS = (
    select(
        Slip.case_id, Slip.slip_no, Slip.slip_kind, Slip.is_void, Unit.name.label("unit"),
    )
    .join(Unit, Unit.id == Slip.unit_id)
    .order_by(Slip.year_no, Slip.slip_no)
)  # fmt: skip
RESULTS = select(
    Result.case_id, Result.status, Result.result_type, Result.handling_note, Result.reply_text,
).order_by(Result.id)  # fmt: skip

# What was put right: the texts may still say it.
FORMER = select(
    Correction.case_id, Correction.field, Correction.old_value, Correction.old_phone,
).where(Correction.field.in_(("reporter_name", "phone")))  # fmt: skip


class LedgerRow(NamedTuple):
    """A case of the ledger with what was written about it."""

    case: Row[Any]
    slips: Sequence[Row[Any]]
    results: Sequence[Row[Any]]
    former: Sequence[Row[Any]] = ()


@dataclass(frozen=True)
class Contents:
    """Which cases a ledger holds, in its order, and what its title is made of."""

    ids: "array[int]"
    years: tuple[str, str]  # of the first and the last number
    site_ids: frozenset[int]


def contents(connection: Connection, condition: ColumnElement[bool]) -> Contents:
    """Return the numbered cases of a condition in their order; one statement."""
    query = select(Case.id, Case.site_id, func.substr(Case.ledger_no, 1, 4))
    query = query.where(condition, Case.ledger_no.is_not(None))
    ids, sites, years = array("q"), set(), set()
    for key, site_id, year in connection.execute(query.order_by(*ORDER)).yield_per(CHUNK):
        ids.append(key)
        sites.add(site_id)
        years.add(year)
    ends = (min(years), max(years)) if years else ("", "")
    return Contents(ids, ends, frozenset(sites))


def ledger_rows(
    connection: Connection, ids: Sequence[int], *, chunk: int = CHUNK
) -> Iterator[LedgerRow]:
    """Yield the cases in the order of `ids`; four statements a chunk, however many rows it has."""
    for start in range(0, len(ids), chunk):
        yield from _read(connection, list(ids[start : start + chunk]))


def _read(connection: Connection, keys: list[int]) -> Iterator[LedgerRow]:
    cases = {row.id: row for row in connection.execute(CASES.where(Case.id.in_(keys)))}
    slips = _by_case(connection, SLIPS.where(Slip.case_id.in_(keys)))
    results = _by_case(connection, RESULTS.where(Result.case_id.in_(keys)))
    former = _by_case(connection, FORMER.where(Correction.case_id.in_(keys)))
    for key in keys:
        yield LedgerRow(cases[key], slips[key], results[key], former[key])


Undone = Mapping[int, tuple[int, dt.datetime]]  # case → days taken back, the due time before


def later_extensions(connection: Connection, now: dt.datetime) -> Undone:
    """Return what was extended after `now`, to be taken back where a past day is asked for."""
    query = select(Extension.case_id, Extension.days_granted, Extension.former_due_at)
    query = query.where(Extension.status == RequestStatus.AGREED, Extension.decided_at > now)
    found: dict[int, tuple[int, dt.datetime]] = {}
    for case_id, days, former in connection.execute(query.order_by(Extension.id.desc())):
        before, _due = found.get(case_id, (0, former))
        found[case_id] = (before + (days or 0), former)
    return found


def _by_case(connection: Connection, query: Any) -> "defaultdict[int, list[Row[Any]]]":
    found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.case_id].append(row)
    return found
