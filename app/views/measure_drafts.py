"""待下发督办: measures the clock calls for, until the section or a leader issues or drops them."""

from http import HTTPStatus
from typing import Any, ClassVar

from flask import flash, g, redirect, request, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from sqlalchemy import select

from app.actions.moves import lock_case
from app.actions.supervision import ENDED, drop_draft, issue_draft
from app.clock import now
from app.domain.refusals import Code, Refusal
from app.domain.states import Action
from app.domain.workflow import lines_of
from app.extensions import db
from app.fab.formats import NOTHING, datetime_zh
from app.fab.interface import EagerInterface
from app.fab.lists import Button
from app.models import Account, Case, MeasureDraft
from app.reports.measure_drafts import is_for_leaders, is_open, is_seen
from app.unit_of_work import unit_of_work
from app.views.case_face import brief_of
from app.views.case_record import BIGGEST_KEY, CaseUnseen
from app.views.case_rows import here, left_text, note, state_cell
from app.views.forms.closing import DropDraftForm, SuperviseForm
from app.views.forms.parts import MoveForm
from app.views.labels import label
from app.views.messages import due_text, sentence
from app.views.moment import moment
from app.views.moves import STATUS, own_path, put_problems, refusal_of, why_not
from app.views.moves_start import drafted
from app.views.moves_table import MOVES
from app.views.scene import Scene
from app.views.work_list import CaseRegister


class MeasureDraftView(CaseRegister):
    """The list with its two answers to each row: 下发 and 不下发."""

    datamodel = EagerInterface(MeasureDraft)
    route_base = "/measure-drafts"
    include_route_methods: ClassVar[set[str]] = {
        "list", "action", "action_post", "issue", "take", "drop", "settle",
    }  # fmt: skip
    base_permissions: ClassVar[list[str]] = ["can_list", "can_supervise"]
    extra_args: ClassVar[dict[str, Any]] = {"label": label, "due_text": due_text}
    title = _l("Measures to issue")
    list_columns = ["kind", "case", "unit", "requirement", "drafted_at", "standing"]
    label_columns = {
        "kind": _l("Measure"),
        "case": _l("Case"),
        "unit": _l("Unit"),
        "requirement": _l("Requirement"),
        "drafted_at": _l("Drafted"),
        "standing": _l("State"),
    }
    order_columns = ["drafted_at"]
    eager = (*CaseRegister.eager, "settled_by", "supervision")
    empty_text = _l("No measures to issue.")
    quick_filters = (
        ("open", _l("To issue"), lambda query, _user, _now: query.filter(is_open())),
        ("leader", _l("For the leader"), lambda query, _user, _now: query.filter(is_for_leaders())),
        ("settled", _l("Settled"), lambda query, _user, _now: query.filter(~is_open())),
    )

    def _base_order(self) -> tuple[str, str]:
        """Return the longest waiting first; of the settled ones the latest."""
        return "drafted_at", "desc" if self._quick_key() == "settled" else "asc"

    def cell(self, item: Any, column: str) -> Any:
        """Return words for the measure, and what became of the case or of the draft."""
        if column == "kind":
            return label(item.kind)
        if column == "drafted_at":
            return datetime_zh(item.drafted_at)
        if column == "standing":
            return _outcome(item) if item.settled_at else _standing(item.case)
        return super().cell(item, column)

    def row_class(self, item: Any) -> str:
        """Return grey for what needs no measure any more."""
        return "is-muted" if item.settled_at or item.case.state in ENDED else ""

    def row_buttons(self, item: Any) -> list[Button]:
        """Return 下发 and 不下发; at the end of the matter one click drops the draft."""
        if item.settled_at or not self.may("can_issue"):
            return []
        drop = url_for("MeasureDraftView.settle", draft_id=item.id, back=here())
        if item.case.state in ENDED:
            return [Button(_("Do not issue"), drop, "post")]
        issue = url_for("MeasureDraftView.issue", draft_id=item.id, back=here())
        return [Button(_("Issue"), issue, kind="primary"), Button(_("Do not issue"), drop)]

    @expose("/<int:draft_id>/issue", methods=["GET"])
    @has_access
    @permission_name("supervise")
    def issue(self, draft_id: int) -> Any:
        """Show the form of 督办 as it was drafted."""
        draft = seen_draft(draft_id, g.user)
        scene = _scene(draft)
        refusal = _why_not(draft, scene)
        if refusal:
            return self._not_now(draft, refusal)
        form = SuperviseForm(formdata=None, data=drafted(draft, scene))
        return self._issue_page(draft, scene, form)

    @expose("/<int:draft_id>/issue", methods=["POST"])
    @has_access
    @permission_name("supervise")
    def take(self, draft_id: int) -> Any:
        """Take the measure and settle the draft, or show the form again."""
        draft = seen_draft(draft_id, g.user)
        form = SuperviseForm()
        form.offer(_scene(draft))
        if not form.validate():
            page = self._issue_page(draft, _scene(draft), form)
            return page, HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            with unit_of_work():
                draft = seen_draft(draft_id, g.user, lock=True)
                _lock(draft)
                issue_draft(draft, **form.values(), by=g.user, now=now())
        except Exception as error:
            return self._again(draft_id, form, error, self._issue_page)
        flash(_("Saved."), "success")
        return redirect(own_path(url_for("MeasureDraftView.list")))

    @expose("/<int:draft_id>/drop", methods=["GET"])
    @has_access
    @permission_name("supervise")
    def drop(self, draft_id: int) -> Any:
        """Ask why the measure is not issued."""
        draft = seen_draft(draft_id, g.user)
        if draft.settled_at:
            return self._not_now(draft, Refusal(Code.ALREADY_DONE))
        return self._drop_page(draft, _scene(draft), DropDraftForm(formdata=None))

    @expose("/<int:draft_id>/drop", methods=["POST"])
    @has_access
    @permission_name("supervise")
    def settle(self, draft_id: int) -> Any:
        """Keep the reason and settle the draft without a measure."""
        draft = seen_draft(draft_id, g.user)
        form = DropDraftForm()
        if not form.validate():
            page = self._drop_page(draft, _scene(draft), form)
            return page, HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            with unit_of_work():
                draft = seen_draft(draft_id, g.user, lock=True)
                drop_draft(draft, **form.values(), by=g.user, now=now())
        except Exception as error:
            return self._again(draft_id, form, error, self._drop_page)
        flash(_("Saved."), "success")
        return redirect(own_path(url_for("MeasureDraftView.list")))

    def _again(self, draft_id: int, form: MoveForm, error: Exception, show: Any) -> Any:
        """Show the form again; who may not act at all reads why."""
        refusal = refusal_of(error)
        if refusal is None:
            raise error
        draft = seen_draft(draft_id, g.user)  # as it stands after the rollback
        status = STATUS.get(refusal.code, HTTPStatus.UNPROCESSABLE_ENTITY)
        if status is HTTPStatus.FORBIDDEN or refusal.code is Code.NOT_DUTY_LEADER_TODAY:
            return self._not_now(draft, refusal)
        put_problems(form, refusal)
        return show(draft, _scene(draft), form), status

    def _not_now(self, draft: MeasureDraft, refusal: Refusal) -> Any:
        is_leader = refusal.code is Code.NOT_DUTY_LEADER_TODAY
        page = self.render_template(
            "case/not_now.html", title=label(draft.kind), case=draft.case,
            reason=sentence(refusal), leader=_scene(draft).leader if is_leader else None,
        )  # fmt: skip
        return page, STATUS.get(refusal.code, HTTPStatus.CONFLICT)

    def _issue_page(self, draft: MeasureDraft, scene: Scene, form: MoveForm) -> str:
        form.offer(scene)
        lines = lines_of(Action.SUPERVISE, draft.case.state)
        form.mark_required({name for line in lines for name in line.fields})
        return self._page(draft, scene, form, "case/forms/supervise.html", _("Issue"))

    def _drop_page(self, draft: MeasureDraft, scene: Scene, form: MoveForm) -> str:
        form.mark_required(("reason",))
        return self._page(draft, scene, form, "case/forms/fields.html", _("Do not issue"))

    def _page(
        self, draft: MeasureDraft, scene: Scene, form: MoveForm, template: str, submit: str
    ) -> str:
        return self.render_template(
            template, title=f"{submit}：{label(draft.kind)}", case=draft.case, scene=scene,
            screen=MOVES[Action.SUPERVISE], form=form, verb=Action.SUPERVISE,
            brief=brief_of(scene), submit=submit, back=own_path(url_for("MeasureDraftView.list")),
        )  # fmt: skip


