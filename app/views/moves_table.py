"""Every move a person may make from the case page: its form, the action it calls, its look.

One entry a move; the order is that of the buttons. Who may make which move when is not said here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.actions import (
    closing,
    corrections,
    evaluation,
    extensions,
    group,
    handling,
    returns,
    supervision,
)
from app.actions import dispatch as dispatching
from app.domain.states import Action
from app.views import moves_done as done
from app.views import moves_preview as preview
from app.views import moves_start as start
from app.views.forms import closing as after
from app.views.forms import dispatching as desk
from app.views.forms import handling as unit
from app.views.forms.parts import MoveForm
from app.views.scene import Scene

MAIN, PLAIN, DANGER = "primary", "default", "danger"


@dataclass(frozen=True)
class MoveScreen:
    """How one move looks: `layout` and `aside` are templates under case/; `confirm` asks first.

    A move without a form of its own is one click.
    """

    form: type[MoveForm]
    run: Callable[..., Any]
    look: str = PLAIN
    icon: str = ""
    layout: str = "fields"
    aside: str = ""
    confirm: Any = ""
    start: Callable[[Scene], dict[str, Any]] | None = None
    preview: Callable[[Scene, Any], str] | None = None
    done: Callable[[Scene], str] = done.plain

    @property
    def is_one_click(self) -> bool:
        """Return whether there is nothing to fill in."""
        return self.form is desk.NothingToFill


_A = Action
MOVES: dict[Action, MoveScreen] = {
    _A.SIGN: MoveScreen(desk.NothingToFill, handling.sign, MAIN, "pen-nib", done=done.signed),
    _A.SIGN_CO: MoveScreen(desk.NothingToFill, handling.sign_co, MAIN, "pen-nib"),
    _A.DISPATCH: MoveScreen(
        desk.DispatchForm, dispatching.dispatch, MAIN, "paper-plane", layout="dispatch",
        start=start.dispatch, preview=preview.dispatch, done=done.dispatched,
    ),
    _A.CONFIRM_DECISION: MoveScreen(
        desk.NothingToFill, group.confirm_decision, MAIN, "check", aside="decision",
        confirm=_l("Confirm the decision of the leading group?"),
    ),
    _A.CONFIRM: MoveScreen(
        desk.NothingToFill, closing.confirm, MAIN, "signature", aside="result",
        confirm=_l("Sign as the duty leader and confirm that the matter is finished?"),
    ),
    _A.SEND_BACK: MoveScreen(
        desk.ReasonForm, closing.send_back, icon="rotate-left", aside="result"
    ),
    _A.APPROVE_EXTENSION: MoveScreen(
        unit.ApproveExtensionForm, extensions.approve_extension, MAIN, "check",
        layout="extension", aside="extension", start=start.approve_extension,
        preview=preview.extension, done=done.extended,
    ),
    _A.REFUSE_EXTENSION: MoveScreen(
        unit.OpinionForm, extensions.refuse_extension, icon="xmark", aside="extension",
        done=done.saved,
    ),
    _A.APPROVE_VERDICT: MoveScreen(
        after.ApproveVerdictForm, evaluation.approve_verdict, MAIN, "check", aside="evaluation"
    ),
    _A.DECIDE_AFTER_REDO: MoveScreen(
        after.AfterRedoForm, evaluation.decide_after_redo, MAIN, "gavel", aside="evaluation"
    ),
    _A.RECORD_DECISION: MoveScreen(
        after.DecisionForm, group.record_decision, MAIN, "users", layout="decision",
        aside="decision", start=start.decision, preview=preview.quorum, done=done.saved,
    ),
    _A.VERIFY: MoveScreen(
        after.VerifyForm, evaluation.verify, MAIN, "magnifying-glass", aside="evaluation"
    ),
    _A.EVALUATE: MoveScreen(
        after.EvaluateForm, evaluation.evaluate, MAIN, "star", layout="evaluate", aside="result",
        start=start.evaluate,
    ),
    _A.REASSIGN: MoveScreen(
        desk.ReassignForm, returns.reassign, MAIN, "share", layout="reassign", aside="return",
        start=start.suggested_unit, preview=preview.reassign, done=done.dispatched,
    ),
    _A.RELEASE: MoveScreen(desk.ReasonForm, returns.release, icon="rotate-left", aside="return"),
    _A.REFUSE_RETURN: MoveScreen(
        desk.ReasonForm, returns.refuse_return, icon="xmark", aside="return", done=done.saved
    ),
    _A.ASSIGN_LEAD: MoveScreen(
        desk.ReassignForm, returns.assign_lead, MAIN, "gavel", aside="return",
        start=start.suggested_unit,
    ),
    _A.RESOLVE: MoveScreen(
        unit.ResolveForm, handling.resolve, MAIN, "flag-checkered", layout="resolve",
        start=start.resolve, done=done.resolved,
    ),
    _A.READ_EVALUATION: MoveScreen(
        desk.NothingToFill, evaluation.read_evaluation, MAIN, "eye", aside="evaluation",
        done=done.saved,
    ),
    _A.CONTACT: MoveScreen(
        unit.ContactForm, handling.contact, icon="phone", start=start.contact, done=done.saved
    ),
    _A.EXPLAIN: MoveScreen(
        unit.ExplainForm, handling.explain, icon="file-lines", start=start.explain, done=done.saved
    ),
    _A.CO_REPLY: MoveScreen(unit.CoReplyForm, handling.co_reply, icon="reply", done=done.saved),
    _A.APPLY_EXTENSION: MoveScreen(
        unit.ApplyExtensionForm, extensions.apply_extension, icon="hourglass-half",
        layout="extension", preview=preview.extension, done=done.saved,
    ),
    _A.ASK_CLASS: MoveScreen(
        unit.AskClassForm, handling.ask_class, icon="scale-balanced", start=start.grounds,
        done=done.saved,
    ),
    _A.CHANGE_CLASS: MoveScreen(
        unit.GroundsForm, handling.change_class, icon="scale-balanced", layout="preview",
        start=start.grounds, preview=preview.change_class, done=done.class_changed,
    ),
    _A.CALL_BACK: MoveScreen(
        after.CallBackForm, evaluation.call_back, icon="phone", aside="script",
        start=start.call_back, done=done.saved,
    ),
    _A.CLOSE_UNRATED: MoveScreen(
        desk.NothingToFill, evaluation.close_unrated, icon="box-archive",
        confirm=_l("Archive this matter as not rated?"),
    ),
    _A.COMMENT_EXTENSION: MoveScreen(
        unit.OpinionForm, extensions.comment_extension, icon="comment", aside="extension",
        done=done.saved,
    ),
    _A.ADD_CO_UNIT: MoveScreen(
        desk.AddCoUnitForm, dispatching.add_co_unit, icon="user-plus", start=start.add_co_unit,
        done=done.saved,
    ),
    _A.SUPERVISE: MoveScreen(
        after.SuperviseForm, supervision.supervise, icon="bell", layout="supervise",
        start=start.supervise, done=done.saved,
    ),
    _A.MARK_TYPICAL: MoveScreen(
        after.TypicalForm, corrections.mark_typical, icon="bookmark", start=start.typical,
        done=done.saved,
    ),
    _A.CORRECT: MoveScreen(
        after.CorrectForm, corrections.correct, icon="pen-to-square", done=done.saved
    ),
    _A.REQUEST_RETURN: MoveScreen(
        desk.RequestReturnForm, returns.request_return, icon="rotate-left", aside="return_limit",
        done=done.saved,
    ),
    _A.RETURN_DRAFT: MoveScreen(desk.ReasonForm, dispatching.return_draft, icon="rotate-left"),
    _A.REOPEN: MoveScreen(
        desk.ReasonForm, closing.reopen, icon="arrows-rotate", aside="evaluation",
        confirm=_l("Reopen this matter for another round?"),
    ),
    _A.ESCALATE: MoveScreen(
        desk.ReasonForm, group.escalate, DANGER, "arrow-up-from-bracket",
        confirm=_l("Submit this matter to the leading group?"),
    ),
    _A.MERGE: MoveScreen(
        desk.MergeForm, dispatching.merge, DANGER, "code-merge",
        confirm=_l("Join this matter to the other one? This cannot be undone."),
    ),
    _A.REJECT_LATE: MoveScreen(
        desk.RejectLateForm, dispatching.reject_late, DANGER, "ban", start=start.reject_late,
        confirm=_l("Turn this matter into “not accepted”? Its ledger number becomes void."),
    ),
    _A.VOID_SLIPS: MoveScreen(
        desk.ReasonForm, dispatching.void_slips, DANGER, "file-circle-xmark",
        confirm=_l("Void the slips? Their numbers stay listed and are never used again."),
    ),
    _A.WITHDRAW: MoveScreen(
        desk.WithdrawForm, closing.withdraw, DANGER, "right-from-bracket",
        confirm=_l("Close this matter as withdrawn? This cannot be undone."),
    ),
}  # fmt: skip
"""The moves of a draft stand on the 接待登记 page; 查看完整号码 stands beside the phone."""

AT_THE_DESK = frozenset({_A.REJECT, _A.SUBMIT, _A.RESOLVE_ON_SPOT})
BESIDE_THE_PHONE = frozenset({_A.REVEAL_PHONE})
NOT_A_MOVE = frozenset({_A.REGISTER})  # what opens a case


def offered(scene: Scene) -> list[Action]:
    """Return the moves this person may make now, in the order of their buttons."""
    return [a for a in MOVES if a in scene.allowed]
