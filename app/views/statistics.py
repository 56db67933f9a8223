"""统计分析: the indicators, the ranking of units, the causes, the months; each number opens."""

from dataclasses import replace
from typing import Any

from flask import abort, request
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.indicators import CATALOGUE, GROUPS, Kind
from app.models import Case
from app.reports.half_days import duty_half_days
from app.reports.indicators import Listing, by_month, by_unit, listings, values
from app.reports.period import last_months
from app.reports.rankings import GROUPINGS, cases_of, frequencies, places
from app.views.charts import bars, columns
from app.views.labels import label
from app.views.statistics_parts import (
    Cell,
    cell,
    fact_of,
    fact_word,
    figure_words,
    frequency_points,
    month_points,
    nothing,
    rank_points,
)
from app.views.statistics_rows import asked_part, table_of
from app.views.statistics_scope import Asked, asked, period_choices, period_word

RANKED = ("accept_cnt", "sign_rate", "response_rate", "ontime_rate", "achieved_rate",
          "satisfy_rate", "return_rate", "avg_hours")  # fmt: skip
COURSES = ("accept_cnt", "same_day_rate", "ontime_rate", "achieved_rate", "satisfy_rate")
SHOWN_MONTHS = 12
MOST_LINES, MOST_ROWS = 20, 200  # of a chart and of the table under it
DUTY = "duty_rate"


class StatisticsPage(BaseView):
    """What the pages of figures share."""

    default_view = "page"

    def show(self, template: str, about: Asked, **more: Any) -> Any:
        """Return a page with the pickers of period, site and unit above it."""
        return self.render_template(
            f"statistics/{template}.html",
            about=about,
            periods=period_choices(about.period),
            period_word=period_word(about.period),
            words=figure_words(),
            **more,
        )


class StatisticsView(StatisticsPage):
    """综合统计: every indicator with n and d."""

    route_base = "/statistics"
    title = _l("Figures")

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("page")
    def page(self) -> Any:
        """Show every indicator of the period."""
        about = asked()
        found = values(CATALOGUE, period=about.period, scope=about.scope)
        groups = [
            (theme, [cell(about, d.id, found[d.id]) for d in group if d.id in found])
            for theme, group in GROUPS
        ]
        return self.show("overview", about, groups=groups)

    @expose("/rows", methods=["GET"])
    @has_access
    @permission_name("list")
    def rows(self) -> Any:
        """Show exactly what a number counted."""
        about, (key, part) = asked(), asked_part()
        if key == DUTY:
            halves = [
                (site, half)
                for site, half in duty_half_days(about.period, about.scope)
                if part == "d" or bool(half.visits) is (part == "n")
            ]
            return self.show("half_days", about, key=key, part=part, halves=halves, word=label)
        found = _listings(about, key, part)
        beside = CATALOGUE["accept_cnt"] if len(found) > 1 else None
        return self.show(
            "rows", about, key=key, part=part, table=table_of(found[0]), beside=beside,
            fact=fact_word(key, request.args.get("fact", "")) if key in GROUPINGS else "",
        )  # fmt: skip


def _listings(about: Asked, key: str, part: str) -> list[Listing]:
    """Return the rows of an indicator's part, or of one cause, category or item."""
    if key in GROUPINGS:
        fact = fact_of(key, request.args.get("fact", ""))
        return [Listing(Case, cases_of(key, fact, period=about.period, scope=about.scope))]
    if key not in CATALOGUE or (about.unit_id and not CATALOGUE[key].by_unit):
        abort(404)
    try:
        found = listings(key, part, period=about.period, scope=about.scope)
    except KeyError:
        abort(404)
    return found or abort(404)


class UnitRankingView(StatisticsPage):
    """窗口（科室）排名."""

    route_base = "/statistics/units"
    title = _l("Ranking of units")

    @expose("/", methods=["GET"])
    @has_access
    def page(self) -> Any:
        """Show the units by one indicator, with the main ones beside it."""
        about = replace(asked(), unit_id=None)
        key = request.args.get("figure", "ontime_rate")
        if key not in CATALOGUE or not CATALOGUE[key].by_unit:
            abort(404)
        shown = (key, *(each for each in RANKED if each != key))
        found = by_unit(shown, period=about.period, scope=about.scope)
        for row in found.values():
            row |= {each: nothing(each) for each in shown if each not in row}
        ranked = [place for place in places(key, found) if place.unit_id in about.units]
        lines: list[tuple[Any, list[Cell]]] = [
            (
                place,
                [
                    cell(about, each, found[place.unit_id][each], unit=place.unit_id)
                    for each in shown
                ],
            )
            for place in ranked
        ]
        chart = bars(
            rank_points(about, key, ranked),
            whole=100 if CATALOGUE[key].kind is Kind.RATE else None,
            empty=_("Nothing was counted."),
        )
        return self.show(
            "units", about, key=key, shown=shown, lines=lines, chart=chart,
            choices=[d for _theme, group in GROUPS for d in group if d.by_unit],
        )  # fmt: skip


class CauseView(StatisticsPage):
    """原因分析: causes, categories, items and sources by how often they came."""

    route_base = "/statistics/causes"
    title = _l("Cause analysis")

    @expose("/", methods=["GET"])
    @has_access
    def page(self) -> Any:
        """Show each of them as bars and as a table."""
        about = asked()
        parts = []
        for name in GROUPINGS:
            found = frequencies(name, period=about.period, scope=about.scope)
            points = frequency_points(about, name, found)
            chart = bars(points[:MOST_LINES], empty=_("Nothing was counted."))
            parts.append((name, chart, points[:MOST_ROWS], len(points)))
        return self.show("causes", about, parts=parts)


class TrendView(StatisticsPage):
    """按月走势: the last twelve months."""

    route_base = "/statistics/months"
    title = _l("Month by month")

    @expose("/", methods=["GET"])
    @has_access
    def page(self) -> Any:
        """Show the main indicators, and one more if asked, month by month."""
        about = asked()
        more = request.args.get("figure", "")
        if more and more not in CATALOGUE:
            abort(404)
        ids = list(dict.fromkeys([*filter(None, [more]), *COURSES]))
        periods = last_months(about.period, SHOWN_MONTHS)
        found = by_month(ids, periods=periods, scope=about.scope)
        charts = [
            (key, columns(
                month_points(about, key, periods, found[key]),
                whole=100 if CATALOGUE[key].kind is Kind.RATE else None,
                empty=_("Nothing was counted."),
            ))
            for key in ids if key in found
        ]  # fmt: skip
        months = [
            (period_word(period), [cell(about, key, found[key][i], period=period.name)
                                   for key in ids if key in found])
            for i, period in enumerate(periods)
        ]  # fmt: skip
        return self.show(
            "months", about, key=more, shown=[key for key in ids if key in found],
            charts=charts, months=months[::-1], choices=list(CATALOGUE.values()),
        )  # fmt: skip


def register(appbuilder: AppBuilder) -> None:
    """Add the pages of figures."""
    for view in (StatisticsView, UnitRankingView, CauseView, TrendView):
        appbuilder.add_view_no_menu(view)
