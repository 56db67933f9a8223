"""审计日志: deeds are noted as they happen and chained just before the commit that makes them true.

Notes of a transaction that is rolled back are gone with it. The lock on the head is taken last of
all, so that no two writers wait for each other crosswise.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.actions.audit_chain import CASE, CASE_EVENT, Fault, head, verify
from app.actions.people import roles_of
from app.domain.audit import BEGINNING, AuditAction, AuditResult, Head, Link, linked
from app.domain.refusals import Code, Refusal
from app.domain.words import word
from app.extensions import db
from app.models import Account, AuditEntry, AuditHead

__all__ = [
    "CASE", "CASE_EVENT", "SYSTEM", "Doer", "Fault", "as_doer", "doer", "forget", "head", "note",
    "note_anchor", "notes", "printable", "refused", "seal", "verify", "was_refused",
]  # fmt: skip

NOTES = "audit_notes"
REFUSED = "audit_refused"


@dataclass(frozen=True)
class Doer:
    """Who acts now, and from where; the edges say so at the start of a request, job or command."""

    account_id: int | None = None
    name: str = ""
    roles: str = ""
    address: str = ""
    reference: str = ""
    browser: str = ""


SYSTEM = Doer(name="系统")
# Asked only when there is something to note: who it is costs a look at the database.
doer: ContextVar[Callable[[], Doer]] = ContextVar("doer", default=lambda: SYSTEM)


def as_doer(account: Account, *, address: str = "", reference: str = "", browser: str = "") -> Doer:
    """Return an account as the log names it."""
    roles = "、".join(word(role) for role in sorted(roles_of(account)))
    name = f"{account.name}（{account.username}）"
    return Doer(account.id, name[:160], roles[:160], address, reference, browser)


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
        "address": who.address[:60],
        "reference": who.reference,
        "action": action.value,
        "object_type": kind,
        "object_id": str(key)[:40],
        "object_name": printable(name)[:160],
        "before": _json(before),
        "after": _json(after),
        "result": result.value,
    }
    if who.browser:
        facts["browser"] = printable(who.browser)[:200]
    notes(db.session()).append(facts)


def printable(text: str) -> str:
    """Return what came from outside without characters that no database or terminal takes."""
    return "".join(c if c.isprintable() else "?" for c in text)


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


def note_anchor(head: Head) -> None:
    """Note that this head was written outside: a file that lacks it later has been cut."""
    note(AuditAction.ANCHORED, about=("audit", head.seq, ""), after={"hash": head.hash})


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
        {"browser": ""} | dict(link.facts) | typed
        | {"id": link.seq, "prev_hash": link.prev_hash, "hash": link.hash}
    )  # fmt: skip


# -- refused -----------------------------------------------------------------------------------


def refused(error: BaseException) -> None:
    """Remember why something was not done; what was done until then is taken back.

    The edge writes it down in a unit of work of its own, when it knows what had been asked for.
    """
    if isinstance(error, Refusal):
        db.session().info[REFUSED] = error.code
    elif isinstance(error, StaleDataError):
        db.session().info[REFUSED] = Code.STALE


def was_refused() -> Code | None:
    """Return why, and forget it."""
    code: Code | None = db.session().info.pop(REFUSED, None)
    return code
