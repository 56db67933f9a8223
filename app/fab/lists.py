"""What a list page shows: quick filters, one search box, rows with their own buttons."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request, session, url_for
from flask_appbuilder.widgets import ListWidget

KEPT_LISTS = 6  # lists whose filters are remembered; the session is a cookie and must stay small


@dataclass(frozen=True)
class Button:
    """A link (method get) or a one-button form with its token (method post)."""

    label: Any
    href: str
    method: str = "get"
    kind: str = "default"
    confirm: Any = ""
    icon: str = ""


@dataclass(frozen=True)
class Row:
    """One line of a list."""

    pk: Any
    cells: Sequence[tuple[str, Any, Any]]
    href: str = ""
    buttons: Sequence[Button] = ()
    css: str = ""


@dataclass(frozen=True)
class ChoiceFilter:
    """A select above the list: `choices()` gives (value, label); `apply(query, value)` narrows."""

    key: str
    label: Any
    choices: Callable[[], Iterable[tuple[Any, Any]]]
    apply: Callable[[Any, str], Any]

    def offered(self) -> list[tuple[str, Any]]:
        """Return the choices with plain values."""
        return [(str(getattr(value, "value", value)), label) for value, label in self.choices()]


@dataclass
class ListPanel:
    """The tabs, selects and search box above a list, as the address has them."""

    tabs: list[tuple[str, Any, str, bool]] = field(default_factory=list)
    selects: list[tuple[ChoiceFilter, list[tuple[str, Any]], str]] = field(default_factory=list)
    text: str = ""
    searchable: bool = False
    post_href: str = ""  # where the search is sent in the body of a form; empty: in the address
    which: str = ""
    quick: str = ""
    hint: Any = ""
    clear_href: str = ""
    is_filtered: bool = False


class OfficeListWidget(ListWidget):
    """A table that turns into cards on a phone."""

    template = "appbuilder/general/widgets/list.html"


@dataclass(frozen=True)
class Pages:
    """Where a list stands and the addresses of its neighbours."""

    name: str
    page: int
    size: int
    count: int
    is_capped: bool = False

    @property
    def total(self) -> str:
        """Return how many rows there are; of a table too long to count, that there are more."""
        return f"{self.count}+" if self.is_capped else str(self.count)

    @property
    def last(self) -> int:
        """Return the index of the last page."""
        return max(0, math.ceil(self.count / self.size) - 1)

    @property
    def near(self) -> list[int]:
        """Return the page indexes to offer, at most seven."""
        first = max(0, min(self.page - 3, self.last - 6))
        return list(range(first, min(self.last, first + 6) + 1))

    def href(self, page: int) -> str:
        """Return this list's address at another page."""
        return same_page_with(**{f"page_{self.name}": page})


def same_page_with(**changes: Any) -> str:
    """Return the current address with some arguments changed; None removes one."""
    values: dict[str, Any] = {**request.args.to_dict(flat=False), **(request.view_args or {})}
    values.update(changes)
    kept = {key: value for key, value in values.items() if value not in (None, "", [""])}
    return url_for(request.endpoint or "", **kept)


def remember_list(name: str) -> None:
    """Keep this list's filters, so that the way back from a record finds them."""
    kept = dict(session.get("lists", {}))
    kept.pop(name, None)
    query = request.query_string.decode("utf-8", "replace")
    if query and len(query) < 300:
        kept[name] = query
    if kept != session.get("lists", {}):
        session["lists"] = dict(list(kept.items())[-KEPT_LISTS:])


def list_address(name: str, endpoint: str) -> str:
    """Return the list's address with the filters it was last seen with."""
    query = session.get("lists", {}).get(name, "")
    return url_for(endpoint) + (f"?{query}" if query else "")
