"""The rows behind a number: a plain table of cases, slips, requests, ratings, measures or logs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from app.domain.states import UNIT_ROLES
from app.extensions import db
from app.fab.filters import read_state
from app.fab.formats import NOTHING, datetime_zh
from app.fab.lists import Pages
from app.models import (
    Case,
    Evaluation,
    Reception,
    Rejection,
    ReturnRequest,
    Slip,
    Supervision,
)
from app.reports.indicators import Listing, count_rows, rows_of
from app.views.case_rows import case_href, may_open
from app.views.discreet import in_list
from app.views.labels import label
from app.views.moment import moment

SIZE = 50
NAME = "rows"  # of the list, in the address


@dataclass(frozen=True)
class Column:
    """A heading and what stands under it."""

    heading: Any
    cell: Callable[[Any], Any]


@dataclass(frozen=True)
class Row:
    """One row: its cells, and the page of its case where the person may open it."""

    cells: Sequence[tuple[Any, Any]]
    href: str


def _at(name: str) -> Callable[[Any], str]:
    return lambda row: datetime_zh(getattr(row, name))


def _of_case(name: str) -> Callable[[Any], Any]:
    return lambda row: (getattr(row.case, name) if row.case else None) or NOTHING


def _item(row: Any) -> str:
    return in_list(row.item_name, row) or NOTHING


NO, ITEM, UNIT = _l("Ledger number"), _l("Item"), _l("Lead unit")
_C = Column
_CASE_OF_ROW = (
    _C(NO, _of_case("ledger_no")),
    _C(ITEM, lambda row: _item(row.case) if row.case else NOTHING),
)

COLUMNS: dict[type[Any], tuple[Column, ...]] = {
    Case: (
        _C(NO, lambda c: c.ledger_no or NOTHING),
        _C(ITEM, _item),
        _C(UNIT, lambda c: c.lead_unit or NOTHING),
        _C(_l("State"), lambda c: label(c.state)),
        _C(_l("Registered"), _at("registered_at")),
        _C(_l("Due"), _at("first_due_at")),
        _C(_l("Finished"), lambda c: datetime_zh(c.first_finished_at or c.finished_at)),
    ),
    Slip: (
        _C(_l("Slip number"), lambda s: f"NO {s.no}"),
        *_CASE_OF_ROW,
        _C(_l("Receiving unit"), lambda s: s.unit),
        _C(_l("Kind"), lambda s: label(s.slip_kind)),
        _C(_l("Dispatched at"), _at("issued_at")),
        _C(_l("Signed for"), _at("signed_at")),
    ),
    ReturnRequest: (
        *_CASE_OF_ROW,
        _C(_l("Unit"), lambda r: r.unit),
        _C(_l("Asked"), _at("requested_at")),
        _C(_l("State"), lambda r: label(r.status)),
    ),
    Evaluation: (
        *_CASE_OF_ROW,
        _C(_l("Rating"), lambda e: label(e.eval_level)),
        _C(_l("Rated"), _at("evaluated_at")),
        _C(_l("Redo due"), _at("redo_due_at")),
    ),
    Supervision: (
        *_CASE_OF_ROW,
        _C(_l("Kind"), lambda m: label(m.kind)),
        _C(_l("Unit"), lambda m: m.unit),
        _C(_l("Dispatched at"), _at("issued_at")),
    ),
    Reception: (
        _C(_l("Number"), lambda r: r.reception_no),
        _C(_l("Received"), _at("received_at")),
        _C(_l("Outcome"), lambda r: label(r.outcome)),
    ),
    Rejection: (
        _C(_l("Number"), lambda r: r.rejection_no),
        _C(ITEM, _item),
        _C(_l("Rejected"), _at("rejected_at")),
        _C(_l("Ground of rejection"), lambda r: r.ground),
    ),
}
"""What a row shows; nobody's name and number, which the case's own page shows to whom it may."""

LOADED: dict[type[Any], tuple[str, ...]] = {
    Case: ("lead_unit",),
    Slip: ("case", "unit"),
    ReturnRequest: ("case", "unit", "slip"),
    Evaluation: ("case",),
    Supervision: ("case", "unit"),
    Reception: (),
    Rejection: ("ground",),
}


@dataclass(frozen=True)
class Table:
    """One page of a listing."""

    headings: Sequence[Any]
    rows: Sequence[Row]
    pages: Pages


def table_of(listing: Listing) -> Table:
    """Return the page of the listing that the address asks for; two statements."""
    state = read_state(NAME, size=SIZE, biggest=SIZE, orders=[])
    pages = Pages(NAME, state.page, state.size, count_rows(listing))
    model, shown = listing.rows, COLUMNS[listing.rows]
    query = rows_of(listing, first=state.page * state.size, most=state.size)
    query = query.options(*(joinedload(getattr(model, name)) for name in LOADED[model]))
    rows = [
        Row([(column.heading, column.cell(item)) for column in shown], row_href(item))
        for item in db.session.scalars(query)
    ]
    return Table([column.heading for column in shown], rows, pages)


def row_href(item: Any) -> str:
    """Return the page of the row's case; a unit whose slip is void has no case behind it."""
    case_id = item.id if isinstance(item, Case) else item.case_id
    slip = item.slip if isinstance(item, ReturnRequest) else item
    gone = isinstance(slip, Slip) and slip.is_void and moment().roles <= UNIT_ROLES
    return case_href(case_id) if case_id and may_open(g.user) and not gone else ""


def asked_part() -> tuple[str, str]:
    """Return the indicator and the part (n, d, miss) of the address."""
    return request.args.get("figure", ""), request.args.get("part", "n")
