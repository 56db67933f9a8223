"""审计日志: deeds are noted as they happen and chained just before the commit that makes them true.

Notes of a transaction that is rolled back are gone with it. The lock on the head is taken last of
all, so that no two writers wait for each other crosswise.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask_appbuilder import Model
from sqlalchemy import event, insert, inspect, select, update
from sqlalchemy.orm import Session

from app.actions.people import roles_of
from app.domain.audit import (
    BEGINNING,
    AuditAction,
    AuditResult,
    Facts,
    Head,
    Link,
    Tampering,
    digest_of,
    faults,
    linked,
)
from app.domain.words import word
from app.extensions import db
from app.models import Account, AuditEntry, AuditHead, CaseEvent
from app.models.audited import AUDITED, SECRET

NOTES = "audit_notes"
CHUNK = 1000
HIDDEN = "（不显示）"
CASE_EVENT, CASE = "case_event", "cases"
# What an entry says; the digest is taken over all of it.
FACTS = (
    "at", "account_id", "account_name", "roles", "address", "reference", "action",
    "object_type", "object_id", "object_name", "before", "after", "result",
)  # fmt: skip


@dataclass(frozen=True)
class Doer:
    """Who acts now, and from where; the edges say so at the start of a request, job or command."""

    account_id: int | None = None
    name: str = ""
    roles: str = ""
    address: str = ""
    reference: str = ""


SYSTEM = Doer(name="系统")
# Asked only when there is something to note: who it is costs a look at the database.
doer: ContextVar[Callable[[], Doer]] = ContextVar("doer", default=lambda: SYSTEM)


def as_doer(account: Account, *, address: str = "", reference: str = "") -> Doer:
    """Return an account as the log names it."""
    roles = "、".join(word(role) for role in sorted(roles_of(account)))
    name = f"{account.name}（{account.username}）"
    return Doer(account.id, name[:160], roles[:160], address[:60], reference)


def note(
    action: AuditAction,
    *,
    about: tuple[str, object, str] = ("", "", ""),
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    result: AuditResult = AuditResult.DONE,
    by: Doer | None = None,
) -> None:
    """Note one deed of the present doer (or `by`); `about` is type, id and name of the object.

    Its time is that of the commit.
    """
    who = by or doer.get()()
    kind, key, name = about
    facts: dict[str, str | int | None] = {
        "account_id": who.account_id,
        "account_name": who.name,
        "roles": who.roles,
        "address": who.address,
        "reference": who.reference,
        "action": action.value,
        "object_type": kind,
        "object_id": str(key),
        "object_name": name[:160],
        "before": _json(before),
        "after": _json(after),
        "result": result.value,
    }
    notes(db.session()).append(facts)


def _json(facts: Mapping[str, object] | None) -> str:
    return json.dumps(facts, ensure_ascii=False, default=str, sort_keys=True) if facts else ""


def notes(session: Session) -> list[dict[str, str | int | None]]:
    """Return what has been noted in this transaction and is not chained yet."""
    found: list[dict[str, str | int | None]] = session.info.setdefault(NOTES, [])
    return found


# -- chained at the end ------------------------------------------------------------------------


def seal(now: dt.datetime) -> None:
    """Chain what was noted; to be called last, just before the commit."""
    db.session.flush()
    waiting = notes(db.session())
    if not waiting:
        return
    at = now.astimezone(dt.UTC).isoformat(timespec="microseconds")
    links = list(linked(_locked_head(), ({"at": at} | facts for facts in waiting)))
    db.session.execute(insert(AuditEntry), [_row(link) for link in links])
    db.session.execute(
        update(AuditHead)
        .values(seq=links[-1].seq, hash=links[-1].hash)
        .execution_options(synchronize_session=False)
    )
    waiting.clear()


def _locked_head() -> Head:
    """Return the head that nobody else can move now; the first one ever is made."""
    query = select(AuditHead).with_for_update().execution_options(populate_existing=True)
    row = db.session.execute(query).scalar_one_or_none()
    if row is None:
        row = AuditHead(id=1, seq=0, hash=BEGINNING)
        db.session.add(row)
        db.session.flush()
    return Head(row.seq, row.hash)


def forget() -> None:
    """Drop what was noted in a transaction that came to nothing."""
    notes(db.session()).clear()


def _row(link: Link) -> dict[str, Any]:
    facts = {key: str(link.facts[key]) for key in ("at", "action", "result")}
    typed = {
        "at": dt.datetime.fromisoformat(facts["at"]),
        "action": AuditAction(facts["action"]),
        "result": AuditResult(facts["result"]),
    }
    return (
        dict(link.facts) | typed | {"id": link.seq, "prev_hash": link.prev_hash, "hash": link.hash}
    )


# -- noted by themselves: events of cases, and changes of what the office is set up with -----------


@event.listens_for(Session, "after_flush")
def _note_changes(session: Session, _context: object) -> None:
    for target in session.new:
        if isinstance(target, CaseEvent):
            _note_event(target)
        elif type(target) in AUDITED:
            _note_record(AuditAction.CREATED, target)
    for target in session.dirty:
        if type(target) in AUDITED:
            _note_record(AuditAction.CHANGED, target)
    for target in session.deleted:
        if type(target) in AUDITED:
            _note_record(AuditAction.DELETED, target)


def _note_event(row: CaseEvent) -> None:
    about = (CASE_EVENT, row.id, f"{row.case_id}")
    after = {"label": row.label, "digest": digest_of(event_facts(row))}
    note(AuditAction.CASE_EVENT, about=about, after=after)


def event_facts(row: CaseEvent) -> Facts:
    """Return all that an event says, as the digest is taken over it."""
    return {
        "id": row.id,
        "case_id": row.case_id,
        "action": row.action and row.action.value,
        "label": row.label,
        "old_state": row.old_state and row.old_state.value,
        "new_state": row.new_state.value,
        "round_no": row.round_no,
        "at": row.at.astimezone(dt.UTC).isoformat(),
        "by_id": row.by_id,
        "by_unit_id": row.by_unit_id,
        "summary": row.summary,
        "reason": row.reason,
        "facts": row.facts,
    }


def _note_record(action: AuditAction, target: Any) -> None:
    state = inspect(target)
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    for key in AUDITED[type(target)] or state.mapper.columns.keys():
        history = state.attrs[key].history
        if action is not AuditAction.CHANGED or history.has_changes():
            before[key] = _shown(key, history.deleted or history.unchanged)
            after[key] = _shown(key, history.added or history.unchanged)
    if not after:
        return
    key = "/".join(str(part) for part in state.mapper.primary_key_from_instance(target))
    about = (state.mapper.local_table.name, key, str(target))
    note(
        action, about=about,
        before=None if action is AuditAction.CREATED else before,
        after=None if action is AuditAction.DELETED else after,
    )  # fmt: skip


def _shown(key: str, values: Sequence[Any]) -> object:
    if key in SECRET:
        return HIDDEN if any(values) else ""
    found = [str(value) if isinstance(value, Model) else value for value in values]
    return found[0] if len(found) == 1 else found or None


# -- verified ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was written: where in the chain, and what."""

    seq: int
    what: Tampering
    note: str = ""


