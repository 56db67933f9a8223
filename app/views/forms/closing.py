"""The forms after 办结: 回访, 评价, 核实, 集体研究, 督办, 更正."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.actions.corrections import CORRECTABLE
from app.domain.states import (
    CallOutcome,
    ContactMode,
    DecisionType,
    DictKind,
    EvalChannel,
    EvalLevel,
    SolvedLevel,
    SuperviseGround,
    SupervisionKind,
    Verdict,
)
from app.fab.fields import ChoiceField
from app.views.field_words import FIELDS, field_word
from app.views.forms.parts import (
    LateChoice,
    LateTicks,
    MoveForm,
    choice,
    either,
    moment,
    named,
    paragraph,
    radios,
    text,
    tick,
)
from app.views.scene import Scene


class EvaluateForm(MoveForm):
    """登记评价, as the reporter gives it."""

    level = radios("level", EvalLevel)
    solved = radios("solved", SolvedLevel)
    channel = choice("channel", EvalChannel)
    evaluated_at = moment("evaluated_at")
    reasons = LateTicks(FIELDS["reasons"])
    opinion = paragraph("opinion", 3, label=_l("What the reporter said"))

    def offer(self, scene: Scene) -> None:
        """Offer the office's reasons of dissatisfaction."""
        self.reasons.fill((w.name, w.name) for w in scene.words(DictKind.BAD_REASON))


class CallBackForm(MoveForm):
    """回访: one call."""

    called_at = moment("called_at")
    mode = choice("mode", ContactMode)
    outcome = radios("outcome", CallOutcome)
    unit_made_contact = either("unit_made_contact", _l("Yes"), _l("No"))
    solved = radios("solved", SolvedLevel)
    opinion = paragraph("opinion", 3, label=_l("What the reporter said"))
    follow_up = paragraph("follow_up", 2)


class VerifyForm(MoveForm):
    """差评核实."""

    verdict = radios("verdict", Verdict)
    verify_note = paragraph("verify_note", 4)


class ApproveVerdictForm(MoveForm):
    """审批核实结论."""

    agreed = either("agreed", _l("Agree"), _l("Disagree, verify again"))
    opinion = paragraph("opinion", 3)


class AfterRedoForm(MoveForm):
    """多轮差评处理."""

    to_group = either("to_group", _l("Submit to the leading group"), _l("Archive"))
    opinion = paragraph("opinion", 3)


class DecisionForm(MoveForm):
    """集体研究记录, in the order of the paper."""

    met_at = moment("met_at")
    place = text("place", 80)
    attendee_ids = LateTicks(FIELDS["attendee_ids"], coerce=int)
    chair_id = LateChoice(FIELDS["chair_id"], coerce=int)
    observers = text("observers", 200)
    unit_report = paragraph("unit_report", 3)
    discussion = paragraph("discussion", 3)
    decision_type = radios("decision_type", DecisionType)
    decision = paragraph("decision", 4)
    lead_unit_id = named("lead_unit_id")
    co_units = text("co_units", 200)
    new_due_at = moment("new_due_at")

    def offer(self, scene: Scene) -> None:
        """Offer the members in rank order and the site's units."""
        pairs = [(member.id, f"{member.account.name}（{member.post}）") for member in scene.members]
        self.attendee_ids.fill(pairs)
        self.chair_id.fill(pairs)
        self.lead_unit_id.pairs = scene.units


class SuperviseForm(MoveForm):
    """督办: what each measure needs beside ground and requirement."""

    kind = radios("kind", SupervisionKind)
    unit_id = named("unit_id")
    ground = choice("ground", SuperviseGround, label=_l("Ground"))
    feedback_due_at = moment("feedback_due_at")
    requirement = paragraph("requirement", 4)
    interviewee = text("interviewee", 80)
    place = text("place", 80)
    recorder = text("recorder", 60)
    statement = paragraph("statement", 2)
    document_no = text("document_no", 60)
    transfer_to = text("transfer_to", 80)

    def offer(self, scene: Scene) -> None:
        """Offer the units of the site."""
        self.unit_id.pairs = scene.units


class FeedbackForm(MoveForm):
    """反馈 to a measure."""

    feedback = paragraph("feedback", 5)


class CloseForm(MoveForm):
    """销号."""

    note = paragraph("note", 3, label=_l("Opinion on closing"))


class DropDraftForm(MoveForm):
    """不下发 a drafted measure."""

    reason = text("reason", 200)


class CorrectForm(MoveForm):
    """更正: one fact, with the reason."""

    field = ChoiceField(
        FIELDS["field"], choices=lambda: [(name, field_word(name)) for name in CORRECTABLE]
    )
    new_value = paragraph("new_value", 3)
    reason = paragraph("reason", 2)

    def values(self) -> dict[str, Any]:
        """Return the values; nothing chosen is an empty name."""
        return super().values() | {"field": self.field.data or ""}


class TypicalForm(MoveForm):
    """典型案例、共性问题."""

    is_typical = tick("is_typical")
    is_common_issue = tick("is_common_issue")
