"""工作日历, changed: a site's own day, and the notice of a year entered by hand."""

import datetime as dt
from typing import Any

from flask import abort, g, request, url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from app.actions.calendars import calendar_of, set_override
from app.actions.year_notice import publish_notice
from app.clock import now
from app.domain.calendar_parts import OVERRIDE_KINDS, DayKind
from app.extensions import db
from app.fab.fields import Paragraph, RadioChoiceField, Text
from app.fab.form_view import SafeFormView
from app.fab.formats import date_zh
from app.fab.forms import OfficeForm
from app.models import CalendarYear
from app.views.calendar_grid import KIND_WORDS, asked_site, own_days, years

BACK_TO_NOTICE = "normal"


class DayForm(OfficeForm):
    """What the site does on one day, and by which paper."""

    kind = RadioChoiceField(
        _l("What the office does on this day"),
        [DataRequired()],
        choices=lambda: [
            (BACK_TO_NOTICE, _("As in the national notice")),
            *((kind, KIND_WORDS[kind]) for kind in DayKind if kind in OVERRIDE_KINDS),
        ],
    )
    notice_no = StringField(
        _l("Number of the notice"),
        [InputRequired(), Length(max=60)],
        widget=Text(),
        description=_l("Of the notice or document this day follows from."),
    )
    note = StringField(_l("Remarks"), [Length(max=120)], widget=Text())


class CalendarForm(SafeFormView):
    """What both forms share: permission of the grid, and the way back to it."""

    class_permission_name = "WorkCalendarView"

    @property
    def message(self) -> str:
        """Say what was saved, and what it did to open cases."""
        count = g.get("recomputed", 0)
        return _("Saved. The due times of %(n)s open cases were computed anew.", n=count)

    def done_url(self) -> str:
        """Go back to the year."""
        return url_for("WorkCalendarView.year", year=self.asked_year(), site=self.asked_site_id())

    def asked_year(self) -> int:
        """Return the year of the form."""
        raise NotImplementedError

    def asked_site_id(self) -> int | None:
        """Return the site the grid was showing."""
        return request.args.get("site", type=int)

    def page_title(self) -> str:
        """Return the heading."""
        raise NotImplementedError

    def _page(self, form: Any) -> Any:
        return self.render_template(
            self.form_template,
            title=self.page_title(),
            form=form,
            submit_label=self.submit_label,
            back_url=self.done_url(),
        )


class CalendarDayView(CalendarForm):
    """One day of one site."""

    route_base = "/calendar/day"
    form = DayForm

    def page_title(self) -> str:
        """Name the day and what it is now."""
        day, site = self.asked_day(), asked_site()
        kind = KIND_WORDS[calendar_of(site.id).day_kind(day)]
        return _("%(day)s: now %(kind)s", day=date_zh(day, weekday=True), kind=kind)

    def asked_day(self) -> dt.date:
        """Return the day of the address; 404 when there is none."""
        try:
            day = dt.date.fromisoformat(request.args.get("day", ""))
        except ValueError:
            abort(404)
        return day if day.year in years() else abort(404)

    def asked_year(self) -> int:
        """Return the year of the day."""
        return self.asked_day().year

    def form_get(self, form: Any) -> None:
        """Show what the site decided before."""
        row = own_days(asked_site(), self.asked_year()).get(self.asked_day())
        if row is not None:
            form.kind.data, form.note.data = row.kind.value, row.note
            form.notice_no.data = row.notice_no

    def form_post(self, form: Any) -> None:
        """Set or take back the site's own day."""
        kind = None if form.kind.data == BACK_TO_NOTICE else DayKind(form.kind.data)
        g.recomputed = set_override(
            site_id=asked_site().id,
            day=self.asked_day(),
            kind=kind,
            notice_no=form.notice_no.data,
            note=form.note.data or "",
            by=g.user,
            now=now(),
        )


class NoticeForm(OfficeForm):
    """A year's notice, as its words stand."""

    notice_no = StringField(
        _l("Number of the notice"), [InputRequired(), Length(max=60)], widget=Text()
    )
    text = TextAreaField(
        _l("Words of the notice"),
        [InputRequired()],
        widget=Paragraph(rows=12),
        description=_l(
            "Paste the notice, or write a line for each holiday: its name, the days off, the"
            " make-up days. Example: New Year: 1-3 January off. 4 January worked."
        ),
    )


class CalendarNoticeView(CalendarForm):
    """The notice of a year that the program does not know yet."""

    route_base = "/calendar/notice"
    form = NoticeForm

    def page_title(self) -> str:
        """Name the year."""
        return _("Holidays of %(year)s", year=self.asked_year())

    def asked_year(self) -> int:
        """Return the year of the address; 404 when there is none."""
        year = request.args.get("year", type=int)
        return year if year in years() else abort(404)

    def form_get(self, form: Any) -> None:
        """Show the number of the notice entered before."""
        record = db.session.get(CalendarYear, self.asked_year())
        if record is not None:
            form.notice_no.data = record.notice_no

    def form_post(self, form: Any) -> None:
        """Publish the year."""
        g.recomputed = publish_notice(
            year=self.asked_year(),
            text=form.text.data,
            notice_no=form.notice_no.data,
            by=g.user,
            now=now(),
        )


def register(appbuilder: AppBuilder) -> None:
    """Add the forms."""
    appbuilder.add_view_no_menu(CalendarDayView)
    appbuilder.add_view_no_menu(CalendarNoticeView)
