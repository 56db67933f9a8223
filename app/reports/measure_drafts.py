"""Which drafted measures wait, and for whom: the section, or a leader."""

from sqlalchemy import func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.actions.people import roles_of
from app.actions.supervision import SUPERVISORS
from app.actions.visibility import visible_cases
from app.domain.states import ComplaintAbout, Role, SupervisionKind
from app.extensions import db
from app.models import Account, Case, MeasureDraft

Condition = ColumnElement[bool]


def is_open() -> Condition:
    """Return the condition of a draft that nobody has settled."""
    return MeasureDraft.settled_at.is_(None)


def is_for_leaders() -> Condition:
    """Return the open drafts that wait for a leader: interviews, and what the section never sees.

    D-22: what is done about a complaint about the section is not the section's to do.
    """
    about_section = MeasureDraft.case_id.in_(
        select(Case.id).where(Case.complaint_about == ComplaintAbout.SECTION)
    )
    return is_open() & or_(MeasureDraft.kind == SupervisionKind.INTERVIEW, about_section)


def is_seen(by: Account) -> Condition:
    """Return the drafts of cases that the person sees."""
    return MeasureDraft.case_id.in_(select(Case.id).where(visible_cases(by)))


def waiting_drafts(by: Account) -> tuple[str, int] | None:
    """Return the tab of the list that waits for the person, and its number; None for others."""
    roles = roles_of(by)
    if not roles & SUPERVISORS:
        return None
    tab, waits = ("leader", is_for_leaders())
    if Role.SUPERVISOR in roles:
        tab, waits = ("open", is_open())
    query = select(func.count(MeasureDraft.id)).where(waits, is_seen(by))
    return tab, int(db.session.execute(query).scalar_one())
