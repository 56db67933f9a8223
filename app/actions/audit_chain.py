"""审计日志 held against itself: what was written, read back from one instant while people work.

Values are read raw: whoever edits the table by hand may leave there what no type of ours takes.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Engine, String, func, select, type_coerce

from app.database import snapshot
from app.domain.audit import AuditAction, Facts, Head, Link, Tampering, digest_of, faults
from app.extensions import db
from app.models import AuditEntry, AuditHead, CaseEvent
from app.models.audited import event_facts

CHUNK = 1000
CASE_EVENT, CASE, LOG = "case_event", "cases", "audit"
# What an entry says; the digest is taken over all of it.
FACTS = (
    "at", "account_id", "account_name", "roles", "address", "reference", "action",
    "object_type", "object_id", "object_name", "before", "after", "result",
)  # fmt: skip
# Came later: told only where it says something, so that older entries keep their digests.
LATER = ("browser",)
RAW = ("at", "action", "result")


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was written: where in the chain, and what."""

    seq: int
    what: Tampering
    note: str = ""


class Known(NamedTuple):
    """What the chain knows of an event: the number of its entry, its digest, its case."""

    seq: int
    digest: str
    case_id: str


def head() -> Head:
    """Return the last number and digest, as they are anchored outside."""
    row = db.session.execute(select(AuditHead.seq, AuditHead.hash)).one_or_none()
    return Head(row.seq, row.hash) if row else Head()


def verify(*, anchors: Mapping[int, str], archived: Iterable[Link] = ()) -> list[Fault]:
    """Return whatever is wrong: entries edited, missing, out of order, cut; events likewise.

    `archived` are the links that were written to files, for those the table no longer holds.
    """
    # Of the session: a copy is held against itself too.
    with snapshot(cast("Engine", db.session.get_bind())) as connection:
        return faults_in(connection, anchors=anchors, archived=archived)


def faults_in(
    connection: Connection, *, anchors: Mapping[int, str], archived: Iterable[Link]
) -> list[Fault]:
    """Return the same of the database as a connection sees it."""
    known: dict[int, Known] = {}
    row = connection.execute(select(AuditHead.seq, AuditHead.hash)).first()
    end = Head(row.seq, row.hash) if row else Head()
    links = _remembered(whole_chain(connection, archived), known)
    found = [Fault(*f) for f in faults(links, head=end, anchors=anchors)]
    found += _unaccounted(connection, end)
    return list(dict.fromkeys(found)) + list(_event_faults(connection, known))


def _unaccounted(connection: Connection, end: Head) -> Iterator[Fault]:
    """Find entries gone from the table's beginning that no removal in the log accounts for.

    The archive holds them too, so that the chain alone would look whole.
    """
    query = select(AuditEntry.object_id).where(
        AuditEntry.action == AuditAction.DELETED, AuditEntry.object_type == LOG
    )
    removed = max((int(key) for key in connection.scalars(query) if key.isdigit()), default=0)
    first = connection.scalar(select(func.min(AuditEntry.id)))
    if (first or end.seq + 1) > removed + 1:
        yield Fault(removed + 1, Tampering.MISSING)


def whole_chain(connection: Connection, archived: Iterable[Link]) -> Iterator[Link]:
    """Yield the chain from its first entry: from the archive what the table no longer holds."""
    first = connection.execute(select(AuditEntry.id).order_by(AuditEntry.id).limit(1)).scalar()
    for link in archived:
        if first is not None and link.seq >= first:
            break
        yield link
    yield from stored_links(connection)


def stored_links(connection: Connection, *, after: int | None = None) -> Iterator[Link]:
    """Yield the entries of the table as links, those after a number if one is given."""
    columns = [
        type_coerce(column, String).label(column.name) if column.name in RAW else column
        for column in AuditEntry.__table__.columns
    ]
    last = after
    while True:
        query = select(*columns).order_by(AuditEntry.id).limit(CHUNK)
        if last is not None:
            query = query.where(AuditEntry.id > last)
        rows = connection.execute(query).all()
        if not rows:
            return
        for row in rows:
            yield Link(row.id, row.prev_hash, row.hash, _facts(row))
        last = rows[-1].id


def _facts(row: Any) -> dict[str, str | int | None]:
    facts = {name: getattr(row, name) for name in FACTS}
    later = {name: getattr(row, name) for name in LATER if getattr(row, name)}
    return facts | later | {"at": _instant(row.at)}


def _instant(value: Any) -> str:
    """Return a stored time as the digest has it; what is none, as it stands."""
    try:
        at = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return str(value)
    return at.replace(tzinfo=dt.UTC).isoformat(timespec="microseconds")


def _remembered(links: Iterable[Link], known: dict[int, Known]) -> Iterator[Link]:
    """Pass the links on; remember which event each speaks of.

    The events of a draft that its author deleted went with it.
    """
    for link in links:
        facts = link.facts
        key = str(facts["object_id"])
        if facts["object_type"] == CASE_EVENT and key.isdigit():
            after = _read(facts)
            case_id = str(after.get("case_id", facts["object_name"]))
            known[int(key)] = Known(link.seq, str(after.get("digest", "")), case_id)
        elif (facts["action"], facts["object_type"]) == (AuditAction.DELETED.value, CASE):
            for gone in [event for event, one in known.items() if one.case_id == key]:
                del known[gone]
        yield link


def _read(facts: Facts) -> dict[str, Any]:
    try:
        found = json.loads(str(facts["after"]))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _event_faults(connection: Connection, known: dict[int, Known]) -> Iterator[Fault]:
    """Hold every event of a case against the entry that speaks of it."""
    last = None
    while True:
        query = select(*CaseEvent.__table__.columns).order_by(CaseEvent.id).limit(CHUNK)
        if last is not None:
            query = query.where(CaseEvent.id > last)
        rows = connection.execute(query).all()
        for row in rows:
            expected = known.pop(row.id, None)
            if expected is None:
                yield Fault(0, Tampering.EVENT_ADDED, str(row.id))
            elif digest_of(event_facts(row)) != expected.digest:
                yield Fault(expected.seq, Tampering.EVENT_EDITED, str(row.id))
        if not rows:
            break
        last = rows[-1].id
    for key, one in known.items():
        yield Fault(one.seq, Tampering.EVENT_MISSING, str(key))


def lost_anchors(anchors: Mapping[int, str]) -> list[Fault]:
    """Return the anchorings that the log tells of and the file outside does not."""
    query = select(AuditEntry.id, AuditEntry.object_id, AuditEntry.after).where(
        AuditEntry.action == AuditAction.ANCHORED
    )
    return [
        Fault(row.id, Tampering.ANCHOR_LOST, row.object_id)
        for row in db.session.execute(query)
        if anchors.get(int(row.object_id)) != _read({"after": row.after}).get("hash")
    ]
