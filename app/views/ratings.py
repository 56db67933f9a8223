"""服务评价 and 差评整改: what reporters said, who has read it, what follows from a bad one."""

from typing import Any

from flask import flash, g
from flask_appbuilder import AppBuilder
from flask_appbuilder.actions import action
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from sqlalchemy import select

from app import clock
from app.actions.evaluation import read_evaluation
from app.actions.moves import lock_case
from app.domain.refusals import Refusal
from app.domain.states import Action, State
from app.fab.formats import NOTHING, date_zh, datetime_zh
from app.fab.interface import EagerInterface
from app.fab.lists import Button
from app.models import Case, Evaluation
from app.reports import figures
from app.reports.ratings import unread_ratings
from app.reports.waiting import BAD, bad_rating_open, verdict_pending
from app.unit_of_work import unit_of_work
from app.views.case_rows import move_links, note
from app.views.labels import label
from app.views.messages import sentence
from app.views.moment import moment
from app.views.work_list import CaseRegister

LABELS = {
    "case": _l("Case"),
    "case.lead_unit": _l("Lead unit"),
    "eval_level": _l("Rating"),
    "solved_level": _l("Solved"),
    "opinion": _l("What the reporter said"),
    "evaluated_at": _l("Rated"),
    "unit_read_at": _l("Read by the unit"),
    "leader_read_at": _l("Read by the leader"),
    "verify_due_at": _l("To be verified by"),
    "verdict": _l("Verdict"),
    "redo_due_at": _l("Redo due"),
}


def rating_cell(item: Any, column: str) -> Any:
    """Return the words and marks of a rating; None for columns shown as they are."""
    if column == "eval_level":
        look = "red" if item.eval_level.is_bad else "done"
        return Markup('<span class="tag tag-{}">{}</span>').format(look, label(item.eval_level))
    if column == "solved_level":
        return label(item.solved_level)
    if column == "opinion":
        return "；".join(part for part in (item.reasons, item.opinion) if part) or NOTHING
    if column == "evaluated_at":
        return escape(date_zh(item.evaluated_at)) + note(label(item.channel))
    if column in ("unit_read_at", "leader_read_at"):
        at, who = getattr(item, column), getattr(item, column.replace("_at", "_by"))
        return escape(who.name if who else "") + note(date_zh(at)) if at else _("Not read yet")
    if column == "verdict":
        return verdict_cell(item)
    if column in ("verify_due_at", "redo_due_at"):
        return datetime_zh(getattr(item, column))
    return None


def verdict_cell(item: Any) -> Any:
    """Return how a bad rating was ruled, and whether the leader has agreed."""
    if item.verdict is None:
        return _("To be verified") if item.eval_level.is_bad else NOTHING
    waits = item.verdict != "justified" and item.approved_at is None
    mark = Markup('<span class="tag tag-{}">{}</span> ').format(
        "pending" if waits else "info", label(item.verdict)
    )
    return mark + escape(_("to be approved") if waits else item.verify_note)


