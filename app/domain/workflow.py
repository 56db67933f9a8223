"""The one table of the workflow asked: who may do what to a case now, and what must be filled in.

Buttons, the checks in the actions, docs/workflow.md and the tests all ask here; nothing else
knows who may do what when.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

from app.domain.conditions import CHECKS
from app.domain.facts import Actor, CaseFacts
from app.domain.refusals import Code, Refusal
from app.domain.rules import Rules
from app.domain.states import Action, ComplaintAbout, Role, State
from app.domain.transitions import REGISTER_ROLES, TABLE, Transition

__all__ = [
    "REGISTER_ROLES",
    "TABLE",
    "Transition",
    "allowed_actions",
    "check",
    "is_blank",
    "lines_of",
    "refusal_facts",
    "require_fields",
]


def lines_of(action: Action, state: State) -> tuple[Transition, ...]:
    """Return the table's lines for an action in a state; empty when it is not open there."""
    return tuple(t for t in TABLE if t.action is action and state in t.sources)


# D-22: a complaint about 督办考核科 is kept from it; today's leader does the section's part.
def _roles_on(case: CaseFacts, actor: Actor) -> frozenset[Role]:
    if case.complaint_about is not ComplaintAbout.SECTION:
        return actor.roles
    stands_in = frozenset({Role.SUPERVISOR}) if actor.approves_today else frozenset()
    return actor.roles - {Role.SUPERVISOR} | stands_in


def _why_not(
    line: Transition, case: CaseFacts, actor: Actor, now: dt.datetime, rules: Rules
) -> Code | None:
    """Return the first reason against this line for this person now, or None."""
    if not line.who & _roles_on(case, actor):
        return Code.ABOUT_SECTION if line.who & actor.roles else Code.ROLE_MISSING
    if actor.site_id is not None and actor.site_id != case.site_id:
        return Code.OTHER_SITE
    return next((c for c in line.conditions if not CHECKS[c](case, actor, now, rules)), None)


def check(
    action: Action, case: CaseFacts, actor: Actor, now: dt.datetime, rules: Rules
) -> Transition:
    """Return the line that lets `actor` do `action` now.

    Raises Refusal: the action is closed in this state, or the most telling reason of the lines
    (a condition before “not your role”, because somebody of that role reads it).
    """
    lines = lines_of(action, case.state)
    if not lines:
        raise Refusal(Code.ACTION_CLOSED, action=action, state=case.state)
    reasons = []
    for line in lines:
        reason = _why_not(line, case, actor, now, rules)
        if reason is None:
            return line
        reasons.append(reason)
    telling = [r for r in reasons if r is not Code.ROLE_MISSING] or reasons
    code = telling[0]
    raise Refusal(code, action=action, state=case.state, **refusal_facts(code, case, rules))


def refusal_facts(code: Code, case: CaseFacts, rules: Rules) -> dict[str, object]:
    """Return the figures that the sentence of a refusal speaks of."""
    until = {
        Code.RETURN_TOO_LATE: case.return_until,
        Code.EVALUATION_WINDOW_OPEN: case.eval_until,
        Code.REOPEN_TOO_LATE: case.reopen_until,
    }
    return {
        "total": case.extension_total,
        "cap": rules.extension_cap_days,
        "left": rules.extension_cap_days - case.extension_total,
        "until": until.get(code),
        "due": case.due_at,
    }


def allowed_actions(
    case: CaseFacts, actor: Actor, now: dt.datetime, rules: Rules
) -> tuple[Action, ...]:
    """Return the actions this person may take now, in the table's order, each once."""
    open_lines = (
        t for t in TABLE if case.state in t.sources and _why_not(t, case, actor, now, rules) is None
    )
    return tuple(dict.fromkeys(t.action for t in open_lines))


def require_fields(
    line: Transition, values: Mapping[str, object], also: Iterable[str] = ()
) -> None:
    """Refuse with FIELDS_MISSING and their names when a field of the line (or of `also`) is empty.

    False and 0 count as filled; blank text, None and empty collections do not.
    """
    needed = dict.fromkeys((*line.fields, *also))
    empty = [name for name in needed if is_blank(values.get(name))]
    if empty:
        raise Refusal(Code.FIELDS_MISSING, fields=empty)


def is_blank(value: object) -> bool:
    """Return whether a form value counts as not filled in."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, (list, tuple, set, frozenset)) and not value)
