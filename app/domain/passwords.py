"""What a password must be, when it is to be changed, and when an account is locked (domain/4 §4.1).

GB/T 22239 names no numbers: those of domain.rules are what assessors usually ask for.
"""

import datetime as dt
import enum
import unicodedata
from dataclasses import dataclass

from app.domain.refusals import Code, Refusal
from app.domain.rules import Rules

SHORTEST = 8  # no office may ask for less
KINDS = 3
LONGEST = 128
# A part of one's own name or number that short is found in many a good password.
TELLING = 4


class SessionEnd(enum.StrEnum):
    """Why a log-in ended before its time."""

    LOGOUT = "logout"
    PASSWORD = "password"
    RESET = "reset"
    SWITCHED_OFF = "switched_off"
    RESTORED = "restored"
    LOCKED = "locked"


def kinds_of(password: str) -> int:
    """Return how many of capitals, small letters, digits and signs it has."""
    return sum(
        (
            any(c.isupper() for c in password),
            any(c.islower() for c in password),
            any(c.isdigit() for c in password),
            any(not c.isalnum() for c in password),
        )
    )


def is_strong(password: str, *, shortest: int = SHORTEST, kinds: int = KINDS) -> bool:
    """Return whether it has so many characters of so many kinds."""
    return shortest <= len(password) <= LONGEST and kinds_of(password) >= kinds


def check_password(password: str, *, rules: Rules, username: str, phone: str = "") -> None:
    """Refuse a password that is too simple or tells whose it is, forwards or backwards."""
    facts = {"length": rules.password_length, "kinds": rules.password_kinds}
    if len(password) > LONGEST:
        raise Refusal(Code.PASSWORD_LONG, field="password", most=LONGEST)
    if not is_strong(password, shortest=rules.password_length, kinds=rules.password_kinds):
        raise Refusal(Code.PASSWORD_WEAK, field="password", **facts)
    low = _plain(password)
    for own in (_plain(username), phone.strip(), "".join(filter(str.isdigit, phone))):
        if len(own) >= TELLING and (own in low or own[::-1] in low):
            raise Refusal(Code.PASSWORD_TELLS, field="password")


def _plain(text: str) -> str:
    """Return a text without the difference of capitals and of full-width letters."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def is_expired(set_at: dt.datetime | None, *, rules: Rules, now: dt.datetime) -> bool:
    """Return whether a password is too old; one of unknown age is."""
    return set_at is None or now >= set_at + dt.timedelta(days=rules.password_days)


@dataclass(frozen=True)
class Attempts:
    """How often somebody failed since the last success, and until when they are locked out."""

    failures: int = 0
    locked_until: dt.datetime | None = None

    def is_locked(self, now: dt.datetime) -> bool:
        """Return whether no password helps now."""
        return self.locked_until is not None and now < self.locked_until

    def failed(self, *, rules: Rules, now: dt.datetime) -> "Attempts":
        """Return what one more failure makes of it.

        Failures while locked do not lengthen the lock: a stranger could shut anybody out for good.
        """
        if self.is_locked(now):
            return self
        before = 0 if self.locked_until is not None else self.failures
        if before + 1 < rules.lock_failures:
            return Attempts(before + 1)
        return Attempts(before + 1, now + dt.timedelta(minutes=rules.lock_minutes))