class EvaluationView(CaseRegister):
    """服务评价: fed back to unit and leader, each with a read mark (R53)."""

    datamodel = EagerInterface(Evaluation)
    route_base = "/evaluations"
    base_permissions = ["can_list", "read"]
    title = _l("Evaluations")
    list_columns = [
        "case", "case.lead_unit", "eval_level", "solved_level", "opinion", "evaluated_at",
        "unit_read_at", "leader_read_at",
    ]  # fmt: skip
    label_columns = LABELS
    order_columns = ["evaluated_at"]
    base_order = ("evaluated_at", "desc")
    eager = (*CaseRegister.eager, "case.lead_unit", "unit_read_by", "leader_read_by")
    empty_text = _l("No ratings here.")
    quick_filters = (
        ("month", _l("This month"),
         lambda query, _user, now: query.filter(
             figures.month_of(now).holds(Evaluation.evaluated_at))),
        ("unread", _l("Not read yet"),
         lambda query, _user, _now: query.filter(unread_ratings(moment().viewer))),
        ("bad", _l("Bad ratings"),
         lambda query, _user, _now: query.filter(Evaluation.eval_level.in_(BAD))),
        ("all", _l("All"), lambda query, _user, _now: query),
    )  # fmt: skip

    def cell(self, item: Any, column: str) -> Any:
        """Return a rating's cell."""
        made = rating_cell(item, column)
        return super().cell(item, column) if made is None else made

    def row_buttons(self, item: Any) -> list[Button]:
        """Return 已阅 where the person has not read the latest rating of the case."""
        latest = max(item.case.evaluations, key=lambda e: e.round_no) is item
        may_read = Action.READ_EVALUATION in moment().allowed(item.case)
        return self.action_buttons(item) if latest and may_read else []

    @action("read", _l("Mark as read"), "", "fa-check")
    def read(self, items: Any) -> Any:
        """Leave the person's read mark on the ratings (R53)."""
        rows = items if isinstance(items, list) else [items]
        keys = [item.case_id for item in rows]
        problems = {problem for key in keys if (problem := self._read_one(key))}
        for words in problems:
            flash(words, "warning")
        if len(problems) < len(keys):
            flash(_("Marked as read."), "success")
        return self.after_action()

    @staticmethod
    def _read_one(case_id: int) -> str:
        try:
            with unit_of_work():
                read_evaluation(lock_case(case_id), by=g.user, now=clock.now())
        except Refusal as refusal:
            return sentence(refusal)
        return ""


class BadReviewView(CaseRegister):
    """差评核实整改: verified within one working day, redone within five (D-26)."""

    datamodel = EagerInterface(Evaluation)
    route_base = "/bad-ratings"
    title = _l("Bad ratings")
    list_columns = [
        "case", "case.lead_unit", "eval_level", "opinion", "verify_due_at", "verdict",
        "redo_due_at",
    ]  # fmt: skip
    label_columns = LABELS
    order_columns = ["verify_due_at", "redo_due_at"]
    base_order = ("verify_due_at", "desc")
    eager = (*CaseRegister.eager, "case.lead_unit")
    empty_text = _l("No bad ratings here.")

    @property
    def quick_filters(self) -> tuple[Any, ...]:
        """Return the steps that a bad rating goes through."""

        def of(condition: Any) -> Any:
            # Not a join: the condition looks for ratings itself and must find its own.
            round_no = select(Case.round_no).where(Case.id == Evaluation.case_id)
            current = Evaluation.round_no == round_no.scalar_subquery()
            return lambda query, _user, _now: query.filter(self.of_cases(condition), current)

        return (
            ("open", _l("To be verified"), of(bad_rating_open())),
            ("pending", _l("Verdict to approve"), of(verdict_pending())),
            ("redo", _l("In redo"), lambda query, _user, _now: query.filter(
                self.of_cases(Case.state == State.REDO))),
            ("all", _l("All"), lambda query, _user, _now: query),
        )  # fmt: skip

    def scope(self, query: Any) -> Any:
        """Return the bad ratings of visible cases."""
        return super().scope(query).filter(Evaluation.eval_level.in_(BAD))

    def cell(self, item: Any, column: str) -> Any:
        """Return a rating's cell."""
        made = rating_cell(item, column)
        return super().cell(item, column) if made is None else made

    def row_class(self, item: Any) -> str:
        """Return red when the day of verification is over."""
        late = item.verdict is None and item.verify_due_at and item.verify_due_at < moment().now
        return "is-red" if late else ""

    def row_buttons(self, item: Any) -> list[Button]:
        """Return the next step open to the person on the current rating."""
        if item.round_no != item.case.round_no:
            return []
        return move_links(
            item.case, (Action.VERIFY, Action.APPROVE_VERDICT, Action.DECIDE_AFTER_REDO)
        )


def register(appbuilder: AppBuilder) -> None:
    """Add the registers of ratings."""
    appbuilder.add_view_no_menu(EvaluationView)
    appbuilder.add_view_no_menu(BadReviewView)
