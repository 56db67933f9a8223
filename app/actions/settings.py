"""系统参数: changed together, or not at all."""

import datetime as dt
from collections.abc import Mapping

from app.actions.accounts import joined_admins
from app.actions.office import DEFAULTS, load_rules, parse_rule, set_rule
from app.actions.watch import look_again
from app.domain.refusals import Code, Refusal
from app.models import Account


def change_rules(values: Mapping[str, str], *, by: Account, now: dt.datetime) -> list[str]:
    """Change the settings that differ from what is in force; return their names.

    A blank goes back to the default, and so does the default's own value: a default that a later
    release corrects then holds for everybody who never chose otherwise.
    """
    before = load_rules()
    wanted = {name: _wanted(name, text) for name, text in values.items()}
    if wanted.get("simplified_admins") is False and joined_admins():
        raise Refusal(Code.ADMINS_JOINED, field="simplified_admins")
    changed = [name for name, value in wanted.items() if value != getattr(before, name)]
    for name in changed:
        is_default = wanted[name] == getattr(DEFAULTS, name)
        set_rule(name=name, text="" if is_default else values[name], by=by, now=now)
    if changed:
        look_again(now=now)  # a threshold of a card or a reminder may have moved
    return changed


def _wanted(name: str, text: str) -> object:
    return parse_rule(name, text) if text.strip() else getattr(DEFAULTS, name)
