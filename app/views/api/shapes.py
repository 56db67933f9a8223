"""The columns that the interface gives out of cases, slips and units; no others leave the house.

Names and numbers are masked as in the lists, whoever asks (domain/4 §4.2, D-22).
"""

from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l

from app.actions.visibility import SEES_ALL
from app.domain.deadlines import Card
from app.domain.masking import masked_phone
from app.domain.states import (
    ApplyMode,
    Category,
    ComplaintAbout,
    ConductType,
    EvalLevel,
    ItemKind,
    LimitClass,
    ReporterType,
    ResultType,
    SlipKind,
    Source,
    State,
    StuckStage,
    SuggestionType,
    UnitKind,
)
from app.domain.words import word
from app.fab.openapi import DAY, KEY, MOMENT, TEXT, TRUTH, WHOLE, Column, Schema, maybe
from app.models import Case
from app.reports.papers.annexes import discreet
from app.views.case_list import LABELS
from app.views.case_rows import reporter_in_list
from app.views.discreet import in_list
from app.views.field_words import FIELDS
from app.views.moment import moment
from app.views.reporter import sees_reporter

_C = Column


def of_set(kind: Any) -> Schema:
    """Return the schema of a closed set."""
    return {"type": "string", "enum": [member.value for member in kind]}


def set_words(label: Any, kind: Any) -> Any:
    """Return the label with what each value means."""
    return _Joined(label, "；".join(f"{member.value}＝{word(member)}" for member in kind))


class _Joined:
    """A label, translated when it is asked for, with the office's words behind it."""

    def __init__(self, label: Any, words: str) -> None:
        self.label, self.words = label, words

    def __str__(self) -> str:
        return f"{self.label}（{self.words}）"


def _chosen(name: str, label: Any, kind: Any, *, empty: bool = True) -> Column:
    schema = of_set(kind)
    return _C(name, set_words(label, kind), maybe(schema) if empty else schema)


def _phone(case: Case) -> str:
    return masked_phone(case.phone) if sees_reporter(case, g.user) else ""


def _unit(name: str, label: Any) -> tuple[Column, Column]:
    """Return key and name of a unit."""
    return (
        _C(f"{name}_id", label, maybe(KEY)),
        _C(name, label, maybe(TEXT), lambda row: u.name if (u := getattr(row, name)) else None),
    )


CASE: tuple[Column, ...] = (
    _C("id", _l("Key"), KEY),
    _C("version", _l("Version, to be sent back with a move"), KEY),
    _C("site_id", _l("Site"), KEY),
    _C("ledger_no", LABELS["ledger_no"], maybe(TEXT)),
    _chosen("state", LABELS["state"], State, empty=False),
    _chosen("category", FIELDS["category"], Category),
    _C("item_name", LABELS["item_name"], TEXT, lambda case: in_list(case.item_name, case)),
    _C("reporter", LABELS["reporter"], TEXT, lambda case: str(reporter_in_list(case, g.user))),
    *_unit("lead_unit", LABELS["lead_unit"]),
    *_unit("involved_unit", LABELS["involved_unit"]),
    _chosen("limit_class", LABELS["limit_class"], LimitClass),
    _C("round_no", _l("Round"), KEY),
    _C("registered_at", LABELS["registered_at"], MOMENT),
    _C("submitted_at", LABELS["submitted_at"], maybe(MOMENT)),
    _C("dispatched_at", _l("Dispatched at"), maybe(MOMENT)),
    _C("due_at", _l("Due"), maybe(MOMENT), lambda case: moment().standing(case).due_at),
    _C("finished_at", LABELS["finished_at"], maybe(MOMENT)),
    _C("card", _l("Card"), of_set(Card), lambda case: moment().standing(case).card),
    _C("is_overdue", _l("Overdue"), TRUTH, lambda case: moment().standing(case).is_overdue),
)

