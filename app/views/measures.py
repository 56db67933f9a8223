"""督办通知单, 约谈记录, 通报: the registers of what was done about units (R48–R50)."""

from typing import Any, ClassVar

from flask import g, url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import escape
from sqlalchemy import and_, or_, select

from app.actions.visibility import visible_cases
from app.domain.states import UNIT_ROLES, Role, SupervisionKind
from app.fab.formats import NOTHING, datetime_zh
from app.fab.interface import EagerInterface
from app.fab.lists import Button, ChoiceFilter
from app.models import Case, Supervision, Unit
from app.reports.papers.office import OF_MEASURE
from app.views.case_rows import case_cell, case_href, here, note
from app.views.case_tabs import unit_choices
from app.views.labels import label
from app.views.moment import moment
from app.views.scene import Scene
from app.views.supervise import measure_buttons
from app.views.work_list import WorkList

LABELS = {
    "kind": _l("Measure"),
    "unit": _l("Unit"),
    "case": _l("Case"),
    "ground": _l("Ground"),
    "requirement": _l("Requirement"),
    "issued_at": _l("Issued"),
    "feedback_due_at": _l("Feedback"),
    "interviewee": _l("Interviewed"),
    "closed_at": _l("Closed"),
}


class MeasureList(WorkList):
    """What the three registers share."""

    kinds: ClassVar[tuple[SupervisionKind, ...]] = ()
    label_columns = LABELS
    order_columns = ["unit", "issued_at"]
    base_order = ("issued_at", "desc")
    eager = ("case", "issued_by")
    search_hint = _l("Number or words")
    quick_filters = (
        ("open", _l("Not closed"),
         lambda query, _user, _now: query.filter(Supervision.closed_at.is_(None))),
        ("closed", _l("Closed"),
         lambda query, _user, _now: query.filter(Supervision.closed_at.is_not(None))),
        ("all", _l("All"), lambda query, _user, _now: query),
    )  # fmt: skip
    choice_filters = (
        ChoiceFilter(
            "unit",
            _l("All units"),
            lambda: unit_choices(),
            lambda query, value: query.filter(Supervision.unit_id == int(value)),
        ),
    )

    def scope(self, query: Any) -> Any:
        """Return what concerns the person's cases, or (without a case) his unit or site."""
        roles, person = moment().roles, g.user
        seen = Supervision.case_id.in_(select(Case.id).where(visible_cases(person)))
        alone = and_(Supervision.case_id.is_(None), Supervision.site_id.in_(moment().site_ids))
        if roles <= UNIT_ROLES:
            seen = and_(seen, Supervision.unit_id == person.unit_id)
            alone = and_(alone, Supervision.unit_id == person.unit_id)
        return query.filter(Supervision.kind.in_(self.kinds), or_(seen, alone))

    def search_text(self, query: Any, text: str) -> Any:
        """Narrow to a number, or words of ground, requirement, case and unit."""
        like = [
            column.contains(text, autoescape=True)
            for column in (Supervision.series_no, Supervision.requirement, Supervision.document_no)
        ]
        unit = Supervision.unit_id.in_(
            select(Unit.id).where(Unit.name.contains(text, autoescape=True))
        )
        case = Supervision.case_id.in_(
            select(Case.id).where(
                or_(Case.ledger_no == text, Case.item_name.contains(text, autoescape=True))
            )
        )
        return query.filter(or_(*like, unit, case))

    def cell(self, item: Any, column: str) -> Any:
        """Return words for the closed sets, and feedback with its due time."""
        if column == "kind":
            return escape(label(item.kind)) + note(item.series_no or item.document_no)
        if column == "ground":
            return label(item.ground)
        if column == "case":
            return case_cell(item.case)
        if column == "feedback_due_at":
            return feedback_cell(item)
        if column == "closed_at" and item.closed_at:
            return escape(datetime_zh(item.closed_at)) + note(item.close_note)
        if column == "issued_at":
            who = item.issued_by.name if item.issued_by else ""
            return escape(datetime_zh(item.issued_at)) + note(who)
        return super().cell(item, column)

    def row_class(self, item: Any) -> str:
        """Return red while feedback is missing after its due time."""
        due = item.feedback_due_at
        late = due and due < moment().now and not item.feedback_at and not item.closed_at
        return "is-red" if late else ""

    def row_href(self, item: Any) -> str:
        """Return the case, if the measure is about one."""
        seen = item.case_id is not None and moment().roles - {Role.COUNTY_VIEWER}
        return case_href(item.case_id) if seen else ""

    def row_buttons(self, item: Any) -> list[Button]:
        """Return feedback and 销号 where the person may."""
        at = moment()
        scene = Scene(item.site_id, at.person, at.now)
        scene.__dict__["actor"] = at.actor(item.site_id)  # known already, whatever the row
        return self._paper(item) + [
            Button(b.label, f"{b.href}?back={here()}", b.method, b.kind, b.confirm, b.icon)
            for b in measure_buttons(item, scene)
        ]

    def _paper(self, item: Any) -> list[Button]:
        """Return the paper of a measure that has one."""
        if item.kind not in OF_MEASURE:
            return []
        address = url_for("PaperFormView.measure", row_id=item.id, back=here())
        return [Button(_("Print"), address, icon="print")]

    def page_buttons(self) -> list[Button]:
        """Return the measure on a unit that is tied to no case."""
        if not moment().roles & {Role.SUPERVISOR, Role.DUTY_LEADER, Role.GROUP_HEAD}:
            return []
        address = url_for("SuperviseView.new", back=here())
        return [Button(_("Measure on a unit"), address, kind="primary", icon="plus")]


