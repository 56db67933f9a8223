"""GET /api/v1/slips: hand-over slips; what is done with them are moves of their case."""

import datetime as dt
from typing import Any

from flask import g
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, select
from sqlalchemy.orm import joinedload

from app.actions.visibility import visible_cases, visible_slips
from app.domain.api_tokens import ApiScope
from app.extensions import db
from app.fab.api import ApiProblem, answer, described, key_of
from app.fab.api_arguments import PAGING, day, one_of, whole
from app.fab.openapi import Operation, list_of, ref, shaped
from app.models import Case, Slip
from app.views.api.base import OfficeApi
from app.views.api.cases import start_of
from app.views.api.rows import narrowed, page_of
from app.views.api.shapes import SLIP

STANDS: dict[str, Any] = {
    "valid": Slip.is_void.is_(False),
    "unsigned": and_(Slip.is_void.is_(False), Slip.signed_at.is_(None)),
    "void": Slip.is_void.is_(True),
}
FILTERS = (
    one_of("stand", _l("Valid, not signed, or void"), STANDS),
    whole("unit_id", _l("Receiving unit")),
    whole("year", _l("Year"), least=2000, most=2099),
    day("issued_from", _l("Dispatched from (day included)")),
    day("issued_to", _l("Dispatched until (day included)")),
)
CONDITIONS: dict[str, Any] = {
    "stand": lambda value: STANDS[value],
    "unit_id": lambda value: Slip.unit_id == value,
    "year": lambda value: Slip.year_no == value,
    "issued_from": lambda value: Slip.issued_at >= start_of(value),
    "issued_to": lambda value: Slip.issued_at < start_of(value + dt.timedelta(days=1)),
}
WITH = (joinedload(Slip.unit), joinedload(Slip.case))


class SlipApi(OfficeApi):
    """Looking at slips: a unit its own, the office all."""

    route_base = "/api/v1/slips"
    class_permission_name = "SlipView"
    openapi_spec_tag = "slips"

    @expose("", methods=["GET"])
    @permission_name("list")
    @described(Operation(
        _l("List of slips"), list_of(ref("Slip")), scope=ApiScope.SLIPS_READ,
        parameters=(*PAGING, *FILTERS),
    ))  # fmt: skip
    def list_slips(self) -> Any:
        """Return a page of slips, the newest first."""
        query = narrowed(select(Slip).where(visible_slips(g.user)), CONDITIONS)
        rows, facts = page_of(query, Slip.issued_at.desc(), Slip.id.desc(), options=WITH)
        return answer(facts | {"result": _shaped(rows)})

    @expose("/<int:slip_id>", methods=["GET"])
    @permission_name("list")
    @described(Operation(
        _l("One slip"), ref("Slip"), scope=ApiScope.SLIPS_READ, keys=("slip_id",),
    ))  # fmt: skip
    def read_slip(self, slip_id: int) -> Any:
        """Return one slip, or 404."""
        query = select(Slip).where(visible_slips(g.user), Slip.id == key_of(slip_id))
        row = db.session.execute(query.options(*WITH)).scalar_one_or_none()
        if row is None:
            raise ApiProblem(404)
        return answer(_shaped([row])[0])


def _shaped(rows: list[Slip]) -> list[dict[str, Any]]:
    """Return the slips as they are given out; the cases still open to the person are asked once."""
    keys = {row.case_id for row in rows}
    query = select(Case.id).where(Case.id.in_(keys), visible_cases(g.user))
    g.api_open_cases = set(db.session.scalars(query))
    return [shaped(SLIP, row) for row in rows]
