"""Keys and data held together: which keys may seal, and everything sealed anew by another key.

As a log of the unit of work it lets nothing be committed that was sealed by a strange key.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, String, event, func, or_, select, text, type_coerce, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from app.extensions import db
from app.models import Case, Correction, DataKey, Reception, Rejection
from app.models.keyring import FORM, ID_LENGTH, Key, KeyProblem, KeyRing, ring, unseal
from app.models.phone import WithPhone, marked

BATCH = 500
# Every record with a sealed column, and those columns.
SEALED: dict[Any, tuple[str, ...]] = {
    Case: ("phone",),
    Reception: ("phone",),
    Rejection: ("phone",),
    Correction: ("old_phone", "new_phone"),
}
HAS_SEALED = "has_sealed"
MARKS = ("phone_mark", "phone_tail_mark")
# Database → the keys that were found to fit it.
_confirmed: "WeakKeyDictionary[Engine, KeyRing]" = WeakKeyDictionary()


def seal(now: dt.datetime) -> None:
    """Refuse to commit numbers sealed by keys that do not fit the data."""
    db.session.flush()
    if not db.session.info.get(HAS_SEALED):
        return
    engine = db.engine
    if _confirmed.get(engine) is not ring() and confirm(now=now):
        _confirmed[engine] = ring()


def forget() -> None:
    """Begin anew: nothing was sealed in this transaction."""
    db.session.info.pop(HAS_SEALED, None)


def refused(_error: BaseException) -> None:
    """Nothing is kept of what came to nothing."""


@event.listens_for(Session, "after_flush")
def _note(session: Session, _context: object) -> None:
    if any(type(target) in SEALED for target in (*session.new, *session.dirty)):
        session.info[HAS_SEALED] = True


def confirm(*, now: dt.datetime) -> bool:
    """Return whether every key is registered here; a new one is registered now.

    Raises KeyProblem when a key that sealed something here is missing, or is another one.
    """
    if missing := strange_keys(keys := ring()):
        raise KeyProblem(f"data key {missing[0]} is missing")
    known = {row.key_id: row for row in db.session.scalars(select(DataKey))}
    if keys.active.id in known:
        known[keys.active.id].retired_at = None
        return not db.session.dirty
    db.session.add(DataKey(key_id=keys.active.id, check_value=keys.active.check, added_at=now))
    return False


def strange_keys(keys: KeyRing | None) -> list[str]:
    """Return the keys that sealed something here and are not at hand, or are others."""
    in_use = select(DataKey).where(DataKey.retired_at.is_(None)).order_by(DataKey.key_id)
    found = []
    for row in db.session.scalars(in_use):
        key = keys.find(row.key_id) if keys else None
        if key is None or key.check != row.check_value:
            found.append(row.key_id)
    return found


# -- sealed anew -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Count:
    """How many rows hold something sealed by a key."""

    key_id: str
    rows: int


def counts() -> list[Count]:
    """Return how many sealed texts and marks stand under each key."""
    found: dict[str, int] = {}
    for model, names in SEALED.items():
        for name in (*names, *_marks_of(model)):
            start = 1 if name in MARKS else len(FORM) + 2
            key_id = func.substr(_raw(model, name), start, ID_LENGTH)
            query = select(key_id, func.count()).where(_raw(model, name) != "").group_by(key_id)
            for key, rows in db.session.execute(query):
                found[key] = found.get(key, 0) + rows
    return [Count(*item) for item in sorted(found.items())]


def reseal_some(*, after: tuple[int, int] = (0, 0)) -> tuple[int, tuple[int, int] | None]:
    """Seal the next rows by the key in use; returns how many, and where to go on (None: done).

    A row that somebody changes at the same time is left to him: he writes by the key in use.
    """
    place, last = after
    models = list(SEALED)
    if place == len(models):
        return 0, None
    rows = list(_stale(models[place], last))
    done = sum(_reseal(models[place], row) for row in rows)
    return done, (place, rows[-1]["id"]) if rows else (place + 1, 0)


def is_resealed() -> bool:
    """Return whether nothing stands under another key than the one in use; bars writers until
    the transaction ends, so that it stays true.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        names = ", ".join(model.__tablename__ for model in SEALED)
        db.session.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
    return {count.key_id for count in counts()} <= {ring().active.id}


def retire_others(*, now: dt.datetime) -> None:
    """Write down that the other keys are not needed any more."""
    others = update(DataKey).where(DataKey.key_id != ring().active.id, DataKey.retired_at.is_(None))
    db.session.execute(others.values(retired_at=now))


def _marks_of(model: Any) -> tuple[str, ...]:
    return MARKS if issubclass(model, WithPhone) else ()


def _raw(model: Any, name: str) -> ColumnElement[str]:
    """Return the column as it is stored."""
    return type_coerce(model.__table__.c[name], String)


def _stale(model: Any, last: int) -> Iterator[Any]:
    active = ring().active
    names = (*SEALED[model], *_marks_of(model))
    strange = [
        (_raw(model, name) != "")
        & _raw(model, name).not_like(f"{active.id if name in MARKS else active.prefix}%")
        for name in names
    ]
    columns = [_raw(model, name).label(name) for name in names]
    query = select(model.__table__.c.id, *columns).where(model.__table__.c.id > last, or_(*strange))
    yield from db.session.execute(query.order_by(model.__table__.c.id).limit(BATCH)).mappings()


def _reseal(model: Any, row: Any) -> int:
    active = ring().active
    values: dict[str, str] = {}
    for name in SEALED[model]:
        values[name] = _anew(row[name], active)
    if _marks_of(model):
        values |= marked(unseal(row["phone"]), active)
    table = model.__table__
    unchanged = [_raw(model, name) == row[name] for name in SEALED[model]]
    raw = {table.c[name]: type_coerce(value, String) for name, value in values.items()}
    result = db.session.execute(
        update(table).where(table.c.id == row["id"], *unchanged).values(raw)
    )
    return result.rowcount


def _anew(sealed: str, active: Key) -> str:
    return active.seal(unseal(sealed)) if sealed else ""
