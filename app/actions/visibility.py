"""The one door to a case: what a person may see at all (house rule 6, domain/5.4)."""

from sqlalchemy import Select, false, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from app.actions.people import roles_of
from app.domain.states import ADMIN_ROLES, OFFICE_ROLES, UNIT_ROLES, ComplaintAbout, Role, State
from app.models import Account, Case, Slip

SEES_ALL = OFFICE_ROLES | {Role.COUNTY_VIEWER}


# Whoever has none but these roles in the office.
KEPT_FROM = {
    ComplaintAbout.SECTION: {Role.SUPERVISOR},
    ComplaintAbout.LEADER: {Role.DUTY_LEADER, Role.GROUP_MEMBER},
}


def visible_cases(by: Account) -> ColumnElement[bool]:
    """Return the condition on Case under which this person sees it, on every page and list."""
    roles = roles_of(by)
    site = true() if by.site_id is None else Case.site_id == by.site_id
    seen: list[ColumnElement[bool]] = []
    if roles & SEES_ALL:
        seen.append(_office_cases(roles))
    if by.unit_id is not None and roles & UNIT_ROLES:
        seen.append(_unit_cases(by, roles))
    if not seen or roles & ADMIN_ROLES:
        return false()
    return site & or_(*seen)


def _office_cases(roles: frozenset[Role]) -> ColumnElement[bool]:
    """D-22: a complaint about 督办考核科 is kept from it, one about a leader from the leaders."""
    hidden = [about for about, who in KEPT_FROM.items() if roles & SEES_ALL <= who]
    if not hidden:
        return true()
    return or_(Case.complaint_about.is_(None), Case.complaint_about.not_in(hidden))


def _unit_cases(by: Account, roles: frozenset[Role]) -> ColumnElement[bool]:
    """A unit sees what was handed to it and is still its own: a live slip, or 当场办结 with it."""
    handed = select(Slip.case_id).where(Slip.unit_id == by.unit_id, Slip.is_void.is_(False))
    own = or_(Case.id.in_(handed), Case.lead_unit_id == by.unit_id)
    past_desk = Case.state.not_in((State.DRAFT, State.TO_DISPATCH))
    if Role.UNIT_HEAD in roles:
        return own & past_desk
    return own & past_desk & Case.is_confidential.is_(False)


def sight_of(by: Account) -> tuple[object, ...]:
    """Return what `visible_cases` depends on: two persons of equal sight see the same cases."""
    return by.site_id, by.unit_id, roles_of(by)


def visible(by: Account) -> Select[tuple[Case]]:
    """Return the query every page, list, count and search starts from."""
    return select(Case).where(visible_cases(by))


def visible_slips(by: Account) -> ColumnElement[bool]:
    """Return the condition on Slip: a unit's own slips, void ones too; else with its case."""
    roles = roles_of(by)
    if roles & SEES_ALL:
        return Slip.case_id.in_(select(Case.id).where(visible_cases(by)))
    if by.unit_id is None or not roles & UNIT_ROLES or roles & ADMIN_ROLES:
        return false()
    own = Slip.unit_id == by.unit_id
    if Role.UNIT_HEAD in roles:
        return own
    open_cases = select(Case.id).where(Case.is_confidential.is_(False))
    return own & Slip.case_id.in_(open_cases)
