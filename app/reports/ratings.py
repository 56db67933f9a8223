"""Ratings as news: which latest rating a unit or a leader has not marked as read (R53)."""

from sqlalchemy import and_, exists, false, or_
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from app.actions.people import roles_of
from app.domain.states import UNIT_ROLES, Role, State
from app.models import Case, Evaluation
from app.reports.waiting import Viewer

Condition = ColumnElement[bool]
RATED = (State.TO_EVALUATE, State.REDO, State.ARCHIVED)


def is_latest() -> Condition:
    """Return the condition of the latest rating of its case."""
    later = aliased(Evaluation)
    return ~exists().where(
        later.case_id == Evaluation.case_id, later.round_no > Evaluation.round_no
    )


def unread_ratings(viewer: Viewer) -> Condition:
    """Return the condition on Evaluation of what waits to be marked as read by the person."""
    roles = roles_of(viewer.person)
    if roles & UNIT_ROLES:
        own = Case.lead_unit_id == viewer.person.unit_id
        unread = Evaluation.unit_read_at.is_(None)
    elif roles & {Role.DUTY_LEADER, Role.GROUP_HEAD}:
        own = or_(Case.confirmed_by_id == viewer.person.id, Case.site_id.in_(viewer.leads))
        unread = Evaluation.leader_read_at.is_(None)
    else:
        return false()
    case = exists().where(Case.id == Evaluation.case_id, Case.state.in_(RATED), own)
    return and_(unread, is_latest(), case)