# Only for those who open the page of a case; whoever only counts stays with the list.
CASE_FACTS: tuple[Column, ...] = (
    _C("phone", FIELDS["phone"], TEXT, _phone),
    _chosen("source", FIELDS["source"], Source, empty=False),
    _chosen("reporter_type", FIELDS["reporter_type"], ReporterType, empty=False),
    _C("is_anonymous", FIELDS["is_anonymous"], TRUTH),
    _C("is_confidential", FIELDS["is_confidential"], TRUTH),
    _chosen("item_kind", FIELDS["item_kind"], ItemKind),
    _chosen("apply_mode", FIELDS["apply_mode"], ApplyMode),
    _chosen("stuck_stage", FIELDS["stuck_stage"], StuckStage),
    _C("apply_no", FIELDS["apply_no"], TEXT),
    _C("applied_on", FIELDS["applied_on"], maybe(DAY)),
    _C("visits_count", FIELDS["visits_count"], maybe(WHOLE)),
    _chosen("conduct_type", FIELDS["conduct_type"], ConductType),
    _chosen("complaint_about", FIELDS["complaint_about"], ComplaintAbout),
    _chosen("suggestion_type", FIELDS["suggestion_type"], SuggestionType),
    _C("occurred_at", FIELDS["occurred_at"], maybe(MOMENT)),
    _C("narrative", FIELDS["narrative"], TEXT, lambda case: discreet(case.narrative, case)),
    _C("demand", FIELDS["demand"], TEXT, lambda case: discreet(case.demand, case)),
    _C("signed_at", _l("Signed for"), maybe(MOMENT)),
    _C("confirmed_at", _l("Confirmed"), maybe(MOMENT)),
    _C("archived_at", _l("Archived"), maybe(MOMENT)),
    _chosen("result_type", FIELDS["result_type"], ResultType),
    _C("is_achieved", FIELDS["is_achieved"], maybe(TRUTH)),
    _chosen("eval_level", FIELDS["level"], EvalLevel),
    _C("slip_ids", _l("Hand-over slips"), {"type": "array", "items": KEY},
       lambda case: slip_keys(case)),
    _C("moves", _l("Moves open to you now"), {"type": "array", "items": TEXT},
       lambda case: [action.value for action in moment().allowed(case)]),
)  # fmt: skip


def slip_keys(case: Case) -> list[int]:
    """Return the slips of a case that this person sees: a unit its own ones."""
    own = None if moment().roles & SEES_ALL else g.user.unit_id
    return sorted(slip.id for slip in case.slips if own in (None, slip.unit_id))


SLIP: tuple[Column, ...] = (
    _C("id", _l("Key"), KEY),
    _C("no", _l("Slip number"), TEXT),
    _C("year", _l("Year"), WHOLE, lambda slip: slip.year_no),
    _C("site_id", _l("Site"), KEY),
    _C("case_id", _l("Matter, while it is open to you"), maybe(KEY),
       lambda slip: slip.case_id if slip.case_id in g.api_open_cases else None),
    _C("subject", _l("Item"), TEXT, lambda slip: in_list(slip.subject, slip)),
    _C("unit_id", _l("Receiving unit"), KEY),
    _C("unit", _l("Receiving unit"), TEXT, lambda slip: slip.unit.name),
    _chosen("slip_kind", _l("Kind"), SlipKind, empty=False),
    _chosen("limit_class", FIELDS["limit_class"], LimitClass, empty=False),
    _C("content", FIELDS["content"], maybe(TEXT),
       lambda slip: discreet(slip.content, slip.case)
       if slip.case_id in g.api_open_cases else None),
    _C("issued_at", _l("Dispatched at"), MOMENT),
    _C("due_at", _l("Due"), MOMENT),
    _C("signed_at", _l("Signed for"), maybe(MOMENT)),
    _C("replied_at", _l("Replied"), maybe(MOMENT)),
    _C("is_void", _l("Void"), TRUTH),
)  # fmt: skip

UNIT: tuple[Column, ...] = (
    _C("id", _l("Key"), KEY),
    _C("name", _l("Unit"), TEXT),
    _chosen("unit_kind", _l("Kind of unit"), UnitKind, empty=False),
    _C("site_id", _l("Site"), KEY),
    _C("site", _l("Site"), TEXT, lambda unit: unit.site.name),
    _C("location", _l("Location"), TEXT),
    _C("is_active", _l("In use"), TRUTH),
)
