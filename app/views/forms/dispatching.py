"""The section's forms around the hand-over: 交办, 退回补正, 改不予受理, 改派, 并案."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.domain.states import ComplexGround, DictKind, LimitClass
from app.fab.fields import SuggestField
from app.views.field_words import FIELDS
from app.views.forms.parts import (
    LateChoice,
    LateTicks,
    MoveForm,
    either,
    moment,
    named,
    paragraph,
    radios,
    text,
    ticks,
    tidy,
)
from app.views.scene import Scene


class NothingToFill(MoveForm):
    """A move that is one click."""


class ReasonForm(MoveForm):
    """A move that needs its reason."""

    reason = paragraph("reason")


class WithdrawForm(ReasonForm):
    """撤回 with what proves it."""

    proof = paragraph("proof", 2)


class DispatchForm(MoveForm):
    """交办: who, how long, what."""

    lead_unit_id = named("lead_unit_id")
    limit_class = radios("limit_class", LimitClass)
    complex_grounds = ticks("complex_grounds", ComplexGround)
    content = paragraph("content", 6)
    co_unit_ids = LateTicks(FIELDS["co_unit_ids"], coerce=int)

    def offer(self, scene: Scene) -> None:
        """Offer the units of the site."""
        self.lead_unit_id.pairs = scene.units
        self.co_unit_ids.fill(scene.units)
        self.mark_required(("complex_grounds",))  # where the 3-day class shows them

    def values(self) -> dict[str, Any]:
        """Return the values; grounds count for the 3-day class only."""
        values = super().values()
        if values["limit_class"] is not LimitClass.THREE_DAYS:
            values["complex_grounds"] = []
        return values


class AddCoUnitForm(MoveForm):
    """增加协办."""

    unit_id = named("unit_id")
    content = paragraph("content", 5)

    def offer(self, scene: Scene) -> None:
        """Offer the units of the site."""
        self.unit_id.pairs = scene.units


class RejectForm(MoveForm):
    """What 不予受理 needs, at the desk and at the section."""

    ground = LateChoice(FIELDS["ground"], coerce=int)
    legal_basis = SuggestField(
        FIELDS["legal_basis"], filters=[tidy], suggestions=list, render_kw={"maxlength": 300}
    )
    referred_to = SuggestField(
        FIELDS["referred_to"], filters=[tidy], suggestions=list, render_kw={"maxlength": 300}
    )
    explain_text = paragraph("explain_text", 4)
    is_understood = either("is_understood", _l("Understood"), _l("Not understood"))

    def offer(self, scene: Scene) -> None:
        """Offer the office's grounds, bases and referrals."""
        offer_grounds(self, scene)


class RejectLateForm(RejectForm):
    """改不予受理, with who explained it to the reporter and when."""

    informed_by = text("informed_by", 60)
    informed_at = moment("informed_at")


def offer_grounds(form: Any, scene: Scene) -> None:
    """Offer the office's own words for a refusal to accept."""
    grounds = scene.words(DictKind.GROUND)
    form.ground.fill((entry.id, entry.name) for entry in grounds)
    bases = [entry.name for entry in scene.words(DictKind.BASIS)]
    form.legal_basis.suggestions = lambda: bases
    referrals = [
        f"{entry.name}（{entry.detail}）" if entry.detail else entry.name
        for entry in scene.words(DictKind.REFERRAL)
    ]
    form.referred_to.suggestions = lambda: referrals


class ReassignForm(MoveForm):
    """同意改派 or 指定主办: to whom, and why."""

    lead_unit_id = named("lead_unit_id")
    opinion = paragraph("opinion", 2)

    def offer(self, scene: Scene) -> None:
        """Offer the units of the site."""
        self.lead_unit_id.pairs = scene.units


class RequestReturnForm(MoveForm):
    """申请退回: why, and whose it is instead."""

    reason = paragraph("reason", 4)
    suggest_unit_id = named("suggest_unit_id")

    def offer(self, scene: Scene) -> None:
        """Offer the units of the site but the own one."""
        own = scene.case.lead_unit_id if scene.case else None
        self.suggest_unit_id.pairs = [pair for pair in scene.units if pair[0] != own]


class MergeForm(ReasonForm):
    """并案: into which case."""

    target_id = named("target_id")

    def offer(self, scene: Scene) -> None:
        """Offer the open cases of the site."""
        self.target_id.pairs = scene.merge_targets
