"""接待登记: one page, five buttons; drafts go on here until they leave the desk (R05–R17)."""

from http import HTTPStatus
from typing import Any, TypeGuard

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.actions import intake as desk
from app.actions.moves import lock_case
from app.actions.office import load_rules
from app.actions.visibility import visible
from app.clock import now
from app.domain.intake import CATEGORY_FIELDS, check_intake
from app.domain.privacy_notice import paragraphs
from app.domain.refusals import Code, Refusal
from app.domain.states import Action, ResultType, State
from app.domain.workflow import is_blank, lines_of
from app.extensions import db
from app.models import Case, CaseEvent, Site
from app.unit_of_work import unit_of_work
from app.views.case_record import seen_case
from app.views.forms.intake import ON_SPOT, REJECTION, START, IntakeForm
from app.views.labels import label
from app.views.messages import missing_fields, near_text, sentence
from app.views.moves import STATUS, put_problems, refusal_of
from app.views.moves_start import explanation_opener, explanation_pattern
from app.views.reporter import phone_on_page
from app.views.scene import Scene, site_of

NEW = "/intake/new"
ENDS = ("draft", "answered", "reject", "on_spot", "submit")


class IntakeView(BaseView):
    """The desk's page; what was typed always stays when something is refused."""

    route_base = "/intake"
    default_view = "blank"
    extra_args = {"label": label}  # noqa: RUF012 (FAB's own way)

    @expose("/new", methods=["GET"])
    @has_access
    @permission_name("register")
    def blank(self) -> Any:
        """Show the empty page."""
        return self._page(IntakeForm(formdata=None, data=START), None)

    @expose("/new", methods=["POST"])
    @has_access
    @permission_name("register")
    def create(self) -> Any:
        """Keep the entry the way the pressed button says."""
        return self._keep(None)

    @expose("/<int:case_id>", methods=["GET"])
    @has_access
    @permission_name("register")
    def draft(self, case_id: int) -> Any:
        """Show a draft to go on with; a case that has left the desk has its own page."""
        case = seen_case(case_id, g.user)
        if case.state is not State.DRAFT:
            return redirect(url_for("CasePage.show", case_id=case_id))
        return self._page(IntakeForm(formdata=None, obj=case), case)

    @expose("/<int:case_id>", methods=["POST"])
    @has_access
    @permission_name("register")
    def change(self, case_id: int) -> Any:
        """Keep the draft the way the pressed button says."""
        return self._keep(seen_case(case_id, g.user))

    @expose("/<int:case_id>/delete", methods=["POST"])
    @has_access
    @permission_name("register")
    def delete(self, case_id: int) -> Any:
        """Delete one's own draft of the same day."""
        seen_case(case_id, g.user)
        try:
            with unit_of_work():
                desk.delete_draft(lock_case(case_id), by=g.user, now=now())
        except Refusal as refusal:
            flash(sentence(refusal), "danger")
            return redirect(url_for(".draft", case_id=case_id))
        flash(_("The draft was deleted."), "success")
        return redirect(NEW)

    @expose("/phone", methods=["POST"])
    @has_access
    @permission_name("register")
    def phone(self) -> Any:
        """Return what the same phone reported in the last 30 days, as a piece of the page.

        By POST: a number in an address stays in logs and in the browser.
        """
        number = request.form.get("number", "")[:30]
        besides = request.form.get("besides", default=0, type=int)
        scene = Scene(site_of(g.user), g.user, now())
        found = desk.same_phone_cases(phone=number, site_id=scene.site_id, now=scene.now)
        own = visible(g.user).where(Case.id.in_([case.id for case in found]), Case.id != besides)
        cases = list(db.session.execute(own.order_by(Case.registered_at.desc())).scalars())
        days = scene.rules.recent_phone_days
        return self.render_template("case/same_phone.html", cases=cases, days=days)

    @expose("/scope", methods=["GET"])
    @has_access
    @permission_name("register")
    def scope(self) -> Any:
        """Show 受理范围与流程 for the counter, to read out or to print."""
        return self.render_template(
            "case/scope.html", title=_("Scope and procedure"), **_notice(site_of(g.user))
        )

    def _keep(self, case: Case | None) -> Any:
        """Save the page by its end as one unit of work, or show it again with the reasons."""
        end = request.form.get("end", "draft")
        if end not in ENDS or (end == "answered" and case):
            abort(400)
        form = IntakeForm()
        form.offer(Scene(site_of(g.user), g.user, now()))
        case_id = case.id if case else None
        if _is_hidden(case) and form.phone.data == phone_on_page(case, g.user):
            form.phone.data = case.phone  # left as it was shown
        if not form.validate():
            return self._page(form, case, end), HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            with unit_of_work():
                message, address = _finish(case_id, end, form)
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            put_problems(form, refusal)
            case = seen_case(case_id, g.user) if case_id else None
            status = STATUS.get(refusal.code, HTTPStatus.UNPROCESSABLE_ENTITY)
            return self._page(form, case, end), status
        flash(message, "success")
        return redirect(address)

    def _page(self, form: IntakeForm, case: Case | None, end: str = "") -> str:
        scene = Scene(case.site_id if case else site_of(g.user), g.user, now(), case)
        form.offer(scene)
        if _is_hidden(case) and form.phone.data == case.phone:
            form.phone.data = phone_on_page(case, g.user)
        form.mark_required(NEEDED)
        if not form.is_submitted():
            form.explain_text.data = explanation_opener()
        is_own = case is not None and case.registered_by_id == g.user.id
        return self.render_template(
            "case/intake.html",
            title=_("Reception entry"), form=form, case=case, end=end, scene=scene,
            returned=_returned_reason(case), pattern=explanation_pattern(),
            may_delete=bool(is_own and case and case.ledger_no is None
                            and case.registered_at.date() == scene.now.date()),
            may_end=_ends_of(scene), **_notice(scene.site_id),
        )  # fmt: skip


