"""Over which rows an indicator is counted: site, unit (主办) and who is looking."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_, exists, false, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from app.actions.people import roles_of
from app.actions.visibility import visible_cases, visible_slips
from app.domain.states import ADMIN_ROLES, UNIT_ROLES, Role, SlipKind
from app.models import (
    Account,
    Case,
    Evaluation,
    Reception,
    Rejection,
    ReturnRequest,
    Slip,
    Supervision,
)
from app.reports.period import Condition

Rows = type[Any]


def _case_value(rows: Rows, column: Any) -> ColumnElement[Any]:
    return select(column).where(Case.id == rows.case_id).scalar_subquery()


SITE_OF: dict[Rows, ColumnElement[Any]] = {
    Case: Case.site_id.expression,
    Slip: Slip.site_id.expression,
    ReturnRequest: _case_value(ReturnRequest, Case.site_id),
    Evaluation: _case_value(Evaluation, Case.site_id),
    Supervision: Supervision.site_id.expression,
    Reception: Reception.site_id.expression,
    Rejection: Rejection.site_id.expression,
}
UNIT_OF: dict[Rows, ColumnElement[Any]] = {
    Case: Case.lead_unit_id.expression,
    Slip: Slip.unit_id.expression,
    ReturnRequest: ReturnRequest.unit_id.expression,
    Evaluation: _case_value(Evaluation, Case.lead_unit_id),
    Supervision: Supervision.unit_id.expression,
}
"""Whose a row is. A slip is the unit's that it was issued to, a voided one still the old unit's;
a request the unit's that asked; a rating the present 主办's."""


@dataclass(frozen=True)
class Scope:
    """A site or all, a unit or all, and whose eyes: `by` None is the office's own count.

    A person counts what the lists show, so that every number opens exactly its rows.
    """

    site_id: int | None = None
    unit_id: int | None = None
    by: Account | None = None

    def of(self, rows: Rows) -> Condition:
        """Return the condition on a table of rows."""
        found = [self._seen(rows)]
        if self.site_id is not None:
            found.append(SITE_OF[rows] == self.site_id)
        if self.unit_id is not None:
            found += [UNIT_OF[rows] == self.unit_id, counts_for_unit(rows)]
        return and_(*found)

    def of_unit(self, unit_id: int) -> "Scope":
        """Return the same for one unit."""
        return replace(self, unit_id=unit_id)

    def _seen(self, rows: Rows) -> Condition:
        if self.by is None:
            return true()
        if rows is Case:
            return visible_cases(self.by)
        if rows is Slip:
            return visible_slips(self.by)
        if rows in (Reception, Rejection):
            return _seen_at_desk(rows, self.by)
        return _seen_with_case(rows, self.by)


def counts_for_unit(rows: Rows) -> Condition:
    """Return whether a row counts in a table of units: by 主办, so no 协办 slip does (D-13)."""
    return Slip.slip_kind == SlipKind.LEAD if rows is Slip else true()


def _seen_at_desk(rows: Rows, by: Account) -> Condition:
    """The desk's log is the office's; an entry whose case is kept from somebody is too (D-22)."""
    roles = roles_of(by)
    if roles & ADMIN_ROLES or not roles - UNIT_ROLES:
        return false()
    hidden = exists().where(Case.id == rows.case_id, ~visible_cases(by))
    site = true() if by.site_id is None else SITE_OF[rows] == by.site_id
    return and_(site, or_(rows.case_id.is_(None), ~hidden))


def _seen_with_case(rows: Rows, by: Account) -> Condition:
    """A row is seen with its case; a measure without one by its site, a unit's by the unit.

    A unit still sees what it asked for with a slip that is void since: it is ranked by it.
    """
    if rows is ReturnRequest:
        return ReturnRequest.slip_id.in_(select(Slip.id).where(visible_slips(by)))
    # By the case's key: a list of all that somebody sees is as long as the ledger.
    seen = exists().where(Case.id == rows.case_id, visible_cases(by)).correlate(rows)
    if rows is not Supervision or roles_of(by) & ADMIN_ROLES:
        return seen
    alone: Condition = Supervision.case_id.is_(None)
    if by.site_id is not None:
        alone = and_(alone, Supervision.site_id == by.site_id)
    if roles_of(by) <= UNIT_ROLES:
        own = Supervision.unit_id == by.unit_id
        return and_(own, or_(seen, alone))
    return or_(seen, alone)


def is_unit_only(by: Account) -> bool:
    """Return whether somebody has no other role than a unit's, so that he sees its figures only."""
    roles: frozenset[Role] = roles_of(by)
    return bool(roles) and roles <= UNIT_ROLES
