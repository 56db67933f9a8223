"""What is delivered, what comes of it, and what every way out of the house can do."""

import datetime as dt
import enum
from dataclasses import dataclass
from typing import Protocol

LONGEST_REPLY = 500
# From the first byte to the last; the lease of a message is far longer.
ATTEMPT_SECONDS = 45.0


@dataclass(frozen=True)
class Letter:
    """One message to one person; `message_id` stays the same however often it is tried.

    `written_at` is when it was composed, `tried_at` this attempt; `username` is for channels that
    know the person by another name than an address.
    """

    message_id: str
    address: str
    username: str
    name: str
    subject: str
    body: str
    written_at: dt.datetime
    tried_at: dt.datetime
    file_name: str = ""
    file_content: bytes = b""


class Outcome(enum.StrEnum):
    """What one attempt came to."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # for good: this letter to this person
    FAILED = "failed"  # try again


@dataclass(frozen=True)
class Answer:
    """What the other side said; `reply` in its own words where it said anything.

    `is_down`: the server itself could not be used, so no other letter would get through either.
    """

    outcome: Outcome
    reply: str = ""
    is_down: bool = False


class Adapter(Protocol):
    """One way out: the name of its channel, and one attempt that ends in time and never raises."""

    name: str

    def deliver(self, letter: Letter) -> Answer:
        """Try once to deliver the letter."""


def words(text: str | bytes) -> str:
    """Return what a server said on one line, cut to what is kept of it."""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(plain.replace("\x00", "").split())[:LONGEST_REPLY]
