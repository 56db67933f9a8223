"""应急账号: FAB's Admin, sealed; opened on the server for a reason and some hours, then shut."""

import datetime as dt

from sqlalchemy import select

from app.actions import audit
from app.actions.access import end_sessions
from app.actions.alarm import raise_alarm
from app.actions.openings import open_now
from app.actions.people import EMERGENCY_USERNAME, account_named
from app.domain.audit import AuditAction
from app.domain.passwords import SessionEnd
from app.domain.refusals import Code, Refusal
from app.extensions import db
from app.models import Account, EmergencyOpening

MOST_HOURS = 24
OPENED = (
    "应急账号已在服务器上启用，至{until:%Y-%m-%d %H:%M}止。事由：{reason}。"
    "如非本单位安排，请立即封存。"
)
SEALED = "应急账号已封存。"


def unseal(*, reason: str, hours: int, password_hash: str, now: dt.datetime) -> EmergencyOpening:
    """Open the account for so many hours under a password of its own; everybody is told.

    Refuses without a reason, for longer than a day, and while it is open.
    """
    if not reason.strip():
        raise Refusal(Code.FIELDS_MISSING, fields=["reason"])
    if not 1 <= hours <= MOST_HOURS:
        raise Refusal(Code.FIELD_INVALID, field="hours")
    account = account_named(EMERGENCY_USERNAME, lock=True)
    if open_now(now) is not None:
        raise Refusal(Code.ALREADY_DONE)
    _shut(account, now)
    row = EmergencyOpening(
        reason=reason.strip()[:200], opened_at=now, until_at=now + dt.timedelta(hours=hours)
    )
    db.session.add(row)
    account.active, account.must_change_password = True, False
    account.password, account.password_set_at = password_hash, now
    account.fail_login_count, account.locked_until = 0, None
    audit.note(
        AuditAction.EMERGENCY_OPENED, about=_about(account),
        after={"reason": row.reason, "valid_to": f"{row.until_at:%Y-%m-%d %H:%M}"},
    )  # fmt: skip
    raise_alarm(OPENED.format(until=row.until_at, reason=row.reason), now=now)
    return row


def seal_up(*, now: dt.datetime) -> None:
    """Shut the account at once: its log-ins end, its password is gone."""
    account = account_named(EMERGENCY_USERNAME, lock=True)
    if not account.active:
        raise Refusal(Code.ALREADY_DONE)
    _shut(account, now)
    audit.note(AuditAction.EMERGENCY_SEALED, about=_about(account))
    raise_alarm(SEALED, now=now)


def _shut(account: Account, now: dt.datetime) -> None:
    """Leave nothing of an earlier opening, also of one whose time ran out."""
    account.active, account.password = False, None
    end_sessions(account, why=SessionEnd.SWITCHED_OFF, now=now)
    query = select(EmergencyOpening).where(EmergencyOpening.sealed_at.is_(None))
    for row in db.session.execute(query).scalars():
        row.sealed_at = now


def _about(account: Account) -> tuple[str, object, str]:
    return "account", account.id, account.username