def _is_hidden(case: Case | None) -> TypeGuard[Case]:
    """Return whether a draft's phone is masked on this person's page: another officer took it."""
    return case is not None and bool(case.phone) and phone_on_page(case, g.user) != case.phone


def _notice(site_id: int) -> dict[str, Any]:
    """Return the 告知 as it is read out at the desk and printed (§4.2)."""
    site, rules = db.session.get_one(Site, site_id), load_rules()
    values = {
        "单位": site.office_name or site.name,
        "办结保存": str(rules.keep_case_years),
        "接待保存": str(rules.keep_desk_years),
        "提出方式": f"向值班人员提出，或拨打{site.phone}" if site.phone else "向值班人员提出",
    }
    return {"notice": paragraphs(rules.privacy_notice, values)}


def _finish(case_id: int | None, end: str, form: IntakeForm) -> tuple[str, str]:
    """Do what the pressed button says; return what the person reads and where they go."""
    who: dict[str, Any] = {"by": g.user, "now": now()}
    if end == "answered":
        return _answer(form, who)
    site_id, facts = site_of(g.user), form.facts()
    _require(end, facts, form)
    if case_id is None:
        case = desk.register(site_id=site_id, facts=facts, **who)
    else:
        seen_case(case_id, g.user)
        version = request.form.get("version", type=int)
        if version is None:
            abort(400)
        case = lock_case(case_id, seen_version=version)
        desk.save_draft(case, facts=facts, **who)
    finish = {"draft": _saved, "reject": _rejected, "on_spot": _on_spot, "submit": _submitted}
    return finish[end](case, form, who)


