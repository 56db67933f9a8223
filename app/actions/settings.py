"""系统参数: changed together, or not at all."""

import datetime as dt
from collections.abc import Mapping

from app.actions.accounts import hold_roles, joined_admins
from app.actions.office import DEFAULTS, POLICY, load_rules, parse_rule, set_rule
from app.actions.people import roles_of
from app.actions.watch import look_again
from app.domain.networks import is_inside
from app.domain.refusals import Code, Refusal
from app.domain.states import Role
from app.models import Account

OFFICE_SETTERS = frozenset({Role.SYS_ADMIN, Role.EMERGENCY})
POLICY_SETTERS = frozenset({Role.SEC_ADMIN, Role.EMERGENCY})


def change_rules(
    values: Mapping[str, str], *, by: Account, now: dt.datetime, address: str = ""
) -> list[str]:
    """Change the settings that differ from what is in force; return their names.

    安全管理员 changes the policy and nothing else, 系统管理员 everything else; `address` is where
    they sit, which a list of addresses may not leave out.

    A blank goes back to the default, and so does the default's own value: a default that a later
    release corrects then holds for everybody who never chose otherwise.
    """
    hold_roles()
    before = load_rules()
    wanted = {name: _wanted(name, text) for name, text in values.items()}
    changed = [name for name, value in wanted.items() if value != getattr(before, name)]
    for name in changed:
        setters = POLICY_SETTERS if name in POLICY else OFFICE_SETTERS
        if not setters & roles_of(by):
            raise Refusal(Code.ROLE_MISSING, field=name)
    _check_policy({name: wanted[name] for name in changed}, address)
    for name in changed:
        is_default = wanted[name] == getattr(DEFAULTS, name)
        set_rule(name=name, text="" if is_default else values[name], by=by, now=now)
    if changed:
        look_again(now=now)  # a threshold of a card or a reminder may have moved
    return changed


def _check_policy(changed: Mapping[str, object], address: str) -> None:
    """Refuse what would leave somebody with two posts, or the person who sets it outside."""
    if changed.get("simplified_admins") is False and (joined := joined_admins()):
        names = "、".join(account.name for account in joined)
        raise Refusal(Code.ADMINS_JOINED, field="simplified_admins", names=names)
    allowed = str(changed.get("admin_networks", ""))
    if not is_inside(address, allowed):
        raise Refusal(Code.ADDRESS_OUTSIDE, field="admin_networks", address=address)


def _wanted(name: str, text: str) -> object:
    return parse_rule(name, text) if text.strip() else getattr(DEFAULTS, name)
