"""Who reported, where somebody typed it into a narrative, a note, an item (§4.2, D-22).

Name and number are masked or withheld where they stand by themselves. Lists show no such text with
them either; and an answer that shows a 保密件 to who may not know its reporter is read over before
it leaves, whatever page it is.
"""

import json
from typing import Any

from flask import Response, current_app, g, has_request_context
from flask_appbuilder import AppBuilder
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import event, select

from app.actions.people import roles_of
from app.actions.visibility import knows_reporter
from app.domain.masking import unnamed
from app.extensions import db
from app.models import Case, Correction

READ_OVER = ("text/html", "application/json")


@event.listens_for(Case, "load")
@event.listens_for(Case, "refresh")
def _note(case: Case, _context: object, *_attributes: object) -> None:
    """Remember the confidential cases that this request has in hand."""
    if has_request_context() and case.__dict__.get("is_confidential"):
        g.setdefault("confidential_cases", set()).add(case.id)


def _read_over(response: Response) -> Response:
    found: set[int] = g.get("confidential_cases", set())
    is_text = response.mimetype in READ_OVER and not response.direct_passthrough
    if not found or not is_text or not current_user.is_authenticated:
        return response
    if not knows_reporter(roles_of(current_user), is_confidential=True):
        words = _reporters(found)
        if response.is_json:
            words = {kind: [*each, *map(_escaped, each)] for kind, each in words.items()}
        response.set_data(unnamed(response.get_data(as_text=True), **words))
    return response


def _escaped(text: str) -> str:
    """Return a text as JSON spells it."""
    return json.dumps(text)[1:-1]


def _reporters(cases: set[int]) -> dict[str, list[Any]]:
    """Return what the reporters of these cases are and were called, and their numbers."""
    facts = select(Case.reporter_name, Case.company_name, Case.phone).where(Case.id.in_(cases))
    former = select(Correction.field, Correction.old_value, Correction.old_phone).where(
        Correction.case_id.in_(cases),
        Correction.field.in_(("reporter_name", "company_name", "phone")),
    )
    names, companies, phones = ([*each] for each in zip(*db.session.execute(facts), strict=True))
    lists = {"reporter_name": names, "company_name": companies}
    for field, value, phone in db.session.execute(former):
        lists.get(field, []).append(value)
        phones.append(phone)
    return {"names": names, "companies": companies, "phones": phones}


def in_list(value: Any, item: Any) -> Any:
    """Return a cell of a list without the names and numbers of who reported what it is about."""
    if not isinstance(value, str):
        return value
    about = [row for row in (item, getattr(item, "case", None)) if hasattr(row, "reporter_name")]
    names, phones = [row.reporter_name for row in about], [row.phone for row in about]
    text = unnamed(str(value), names=names, phones=phones)
    return Markup(text) if isinstance(value, Markup) else text  # noqa: S704 # nosec B704


def register(_appbuilder: AppBuilder) -> None:
    """Read every answer over, and give templates `in_list`."""
    current_app.after_request(_read_over)
    current_app.jinja_env.filters["in_list"] = in_list
