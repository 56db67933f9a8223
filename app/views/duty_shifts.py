"""值班排班: a week at a time to fill, and the list of what stands."""

import datetime as dt
from typing import Any, ClassVar

from flask import flash, g, redirect, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.actions.calendars import calendar_of
from app.actions.rosters import HalfDay, duty_officers, fill_week, repeat_week, shifts_between
from app.clock import now, today
from app.domain.refusals import Refusal
from app.domain.states import Half
from app.extensions import db
from app.fab.interface import EagerInterface, is_key
from app.fab.lists import Button
from app.models import Account, DutyShift
from app.unit_of_work import unit_of_work
from app.views.calendar_grid import asked_site, is_worked, mark_of
from app.views.labels import label
from app.views.messages import sentence
from app.views.month_grid import asked_day, monday_of
from app.views.records import RecordView, site_filter, sites

_WEEK = dt.timedelta(days=7)


class DutyWeekView(BaseView):
    """The week grid: tick who sits at the desk, save, repeat for the rest of the month."""

    route_base = "/duty-week"
    default_view = "week"
    class_permission_name = "DutyShiftView"
    title = _l("Duty shifts")

    @expose("/")
    @has_access
    def week(self) -> Any:
        """Show the week of the address; who may fill it gets boxes to tick."""
        monday, site = monday_of(asked_day()), asked_site()
        days = [monday + dt.timedelta(days=n) for n in range(7)]
        calendar = calendar_of(site.id)
        shifts = shifts_between(site_id=site.id, first=days[0], last=days[-1])
        may_edit = self.appbuilder.sm.has_access("can_fill", self.class_permission_name)
        return self.render_template(
            "reference/duty_week.html",
            monday=monday,
            earlier=monday - _WEEK,
            later=monday + _WEEK,
            today=today(),
            site=site,
            sites=sites(),
            halves=[(half, label(half)) for half in Half],
            days=[(day, is_worked(calendar, day), mark_of(calendar, day)) for day in days],
            shifts=shifts,
            officers=_offered(site.id, shifts),
            may_edit=may_edit,
        )

    @expose("/fill", methods=["POST"])
    @has_access
    def fill(self) -> Any:
        """Save the ticks of the week."""
        monday, site = monday_of(asked_day()), asked_site()
        self._do(
            lambda: fill_week(
                site_id=site.id, monday=monday, officers=_ticked(), by=g.user, now=now()
            ),
            _("Saved."),
        )
        return _week_page(monday, site.id)

    @expose("/repeat", methods=["POST"])
    @has_access
    def repeat(self) -> Any:
        """Repeat the week for the rest of its month."""
        monday, site = monday_of(asked_day()), asked_site()
        self._do(lambda: repeat_week(site_id=site.id, monday=monday, by=g.user, now=now()))
        return redirect(
            url_for("DutyWeekView.week", day=(monday + _WEEK).isoformat(), site=site.id)
        )

    @staticmethod
    def _do(change: Any, done: str = "") -> None:
        try:
            with unit_of_work():
                filled = change()
        except Refusal as refusal:
            flash(sentence(refusal), "danger")
        else:
            flash(done or _("%(n)s half-days were filled.", n=filled), "success")


def _week_page(day: dt.date, site_id: int) -> Any:
    return redirect(url_for("DutyWeekView.week", day=day.isoformat(), site=site_id))


def _offered(site_id: int, shifts: dict[HalfDay, list[int]]) -> list[Account]:
    """Return the duty officers, and whoever stands in the week without being one any more."""
    current = duty_officers(site_id=site_id)
    known = {account.id for account in current}
    former = {pk for pks in shifts.values() for pk in pks} - known
    return [*current, *(db.session.get(Account, pk) for pk in sorted(former))]


def _ticked() -> dict[HalfDay, list[int]]:
    """Return the ticks sent, each as 2026-11-16/am/12; what does not read like one is left out."""
    found: dict[HalfDay, list[int]] = {}
    for tick in request.form.getlist("shift"):
        day, _slash, rest = tick.partition("/")
        half, _slash, officer = rest.partition("/")
        try:
            half_day = (dt.date.fromisoformat(day), Half(half))
        except ValueError:
            continue
        if is_key(officer):
            found.setdefault(half_day, []).append(int(officer))
    return found


class DutyShiftView(RecordView):
    """The shifts as a list, to look somebody up."""

    datamodel = EagerInterface(DutyShift)
    route_base = "/duty-shifts"
    title = _l("Duty shifts as a list")
    exclude_route_methods: ClassVar[set[str]] = {"show", "add", "edit", "delete"}
    base_permissions: ClassVar[list[str]] = ["can_list", "can_week", "can_fill", "can_repeat"]
    list_columns: ClassVar[list[str]] = ["day", "half", "officer"]
    search_columns: ClassVar[list[str]] = ["day"]
    show_columns = add_columns = edit_columns = []
    order_columns: ClassVar[list[str]] = ["day"]
    base_order = ("day", "asc")
    label_columns: ClassVar[dict[str, Any]] = {
        "day": _l("Date"),
        "half": _l("Half-day"),
        "officer": _l("Duty officer"),
    }
    formatters_columns: ClassVar[dict[str, Any]] = {
        "half": lambda value: label(Half(value)),  # FAB hands over the plain value
    }
    quick_filters: ClassVar[list[Any]] = [
        ("next", _l("From today"), lambda query, user, now: query.filter(
            DutyShift.day >= now.date())),
        ("mine", _l("My own"), lambda query, user, now: query.filter(
            DutyShift.officer_id == user.id)),
        ("all", _l("All"), lambda query, user, now: query),
    ]  # fmt: skip
    choice_filters: ClassVar[list[Any]] = [site_filter(DutyShift.site_id)]
    empty_text = _l("No shifts yet.")

    def page_buttons(self) -> list[Button]:
        """Lead back to the week."""
        return [Button(_("Week"), url_for("DutyWeekView.week"), icon="calendar-days")]


def register(appbuilder: AppBuilder) -> None:
    """Add the week and the list."""
    appbuilder.add_view_no_menu(DutyWeekView)
    appbuilder.add_view_no_menu(DutyShiftView)
