"""督办 beyond a single move of a case: on a unit, and the answers to a measure (反馈, 销号)."""

from http import HTTPStatus
from typing import Any

from flask import flash, g, redirect, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import false, or_, select, true

from app.actions.people import roles_of
from app.actions.supervision import SUPERVISORS, close_supervision, give_feedback, supervise_unit
from app.actions.visibility import visible_cases
from app.clock import now
from app.domain.refusals import Code, Refusal
from app.domain.states import UNIT_ROLES, Action, State, SuperviseGround, SupervisionKind
from app.domain.workflow import is_blank, lines_of
from app.extensions import db
from app.fab.lists import Button
from app.models import Account, Case, Supervision
from app.unit_of_work import unit_of_work
from app.views.case_record import BIGGEST_KEY, CaseUnseen
from app.views.forms.closing import CloseForm, FeedbackForm, SuperviseForm
from app.views.forms.parts import MoveForm
from app.views.labels import label
from app.views.messages import due_text
from app.views.moves import STATUS, own_path, put_problems, refusal_of
from app.views.scene import Scene, site_of


class SuperviseView(BaseView):
    """Measures on a unit, feedback of the unit, 销号 by the section or a leader."""

    route_base = "/supervision"
    default_view = "new"
    extra_args = {"label": label, "due_text": due_text}  # noqa: RUF012 (FAB's own way)

    @expose("/new", methods=["GET"])
    @has_access
    @permission_name("supervise")
    def new(self) -> Any:
        """Show the form for a measure on a unit."""
        start = {"kind": SupervisionKind.INTERVIEW, "ground": SuperviseGround.SLOW}
        form = SuperviseForm(formdata=None, data=start)
        return self._measure_page(form)

    @expose("/new", methods=["POST"])
    @has_access
    @permission_name("supervise")
    def issue(self) -> Any:
        """Take the measure, or show the form again."""
        form = SuperviseForm()
        form.offer(Scene(site_of(g.user), g.user, now()))
        if not form.validate():
            return self._measure_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            with unit_of_work():
                _require(form)
                supervise_unit(site_id=site_of(g.user), **form.values(), by=g.user, now=now())
        except Exception as error:
            return self._again(form, error, self._measure_page)
        flash(_("Saved."), "success")
        return redirect(own_path(url_for("SuperviseView.new")))

    @expose("/<int:row_id>/feedback", methods=["GET"])
    @has_access
    @permission_name("feedback")
    def feedback(self, row_id: int) -> Any:
        """Show the form for the unit's answer."""
        row = seen_measure(row_id, g.user)
        form = FeedbackForm(formdata=None, data={"feedback": row.feedback})
        return self._answer_page(row, form, _("Feedback"))

    @expose("/<int:row_id>/feedback", methods=["POST"])
    @has_access
    @permission_name("feedback")
    def answer(self, row_id: int) -> Any:
        """Keep the unit's answer."""
        return self._keep(row_id, FeedbackForm(), _("Feedback"), give_feedback)

    @expose("/<int:row_id>/close", methods=["GET"])
    @has_access
    @permission_name("supervise")
    def closing(self, row_id: int) -> Any:
        """Show the form for 销号."""
        form = CloseForm(formdata=None)
        return self._answer_page(seen_measure(row_id, g.user), form, _("Close the measure"))

    @expose("/<int:row_id>/close", methods=["POST"])
    @has_access
    @permission_name("supervise")
    def close(self, row_id: int) -> Any:
        """Close the measure."""
        return self._keep(row_id, CloseForm(), _("Close the measure"), close_supervision)

    def _keep(self, row_id: int, form: MoveForm, title: str, act: Any) -> Any:
        row = seen_measure(row_id, g.user)

        def show(again: MoveForm) -> str:
            return self._answer_page(seen_measure(row_id, g.user), again, title)

        if not form.validate():
            return show(form), HTTPStatus.UNPROCESSABLE_ENTITY
        back = _home_of(row)
        try:
            with unit_of_work():
                row = seen_measure(row_id, g.user, lock=True)
                act(row, **form.values(), by=g.user, now=now())
        except Exception as error:
            return self._again(form, error, show)
        flash(_("Saved."), "success")
        return redirect(own_path(back))

    def _again(self, form: MoveForm, error: Exception, show: Any) -> Any:
        refusal = refusal_of(error)
        if refusal is None:
            raise error
        put_problems(form, refusal)
        return show(form), STATUS.get(refusal.code, HTTPStatus.UNPROCESSABLE_ENTITY)

    def _measure_page(self, form: SuperviseForm) -> str:
        form.offer(Scene(site_of(g.user), g.user, now()))
        form.mark_required(("kind", "ground", "requirement", "unit_id"))
        return self.render_template(
            "case/measure.html", title=_("Measure on a unit"), form=form, row=None,
            submit=_("Issue"), back=own_path("/"),
        )  # fmt: skip

    def _answer_page(self, row: Supervision, form: MoveForm, title: str) -> str:
        form.mark_required([field.name for field in form])
        return self.render_template(
            "case/measure.html", title=title, form=form, row=row, submit=_("Submit"),
            back=own_path(_home_of(row)),
        )  # fmt: skip


def seen_measure(row_id: int, by: Account, *, lock: bool = False) -> Supervision:
    """Return a measure that this person may see: of a case of theirs, or on their unit."""
    if row_id > BIGGEST_KEY:
        raise CaseUnseen
    roles = roles_of(by)
    of_case = Supervision.case_id.in_(select(Case.id).where(visible_cases(by)))
    of_unit = Supervision.unit_id == by.unit_id if roles & UNIT_ROLES else false()
    if roles & SUPERVISORS:
        of_unit = true() if by.site_id is None else Supervision.site_id == by.site_id
    seen = or_(of_case, Supervision.case_id.is_(None) & of_unit)
    query = select(Supervision).where(Supervision.id == row_id, seen)
    if lock:
        query = query.with_for_update(of=Supervision).execution_options(populate_existing=True)
    row = db.session.execute(query).scalar_one_or_none()
    if row is None:
        raise CaseUnseen
    return row


def measure_buttons(row: Supervision, scene: Scene) -> list[Button]:
    """Return what this person may do about a measure now."""
    if row.closed_at is not None:
        return []
    found = []
    if scene.actor.roles & UNIT_ROLES and scene.actor.unit_id == row.unit_id:
        found.append(Button(_("Give feedback"), url_for("SuperviseView.feedback", row_id=row.id)))
    if scene.actor.roles & SUPERVISORS:
        address = url_for("SuperviseView.closing", row_id=row.id)
        found.append(Button(_("Close the measure"), address))
    return found


def _require(form: SuperviseForm) -> None:
    """Refuse a measure on a unit without what the table asks of every measure, and a unit."""
    names = {name for line in lines_of(Action.SUPERVISE, State.HANDLING) for name in line.fields}
    values = form.values()
    empty = [name for name in (*sorted(names), "unit_id") if is_blank(values.get(name))]
    if empty:
        raise Refusal(Code.FIELDS_MISSING, fields=empty)


def _home_of(row: Supervision) -> str:
    return url_for("CasePage.show", case_id=row.case_id) if row.case_id else "/"


def register(appbuilder: AppBuilder) -> None:
    """Add the pages; the case page and the lists of measures lead there."""
    appbuilder.add_view_no_menu(SuperviseView)
