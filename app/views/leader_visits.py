"""领导带班: 到岗签到, the log of a visit, and the month in half-days with what is missing (R34)."""

import datetime as dt
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import BooleanField, TextAreaField
from wtforms.validators import Length

from app import clock
from app.actions.leaders import attach_case, check_in, write_log
from app.actions.visibility import visible
from app.domain.refusals import Refusal
from app.domain.states import Half
from app.extensions import db
from app.fab.fields import ChoiceField, Paragraph
from app.fab.forms import OfficeForm
from app.fab.interface import EagerInterface
from app.fab.lists import Button
from app.models import Case, LeaderVisit
from app.reports.duty import attendance, half_days
from app.reports.urgency import OPEN
from app.unit_of_work import unit_of_work
from app.views.case_rows import here
from app.views.discreet import in_list
from app.views.labels import label
from app.views.messages import sentence
from app.views.moment import moment
from app.views.work_list import WorkList

MOST_CASES = 100
MOST_TEXT = 2000


class LogForm(OfficeForm):
    """What a leader writes of a visit: three lines and, if he likes, the case."""

    seen = TextAreaField(_l("What was seen"), [Length(max=MOST_TEXT)], widget=Paragraph())
    solved = TextAreaField(_l("What was solved"), [Length(max=MOST_TEXT)], widget=Paragraph())
    # Not `problems`: that is what every form has of its own.
    trouble = TextAreaField(
        _l("Problems found and what was done"), [Length(max=MOST_TEXT)], widget=Paragraph()
    )
    case_id = ChoiceField(_l("Case concerned"))
    has_left = BooleanField(_l("I am leaving the window now"))

    def offer(self, visit: LeaderVisit) -> None:
        """Offer the open cases, and the one already chosen."""
        query = (
            visible(g.user)
            .where(Case.state.in_(OPEN) | (Case.id == visit.case_id))
            .order_by(Case.id.desc())
            .limit(MOST_CASES)
        )
        cases = db.session.execute(query).scalars()
        self.case_id.choices = [
            ("", _("(none)")),
            *((str(c.id), f"{c.ledger_no or ''} {in_list(c.item_name, c)}") for c in cases),
        ]  # fmt: skip


