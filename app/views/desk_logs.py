"""接待登记 as a log of everybody who came, and 不予受理登记."""

from typing import Any, ClassVar

from flask import g, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, or_

from app.actions.visibility import visible_cases
from app.domain.intake import words_with_numbers
from app.domain.masking import masked_name, masked_phone
from app.domain.states import ReceptionOutcome, State
from app.fab.formats import NOTHING, yes_no
from app.fab.interface import EagerInterface
from app.fab.lists import Button, ChoiceFilter
from app.models import Case, Reception, Rejection
from app.reports import figures
from app.reports.search import phone_like
from app.views.case_rows import case_cell, case_href, note
from app.views.labels import choices, label
from app.views.moment import moment
from app.views.work_list import WorkList


class DeskLog(WorkList):
    """What both logs share: the site's own rows, names masked, the newest first."""

    search_hint = _l("Number, name, phone tail or words")

    def scope(self, query: Any) -> Any:
        """Return the rows of the person's sites, but none about a case kept from him."""
        model = self.datamodel.obj
        kept = exists().where(Case.id == model.case_id, ~visible_cases(g.user))
        return query.filter(
            model.site_id.in_(moment().site_ids), or_(model.case_id.is_(None), ~kept)
        )

    def like(self, query: Any, text: str, columns: tuple[Any, ...]) -> Any:
        """Narrow to rows in which every word is found, a phone by its last digits."""
        model = self.datamodel.obj
        for word in words_with_numbers(text):
            found = [column.contains(word, autoescape=True) for column in columns]
            found.append(phone_like(model, word))
            query = query.filter(or_(*found))
        return query


def within(column: Any) -> tuple[Any, ...]:
    """Return the tabs today, this month, all of a log."""

    def today(query: Any, _user: Any, now: Any) -> Any:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return query.filter(column >= midnight)

    def month(query: Any, _user: Any, now: Any) -> Any:
        return query.filter(figures.month_of(now).holds(column))

    return (
        ("today", _l("Today"), today),
        ("month", _l("This month"), month),
        ("all", _l("All"), lambda query, _user, _now: query),
    )


class ReceptionView(DeskLog):
    """接待登记: everybody who came to the window, also for one line of advice (R13)."""

    datamodel = EagerInterface(Reception)
    route_base = "/receptions"
    title = _l("Reception log")
    list_columns = [
        "reception_no",
        "received_at",
        "outcome",
        "question",
        "reporter_name",
        "officer",
    ]
    label_columns = {
        "reception_no": _l("Reception number"),
        "received_at": _l("Received"),
        "outcome": _l("Outcome"),
        "question": _l("Question and answer"),
        "reporter_name": _l("Visitor"),
        "officer": _l("Duty officer"),
    }
    order_columns = ["received_at"]
    base_order = ("received_at", "desc")
    eager = ("case",)
    empty_text = _l("Nobody has come yet.")
    quick_filters = within(Reception.received_at)
    choice_filters = (
        ChoiceFilter(
            "outcome",
            _l("All outcomes"),
            lambda: choices(ReceptionOutcome),
            lambda query, value: query.filter(Reception.outcome == ReceptionOutcome(value)),
        ),
    )

    def search_text(self, query: Any, text: str) -> Any:
        """Narrow to number, name, phone tail or words."""
        columns = (
            Reception.reception_no, Reception.reporter_name, Reception.question, Reception.answer,
        )  # fmt: skip
        return self.like(query, text, columns)

    def cell(self, item: Any, column: str) -> Any:
        """Return the outcome's word, the answer below the question, the name masked."""
        if column == "outcome":
            return label(item.outcome)
        if column == "question":
            about = case_cell(item.case) if item.case else item.question
            return about + note(item.answer)
        if column == "reporter_name":
            return masked_name(item.reporter_name) or NOTHING
        return super().cell(item, column)

    def row_href(self, item: Any) -> str:
        """Return the case, or the draft's form."""
        if item.case_id is None:
            return ""
        is_draft = item.case is not None and item.case.state is State.DRAFT
        if is_draft and self.appbuilder.sm.has_access("can_register", "IntakeView"):
            return url_for("IntakeView.draft", case_id=item.case_id)
        return case_href(item.case_id)

    def page_buttons(self) -> list[Button]:
        """Return the door to a new reception."""
        if not self.appbuilder.sm.has_access("can_register", "IntakeView"):
            return []
        return [
            Button(_("New reception"), url_for("IntakeView.blank"), kind="primary", icon="plus")
        ]


class RejectionView(DeskLog):
    """不予受理登记: ground, basis, explanation, referral (R11)."""

    datamodel = EagerInterface(Rejection)
    route_base = "/rejections"
    include_route_methods: ClassVar[set[str]] = {"list", "action", "action_post", "read"}
    base_permissions: ClassVar[list[str]] = ["can_list", "can_read"]
    title = _l("Not accepted")
    list_columns = [
        "rejection_no", "rejected_at", "item_name", "ground", "referred_to", "reporter_name",
        "officer",
    ]  # fmt: skip
    label_columns = {
        "rejection_no": _l("Number"),
        "rejected_at": _l("Registered"),
        "item_name": _l("Item"),
        "ground": _l("Ground for not accepting"),
        "referred_to": _l("Referred to"),
        "reporter_name": _l("Reporter"),
        "officer": _l("Duty officer"),
    }
    order_columns = ["rejected_at"]
    base_order = ("rejected_at", "desc")
    empty_text = _l("Nothing was refused acceptance.")
    quick_filters = tuple(reversed(within(Rejection.rejected_at)[1:]))

    def search_text(self, query: Any, text: str) -> Any:
        """Narrow to number, name, phone tail or words."""
        columns = (
            Rejection.rejection_no, Rejection.reporter_name, Rejection.item_name,
            Rejection.explain_text, Rejection.referred_to,
        )  # fmt: skip
        return self.like(query, text, columns)

    def cell(self, item: Any, column: str) -> Any:
        """Return the name masked."""
        if column == "reporter_name":
            return masked_name(item.reporter_name) or NOTHING
        return super().cell(item, column)

    def row_href(self, item: Any) -> str:
        """Return the page of the entry."""
        return url_for(f"{self.endpoint}.read", pk=item.id)

    @expose("/<int:pk>", methods=["GET"])
    @has_access
    def read(self, pk: int) -> Any:
        """Show one entry with what was explained."""
        row = self.fetch(pk)
        facts = [
            (_("Number"), row.rejection_no),
            (_("Registered"), row.rejected_at),
            (_("Item"), row.item_name),
            (_("Reporter"), row.reporter_name or NOTHING),
            (_("Phone"), masked_phone(row.phone) or NOTHING),
            (_("Duty officer"), row.officer),
            (_("Ground for not accepting"), row.ground),
            (_("Legal basis"), row.legal_basis),
            (_("Explanation given"), row.explain_text),
            (_("Referred to"), row.referred_to),
            (_("Reporter understood"), yes_no(row.is_understood)),
            (_("Informed by"), row.informed_by or row.officer),
            (_("Informed at"), row.informed_at or row.rejected_at),
        ]
        return self.render_template(
            "work/rejection.html",
            title=row.rejection_no,
            facts=facts,
            back_url=self.list_url(),
            paper=Button(_("Print"), url_for("PaperFormView.rejection", row_id=pk), icon="print"),
        )


def register(appbuilder: AppBuilder) -> None:
    """Add the desk's logs."""
    appbuilder.add_view_no_menu(ReceptionView)
    appbuilder.add_view_no_menu(RejectionView)
