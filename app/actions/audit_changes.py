"""Noted by themselves: events of cases, and changes of what stands in models/audited.py.

Loaded with the screens: a listener on the session that no screen can forget.
"""

import enum
from collections.abc import Sequence
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from app.actions.audit import CASE_EVENT, note
from app.domain.audit import AuditAction, digest_of
from app.domain.import_kinds import RUN_WORDS, TITLES, ImportKind, RunStatus
from app.domain.states import Action
from app.domain.words import WORDS
from app.extensions import db
from app.models import Case, CaseEvent
from app.models.audited import AUDITED, DEEDS, HIDDEN, MASKED, event_facts, name_of

UNSHOWN = "（不显示）"
ALL_WORDS = (
    WORDS
    | {(ImportKind, kind.value): text for kind, text in TITLES.items()}
    | {(RunStatus, status.value): text for status, text in RUN_WORDS.items()}
)
KINDS = (
    ("new", AuditAction.CREATED), ("dirty", AuditAction.CHANGED), ("deleted", AuditAction.DELETED),
)  # fmt: skip


@event.listens_for(Session, "after_flush")
def _note_changes(session: Session, _context: object) -> None:
    for place, action in KINDS:
        for target in getattr(session, place):
            if isinstance(target, CaseEvent) and action is AuditAction.CREATED:
                _note_event(session, target)
            elif type(target) in AUDITED:
                _note_record(session, action, target)


def note_created(target: Any, *, detail: str = "") -> None:
    """Note a record that was written past the session, many in one statement."""
    session = db.session()
    if isinstance(target, CaseEvent):
        _note_event(session, target, detail)
    else:
        _note_record(session, AuditAction.CREATED, target)


def _note_event(session: Session, row: CaseEvent, detail: str = "") -> None:
    """Note a move: the number of the case, the states before and after, the digest of its event."""
    case = session.identity_map.get(identity_key(Case, row.case_id))
    name = (case.ledger_no or "") if isinstance(case, Case) else ""
    after = {
        "case_id": row.case_id, "label": row.label, "state": _shown("state", [row.new_state]),
        "digest": digest_of(event_facts(row)),
    }  # fmt: skip
    is_look = row.action is Action.REVEAL_PHONE
    if is_look:
        after["reason"] = row.reason
    if detail:
        after["detail"] = detail
    note(
        AuditAction.REVEALED if is_look else AuditAction.CASE_EVENT,
        about=(CASE_EVENT, row.id, name or f"编号{row.case_id}"),
        before={"state": _shown("state", [row.old_state])} if row.old_state else None,
        after=after,
    )  # fmt: skip


def _note_record(session: Session, action: AuditAction, target: Any) -> None:
    state = inspect(target)
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    for key in AUDITED[type(target)] or state.mapper.columns.keys():
        history = state.attrs[key].history
        if action is not AuditAction.CHANGED or history.has_changes():
            before[key] = _named(session, state, key, history.deleted or history.unchanged)
            after[key] = _named(session, state, key, history.added or history.unchanged)
    if not after:
        return
    key = "/".join(str(part) for part in state.mapper.primary_key_from_instance(target))
    about = (state.mapper.local_table.name, key, name_of(target))
    note(
        DEEDS.get(type(target), action), about=about,
        before=None if action is AuditAction.CREATED else before,
        after=None if action is AuditAction.DELETED else after,
    )  # fmt: skip


def _named(session: Session, state: Any, key: str, values: Sequence[Any]) -> object:
    """Return the value; for a key of another record what people call that, if it is at hand."""
    relation = state.mapper.relationships.get(key.removesuffix("_id"))
    if relation is None or not key.endswith("_id") or not values or values[0] is None:
        return _shown(key, values)
    found = session.identity_map.get(identity_key(relation.mapper.class_, values[0]))
    return (name_of(found) if isinstance(found, Model) else "") or f"编号{values[0]}"


def _shown(key: str, values: Sequence[Any]) -> object:
    if key in HIDDEN:
        return UNSHOWN if any(values) else ""
    found = [MASKED[key](value) if key in MASKED else _word(value) for value in values]
    return found[0] if len(found) == 1 else found or None


def _word(value: Any) -> object:
    if isinstance(value, enum.StrEnum):
        return ALL_WORDS.get((type(value), value.value), value.value)
    return str(value) if isinstance(value, Model) else value
