"""工作日历: the year of a site in one grid, with what the notice and the office made of it."""

import datetime as dt
from typing import Any

from flask import abort, flash, g, redirect, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.actions.calendars import calendar_of, import_year
from app.clock import now, today
from app.extensions import db
from app.models import CalendarYear
from app.official import PUBLISHED_YEARS
from app.unit_of_work import unit_of_work
from app.views.calendar_grid import asked_site, holidays_of, months_of, own_days, years
from app.views.records import sites, tell_recomputed


class WorkCalendarView(BaseView):
    """The year grid; changes go through the forms below and are followed by a recomputation."""

    route_base = "/calendar"
    default_view = "year"
    title = _l("Working calendar")

    @expose("/")
    @expose("/<int:year>")
    @has_access
    def year(self, year: int | None = None) -> Any:
        """Show twelve months, Monday first."""
        year = year or today().year
        if year not in years():
            abort(404)
        site = asked_site()
        calendar = calendar_of(site.id)
        record = db.session.get(CalendarYear, year)
        is_published = bool(record and record.is_published)
        days = [dt.date(year, 1, 1) + dt.timedelta(days=n) for n in range(366)]
        days = [d for d in days if d.year == year and calendar.first <= d <= calendar.last]
        if not days:
            abort(404)
        return self.render_template(
            "reference/year.html",
            year=year,
            years=years(),
            site=site,
            sites=sites(),
            record=record,
            is_published=is_published,
            months=months_of(days, calendar, own_days(site, year)),
            workdays=sum(calendar.is_workday(day) for day in days),
            holidays=holidays_of(days, calendar),
            may_edit=self.may_edit(),
            can_import=year in PUBLISHED_YEARS and not is_published,
        )

    @expose("/<int:year>/import", methods=["POST"])
    @has_access
    def import_notice(self, year: int) -> Any:
        """Store the year's notice from the official source that ships with the program."""
        if year not in PUBLISHED_YEARS:
            abort(404)
        with unit_of_work():
            g.recomputed = import_year(year=year, by=g.user, now=now())
        flash(_("The holidays of %(year)s have been imported.", year=year), "success")
        tell_recomputed()
        return redirect(url_for("WorkCalendarView.year", year=year))

    def may_edit(self) -> bool:
        """Say whether this person may change days and publish years."""
        return self.appbuilder.sm.has_access("can_import_notice", self.class_permission_name)


def register(appbuilder: AppBuilder) -> None:
    """Add the grid."""
    appbuilder.add_view_no_menu(WorkCalendarView)
