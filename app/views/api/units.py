"""GET /api/v1/units: the units of the person's site, whose keys the moves ask for."""

from typing import Any

from flask import g
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.domain.api_tokens import ApiScope
from app.extensions import db
from app.fab.api import ApiProblem, answer, described, key_of
from app.fab.api_arguments import PAGING, one_of, whole
from app.fab.openapi import Operation, list_of, ref, shaped
from app.models import Unit
from app.views.api.base import OfficeApi
from app.views.api.rows import narrowed, page_of
from app.views.api.shapes import UNIT

FILTERS = (
    whole("site_id", _l("Site")),
    one_of("is_active", _l("In use"), ("true", "false")),
)
CONDITIONS: dict[str, Any] = {
    "site_id": lambda value: Unit.site_id == value,
    "is_active": lambda value: Unit.is_active.is_(value == "true"),
}


class UnitApi(OfficeApi):
    """Looking at units."""

    route_base = "/api/v1/units"
    class_permission_name = "ApiTokenView"
    openapi_spec_tag = "units"

    @expose("", methods=["GET"])
    @permission_name("page")
    @described(Operation(
        _l("List of units"), list_of(ref("Unit")), scope=ApiScope.UNITS_READ,
        parameters=(*PAGING, *FILTERS),
    ))  # fmt: skip
    def list_units(self) -> Any:
        """Return a page of units in official order."""
        query = narrowed(_units(), CONDITIONS)
        site = (joinedload(Unit.site),)
        rows, facts = page_of(query, Unit.sort_order, Unit.id, options=site)
        return answer(facts | {"result": [shaped(UNIT, row) for row in rows]})

    @expose("/<int:unit_id>", methods=["GET"])
    @permission_name("page")
    @described(Operation(
        _l("One unit"), ref("Unit"), scope=ApiScope.UNITS_READ, keys=("unit_id",),
    ))  # fmt: skip
    def read_unit(self, unit_id: int) -> Any:
        """Return one unit, or 404."""
        query = _units().where(Unit.id == key_of(unit_id))
        row = db.session.execute(query).scalar_one_or_none()
        if row is None:
            raise ApiProblem(404)
        return answer(shaped(UNIT, row))


def _units() -> Select[tuple[Unit]]:
    query = select(Unit)
    return query if g.user.site_id is None else query.where(Unit.site_id == g.user.site_id)
