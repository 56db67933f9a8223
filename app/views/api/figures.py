"""GET /api/v1/figures: the indicators with n and d, as `report indicators` gives them."""

from typing import Any

from flask import g
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.api_tokens import ApiScope
from app.domain.indicators import CATALOGUE, Definition, Value, shown
from app.domain.workdays import FIRST_DAY, LAST_DAY
from app.fab.api import ApiProblem, answer, arguments, described
from app.fab.api_arguments import day, pattern, whole
from app.fab.openapi import DAY, KEY, TEXT, Column, Operation, maybe, object_of, shaped
from app.reports.indicators import values
from app.reports.period import Period, between, month_of, named
from app.reports.scope import is_unit_only
from app.views.api.base import OfficeApi
from app.views.moment import moment
from app.views.statistics_scope import Asked, asked_of

NAME = "20(?:0[1-9]|[1-9][0-9])(?:-(?:0[1-9]|1[0-2]|Q[1-4]))?"
NUMBER = {"type": "number", "minimum": 0}
FIGURE: tuple[Column, ...] = (
    Column("id", _l("Figure"), TEXT, lambda pair: pair[0].id),
    Column("name", _l("Name"), TEXT, lambda pair: pair[0].name),
    Column("kind", _l("Count, rate or average"),
           {"type": "string", "enum": ["count", "rate", "average"]},
           lambda pair: pair[0].kind.value),
    Column("n", _l("n; null where it says nothing of a single unit"), maybe(NUMBER),
           lambda pair: pair[1] and pair[1].n),
    Column("d", _l("d; null for counts"), maybe(NUMBER), lambda pair: pair[1] and pair[1].d),
    Column("shown", _l("As it is printed"), TEXT,
           lambda pair: shown(*pair) if pair[1] else "—"),
)  # fmt: skip
ANSWER: tuple[Column, ...] = (
    Column("period", _l("Period"), TEXT, lambda asked: asked.period.name),
    Column("from", _l("First day"), DAY, lambda asked: asked.period.start.date()),
    Column("to", _l("Last day"), DAY, lambda asked: asked.period.last_day),
    Column("site_id", _l("Site"), maybe(KEY)),
    Column("unit_id", _l("Unit"), maybe(KEY)),
    Column("figures", _l("Figures"), {"type": "array"}, lambda asked: [
        shaped(FIGURE, pair) for pair in _pairs(asked)
    ]),
)  # fmt: skip
PARAMETERS = (
    pattern("period", _l("Month, quarter or year"), NAME, "2026-10"),
    day("from", _l("First day, together with the last; instead of a period")),
    day("to", _l("Last day")),
    whole("site_id", _l("Site")),
    whole("unit_id", _l("Unit")),
)


def figures_answer() -> dict[str, Any]:
    """Return the schema of the answer."""
    schema = object_of(ANSWER)
    schema["properties"]["figures"]["items"] = object_of(FIGURE)
    return schema


class FigureApi(OfficeApi):
    """Asking for figures: a unit its own, whoever counts all of them all."""

    route_base = "/api/v1/figures"
    class_permission_name = "StatisticsView"
    openapi_spec_tag = "figures"

    @expose("", methods=["GET"])
    @permission_name("page")
    @described(Operation(
        _l("Figures of a period"), figures_answer, scope=ApiScope.FIGURES_READ,
        parameters=PARAMETERS, refusals=(404, 422),
        more=_l("This month where no period is named."),
    ))  # fmt: skip
    def figures(self) -> Any:
        """Return every indicator of the period."""
        site_id, unit_id = arguments()["site_id"], arguments()["unit_id"]
        if is_unit_only(g.user) and unit_id not in (None, g.user.unit_id):
            raise ApiProblem(404)
        return answer(shaped(ANSWER, asked_of(_period(), site_id, unit_id)))


def _period() -> Period:
    asked, now = arguments(), moment().now
    first, last = asked["from"], asked["to"]
    if asked["period"] and (first or last):
        raise _unclear("period", _("Either a period, or first and last day."))
    if asked["period"]:
        return named(asked["period"], now=now)
    if first is None and last is None:
        return month_of(now)
    if first is None or last is None or first > last:
        raise _unclear("from", _("First and last day belong together, the first one first."))
    if first < FIRST_DAY or last > LAST_DAY:
        raise _unclear("from", _("The date lies outside the calendar."))
    return between(first, last, now=now)


def _unclear(name: str, message: str) -> ApiProblem:
    return ApiProblem(422, "argument_invalid", message, field=name)


def _pairs(asked: Asked) -> list[tuple[Definition, Value | None]]:
    found = values(tuple(CATALOGUE), period=asked.period, scope=asked.scope)
    return [(definition, found.get(key)) for key, definition in CATALOGUE.items()]
