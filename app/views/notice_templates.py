"""消息模板: the words of every notice, tried on a case before they are kept (系统管理员)."""

from http import HTTPStatus
from typing import Any, ClassVar

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import Length

from app.actions.office import load_rules
from app.actions.templates import load_templates, set_template
from app.clock import now
from app.domain.message_text import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    check_template,
    placeholders_of,
)
from app.domain.notice_kinds import (
    DEFAULT_TEMPLATES,
    STAGES,
    SUMMARIES,
    NoticeKind,
    Template,
    Timing,
)
from app.domain.refusals import Refusal
from app.extensions import db
from app.fab.fields import ChoiceField, Paragraph, Text
from app.models import NoticeTemplate
from app.reports.message_preview import ABOUT_NO_CASE, case_to_show, preview
from app.unit_of_work import unit_of_work
from app.views.forms.parts import MoveForm, tidy
from app.views.labels import choices, label
from app.views.moves import put_problems, refusal_of

GROUPS: tuple[tuple[Any, frozenset[NoticeKind]], ...] = (
    (_l("Due times and measures"), STAGES),
    (_l("News of a matter"), frozenset(NoticeKind) - STAGES - SUMMARIES - ABOUT_NO_CASE),
    (_l("What the office lacks"), ABOUT_NO_CASE),
    (_l("Summaries"), SUMMARIES),
)


class TemplateForm(MoveForm):
    """The words of one kind, how they travel, and the case they are tried on."""

    subject = StringField(_l("Subject"), [Length(max=LONGEST_SUBJECT)], filters=[tidy],
                          widget=Text())  # fmt: skip
    text = TextAreaField(_l("Text"), [Length(max=LONGEST_TEXT)], filters=[tidy],
                         widget=Paragraph(5))  # fmt: skip
    is_mailed = BooleanField(_l("Also by e-mail and the other channels that are switched on"))
    timing = ChoiceField(_l("When it leaves"), choices=lambda: choices(Timing), coerce=Timing)
    ledger_no = StringField(_l("Ledger number to try it on"), [Length(max=20)], filters=[tidy],
                            widget=Text(), description=_l("Empty: the latest."))  # fmt: skip

    def template(self) -> Template:
        """Return the words as typed."""
        return Template(
            self.subject.data, self.text.data, self.is_mailed.data,
            self.timing.data or Timing.IN_HOURS,
        )  # fmt: skip


class NoticeTemplateView(BaseView):
    """The list of all kinds, and the form of each with its placeholders and its preview."""

    route_base = "/notice-templates"
    default_view = "list"
    title = _l("Message templates")
    extra_args: ClassVar[dict[str, Any]] = {"label": label}

    @expose("/", methods=["GET"])
    @has_access
    def list(self) -> Any:
        """Show every kind with its words, and whether they are the office's own."""
        templates, own = load_templates(), _own_rows()
        groups = [
            (title, [(kind, templates[kind], own.get(kind)) for kind in NoticeKind if kind in part])
            for title, part in GROUPS
        ]
        return self.render_template("reference/notice_templates.html", groups=groups)

    @expose("/<kind>", methods=["GET"])
    @has_access
    @permission_name("change")
    def form(self, kind: str) -> Any:
        """Show the words in force."""
        chosen = _kind(kind)
        words = load_templates()[chosen]
        data = {"subject": words.subject, "text": words.text, "is_mailed": words.is_mailed,
                "timing": words.timing}  # fmt: skip
        form = TemplateForm(formdata=None, data=data)
        return self._page(chosen, form, self._preview(chosen, form))

    @expose("/<kind>", methods=["POST"])
    @has_access
    @permission_name("change")
    def save(self, kind: str) -> Any:
        """Keep the words, or show what they would say without keeping them."""
        chosen, form = _kind(kind), TemplateForm()
        if not form.validate():
            return self._page(chosen, form), HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            if request.form.get("then") == "preview":
                check_template(chosen, subject=form.subject.data, text=form.text.data)
                return self._page(chosen, form, self._preview(chosen, form))
            _keep(chosen, form.template())
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            return self._refused(chosen, form, refusal)
        flash(_("Saved."), "success")
        return redirect(url_for("NoticeTemplateView.list"))

    @expose("/<kind>/default", methods=["POST"])
    @has_access
    def restore(self, kind: str) -> Any:
        """Take back the office's own words of a kind."""
        chosen = _kind(kind)
        _keep(chosen, DEFAULT_TEMPLATES[chosen])
        flash(_("Back to the default words."), "success")
        return redirect(url_for("NoticeTemplateView.list"))

    def _refused(self, kind: NoticeKind, form: TemplateForm, refusal: Refusal) -> Any:
        put_problems(form, refusal)
        return self._page(kind, form), HTTPStatus.UNPROCESSABLE_ENTITY

    def _preview(self, kind: NoticeKind, form: TemplateForm) -> dict[str, Any] | None:
        """Return what the words say on the chosen case; None, said beside the field, without it."""
        number = form.ledger_no.data or ""
        case = case_to_show(g.user, number)
        if number and case is None:
            form.add_problem(_("No open record of this number can be shown."), "ledger_no")
            return None
        subject, text = preview(kind, form.template(), case, rules=load_rules())
        number = case.ledger_no or "" if case and kind not in ABOUT_NO_CASE else ""
        return {"subject": subject, "text": text, "number": number, "is_empty": case is None}

    def _page(
        self, kind: NoticeKind, form: TemplateForm, shown: dict[str, Any] | None = None
    ) -> str:
        form.mark_required(("subject", "text"))
        return self.render_template(
            "reference/notice_template.html", title=label(kind), kind=kind, form=form,
            shown=shown, own=_own_rows().get(kind), default=DEFAULT_TEMPLATES[kind],
            placeholders=placeholders_of(kind), is_bound=request.method == "POST",
        )  # fmt: skip


def _keep(kind: NoticeKind, words: Template) -> None:
    with unit_of_work():
        set_template(
            kind, subject=words.subject, text=words.text, is_mailed=words.is_mailed,
            timing=words.timing, by=g.user, now=now(),
        )  # fmt: skip


def _own_rows() -> dict[NoticeKind, NoticeTemplate]:
    """Return the kinds whose words the office changed, with who did it."""
    return {row.kind: row for row in db.session.execute(select(NoticeTemplate)).scalars()}


def _kind(name: str) -> NoticeKind:
    try:
        return NoticeKind(name)
    except ValueError:
        abort(404)


def register(appbuilder: AppBuilder) -> None:
    """Add the templates."""
    appbuilder.add_view_no_menu(NoticeTemplateView)
