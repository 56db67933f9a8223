"""Filters that belong to one request, and reading list arguments without trusting them."""

import copy
import re
from dataclasses import dataclass
from typing import Any

from flask import g, has_request_context, request
from flask_appbuilder.models.filters import Filters
from sqlalchemy import and_, or_, true

from app.fab.interface import EagerInterface, is_key

_FILTER_ARGUMENT = re.compile(r"^_flt_(\d)_(\w+)$")
BIGGEST_PAGE = 1_000_000


class PerRequestFilters:
    """Mixin: FAB keeps one Filters object per view, so threads would mix their filters."""

    @property
    def _filters(self) -> Filters:
        prototype = self.__dict__["_filters_prototype"]
        if not has_request_context():
            return prototype
        own = g.__dict__.setdefault("fab_filters", {})
        if id(self) not in own:
            own[id(self)] = copy.copy(prototype)
            own[id(self)].clear_filters()
        return own[id(self)]

    @_filters.setter
    def _filters(self, filters: Filters) -> None:
        self.__dict__["_filters_prototype"] = filters


@dataclass(frozen=True)
class ListState:
    """What the address says about one list: page, size, order; always usable."""

    page: int
    size: int
    order: str
    direction: str


def read_state(name: str, *, size: int, biggest: int, orders: list[str]) -> ListState:
    """Return the state of the list called `name`; anything odd becomes the default."""
    order = request.args.get(f"_oc_{name}", "")
    return ListState(
        page=_number(request.args.get(f"page_{name}"), 0, 0, BIGGEST_PAGE),
        size=_number(request.args.get(f"psize_{name}"), size, 1, biggest),
        order=order if order in orders else "",
        direction="desc" if request.args.get(f"_od_{name}") == "desc" else "asc",
    )


def _number(text: str | None, default: int, least: int, most: int) -> int:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 9:
        return default
    return max(least, min(int(text), most))


def add_argument_filters(filters: Filters, datamodel: EagerInterface) -> None:
    """Add the `_flt_<n>_<column>` arguments that name a search column and carry a usable value."""
    for argument, values in request.args.lists():
        match = _FILTER_ARGUMENT.match(argument)
        known = filters.get_search_filters().get(match[2], []) if match else []
        if not match or int(match[1]) >= len(known):
            continue
        usable = [value for value in values if _usable(datamodel, match[2], value)]
        if usable:
            filters.add_filter(match[2], type(known[int(match[1])]), usable)


def _usable(datamodel: EagerInterface, column: str, value: str) -> bool:
    if datamodel.is_enum(column):
        return False  # enums stored by value break FAB's filters; quick filters serve them
    if datamodel.is_relation(column) or datamodel.is_integer(column):
        return is_key(value)
    return bool(value.strip())


def relation_presets(columns: list[str], datamodel: EagerInterface) -> dict[str, str]:
    """Return relation column -> key given in the address, for a form opened from a related list."""
    found: dict[str, Any] = {}
    for argument, value in request.args.items():
        match = _FILTER_ARGUMENT.match(argument)
        if match and match[2] in columns and datamodel.is_relation(match[2]):
            found[match[2]] = value
    return found


def every_word(text: str, *columns: Any) -> Any:
    """Return the condition that each word of the text stands in one of the columns."""
    words = text.split()
    return and_(
        true(),
        *(or_(*(column.contains(word, autoescape=True) for column in columns)) for word in words),
    )
