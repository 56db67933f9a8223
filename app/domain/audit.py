"""审计日志 as a chain: each entry's digest holds the one before, so that none can be changed alone.

Whoever changes an entry must change every later one, and the head that is anchored outside.
"""

import enum
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

BEGINNING = "0" * 64
# 网络安全法 第二十三条（三）: 留存相关的网络日志不少于六个月. The database holds to it too.
KEPT_AT_LEAST_DAYS = 183
Facts = Mapping[str, str | int | None]


class AuditAction(enum.StrEnum):
    """What somebody did; the object says to what."""

    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    LOGOUT = "logout"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_RESET = "password_reset"
    CASE_EVENT = "case_event"
    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    EXPORTED = "exported"
    DOWNLOADED = "downloaded"
    PRINTED = "printed"
    IMPORTED = "imported"
    ATTACHED = "attached"
    RESENT = "resent"
    JOB_RUN = "job_run"
    ANCHORED = "anchored"
    ARCHIVED = "archived"
    COMMAND = "command"
    REFUSED = "refused"
    BACKED_UP = "backed_up"
    BACKUP_CHECKED = "backup_checked"
    RESTORED = "restored"
    MESSAGES_RELEASED = "messages_released"
    REVEALED = "revealed"  # 查看完整号码, with its reason
    MASKED = "masked"  # 到期脱敏
    KEY_CHANGED = "key_changed"  # 更换数据密钥
    EMERGENCY_OPENED = "emergency_opened"
    EMERGENCY_SEALED = "emergency_sealed"
    TOKEN_ISSUED = "token_issued"
    TOKEN_USED = "token_used"
    TOKEN_REFUSED = "token_refused"
    TOKEN_REVOKED = "token_revoked"


class AuditResult(enum.StrEnum):
    """Whether it was done."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class Tampering(enum.StrEnum):
    """What is wrong with a place of the chain."""

    EDITED = "edited"  # its digest is another than what it says
    MISSING = "missing"  # a number is left out
    OUT_OF_ORDER = "out_of_order"  # it does not follow the one before it
    CUT = "cut"  # the head knows of entries that are not there
    ANCHOR = "anchor"  # what was anchored outside is not what stands there
    ANCHOR_LOST = "anchor_lost"  # the file of anchors lacks one that the log tells of
    ANCHOR_FILE = "anchor_file"  # a line of that file is none of ours
    ARCHIVE = "archive"  # an archive is gone, or is not the one that was written
    GUARD = "guard"  # a trigger that keeps the log is gone or another
    EVENT_EDITED = "event_edited"  # a case's event is another than the chain says
    EVENT_MISSING = "event_missing"
    EVENT_ADDED = "event_added"  # an event that the chain does not know


@dataclass(frozen=True)
class Link:
    """An entry as the chain sees it."""

    seq: int
    prev_hash: str
    hash: str
    facts: Facts


@dataclass(frozen=True)
class Head:
    """The last number and its digest; of an empty log nought and the beginning."""

    seq: int = 0
    hash: str = BEGINNING


def digest(prev_hash: str, seq: int, facts: Facts) -> str:
    """Return the SHA-256, in hex, of an entry and all before it."""
    return _digest([prev_hash, seq, dict(facts)])


def digest_of(facts: Facts) -> str:
    """Return the SHA-256, in hex, of a record that an entry speaks of."""
    return _digest(dict(facts))


def _digest(facts: object) -> str:
    """Return the SHA-256; what no entry of ours holds, bytes or half a character, has one too."""
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def linked(head: Head, entries: Iterable[Facts]) -> Iterator[Link]:
    """Yield these entries as they follow the head."""
    seq, last = head.seq, head.hash
    for facts in entries:
        seq += 1
        link = Link(seq, last, digest(last, seq, facts), facts)
        last = link.hash
        yield link


def faults(
    links: Iterable[Link], *, head: Head, anchors: Mapping[int, str]
) -> Iterator[tuple[int, Tampering]]:
    """Yield every place where the chain does not hold; `anchors` are number → digest.

    The links are the whole chain from its first entry on, archived ones included.
    """
    seq, last = 0, BEGINNING
    left = dict(anchors)
    for link in links:
        if link.seq != seq + 1:
            yield seq + 1, Tampering.MISSING
        elif link.prev_hash != last:
            yield link.seq, Tampering.OUT_OF_ORDER
        if digest(link.prev_hash, link.seq, link.facts) != link.hash:
            yield link.seq, Tampering.EDITED
        if left.pop(link.seq, link.hash) != link.hash:
            yield link.seq, Tampering.ANCHOR
        seq, last = link.seq, link.hash
    if (head.seq, head.hash) != (seq, last):
        yield max(head.seq, seq), Tampering.CUT
    for anchored in sorted(left):
        yield anchored, Tampering.ANCHOR
