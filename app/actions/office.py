"""The office's own rules and working calendar, as the domain's values."""

import datetime as dt
from dataclasses import fields, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from sqlalchemy import select

from app.domain import networks, privacy_notice
from app.domain.audit import KEPT_AT_LEAST_DAYS
from app.domain.refusals import Code, Refusal
from app.domain.rules import Rules
from app.domain.states import DictKind
from app.extensions import db
from app.models import Account, DictEntry, Setting

DEFAULTS = Rules()
MOST_IDLE_MINUTES = 60  # the cookie itself lasts no longer
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
    # Long enough for appeals and inspections, short enough for art. 19 PIPL.
    "reveals_a_day": (1, 1000), "keep_case_years": (1, 10), "keep_desk_years": (1, 5),
    # An assessor asks for these at least; none may be switched off by a nought.
    "password_length": (8, 64), "password_kinds": (3, 4), "password_history": (3, 24),
    "password_days": (1, 180), "lock_failures": (3, 10), "lock_minutes": (15, 1440),
    "idle_minutes": (10, MOST_IDLE_MINUTES), "session_hours": (1, 12), "unused_days": (30, 180),
    "audit_keep_days": (KEPT_AT_LEAST_DAYS, 36_500),
    "api_token_days": (1, 90),
}  # fmt: skip
# Free texts that must mean something: setting → what returns them tidied, or raises ValueError.
TEXTS = {"admin_networks": networks.tidy, "privacy_notice": privacy_notice.tidy}
# 安全管理员 sets these, on a page of their own; 系统管理员 everything else (domain/4 §4.1.1).
POLICY = frozenset(
    {
        "password_length", "password_kinds", "password_history", "password_days", "lock_failures",
        "lock_minutes", "idle_minutes", "session_hours", "unused_days", "simplified_admins",
        "admin_networks",
    }
)  # fmt: skip


def load_rules() -> Rules:
    """Return the rules in force: the defaults with what the office changed (one statement).

    What was written past the form and is no value of the setting counts for nothing.
    """
    changed = db.session.execute(select(Setting.name, Setting.text)).all()
    return replace(DEFAULTS, **{n: rule_or_default(n, t) for n, t in changed if n in RULE_NAMES})


def rule_or_default(name: str, text: str | None) -> Any:
    """Return what was set; what is not, or a later release no longer allows, is the default."""
    try:
        return parse_rule(name, text or "")
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
        if name in TEXTS:
            return TEXTS[name](text)
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
