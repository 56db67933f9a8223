"""月度通报: the month's numbers on the page, and as docx and xlsx to take away."""

from io import BytesIO
from typing import Any

from flask import abort, request, send_file
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import lazy_gettext as _l

from app.audit_log import deeds
from app.domain.audit import AuditAction
from app.domain.indicators import GROUPS
from app.fab.interface import is_key
from app.models import Site
from app.reports.monthly.docx import monthly_docx
from app.reports.monthly.figures import UNIT_COLUMNS, Monthly, gather, month_named, months_to_choose
from app.reports.monthly.words import change_cell
from app.reports.monthly.xlsx import monthly_xlsx
from app.reports.period import Period, month_of
from app.views.moment import moment
from app.views.records import sites
from app.views.statistics_parts import cell, figure_words
from app.views.statistics_scope import Asked, period_word

SHOWN_MONTHS = 24
OFFICE = "application/vnd.openxmlformats-officedocument."
WRITERS = {
    "docx": (monthly_docx, f"{OFFICE}wordprocessingml.document"),
    "xlsx": (monthly_xlsx, f"{OFFICE}spreadsheetml.sheet"),
}


class MonthlyView(BaseView):
    """月度通报 of a month and a site: read by the office, taken away by section and leaders."""

    route_base = "/monthly"
    default_view = "page"
    title = _l("Monthly circular report")

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("page")
    def page(self) -> Any:
        """Show every number of the report."""
        month, own = _asked(), sites()
        about = Asked(month.period, month.site.id if month.site else None, None)
        last = Asked(month.period.shifted(-1), about.site_id, None)
        groups = [
            (
                theme,
                [
                    (
                        cell(about, d.id, month.values[d.id]),
                        cell(last, d.id, month.before[d.id]),
                        change_cell(d.id, month.values[d.id], month.before[d.id]),
                    )
                    for d in group
                ],
            )
            for theme, group in GROUPS
        ]
        units = [
            (line, [cell(about, key, line.values[key], unit=line.unit_id)
                    if key in line.values else None for key in UNIT_COLUMNS])
            for line in month.units
        ]  # fmt: skip
        return self.render_template(
            "monthly/page.html", month=month, about=about, groups=groups, units=units, sites=own,
            months=[(p.name, period_word(p)) for p in months_to_choose(moment().now, SHOWN_MONTHS)],
            columns=UNIT_COLUMNS, words=figure_words(),
            may_download=self.appbuilder.sm.has_access("can_download", "MonthlyView"),
        )  # fmt: skip

    @expose("/file/<ending>", methods=["GET"])
    @has_access
    @permission_name("download")
    def file(self, ending: str) -> Any:
        """Send the report as a file."""
        if ending not in WRITERS:
            abort(404)
        month = _asked()
        write, mimetype = WRITERS[ending]
        name = f"{month.file_name}.{ending}"
        deeds.taken(AuditAction.DOWNLOADED, about=("monthly", "", name))
        return send_file(
            BytesIO(write(month)), mimetype=mimetype, as_attachment=True, download_name=name
        )


def _asked() -> Monthly:
    """Return the report that the address asks for; 404 for what there is not, or not yet."""
    return gather(site=_site(), period=_month())


def _month() -> Period:
    now = moment().now
    name = request.args.get("month", "")
    try:
        return month_named(name, now=now) if name else month_of(now).shifted(-1)
    except ValueError:
        abort(404)


def _site() -> Site | None:
    """Return the site asked for, the person's own, the only one; None for all of them."""
    own, asked = {site.id: site for site in sites()}, request.args.get("site", "")
    if asked:
        return own.get(int(asked) if is_key(asked) else 0) or abort(404)
    return next(iter(own.values())) if len(own) == 1 else None


def register(appbuilder: AppBuilder) -> None:
    """Add the page."""
    appbuilder.add_view_no_menu(MonthlyView)