def seen_draft(draft_id: int, by: Account, *, lock: bool = False) -> MeasureDraft:
    """Return the draft if this person sees its case; raises CaseUnseen."""
    if draft_id > BIGGEST_KEY:
        raise CaseUnseen
    query = select(MeasureDraft).where(MeasureDraft.id == draft_id, is_seen(by))
    if lock:
        query = query.with_for_update(of=MeasureDraft)
    query = query.execution_options(populate_existing=True)
    draft = db.session.execute(query).scalar_one_or_none()
    if draft is None:
        raise CaseUnseen
    return draft


def _lock(draft: MeasureDraft) -> None:
    """Lock the case for the move; refuses when it was changed since the form was opened."""
    version = request.form.get("version", type=int)
    if version is None:
        raise Refusal(Code.STALE)
    lock_case(draft.case_id, seen_version=version)


def _scene(draft: MeasureDraft) -> Scene:
    return Scene(draft.site_id, g.user, now(), draft.case)


def _why_not(draft: MeasureDraft, scene: Scene) -> Refusal | None:
    return Refusal(Code.ALREADY_DONE) if draft.settled_at else why_not(scene, Action.SUPERVISE)


def _standing(case: Case) -> Markup:
    """Return how the case stands; a matter at its end needs no measure any more."""
    if case.state in ENDED:
        return state_cell(case) + note(_("No measure needed any more"))
    stand = moment().standing(case)
    words = Markup('<span class="row-left text-{}">{}</span>')
    return state_cell(case) + words.format(stand.card.value, left_text(stand))


def _outcome(draft: MeasureDraft) -> Markup:
    """Return who settled the draft, when and how."""
    row = draft.supervision
    how = f"{_('Measure issued')} {row.series_no}".strip() if row else _("Not issued")
    who = draft.settled_by.name if draft.settled_by else NOTHING
    said = note(draft.settle_note) if draft.settle_note else Markup("")
    return escape(how) + said + note(f"{who} {datetime_zh(draft.settled_at)}")


def register(appbuilder: AppBuilder) -> None:
    """Add the list with its forms."""
    appbuilder.add_view_no_menu(MeasureDraftView)