class LeaderVisitView(WorkList):
    """带班日志: the visits of a month, and its half-days with the missing ones."""

    datamodel = EagerInterface(LeaderVisit)
    route_base = "/leader-visits"
    list_template = "work/visits.html"
    include_route_methods = {"list", "action", "action_post", "arrive", "log", "save_log"}
    base_permissions = ["can_list", "can_arrive", "can_log", "can_save_log"]
    permission_labels = {"can_arrive": _l("Check in"), "can_log": _l("Write the log")}
    title = _l("Leader visits")
    list_columns = ["day", "half", "leader", "arrived_at", "left_at", "seen", "solved", "case"]
    label_columns = {
        "day": _l("Date"),
        "half": _l("Half-day"),
        "leader": _l("Leader"),
        "arrived_at": _l("Arrived"),
        "left_at": _l("Left"),
        "seen": _l("What was seen"),
        "solved": _l("What was solved"),
        "case": _l("Case concerned"),
    }
    formatters_columns = {
        "half": lambda half: label(Half(half)),
        "arrived_at": lambda at: at.strftime("%H:%M"),
        "left_at": lambda at: at.strftime("%H:%M") if at else "—",
    }
    order_columns = ["day"]
    base_order = ("day", "desc")
    empty_text = _l("No visits in this month.")

    def render_template(self, template: str, **facts: Any) -> Any:
        """Add the month's half-days to the list's page."""
        if template == self.list_template:
            facts |= self._grid()
        return super().render_template(template, **facts)

    def scope(self, query: Any) -> Any:
        """Return the visits of the site in the month shown."""
        first, last = month_shown()
        query = query.filter(LeaderVisit.day.between(first, last))
        return query.filter(LeaderVisit.site_id.in_(moment().site_ids))

    def row_buttons(self, item: Any) -> list[Button]:
        """Return the paper of the day, and the log of one's own visit of today."""
        found = []
        if self.appbuilder.sm.has_access("can_desk_form", "Paper"):
            address = url_for("PaperFormView.visit", visit_id=item.id, back=here())
            found = [Button(_("Print"), address, icon="print")]
        if not is_own_today(item):
            return found
        address = url_for(f"{self.endpoint}.log", pk=item.id)
        return [*found, Button(_("Write the log"), address, icon="pen")]

    def page_buttons(self) -> list[Button]:
        """Return the check-in of this half-day."""
        if not self.may("can_arrive"):
            return []
        address = url_for(f"{self.endpoint}.arrive")
        return [Button(_("Check in"), address, "post", "primary", icon="location-dot")]

    @expose("/check-in", methods=["POST"])
    @has_access
    def arrive(self) -> Any:
        """Note that the leader is at the window this half-day; the log may follow."""
        try:
            with unit_of_work():
                visit = check_in(site_id=moment().site_ids[0], by=g.user, now=clock.now())
                pk = visit.id
        except Refusal as refusal:
            flash(sentence(refusal), "warning")
            return redirect(url_for("HomeView.index"))
        flash(_("Checked in."), "success")
        return redirect(url_for(f"{self.endpoint}.log", pk=pk))

    @expose("/<int:pk>/log", methods=["GET"])
    @has_access
    def log(self, pk: int) -> Any:
        """Show the log of one's own visit of today."""
        visit = own_visit(pk)
        written = {name: getattr(visit, name) for name in ("seen", "solved", "case_id")}
        form = LogForm(data=written | {"trouble": visit.problems})
        form.offer(visit)
        return self._log_page(form)

    @expose("/<int:pk>/log", methods=["POST"])
    @has_access
    def save_log(self, pk: int) -> Any:
        """Keep the log."""
        visit = own_visit(pk)
        form = LogForm()
        form.offer(visit)
        if not form.validate():
            return self._log_page(form)
        with unit_of_work():
            fresh, who = own_visit(pk), {"by": g.user, "now": clock.now()}
            attach_case(fresh, case_id=int(form.case_id.data or 0) or None, **who)
            write_log(
                fresh, seen=form.seen.data, solved=form.solved.data, problems=form.trouble.data,
                has_left=form.has_left.data, **who,
            )  # fmt: skip
        flash(_("Saved."), "success")
        return redirect(url_for("HomeView.index"))

    def _log_page(self, form: LogForm) -> Any:
        return self.render_template(
            "office/form.html", title=_("Log of the visit"), form=form,
            submit_label=_("Save"), back_url=url_for("HomeView.index"),
        )  # fmt: skip

    def _grid(self) -> dict[str, Any]:
        first, last = month_shown()
        at = moment()
        site_id = next(iter(at.site_ids), None) or abort(404)
        days = half_days(
            site_id=site_id, first=first, last=last, calendar=at.calendar(site_id), now=at.now
        )
        came, due = attendance(days)
        return {
            "days": [days[n : n + len(Half)] for n in range(0, len(days), len(Half))],
            "came": came,
            "due": due,
            "month": first,
            "earlier": f"{first - dt.timedelta(days=1):%Y-%m}",
            "later": f"{last + dt.timedelta(days=1):%Y-%m}",
            "label": label,
            "today": at.now.date(),
        }


def month_shown() -> tuple[dt.date, dt.date]:
    """Return first and last day of the month in the address, else of this month."""
    try:
        first = dt.date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        first = moment().now.date().replace(day=1)
    if not 2000 < first.year < 2100:
        first = moment().now.date().replace(day=1)
    return first, (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)


def is_own_today(visit: LeaderVisit) -> bool:
    """Return whether the person may still write this log."""
    return visit.leader_id == g.user.id and visit.day == moment().now.date()


def own_visit(pk: int) -> LeaderVisit:
    """Return the person's own visit of today; answers 404 for any other."""
    visit = db.session.get(LeaderVisit, pk) if pk < 2**31 else None
    return visit if visit is not None and is_own_today(visit) else abort(404)


def own_visits() -> dict[Half, LeaderVisit]:
    """Return the person's visits of today by half-day."""
    rows = db.session.execute(
        select(LeaderVisit).where(
            LeaderVisit.leader_id == g.user.id, LeaderVisit.day == moment().now.date()
        )
    ).scalars()
    return {row.half: row for row in rows}


def register(appbuilder: AppBuilder) -> None:
    """Add the visits."""
    appbuilder.add_view_no_menu(LeaderVisitView)
