"""The unit's forms: 联系反映人, 问题处理说明, 时限类别, 协办回复, 提交办结, 延期."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.domain.states import ComplexGround, ContactMode, RequestStatus, ResultType
from app.views.field_words import FIELDS
from app.views.forms.parts import (
    LateChoice,
    LateRadios,
    MoveForm,
    choice,
    day,
    either,
    moment,
    paragraph,
    radios,
    text,
    tick,
    ticks,
)
from app.views.scene import Scene


class ContactForm(MoveForm):
    """联系反映人."""

    contacted_at = moment("contacted_at")
    mode = radios("mode", ContactMode)
    is_reached = either("is_reached", _l("Reached"), _l("Not reached"))
    note = paragraph("note", 3)

    def values(self) -> dict[str, Any]:
        """Return the values; who says nothing else has reached the reporter."""
        values = super().values()
        return values | {"is_reached": values["is_reached"] is not False}


class ExplainForm(MoveForm):
    """问题处理说明, in the order of the paper."""

    basic_facts = paragraph("basic_facts", 3)
    verification = paragraph("verification", 3)
    policy_basis = paragraph("policy_basis", 2)
    difficulty = paragraph("difficulty", 3)
    proposal = paragraph("proposal", 3)
    units_needed = text("units_needed", 200)
    expected_on = day("expected_on")


class GroundsForm(MoveForm):
    """调整时限类别: why the matter is complex."""

    complex_grounds = ticks("complex_grounds", ComplexGround)


class AskClassForm(GroundsForm):
    """申请调整时限类别."""

    reason = paragraph("reason", 3)


class CoReplyForm(MoveForm):
    """协办回复."""

    reply_text = paragraph("reply_text", 5, label=_l("What your unit contributed"))


class ResolveForm(MoveForm):
    """提交办结: three facts apart from each other, and what was said to the reporter."""

    result_type = radios("result_type", ResultType)
    is_achieved = either("is_achieved", _l("Achieved"), _l("Not achieved"))
    short_reason = paragraph("short_reason", 2)
    legal_basis = paragraph("legal_basis", 2)
    handling_note = paragraph("handling_note", 4)
    reply_text = paragraph("reply_text", 3)
    reply_mode = choice("reply_mode", ContactMode)
    replied_at = moment("replied_at")
    cause_id = LateChoice(FIELDS["cause_id"], coerce=int)
    is_common_issue = tick("is_common_issue", _l("Others meet the same problem (common issue)"))
    improvement = paragraph("improvement", 2)

    def offer(self, scene: Scene) -> None:
        """Offer the office's causes."""
        self.cause_id.fill(scene.causes)


class ApplyExtensionForm(MoveForm):
    """申请延期: 1 to as many days as are left."""

    days = LateRadios(FIELDS["days"], coerce=int)
    reason = paragraph("reason", 3)
    work_done = paragraph("work_done", 3)
    reporter_told = text("reporter_told", 120)

    def offer(self, scene: Scene) -> None:
        """Offer the days that the cap leaves."""
        self.days.fill((n, str(n)) for n in range(1, scene.extension_left + 1))


class OpinionForm(MoveForm):
    """An opinion: of the section, or a leader's refusal."""

    opinion = paragraph("opinion", 3)


class ApproveExtensionForm(OpinionForm):
    """同意延期: as many days as asked, or fewer."""

    days = LateRadios(FIELDS["days"], coerce=int)

    def offer(self, scene: Scene) -> None:
        """Offer up to the days that were asked."""
        asked = next(
            (e.days_asked for e in (scene.case.extensions if scene.case else [])
             if e.status is RequestStatus.PENDING), 0,
        )  # fmt: skip
        self.days.fill((n, str(n)) for n in range(1, asked + 1))
