"""GET /api/v1/cases: the cases this person sees, as in the lists and on the page of a case."""

import datetime as dt
from typing import Any

from flask import g
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from app.actions.visibility import visible
from app.clock import OFFICE_ZONE
from app.domain.api_tokens import ApiScope
from app.domain.states import Category, State
from app.extensions import db
from app.fab.api import answer, arguments, described, key_of
from app.fab.api_arguments import PAGING, day, one_of, whole, words_of
from app.fab.openapi import Operation, list_of, object_of, ref, shaped
from app.models import Case
from app.reports.search import cases_like
from app.views.api.base import OfficeApi
from app.views.api.rows import narrowed, page_of
from app.views.api.shapes import CASE, CASE_FACTS, set_words
from app.views.case_list import LABELS
from app.views.case_record import whole_case
from app.views.case_rows import may_open

ORDERS: dict[str, Any] = {
    "registered_at": Case.registered_at.asc(),
    "-registered_at": Case.registered_at.desc(),
    "due_at": Case.due_at.asc(),
    "-due_at": Case.due_at.desc(),
    "ledger_no": Case.ledger_no.asc(),
    "-ledger_no": Case.ledger_no.desc(),
}
FILTERS = (
    one_of("state", set_words(LABELS["state"], State), State),
    one_of("category", set_words(LABELS["category"], Category), Category),
    whole("site_id", _l("Site")),
    whole("lead_unit_id", LABELS["lead_unit"]),
    day("registered_from", _l("Registered from (day included)")),
    day("registered_to", _l("Registered until (day included)")),
    words_of("q", _l("Number, name, phone tail or words"), 60),
    one_of("order", _l("Order; a minus turns it round"), ORDERS, "-registered_at"),
)


def one_case() -> dict[str, Any]:
    """Return the schema of one case; who only counts cases gets the list's columns alone."""
    facts = object_of(CASE + CASE_FACTS)
    return facts | {"required": [column.name for column in CASE]}


def start_of(on: dt.date) -> dt.datetime:
    """Return the first instant of a day at the office."""
    return dt.datetime.combine(on, dt.time(), OFFICE_ZONE)


CONDITIONS: dict[str, Any] = {
    "state": lambda value: Case.state == State(value),
    "category": lambda value: Case.category == Category(value),
    "site_id": lambda value: Case.site_id == value,
    "lead_unit_id": lambda value: Case.lead_unit_id == value,
    "registered_from": lambda value: Case.registered_at >= start_of(value),
    "registered_to": lambda value: Case.registered_at < start_of(value + dt.timedelta(days=1)),
    "q": lambda value: cases_like(value, by=g.user),
}


class CaseApi(OfficeApi):
    """Looking at cases."""

    route_base = "/api/v1/cases"
    class_permission_name = "CaseView"
    openapi_spec_tag = "cases"

    @expose("", methods=["GET"])
    @permission_name("list")
    @described(Operation(
        _l("List of cases"), list_of(ref("Case")), scope=ApiScope.CASES_READ,
        parameters=(*PAGING, *FILTERS),
    ))  # fmt: skip
    def list_cases(self) -> Any:
        """Return a page of cases."""
        query = narrowed(visible(g.user), CONDITIONS)
        order = ORDERS[arguments()["order"]]
        units = (joinedload(Case.lead_unit), joinedload(Case.involved_unit))
        rows, facts = page_of(query, order, Case.id.desc(), options=units)
        return answer(facts | {"result": [shaped(CASE, row) for row in rows]})

    @expose("/<int:case_id>", methods=["GET"])
    @permission_name("list")
    @described(Operation(
        _l("One case"), ref("CaseFacts"), scope=ApiScope.CASES_READ, keys=("case_id",),
    ))  # fmt: skip
    def read_case(self, case_id: int) -> Any:
        """Return one case, or 404 whether there is none or it is another's."""
        case = whole_case(key_of(case_id), g.user)
        columns = CASE + CASE_FACTS if may_open(g.user) else CASE
        return answer(shaped(columns, case))


def summary_of(case_id: int) -> dict[str, Any] | None:
    """Return how a case stands after a move, None where it is no longer this person's."""
    query = visible(g.user).where(Case.id == case_id).options(joinedload(Case.lead_unit))
    fresh = query.execution_options(populate_existing=True)
    case = db.session.execute(fresh).scalar_one_or_none()
    return shaped(CASE, case) if case else None


def move_answer() -> dict[str, Any]:
    """Return the schema of what a move answers."""
    return {
        "type": "object",
        "required": ["message", "case"],
        "additionalProperties": False,
        "properties": {
            "message": {"type": "string"},
            "case": {"nullable": True, "allOf": [ref("Case")]},
        },
    }
