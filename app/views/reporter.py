"""Who may read the reporter's name on a page, and how it is masked otherwise (§4.2, D-22)."""

from app.actions.people import roles_of
from app.actions.visibility import knows_reporter
from app.domain.masking import masked_name, masked_phone
from app.models import Account, Case


def sees_reporter(case: Case, person: Account) -> bool:
    """Return whether this person may know who reported: not a unit on a 保密件, not a viewer."""
    return knows_reporter(roles_of(person), is_confidential=case.is_confidential)


def reporter_on_page(case: Case, person: Account) -> str:
    """Return the reporter in full, or masked for those who only count cases."""
    if case.is_anonymous or sees_reporter(case, person):
        return case.reporter
    return case.company_name or masked_name(case.reporter_name)


def phone_on_page(case: Case, person: Account) -> str:
    """Return the phone: full for the officer who wrote it down, masked for all others."""
    if case.registered_by_id == person.id:
        return case.phone
    return masked_phone(case.phone) if sees_reporter(case, person) else ""
