"""One move through the browser: who tries it on which case, with what, and what is read after."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lxml import html

from app.domain.states import Action, State
from app.extensions import db
from app.models import Case
from tests.client import OfficeClient
from tests.factories import Office

Fields = dict[str, Any]


@dataclass(frozen=True)
class Try:
    """A move by `who` on the case that `case_of` prepares, at `when`; `wrong` may not make it."""

    action: Action
    case_of: Callable[[Office], Case]
    who: str
    when: dt.datetime
    state: State
    wrong: str
    fields: Callable[[Office], Fields] = field(default=lambda office: {})
    says: str = ""


def move_url(case: Case | int, action: Action) -> str:
    """Return the address of a move."""
    return f"/case/{case if isinstance(case, int) else case.id}/move/{action.value}"


def offers(browser: OfficeClient, case_id: int, action: Action) -> bool:
    """Return whether the case page offers the move, as a link or as a button."""
    page = browser.page(f"/case/{case_id}")
    address = move_url(case_id, action)
    return bool(page.xpath("//a[@href=$a] | //form[@action=$a]", a=address))


def fill(browser: OfficeClient, case_id: int, action: Action, fields: Fields) -> Any:
    """Open the form of the move, fill it in, send it; returns the answer as it came."""
    form = f"//form[@action='{move_url(case_id, action)}']"
    return browser.submit(move_url(case_id, action), form=form, **fields)


def post(browser: OfficeClient, case_id: int, action: Action, fields: Fields) -> Any:
    """Send a move without having been offered its form."""
    version = db.session.get(Case, case_id).version
    data = {"csrf_token": browser.token(), "version": version} | fields
    return browser.post(move_url(case_id, action), data=data)


def text_of(answer: Any) -> str:
    """Return the words of a page, white space joined."""
    return " ".join(html.fromstring(answer.text).text_content().split())


def row_of(case_id: int) -> dict[str, Any]:
    """Return the case's columns as they are stored now."""
    db.session.expire_all()
    case = db.session.get(Case, case_id)
    return {column.name: getattr(case, column.name) for column in Case.__table__.columns}
