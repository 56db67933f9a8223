"""The office's own rules and working calendar, as the domain's values."""

import datetime as dt
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import select

from app.domain.refusals import Code, Refusal
from app.domain.rules import Rules
from app.extensions import db
from app.models import Account, Setting

DEFAULTS = Rules()
RULE_NAMES = {f.name for f in fields(Rules)}


def load_rules() -> Rules:
    """Return the rules in force: the defaults with what the office changed (one statement)."""
    changed = db.session.execute(select(Setting.name, Setting.text)).all()
    return replace(DEFAULTS, **{n: parse_rule(n, t) for n, t in changed if n in RULE_NAMES})


def parse_rule(name: str, text: str) -> Any:
    """Return a setting's value of the default's type; Refusal(FIELD_INVALID) if it is not one."""
    default = getattr(DEFAULTS, name)
    try:
        if isinstance(default, bool):
            return {"1": True, "0": False}[text.strip()]
        if isinstance(default, int):
            return _whole_number(text)
        if isinstance(default, dt.time):
            return dt.time.fromisoformat(text.strip())
    except (ValueError, KeyError):
        raise Refusal(Code.FIELD_INVALID, field=name) from None
    return text.strip()


def _whole_number(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 1000:
        raise ValueError(text)
    return number


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
