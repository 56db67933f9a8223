"""反映事项 on one screen: where it stands, its facts, its timeline, and what may be done now."""

from typing import Any

from flask import current_app, flash, g, redirect, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.actions.corrections import reveal_phone
from app.actions.moves import lock_case
from app.clock import now
from app.domain.refusals import Refusal
from app.fab.api import answer_of, is_api
from app.unit_of_work import unit_of_work
from app.views import case_face as face
from app.views.attachment_panel import panel_of
from app.views.case_record import (
    CaseUnseen,
    joined_cases,
    rejection_of,
    seen_case,
    timeline_of,
    whole_case,
)
from app.views.field_words import field_word
from app.views.labels import label
from app.views.messages import due_text, sentence
from app.views.moves import own_path
from app.views.paper_forms import case_papers
from app.views.scene import Scene
from app.views.supervise import measure_buttons


class CasePage(BaseView):
    """The page of one case."""

    route_base = "/case"
    default_view = "show"
    extra_args = {"label": label, "due_text": due_text, "field_word": field_word}  # noqa: RUF012 (FAB's own way)

    @expose("/<int:case_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def show(self, case_id: int) -> Any:
        """Show the case to whoever may see it."""
        return self._page(case_id)

    @expose("/<int:case_id>/phone", methods=["POST"])
    @has_access
    @permission_name("reveal")
    def phone(self, case_id: int) -> Any:
        """Show the page once with the whole number; the look stands in the timeline."""
        try:
            with unit_of_work():
                seen_case(case_id, g.user)
                number = reveal_phone(lock_case(case_id), by=g.user, now=now())
        except Refusal as refusal:
            flash(sentence(refusal), "danger")
            return redirect(url_for(".show", case_id=case_id))
        return self._page(case_id, number)

    def _page(self, case_id: int, number: str = "") -> str:
        case = whole_case(case_id, g.user)
        scene = Scene(case.site_id, g.user, now(), case)
        return self.render_template(
            "case/page.html",
            title=case.item_name or _("(item not filled in yet)"),
            case=case,
            strip=face.strip_of(scene),
            reporter=face.reporter_of(scene),
            phone=face.Phone(number) if number else face.phone_of(scene),
            facts=face.facts_of_page(scene),
            happenings=face.happenings(timeline_of(case), scene),
            buttons=face.buttons(scene),
            papers=face.paper_links(scene),
            forms=case_papers(case),
            bar_notes=face.bar_notes(scene),
            joined=joined_cases(case, g.user),
            rejection=rejection_of(case),
            withheld=face.withheld(scene),
            scans=panel_of(scene),
            measure_buttons=lambda row: measure_buttons(row, scene),
            back=own_path(""),
        )


def _unseen(error: CaseUnseen) -> Any:
    """Answer alike for what does not exist and for what is not this person's."""
    if is_api():
        return answer_of(error)
    page = current_app.jinja_env.get_template("error.html")
    title = _("You may not see this matter.")
    advice = _("It does not exist, or it was not handed to your unit.")
    return page.render(title=title, advice=advice, code=404), 404


def register(appbuilder: AppBuilder) -> None:
    """Add the page; lists, notices and searches lead there."""
    appbuilder.add_view_no_menu(CasePage)
    current_app.register_error_handler(CaseUnseen, _unseen)
