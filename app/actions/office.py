"""The office's own rules and working calendar, as the domain's values."""

import datetime as dt
from dataclasses import fields, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from sqlalchemy import select

from app.domain.audit import KEPT_AT_LEAST_DAYS
from app.domain.refusals import Code, Refusal
from app.domain.rules import Rules
from app.domain.states import DictKind
from app.extensions import db
from app.models import Account, DictEntry, Setting

DEFAULTS = Rules()
RULE_NAMES = {f.name for f in fields(Rules)}
# The choices a text setting has, as domain.rules names them.
CHOICES: dict[str, tuple[str, ...]] = {
    name: get_args(hint)
    for name, hint in get_type_hints(Rules).items()
    if get_origin(hint) is Literal
}
# R31: the plan's own cap may be lowered, not raised; D-10: one to three applications.
# A backup that is removed as soon as it is made is none.
BOUNDS = {
    "extension_cap_days": (1, 7), "max_extensions": (1, 3), "backup_keep": (2, 365),
    "export_keep_days": (1, 365),
    # An assessor asks for these at least; none may be switched off by a nought.
    "password_length": (8, 64), "password_kinds": (3, 4), "password_history": (1, 24),
    "password_days": (0, 365), "lock_failures": (3, 20), "lock_minutes": (5, 1440),
    "session_hours": (1, 24), "unused_days": (30, 365),
    "audit_keep_days": (KEPT_AT_LEAST_DAYS, 36_500),
    "api_token_days": (1, 90),
}  # fmt: skip


def load_rules() -> Rules:
    """Return the rules in force: the defaults with what the office changed (one statement).

    What was written past the form and is no value of the setting counts for nothing.
    """
    changed = db.session.execute(select(Setting.name, Setting.text)).all()
    return replace(DEFAULTS, **{n: _in_force(n, t) for n, t in changed if n in RULE_NAMES})


def _in_force(name: str, text: str) -> Any:
    try:
        return parse_rule(name, text)
    except Refusal:
        return getattr(DEFAULTS, name)


def parse_rule(name: str, text: str) -> Any:
    """Return a setting's value of the default's type; Refusal(FIELD_INVALID) if it is not one."""
    default = getattr(DEFAULTS, name)
    try:
        if isinstance(default, bool):
            return {"1": True, "0": False}[text.strip()]
        if isinstance(default, int):
            return _whole_number(text, *BOUNDS.get(name, (0, 1000)))
        if isinstance(default, dt.time):
            return dt.time.fromisoformat(text.strip())
        return _choice(text.strip(), CHOICES[name])
    except (ValueError, KeyError):
        raise Refusal(Code.FIELD_INVALID, field=name) from None


def _whole_number(text: str, least: int, most: int) -> int:
    number = int(text)
    if not least <= number <= most:
        raise ValueError(text)
    return number


def _choice(text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise ValueError(text)
    return text


def set_rule(*, name: str, text: str, by: Account, now: dt.datetime) -> None:
    """Change one setting; blank text goes back to the default."""
    if name not in RULE_NAMES:
        raise Refusal(Code.NOT_FOUND, field=name)
    row = db.session.get(Setting, name)
    if not text.strip():
        if row:
            db.session.delete(row)
        return
    parse_rule(name, text)
    if row:
        row.text = text.strip()
    else:
        db.session.add(Setting(name=name, text=text.strip()))


def listed(entry_id: object, kind: DictKind, *, field: str) -> int:
    """Return the id of a word of the office's list; refuses one that is not in it any more."""
    entry = db.session.get(DictEntry, entry_id) if isinstance(entry_id, int) else None
    if entry is None or entry.kind != kind.value or not entry.is_active:
        raise Refusal(Code.FIELD_INVALID, field=field)
    return entry.id
