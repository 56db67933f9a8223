"""The values of a step in courses.json as the arguments of its action."""

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Any

from app.demo.data import member_of, moment
from app.demo.office import Office
from app.domain.states import (
    ApplyMode,
    CallOutcome,
    ComplaintAbout,
    ComplexGround,
    ConductType,
    ContactMode,
    DecisionType,
    EvalChannel,
    ItemKind,
    LimitClass,
    StuckStage,
    SuggestionType,
    SuperviseGround,
    SupervisionKind,
    Verdict,
)

NOT_ARGUMENTS = ("do", "at", "by", "of", "slips", "read")
SETS: dict[str, type[enum.StrEnum]] = {
    "apply_mode": ApplyMode,
    "channel": EvalChannel,
    "complaint_about": ComplaintAbout,
    "complex_grounds": ComplexGround,
    "conduct_type": ConductType,
    "decision_type": DecisionType,
    "ground": SuperviseGround,
    "item_kind": ItemKind,
    "kind": SupervisionKind,
    "mode": ContactMode,
    "outcome": CallOutcome,
    "proposed_class": LimitClass,
    "reply_mode": ContactMode,
    "stuck_stage": StuckStage,
    "suggestion_type": SuggestionType,
    "verdict": Verdict,
}
UNITS = ("involved_unit", "lead_unit", "suggest_unit")


def arguments_of(line: Mapping[str, Any], *, office: Office, at: dt.datetime) -> dict[str, Any]:
    """Return the keyword arguments that a line of a course gives to its action."""
    given: dict[str, Any] = {}
    for name, value in line.items():
        if name in SETS:
            given[name] = _members(SETS[name], value)
        elif name in UNITS:
            given[f"{name}_id"] = office.unit(value).id
        elif name == "chair":
            given["chair_id"] = office.member(value, at.date()).id
        elif name == "attendees":
            given["attendee_ids"] = [office.member(who, at.date()).id for who in value]
        elif name not in NOT_ARGUMENTS:
            given[name] = _plain(name, value)
    return given


def _members(kind: type[enum.StrEnum], value: str | list[str]) -> Any:
    if isinstance(value, list):
        return [member_of(kind, text) for text in value]
    return member_of(kind, value)


def _plain(name: str, value: Any) -> Any:
    """Return times and dates as such, by the ending of their name; anything else as it stands."""
    if name.endswith("_at"):
        return moment(value)
    if name.endswith("_on"):
        return dt.date.fromisoformat(value)
    return value