def head() -> Head:
    """Return the last number and digest, as they are anchored outside."""
    row = db.session.execute(select(AuditHead.seq, AuditHead.hash)).one()
    return Head(row.seq, row.hash)


def verify(*, anchors: Mapping[int, str]) -> list[Fault]:
    """Return whatever is wrong: entries edited, missing, out of order, cut; events likewise."""
    known: dict[int, Known] = {}
    found = [Fault(*f) for f in faults(_links(known), head=head(), anchors=anchors)]
    return found + list(_event_faults(known))


class Known(NamedTuple):
    """What the chain knows of an event: the number of its entry, its digest, its case."""

    seq: int
    digest: str
    case_id: str


def _links(known: dict[int, Known]) -> Iterator[Link]:
    """Yield the chain; remember which event each entry speaks of.

    The events of a draft that its author deleted went with it.
    """
    last = 0
    while True:
        query = select(AuditEntry).where(AuditEntry.id > last).order_by(AuditEntry.id).limit(CHUNK)
        rows = db.session.execute(query).scalars().all()
        if not rows:
            return
        for row in rows:
            if row.object_type == CASE_EVENT and row.after:
                event_digest = json.loads(row.after).get("digest", "")
                known[int(row.object_id)] = Known(row.id, event_digest, row.object_name)
            elif (row.action, row.object_type) == (AuditAction.DELETED, CASE):
                for key in [key for key, one in known.items() if one.case_id == row.object_id]:
                    del known[key]
            yield Link(row.id, row.prev_hash, row.hash, _facts(row))
        last = rows[-1].id
        db.session.expunge_all()


def _facts(row: AuditEntry) -> dict[str, str | int | None]:
    at = row.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    rest = {name: getattr(row, name) for name in FACTS if name != "at"}
    return {"at": at} | rest | {"action": row.action.value, "result": row.result.value}


def _event_faults(known: dict[int, Known]) -> Iterator[Fault]:
    """Hold every event of a case against the entry that speaks of it."""
    last = 0
    while True:
        query = select(CaseEvent).where(CaseEvent.id > last).order_by(CaseEvent.id).limit(CHUNK)
        rows = db.session.execute(query).scalars().all()
        for row in rows:
            expected = known.pop(row.id, None)
            if expected is None:
                yield Fault(0, Tampering.EVENT_ADDED, str(row.id))
            elif digest_of(event_facts(row)) != expected.digest:
                yield Fault(expected.seq, Tampering.EVENT_EDITED, str(row.id))
        if not rows:
            break
        last = rows[-1].id
        db.session.expunge_all()
    for key, one in known.items():
        yield Fault(one.seq, Tampering.EVENT_MISSING, str(key))
