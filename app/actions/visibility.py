"""The one door to a case: what a person may see at all (house rule 6, domain/5.4)."""

from sqlalchemy import Select, exists, false, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from app.actions.people import roles_of
from app.domain.attachable import UNIT_PAPERS, PaperKind
from app.domain.states import (
    ADMIN_ROLES,
    OFFICE_ROLES,
    UNIT_ROLES,
    Action,
    ComplaintAbout,
    Role,
    State,
)
from app.domain.workflow import lines_of
from app.models import Account, Attachment, Case, Slip

SEES_ALL = OFFICE_ROLES | {Role.COUNTY_VIEWER}

# Who may read a phone in full, by state (R61).
REVEALING = {
    state: frozenset(r for line in lines_of(Action.REVEAL_PHONE, state) for r in line.who)
    for state in State
}

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


def knows_reporter(roles: frozenset[Role], *, is_confidential: bool) -> bool:
    """Return whether who has these roles may know who reported a case that he sees (D-22)."""
    return bool(roles & OFFICE_ROLES) or (bool(roles & UNIT_ROLES) and not is_confidential)


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
        # By the case's key: a list of all that somebody sees is as long as the ledger.
        return exists().where(Case.id == Slip.case_id, visible_cases(by)).correlate(Slip)
    if by.unit_id is None or not roles & UNIT_ROLES or roles & ADMIN_ROLES:
        return false()
    own = Slip.unit_id == by.unit_id
    if Role.UNIT_HEAD in roles:
        return own
    open_cases = select(Case.id).where(Case.is_confidential.is_(False))
    return own & Slip.case_id.in_(open_cases)


def visible_attachments(by: Account) -> ColumnElement[bool]:
    """Return the condition on Attachment: the office's with its cases, a unit its own records'.

    What shows the reporter follows the reporter: a unit reads neither on a 保密件; 问题台账 is for
    the unit that leads the case. Whoever only counts cases sees none.
    """
    roles = roles_of(by)
    with_case = Attachment.case_id.in_(select(Case.id).where(visible_cases(by)))
    if roles & OFFICE_ROLES:
        return with_case
    if by.unit_id is None or not roles & UNIT_ROLES:
        return false()
    open_cases = select(Case.id).where(Case.is_confidential.is_(False))
    led = select(Case.id).where(Case.lead_unit_id == by.unit_id)
    own = Attachment.paper.in_(UNIT_PAPERS) & (Attachment.unit_id == by.unit_id)
    ledger = (Attachment.paper == PaperKind.LEDGER) & Attachment.case_id.in_(led)
    secret = Attachment.shows_reporter.is_(True) & Attachment.case_id.not_in(open_cases)
    return with_case & or_(own, ledger) & ~secret
