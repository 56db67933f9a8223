"""The moves of a case: GET shows the form, POST makes the move in one unit of work.

Which move is open to whom is asked of the workflow table; what it does is an action's business.
"""

from http import HTTPStatus
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.actions.facts import facts_of
from app.actions.moves import lock_case
from app.clock import now
from app.disk import is_full
from app.domain.refusals import Code, Refusal
from app.domain.states import Action
from app.domain.workflow import check, lines_of
from app.fab.problems import Problem, explain
from app.unit_of_work import unit_of_work
from app.views.case_face import brief_of
from app.views.case_record import CaseUnseen, seen_case
from app.views.forms.parts import MoveForm
from app.views.labels import label
from app.views.messages import due_text, missing_fields, sentence
from app.views.moves_table import AT_THE_DESK, MOVES, MoveScreen
from app.views.scene import Scene

STALE = Refusal(Code.STALE)
STATUS = {
    Code.STALE: HTTPStatus.CONFLICT,
    Code.ACTION_CLOSED: HTTPStatus.CONFLICT,
    Code.ALREADY_SIGNED: HTTPStatus.CONFLICT,
    Code.ALREADY_DONE: HTTPStatus.CONFLICT,
    Code.ROLE_MISSING: HTTPStatus.FORBIDDEN,
    Code.OTHER_SITE: HTTPStatus.FORBIDDEN,
    Code.NO_ROOM: HTTPStatus.INSUFFICIENT_STORAGE,
}


class CaseMoves(BaseView):
    """One address a move; what a person may not see answers as if it were not there."""

    route_base = "/case"
    default_view = "move"
    extra_args = {"label": label, "due_text": due_text}  # noqa: RUF012 (FAB's own way)

    @expose("/<int:case_id>/move/<action>", methods=["GET"])
    @has_access
    @permission_name("move")
    def move(self, case_id: int, action: str) -> Any:
        """Show the form of a move, or why it is not possible now."""
        scene, verb = scene_of(case_id), _verb(action)
        if verb in AT_THE_DESK:
            return redirect(url_for("IntakeView.draft", case_id=case_id))
        screen = MOVES.get(verb) or abort(404)
        refusal = why_not(scene, verb)
        if refusal:
            return self._not_now(scene, verb, refusal)
        form = screen.form(formdata=None, data=screen.start(scene) if screen.start else None)
        form.offer(scene)
        return self._page(scene, verb, form)

    @expose("/<int:case_id>/move/<action>", methods=["POST"])
    @has_access
    @permission_name("move")
    def make(self, case_id: int, action: str) -> Any:
        """Make the move, or show the form again with the person's text and the reason."""
        scene, verb = scene_of(case_id), _verb(action)
        screen = MOVES.get(verb) or abort(404)
        early = _before_reading(scene, verb)
        if early is not None and STATUS.get(early.code) is HTTPStatus.FORBIDDEN:
            return self._not_now(scene, verb, early)
        form = screen.form()
        form.offer(scene)
        if early is not None:
            put_problems(form, early)
            return self._page(scene, verb, form), HTTPStatus.CONFLICT
        if not form.validate():
            return self._page(scene, verb, form), HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            message = _make(case_id, screen, form)
        except Exception as error:
            return self._refused(case_id, verb, form, error)
        flash(message, "success")
        if request.form.get("then") == "print":
            return redirect(url_for("PaperView.slips", case_id=case_id))
        return redirect(after_move(case_id))

    @expose("/<int:case_id>/move/<action>/preview", methods=["GET"])
    @has_access
    @permission_name("move")
    def preview(self, case_id: int, action: str) -> Any:
        """Return the sentence for what the form says now, as plain text."""
        scene, verb = scene_of(case_id), _verb(action)
        screen = MOVES.get(verb)
        if screen is None or screen.preview is None or verb not in scene.allowed:
            abort(404)
        form = screen.form(formdata=request.args, meta={"csrf": False})
        form.offer(scene)
        return screen.preview(scene, form), {"Content-Type": "text/plain; charset=utf-8"}

    def _refused(self, case_id: int, verb: Action, form: MoveForm, error: Exception) -> Any:
        """Show the form again, or the plain reason to whoever could not have had the form."""
        refusal = refusal_of(error)
        if refusal is None:
            raise error
        scene = scene_of(case_id)  # the case as it stands after the rollback
        status = STATUS.get(refusal.code, HTTPStatus.UNPROCESSABLE_ENTITY)
        if status is HTTPStatus.FORBIDDEN:
            return self._not_now(scene, verb, refusal)
        put_problems(form, refusal)
        return self._page(scene, verb, form), status

    def _not_now(self, scene: Scene, verb: Action, refusal: Refusal) -> Any:
        status = STATUS.get(refusal.code, HTTPStatus.CONFLICT)
        page = self.render_template(
            "case/not_now.html", title=label(verb), case=scene.case, reason=sentence(refusal),
            leader=scene.leader if refusal.code is Code.NOT_DUTY_LEADER_TODAY else None,
        )  # fmt: skip
        return page, status

    def _page(self, scene: Scene, verb: Action, form: MoveForm) -> str:
        screen, case = MOVES[verb], scene.case
        if case is None:
            raise CaseUnseen
        names = {name for line in lines_of(verb, case.state) for name in line.fields}
        form.mark_required(names)
        return self.render_template(
            f"case/forms/{screen.layout}.html",
            title=label(verb), case=case, scene=scene, screen=screen, form=form, verb=verb,
            brief=brief_of(scene), back=back_of(case.id), submit=label(verb),
            preview_url=url_for(".preview", case_id=case.id, action=verb.value),
            return_until=facts_of(case, calendar=scene.calendar, rules=scene.rules).return_until,
        )  # fmt: skip


