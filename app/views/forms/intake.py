"""接待登记: one page for the four ends of a reception, each with only its own fields."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.actions.intake import INTAKE_FIELDS
from app.domain.states import (
    ApplyMode,
    Category,
    ComplaintAbout,
    ConductType,
    ItemKind,
    LimitClass,
    ReporterType,
    Source,
    StuckStage,
    SuggestionType,
)
from app.fab.fields import SuggestField
from app.views.field_words import FIELDS
from app.views.forms.dispatching import offer_grounds
from app.views.forms.parts import (
    LateChoice,
    MoveForm,
    choice,
    day,
    either,
    moment,
    named,
    number,
    paragraph,
    radios,
    text,
    tick,
    tidy,
)
from app.views.scene import Scene

# Which fields the page shows for a category; those of the others are not kept.
OWN_FIELDS: dict[Category, tuple[str, ...]] = {
    Category.NOT_ACCEPTED: ("item_kind", "apply_mode", "stuck_stage", "apply_no", "applied_on"),
    Category.MANY_VISITS: ("item_kind", "visits_count", "visits_note"),
    Category.CONDUCT: ("conduct_type", "complaint_about", "involved_person", "occurred_at"),
    Category.SUGGESTION: ("suggestion_type",),
}
TEXTS = frozenset({"apply_no", "visits_note", "involved_person"})  # empty, where others are None
# What an empty page holds: the usual case at the counter.
START: dict[str, Any] = {
    "source": Source.WINDOW,
    "reporter_type": ReporterType.PERSON,
    "item_kind": ItemKind.APPLICATION,
    "complaint_about": ComplaintAbout.UNIT,
    "is_informed": True,
}
REJECTION = ("ground", "legal_basis", "referred_to", "explain_text", "is_understood")
ON_SPOT = ("lead_unit_id", "unit_person", "handling_note", "reply_text", "cause_id")


class IntakeForm(MoveForm):
    """The ledger's fields, and those of the ends 咨询已答复, 不予受理 and 当场办结."""

    reporter_type = radios("reporter_type", ReporterType)
    reporter_name = text("reporter_name", 60)
    company_name = text("company_name", 80)
    phone = text("phone", 30)
    is_anonymous = tick("is_anonymous")
    is_confidential = tick("is_confidential")
    source = choice("source", Source)
    category = radios("category", Category)
    item_name = text("item_name", 80)
    item_kind = choice("item_kind", ItemKind)
    apply_mode = choice("apply_mode", ApplyMode)
    stuck_stage = choice("stuck_stage", StuckStage)
    apply_no = text("apply_no", 40)
    applied_on = day("applied_on")
    visits_count = number("visits_count", 1, 999)
    visits_note = text("visits_note", 200)
    conduct_type = choice("conduct_type", ConductType)
    complaint_about = choice("complaint_about", ComplaintAbout)
    involved_person = text("involved_person", 60)
    occurred_at = moment("occurred_at")
    suggestion_type = choice("suggestion_type", SuggestionType)
    involved_unit_id = named("involved_unit_id")
    narrative = paragraph("narrative", 6)
    demand = paragraph("demand", 2)
    preliminary_view = paragraph("preliminary_view", 2)
    proposed_class = choice("proposed_class", LimitClass)
    is_informed = tick("is_informed")
    heard_from = text("heard_from", 40)
    remark = paragraph("remark", 2)

    answer_text = paragraph("answer_text", 3)

    ground = LateChoice(FIELDS["ground"], coerce=int)
    legal_basis = SuggestField(FIELDS["legal_basis"], filters=[tidy], suggestions=list)
    referred_to = SuggestField(FIELDS["referred_to"], filters=[tidy], suggestions=list)
    explain_text = paragraph("explain_text", 4)
    is_understood = either("is_understood", _l("Understood"), _l("Not understood"))

    lead_unit_id = named("lead_unit_id")
    unit_person = text("unit_person", 60)
    handling_note = paragraph("handling_note", 2)
    reply_text = paragraph("reply_text", 2)
    cause_id = LateChoice(FIELDS["cause_id"], coerce=int)

    def offer(self, scene: Scene) -> None:
        """Offer units, grounds, referrals and causes of the office."""
        self.involved_unit_id.pairs = self.lead_unit_id.pairs = scene.units
        self.cause_id.fill(scene.causes)
        offer_grounds(self, scene)

    def facts(self) -> dict[str, Any]:
        """Return what the ledger entry holds; texts and lists left alone keep their defaults."""
        facts = {name: self[name].data for name in INTAKE_FIELDS}
        facts["source"] = facts["source"] or Source.WINDOW
        facts["reporter_type"] = facts["reporter_type"] or ReporterType.PERSON
        own = OWN_FIELDS.get(facts["category"], ())
        for name in {name for names in OWN_FIELDS.values() for name in names} - set(own):
            facts[name] = "" if name in TEXTS else None
        return facts

    def shown_for(self, name: str) -> str:
        """Return the condition under which the page shows a field of a category."""
        numbers = (kind.value for kind, names in OWN_FIELDS.items() if name in names)
        return f"category={','.join(numbers)}"

    def part(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Return the values of one end's own fields."""
        return {name: self[name].data for name in names}
