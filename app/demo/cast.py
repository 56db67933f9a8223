"""Who takes a step of a demo case: the words of courses.json as accounts."""

import datetime as dt

from app.actions.people import accounts_with, approving_leader, group_head, system_account
from app.demo.office import Office
from app.demo.rosters import officer_at
from app.domain.states import Role
from app.models import Account, Unit

SECTION = ("zhouzhengze", "qinyue")  # on even and odd days
# Who takes a step when the course does not say.
USUALLY = {
    "desk": ("register", "submit", "withdraw", "call_back", "evaluate", "close_unrated"),
    "section": (
        "dispatch", "release", "comment_extension", "record_decision", "supervise",
        "close_supervision", "verify", "mark_typical",
    ),
    "handler": ("sign", "sign_co", "co_reply", "contact"),
    "head": ("explain", "apply_extension", "resolve", "request_return", "feedback"),
    "leader": ("approve_extension", "confirm", "approve_verdict"),
    "group_head": ("confirm_decision",),
    "system": ("escalate",),
}  # fmt: skip
_USUAL = {action: who for who, actions in USUALLY.items() for action in actions}


def usual(action: str) -> str:
    """Return who usually takes an action."""
    return _USUAL[action]


def find(who: str, *, office: Office, at: dt.datetime, unit: Unit | None) -> Account:
    """Return the account that takes a step at `at`; `unit` is whose handler or head is meant."""
    if who == "desk":
        return office.account(officer_at(at))
    if who == "section":
        return office.account(SECTION[at.day % 2])
    if who == "system":
        return system_account()
    if who in ("handler", "head"):
        return _of_unit(Role(f"unit_{who}"), office, unit)
    leader = _leader(who, office, at)
    if leader is None:
        raise LookupError(f"nobody is {who} on {at}")
    return leader


def _leader(who: str, office: Office, at: dt.datetime) -> Account | None:
    if who == "leader":
        return approving_leader(site_id=office.site_id, day=at.date())
    head = group_head(site_id=office.site_id, day=at.date())
    return head.account if head else None


def _of_unit(role: Role, office: Office, unit: Unit | None) -> Account:
    if unit is None:
        raise LookupError("the case has no unit yet")
    (account,) = accounts_with(role, site_id=office.site_id, unit_id=unit.id)
    return account
