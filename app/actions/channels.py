"""The ways a notice can leave the house, beside 站内消息: who can be reached on each.

A new channel (短信、企业微信、钉钉) is one line here and one adapter in app/channels.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.rules import Rules
from app.models import Account

# FAB wants an address that most window staff do not have.
NO_MAIL = "local.invalid"


@dataclass(frozen=True)
class Channel:
    """`is_on` reads the office's setting; `address` returns blank for who cannot be reached."""

    name: str
    is_on: Callable[[Rules], bool]
    address: Callable[[Account], str]


def mail_address(account: Account) -> str:
    """Return a person's e-mail address; blank for the stand-in of those who have none."""
    address = (account.email or "").strip()
    return "" if address.endswith(f"@{NO_MAIL}") or "@" not in address else address


MAIL, WEBHOOK = "mail", "webhook"
CHANNELS: dict[str, Channel] = {
    MAIL: Channel(MAIL, lambda rules: rules.mail_notices, mail_address),
    WEBHOOK: Channel(WEBHOOK, lambda rules: rules.webhook_notices, lambda a: a.username or ""),
}


def channels_to(account: Account, rules: Rules) -> list[str]:
    """Return the channels that are switched on and reach the person."""
    return [c.name for c in CHANNELS.values() if c.is_on(rules) and c.address(account)]
