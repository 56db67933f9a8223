"""Tokens of the REST interface: what one may open, how long it lasts, why it ended."""

import datetime as dt
import enum

from app.domain.refusals import Code, Refusal
from app.domain.rules import Rules

# One who logs in over the interface comes back soon; who wants more makes a token on the page.
LOGIN_MINUTES = 60
# Far more than the systems of a county; a runaway script must not fill the table.
MOST_TOKENS = 20


class ApiScope(enum.StrEnum):
    """What a token opens, within what its person may do at the moment of the request."""

    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    SLIPS_READ = "slips:read"
    UNITS_READ = "units:read"
    FIGURES_READ = "figures:read"


class TokenKind(enum.StrEnum):
    """How a token came about."""

    PERSONAL = "personal"  # made on the page, under a name
    LOGIN = "login"  # user name and password over the interface


class TokenEnd(enum.StrEnum):
    """Why a token ended before its time; the latter five as of a log-in."""

    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"  # by 安全管理员
    LOGOUT = "logout"
    PASSWORD = "password"
    RESET = "reset"
    SWITCHED_OFF = "switched_off"
    LOCKED = "locked"


def expires_at(days: int, *, rules: Rules, now: dt.datetime) -> dt.datetime:
    """Return when a token of so many days ends; refuses none and more than the rule allows."""
    if not 1 <= days <= rules.api_token_days:
        raise Refusal(Code.TOKEN_TOO_LONG, field="days", most=rules.api_token_days)
    return now + dt.timedelta(days=days)
