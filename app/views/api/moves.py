"""POST /api/v1/cases/{case_id}/moves/{action}: the same moves as on the pages, and no others."""

from dataclasses import dataclass
from typing import Any

from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException

from app.actions import intake as desk
from app.domain.api_tokens import ApiScope
from app.domain.refusals import Code, Refusal
from app.domain.states import Action, ResultType
from app.fab.api import ApiProblem, answer, described, key_of, read_body
from app.fab.openapi import Operation, ref
from app.views.api.base import STATUSES, OfficeApi, problem_of
from app.views.api.body import read_form, schema_of, version_of
from app.views.api.cases import summary_of
from app.views.case_record import rejection_of
from app.views.forms.dispatching import NothingToFill
from app.views.forms.intake import ON_SPOT, REJECTION, IntakeForm
from app.views.labels import label
from app.views.messages import due_text
from app.views.moves import make_move, refusal_of, scene_of, why_not
from app.views.moves_table import MOVES, MoveScreen
from app.views.scene import Scene

REFUSALS = (409,)


@dataclass(frozen=True)
class ApiMove:
    """A move of the pages, with the names of the fields its body holds (None: all of the form)."""

    screen: MoveScreen
    names: tuple[str, ...] | None = None


def _rejected(scene: Scene) -> str:
    row = rejection_of(scene.case) if scene.case else None
    return _("Registered as not accepted, number %(number)s.", number=row and row.rejection_no)


def _submitted(scene: Scene) -> str:
    case = scene.case
    return _(
        "Submitted to the section, ledger number %(number)s, to be dispatched before %(due)s.",
        number=case and case.ledger_no, due=due_text(case.dispatch_due_at if case else None),
    )  # fmt: skip


def _on_spot(scene: Scene) -> str:
    number = scene.case and scene.case.ledger_no
    return _("Solved on the spot, ledger number %(number)s.", number=number)


def _resolve_on_spot(case: Any, **values: Any) -> Any:
    return desk.resolve_on_spot(case, result_type=ResultType.SOLVED, **values)


DESK: dict[Action, ApiMove] = {
    Action.SUBMIT: ApiMove(MoveScreen(NothingToFill, desk.submit, done=_submitted)),
    Action.REJECT: ApiMove(MoveScreen(IntakeForm, desk.reject, done=_rejected), REJECTION),
    Action.RESOLVE_ON_SPOT: ApiMove(
        MoveScreen(IntakeForm, _resolve_on_spot, done=_on_spot), ON_SPOT
    ),
}
ALL: dict[Action, ApiMove] = DESK | {verb: ApiMove(screen) for verb, screen in MOVES.items()}


class CaseMoveApi(OfficeApi):
    """The moves; which of them is open to whom is asked of the workflow table."""

    route_base = "/api/v1/cases"
    class_permission_name = "CaseMoves"
    openapi_spec_tag = "moves"

    @expose("/<int:case_id>/moves/<action>", methods=["POST"])
    @permission_name("move")
    @described(Operation(
        _l("Move of a case"), ref("MoveAnswer"), scope=ApiScope.CASES_WRITE, keys=("case_id",),
        body=lambda: schema_of(NothingToFill, has_version=True), refusals=REFUSALS,
    ))  # fmt: skip
    def make(self, case_id: int, action: str) -> Any:
        """Make the move as one unit of work; a refusal changes nothing."""
        move = ALL.get(_verb(action))
        if move is None:
            raise ApiProblem(404)
        scene = scene_of(key_of(case_id))
        body = read_body()
        version = version_of(body)
        _before_reading(scene, _verb(action), version)
        form = read_form(move.screen.form, body, scene, move.names)
        values = form.values() if move.names is None else _part(form, move.names)
        message = made(lambda: make_move(case_id, move.screen, values, version=version))
        return answer({"message": message, "case": summary_of(case_id)})

    def add_api_spec(self, api_spec: Any) -> None:
        """Describe each move at its own address, with its own body."""
        for verb, move in ALL.items():
            operation = Operation(
                label(verb), ref("MoveAnswer"), scope=ApiScope.CASES_WRITE, keys=("case_id",),
                body=schema_of(move.screen.form, move.names, has_version=True),
                refusals=REFUSALS,
            )  # fmt: skip
            made_of = operation.document(f"move_{verb.value}") | {"tags": [self.openapi_spec_tag]}
            path = f"{self.route_base}/{{case_id}}/moves/{verb.value}"
            api_spec.path(path=path, operations={"post": made_of})


def made(step: Any) -> Any:
    """Return what a step gives, or what it refused as the interface tells it."""
    try:
        return step()
    except HTTPException:
        raise
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise problem_of(refusal) from error


def _before_reading(scene: Scene, verb: Action, version: int) -> None:
    """Refuse what makes the body pointless: no right to the move, or a case changed meanwhile."""
    refusal = why_not(scene, verb)
    if refusal is not None and STATUSES.get(refusal.code) in (403, 409):
        raise problem_of(refusal)
    if scene.case is not None and version != scene.case.version:
        raise problem_of(Refusal(Code.STALE))


def _part(form: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: form[name].data for name in names}


def _verb(name: str) -> Action:
    try:
        return Action(name)
    except ValueError:
        raise ApiProblem(404) from None
