"""量化考核: the months, a month's sheet, the records behind each number, the sheet on paper."""

from io import BytesIO
from typing import Any

from flask import abort, g, request, send_file
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import lazy_gettext as _l

from app.actions.score_rules import has_rules, month_after
from app.audit_log import deeds
from app.domain.audit import AuditAction
from app.fab.interface import is_key
from app.reports.period import month_of
from app.reports.score_paper import score_pages
from app.reports.score_records import WITHHELD, excluded_names, records, seen
from app.reports.score_sheets import Sheet, differences, months
from app.reports.score_xlsx import score_xlsx
from app.views.moment import moment
from app.views.records import sites
from app.views.score_parts import (
    Place,
    ScorePage,
    kind_of,
    place_of,
    sees_frozen_only,
    sees_own_only,
    site_of,
)
from app.views.statistics_rows import COLUMNS, row_href
from app.views.statistics_scope import period_word

SHOWN_MONTHS = 12
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ScoreView(ScorePage):
    """What everybody reads of 量化考核, each as far as he may."""

    route_base = "/scores"
    default_view = "page"
    title = _l("Score sheets")

    @expose("/", methods=["GET"])
    @has_access
    def page(self) -> Any:
        """Show the months with their state."""
        own, asked = sites(), request.args.get("site", "")
        site = site_of(int(asked)) if is_key(asked) else (own[0] if own else abort(404))
        latest = month_of(moment().now)
        periods = [latest.shifted(-back) for back in range(SHOWN_MONTHS)]
        return self.render_template(
            "scores/months.html", sites=own, months=months(site, periods=periods),
            place=Place(site, latest), period_word=period_word, drafts=not sees_frozen_only(),
            has_rules=has_rules(site.id), ranks=not sees_own_only(),
        )  # fmt: skip

    @expose("/<int:site_id>/<month>", methods=["GET"])
    @has_access
    @permission_name("page")
    def sheet(self, site_id: int, month: str) -> Any:
        """Show the sheet of a month."""
        place = place_of(site_id, month)
        sheet = place.sheet()
        is_open = bool(sheet.frozen) or not sees_frozen_only()
        return self.render_template(
            "scores/sheet.html", place=place, sheet=sheet, is_open=is_open,
            has_rules=has_rules(site_id), is_over=moment().now.date() >= month_after(place.month),
            names=excluded_names(sheet.exclusions, by=g.user), ranks=not sees_own_only(),
            changed=[] if sees_own_only() or sees_frozen_only() else differences(sheet),
            names_of_units={unit.unit_id: unit.name for unit in sheet.units},
        )  # fmt: skip

    @expose("/<int:site_id>/<month>/records", methods=["GET"])
    @has_access
    @permission_name("list")
    def records(self, site_id: int, month: str) -> Any:
        """Show exactly the records of a number; what the person may not see is counted unnamed."""
        place = place_of(site_id, month)
        sheet, (unit_id, kind) = place.sheet(), _asked_cell()
        unit = sheet.unit(unit_id) or abort(404)
        cell = unit.cell(kind) or abort(404)
        out = [e for e in sheet.exclusions if (e.unit_id, e.kind) == (unit_id, kind)]
        found = records(kind, cell.records)
        open_ids = seen(kind, cell.records, by=g.user)
        columns = COLUMNS[type(found[0])] if found else ()
        rows = [
            (
                row.id,
                [(c.heading, c.cell(row) if row.id in open_ids else WITHHELD) for c in columns],
                row_href(row) if row.id in open_ids else "",
            )
            for row in found
        ]
        return self.render_template(
            "scores/records.html", place=place, sheet=sheet, unit=unit, cell=cell, rows=rows,
            headings=[column.heading for column in columns], exclusions=out,
            names=excluded_names(out, by=g.user),
            rule=next(rule for rule in sheet.rules if rule.kind is kind),
        )  # fmt: skip

    @expose("/<int:site_id>/<month>/xlsx", methods=["GET"])
    @has_access
    @permission_name("paper")
    def xlsx(self, site_id: int, month: str) -> Any:
        """Send the sheet as a workbook."""
        place, sheet = _whole_sheet(site_id, month)
        content = score_xlsx(sheet, now=moment().now)
        name = f"量化考核表{place.period.name}.xlsx"
        deeds.taken(AuditAction.DOWNLOADED, about=("score_sheets", "", name))
        return send_file(BytesIO(content), XLSX, as_attachment=True, download_name=name)

    @expose("/<int:site_id>/<month>/print", methods=["GET"])
    @has_access
    @permission_name("paper")
    def paper(self, site_id: int, month: str) -> Any:
        """Show the sheet as it is printed, A4 across."""
        place, sheet = _whole_sheet(site_id, month)
        deeds.taken(
            AuditAction.PRINTED, about=("score_sheets", "", f"量化考核表{place.period.name}")
        )
        return self.render_template(
            "scores/print.html", place=place, sheet=sheet, pages=score_pages(sheet),
            printed_at=moment().now, printed_by=g.user, back=place.href("ScoreView.sheet"),
        )  # fmt: skip


def _whole_sheet(site_id: int, month: str) -> tuple[Place, Sheet]:
    """Return the sheet that leaves the house: with rules, and for 查询统计 only a frozen one."""
    place = place_of(site_id, month)
    sheet = place.sheet()
    if not sheet.rules or not sheet.lines:
        abort(404)
    return place, sheet


def _asked_cell() -> tuple[int, Any]:
    unit = request.args.get("unit", "")
    return (int(unit) if is_key(unit) else abort(404)), kind_of(request.args.get("kind", ""))


def register(appbuilder: AppBuilder) -> None:
    """Add the pages."""
    appbuilder.add_view_no_menu(ScoreView)