def feedback_cell(item: Any) -> Any:
    """Return what the unit answered, or until when it has to."""
    if item.feedback_at:
        return escape(item.feedback) + note(datetime_zh(item.feedback_at))
    if item.feedback_due_at:
        return _("by %(time)s", time=datetime_zh(item.feedback_due_at))
    return NOTHING


def measure_interface() -> EagerInterface:
    """Return the interface of measures; units by their rank."""
    rank = select(Unit.sort_order).where(Unit.id == Supervision.unit_id).scalar_subquery()
    return EagerInterface(Supervision, orders={"unit": rank})


class SupervisionNoticeView(MeasureList):
    """催办 and 督办通知单."""

    datamodel = measure_interface()
    route_base = "/supervision-notices"
    title = _l("Supervision notices")
    kinds = (SupervisionKind.NOTICE, SupervisionKind.URGE)
    list_columns = [
        "kind", "unit", "case", "ground", "requirement", "issued_at", "feedback_due_at",
    ]  # fmt: skip
    empty_text = _l("No supervision notices here.")


class InterviewView(MeasureList):
    """约谈记录."""

    datamodel = measure_interface()
    route_base = "/interviews"
    title = _l("Interviews")
    kinds = (SupervisionKind.INTERVIEW,)
    list_columns = [
        "kind", "unit", "interviewee", "case", "ground", "requirement", "issued_at", "closed_at",
    ]  # fmt: skip
    empty_text = _l("No interviews here.")


class CircularView(MeasureList):
    """通报 and 移送."""

    datamodel = measure_interface()
    route_base = "/circulars"
    title = _l("Circulars")
    kinds = (SupervisionKind.CIRCULAR, SupervisionKind.TRANSFER)
    list_columns = [
        "kind", "unit", "case", "ground", "requirement", "issued_at", "closed_at",
    ]  # fmt: skip
    empty_text = _l("No circulars here.")


def register(appbuilder: AppBuilder) -> None:
    """Add the registers of measures."""
    for view in (SupervisionNoticeView, InterviewView, CircularView):
        appbuilder.add_view_no_menu(view)
