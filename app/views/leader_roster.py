"""带班排班: the month of leaders, and the form of one day."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import flash, g, redirect, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from app.actions.calendars import calendar_of
from app.actions.leaders import set_leader
from app.actions.rosters import clear_leader, leaders_in_rank, rotate_leaders
from app.clock import now, today
from app.domain.refusals import Refusal
from app.extensions import db
from app.fab.fields import ChoiceField, Text
from app.fab.form_view import SafeFormView
from app.fab.formats import date_zh
from app.fab.forms import OfficeForm
from app.models import LeaderRoster
from app.unit_of_work import unit_of_work
from app.views.calendar_grid import asked_site, is_worked, mark_of
from app.views.messages import sentence
from app.views.month_grid import asked_day, asked_month, days_of_month, earlier_month, next_month
from app.views.records import sites

PERMISSIONS = "LeaderRosterView"


@dataclass(frozen=True)
class RosterDay:
    """One day of the month: whether it is worked, and who is put down for it."""

    on: dt.date
    is_workday: bool
    mark: Any
    row: LeaderRoster | None
    is_today: bool
    is_past: bool

    @property
    def css(self) -> str:
        """Return the colour: a hole to come is red, a leader away without a stand-in yellow."""
        if self.row is None:
            if not self.is_workday:
                return "is-rest"
            return "is-past-hole" if self.is_past else "is-hole"
        return "is-uncovered" if self.row.is_leader_away and not self.row.substitute_id else ""


class LeaderRosterView(BaseView):
    """The month grid; working days without a leader are red."""

    route_base = "/leader-roster"
    default_view = "month"
    class_permission_name = PERMISSIONS
    title = _l("Leader roster")

    @expose("/")
    @has_access
    def month(self) -> Any:
        """Show the month of the address, Monday first."""
        month, site = asked_month(), asked_site()
        days = _days(site.id, month)
        return self.render_template(
            "reference/leader_month.html",
            month=month,
            earlier=earlier_month(month),
            later=next_month(month),
            site=site,
            sites=sites(),
            lead=[None] * month.weekday(),
            days=days,
            holes=sum(day.css == "is-hole" for day in days),
            may_edit=self.appbuilder.sm.has_access("can_rotate", self.class_permission_name),
        )

    @expose("/rotate", methods=["POST"])
    @has_access
    def rotate(self) -> Any:
        """Fill the free working days of the month in rank order."""
        month, site = asked_month(), asked_site()
        try:
            with unit_of_work():
                filled = rotate_leaders(site_id=site.id, month=month, by=g.user, now=now())
            flash(_("%(n)s days were filled.", n=filled), "success")
        except Refusal as refusal:
            flash(sentence(refusal), "danger")
        return redirect(_month_url(month, site.id))


def _month_url(day: dt.date, site_id: int) -> str:
    return url_for("LeaderRosterView.month", month=f"{day:%Y-%m}", site=site_id)


def _days(site_id: int, month: dt.date) -> list[RosterDay]:
    calendar = calendar_of(site_id)
    days = days_of_month(month)
    rows = db.session.scalars(
        select(LeaderRoster)
        .where(LeaderRoster.site_id == site_id, LeaderRoster.day.between(days[0], days[-1]))
        .options(joinedload(LeaderRoster.leader), joinedload(LeaderRoster.substitute))
    )
    by_day = {row.day: row for row in rows}
    return [
        RosterDay(
            on=day,
            is_workday=is_worked(calendar, day),
            mark=mark_of(calendar, day),
            row=by_day.get(day),
            is_today=day == today(),
            is_past=day < today(),
        )
        for day in days
    ]


def _leaders() -> list[tuple[str, str]]:
    people = leaders_in_rank(site_id=asked_site().id, day=asked_day())
    return [(str(p.id), f"{p.name}（{p.post}）" if p.post else p.name) for p in people]


class RosterDayForm(OfficeForm):
    """Who leads on one day, and who stands in."""

    leader_id = ChoiceField(
        _l("Leader on duty"),
        choices=_leaders,
        coerce=int,
        description=_l("In official rank order. Left empty: the day is taken off the roster."),
    )
    substitute_id = ChoiceField(_l("Substitute"), choices=_leaders, coerce=int)
    is_leader_away = BooleanField(
        _l("Not on post today"),
        description=_l("Ticked: the substitute signs, else the head of the group."),
    )
    remark = StringField(_l("Remarks"), [Length(max=120)], widget=Text())


class LeaderRosterDayView(SafeFormView):
    """One day of the leaders' roster."""

    route_base = "/leader-roster/day"
    class_permission_name = PERMISSIONS
    form = RosterDayForm

    def form_get(self, form: Any) -> None:
        """Show who is put down now."""
        row = db.session.scalars(
            select(LeaderRoster).where(
                LeaderRoster.site_id == asked_site().id, LeaderRoster.day == asked_day()
            )
        ).first()
        if row is not None:
            form.leader_id.data, form.substitute_id.data = row.leader_id, row.substitute_id
            form.is_leader_away.data, form.remark.data = row.is_leader_away, row.remark

    def form_post(self, form: Any) -> None:
        """Put a leader down, or take the day off the roster."""
        common: dict[str, Any] = {
            "site_id": asked_site().id,
            "day": asked_day(),
            "by": g.user,
            "now": now(),
        }
        if form.leader_id.data is None:
            clear_leader(**common)
            return
        set_leader(
            leader_id=form.leader_id.data,
            substitute_id=form.substitute_id.data,
            is_leader_away=form.is_leader_away.data,
            remark=form.remark.data or "",
            **common,
        )

    def done_url(self) -> str:
        """Go back to the month."""
        return _month_url(asked_day(), asked_site().id)

    def _page(self, form: Any) -> Any:
        return self.render_template(
            self.form_template,
            title=_("Leader on duty on %(day)s", day=date_zh(asked_day(), weekday=True)),
            form=form,
            submit_label=self.submit_label,
            back_url=self.done_url(),
        )


def register(appbuilder: AppBuilder) -> None:
    """Add the grid and its form."""
    appbuilder.add_view_no_menu(LeaderRosterView)
    appbuilder.add_view_no_menu(LeaderRosterDayView)