def _answer(form: IntakeForm, who: dict[str, Any]) -> tuple[str, str]:
    row = desk.answer(
        site_id=site_of(g.user), question=form.narrative.data or form.item_name.data,
        answer_text=form.answer_text.data, reporter_name=form.reporter_name.data,
        phone=form.phone.data, **who,
    )  # fmt: skip
    return _("Saved as answered, reception number %(number)s.", number=row.reception_no), NEW


def _saved(case: Case, _form: IntakeForm, _who: dict[str, Any]) -> tuple[str, str]:
    return _("Saved."), url_for("IntakeView.draft", case_id=case.id)


def _rejected(case: Case, form: IntakeForm, who: dict[str, Any]) -> tuple[str, str]:
    row = desk.reject(case, **form.part(REJECTION), **who)
    message = _("Registered as not accepted, number %(number)s.", number=row.rejection_no)
    return message, url_for("CasePage.show", case_id=case.id)


def _on_spot(case: Case, form: IntakeForm, who: dict[str, Any]) -> tuple[str, str]:
    desk.resolve_on_spot(case, result_type=ResultType.SOLVED, **form.part(ON_SPOT), **who)
    message = _("Solved on the spot, ledger number %(number)s.", number=case.ledger_no)
    return message, url_for("CasePage.show", case_id=case.id)


def _submitted(case: Case, _form: IntakeForm, who: dict[str, Any]) -> tuple[str, str]:
    desk.submit(case, **who)
    if case.dispatch_due_at is None:
        raise LookupError("a submitted case has its dispatch due time")
    message = _(
        "Submitted to the section, ledger number %(number)s, to be dispatched before %(due)s.",
        number=case.ledger_no, due=near_text(case.dispatch_due_at, who["now"]),
    )  # fmt: skip
    return message, url_for("CasePage.show", case_id=case.id)


# What each end needs of the table; 不予受理 names its item too, or nobody finds it again.
_ACTIONS = {
    "reject": Action.REJECT,
    "on_spot": Action.RESOLVE_ON_SPOT,
    "submit": Action.SUBMIT,
}


# What any end may need; what the page shows of it bears the asterisk.
NEEDED = frozenset(
    {"reporter_name", "phone", "company_name", "answer_text"}
    | {name for names in CATEGORY_FIELDS.values() for name in names}
    | {n for a in _ACTIONS.values() for line in lines_of(a, State.DRAFT) for n in line.fields}
)


def _require(end: str, facts: dict[str, Any], form: IntakeForm) -> None:
    """Refuse with every empty field at once; the actions check the rest."""
    if end == "draft":
        return
    values = {"result_type": ResultType.SOLVED} | form.part((*REJECTION, *ON_SPOT)) | facts
    lines = lines_of(_ACTIONS[end], State.DRAFT)
    empty = [n for line in lines for n in line.fields if is_blank(values.get(n))]
    if end == "reject":
        empty += [n for n in ("item_name",) if is_blank(values[n])]
    else:
        try:
            check_intake(facts)
        except Refusal as refusal:
            if refusal.code is not Code.FIELDS_MISSING:
                raise
            empty += missing_fields(refusal)
    if empty:
        raise Refusal(Code.FIELDS_MISSING, fields=list(dict.fromkeys(empty)))


def _ends_of(scene: Scene) -> set[str]:
    """Return the ends this person's role may choose."""
    return {
        end
        for end, action in _ACTIONS.items()
        if any(line.who & scene.actor.roles for line in lines_of(action, State.DRAFT))
    }


def _returned_reason(case: Case | None) -> str:
    """Return why the section sent the entry back, if it did."""
    if case is None:
        return ""
    query = (
        select(CaseEvent.reason)
        .where(CaseEvent.case_id == case.id, CaseEvent.action == Action.RETURN_DRAFT)
        .order_by(CaseEvent.id.desc())
    )
    return db.session.execute(query).scalars().first() or ""


def register(appbuilder: AppBuilder) -> None:
    """Add the page; the workbench and the list of receptions lead there."""
    appbuilder.add_view_no_menu(IntakeView)