def scene_of(case_id: int) -> Scene:
    """Return this person before the case, or CaseUnseen."""
    case = seen_case(case_id, g.user)
    return Scene(case.site_id, g.user, now(), case)


def why_not(scene: Scene, verb: Action) -> Refusal | None:
    """Return the table's reason against a move, or None."""
    if scene.case is None:
        return Refusal(Code.NOT_FOUND)
    facts = facts_of(scene.case, calendar=scene.calendar, rules=scene.rules)
    try:
        check(verb, facts, scene.actor, scene.now, scene.rules)
    except Refusal as refusal:
        return refusal
    return None


def _before_reading(scene: Scene, verb: Action) -> Refusal | None:
    """Return what makes the form pointless: no right to the move, or a case changed meanwhile."""
    refusal = why_not(scene, verb)
    if refusal is not None and STATUS.get(refusal.code) is HTTPStatus.FORBIDDEN:
        return refusal
    seen = request.form.get("version", type=int)
    stale = scene.case is not None and seen is not None and seen != scene.case.version
    return STALE if stale else None


def _make(case_id: int, screen: MoveScreen, form: MoveForm) -> str:
    """Make the move as one unit of work; return what the person reads."""
    version = request.form.get("version", type=int)
    if version is None:
        abort(400)
    return make_move(case_id, screen, form.values(), version=version)


def make_move(case_id: int, screen: MoveScreen, values: dict[str, Any], *, version: int) -> str:
    """Make the move on the case as it was seen at `version`; the REST interface does so too."""
    with unit_of_work():
        seen_case(case_id, g.user)
        case = lock_case(case_id, seen_version=version)
        scene = Scene(case.site_id, g.user, now(), case)
        screen.run(case, **values, by=g.user, now=scene.now)
        return screen.done(scene)


def refusal_of(error: Exception) -> Refusal | None:
    """Return the refusal behind an error that belongs to the person, or None."""
    if isinstance(error, Refusal):
        return error
    if is_full(error):
        return Refusal(Code.NO_ROOM)
    return STALE if isinstance(error, StaleDataError | IntegrityError) else None


def put_problems(form: MoveForm, refusal: Refusal) -> None:
    """Put each reason beside its field; a missing field is told at each of them."""
    problem = explain(refusal) or Problem(sentence(refusal))
    names = missing_fields(refusal)
    for name in names:
        form.add_problem(str(explain(Refusal(Code.FIELDS_MISSING, fields=[name])).text), name)
    if not names:
        form.add_problem(str(problem.text), problem.field)


def back_of(case_id: int) -> str:
    """Return where the person came from, else the case."""
    return own_path(url_for("CasePage.show", case_id=case_id))


def own_path(otherwise: str) -> str:
    """Return the address named by `back` if it is a path of this server, else `otherwise`."""
    path = request.values.get("back", "")
    # "//host" and "/\\host" are addresses of others.
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_own else otherwise


def after_move(case_id: int) -> str:
    """Return where to go: back, or home when the case is no longer this person's."""
    try:
        seen_case(case_id, g.user)
    except CaseUnseen:
        return "/"
    return back_of(case_id)


def _verb(name: str) -> Action:
    try:
        return Action(name)
    except ValueError:
        abort(404)


def register(appbuilder: AppBuilder) -> None:
    """Add the moves; the case page and the lists lead there."""
    appbuilder.add_view_no_menu(CaseMoves)
