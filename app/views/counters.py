"""编号起始: where each series of numbers stands this year, and where it goes on."""

from typing import Any

from flask import abort, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from app.actions.numbers import start_number_after
from app.clock import today
from app.domain.states import NumberKind
from app.extensions import db
from app.fab.fields import Text
from app.fab.form_view import SafeFormView
from app.fab.forms import OfficeForm
from app.models import Counter
from app.views.calendar_grid import asked_site
from app.views.labels import label
from app.views.records import sites

# 接待编号 starts anew every day: there is nothing to continue from paper.
SERIES = [kind for kind in NumberKind if kind is not NumberKind.RECEPTION]
MOST = 9999
PERMISSIONS = "CounterView"


class CounterView(BaseView):
    """The series of a site in one year."""

    route_base = "/numbers"
    default_view = "series"
    class_permission_name = PERMISSIONS
    title = _l("Number series")

    @expose("/")
    @has_access
    def series(self) -> Any:
        """Show the last number drawn of each series, and the next."""
        site, year = asked_site(), today().year
        drawn = dict(
            db.session.execute(
                select(Counter.series, Counter.last_no).where(
                    Counter.site_id == site.id, Counter.period == str(year)
                )
            ).all()
        )
        return self.render_template(
            "reference/numbers.html",
            year=year,
            site=site,
            sites=sites(),
            rows=[(kind, label(kind), drawn.get(kind.value, 0)) for kind in SERIES],
            may_edit=self.appbuilder.sm.has_access("can_this_form_get", PERMISSIONS),
        )


class StartForm(OfficeForm):
    """The last number used on paper."""

    last_no = IntegerField(
        _l("Last number already used"),
        [InputRequired(), NumberRange(min=0, max=MOST)],
        widget=Text(),
        description=_l("The next number drawn is this one plus one. It can only be raised."),
    )


class CounterStartView(SafeFormView):
    """Where a series goes on."""

    route_base = "/numbers/start"
    class_permission_name = PERMISSIONS
    form = StartForm

    def form_post(self, form: Any) -> None:
        """Move the counter; numbers are never used twice."""
        start_number_after(
            site_id=asked_site().id,
            series=_asked_series(),
            period=str(today().year),
            last_no=form.last_no.data,
        )

    def done_url(self) -> str:
        """Go back to the series."""
        return url_for("CounterView.series", site=asked_site().id)

    def _page(self, form: Any) -> Any:
        title = _("%(series)s of %(year)s: go on after", series=label(_asked_series()),
                  year=today().year)  # fmt: skip
        return self.render_template(
            self.form_template,
            title=title,
            form=form,
            submit_label=self.submit_label,
            back_url=self.done_url(),
        )


def _asked_series() -> NumberKind:
    return next((k for k in SERIES if k == request.args.get("series")), None) or abort(404)


def register(appbuilder: AppBuilder) -> None:
    """Add the page and its form."""
    appbuilder.add_view_no_menu(CounterView)
    appbuilder.add_view_no_menu(CounterStartView)
