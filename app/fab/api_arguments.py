"""What may stand in an address of the interface: described once, read strictly by that."""

import datetime as dt
import enum
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

Schema = dict[str, Any]
WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PAGE_SIZE, MOST_ROWS, LAST_PAGE = 20, 100, 10_000
BIGGEST = 2**31 - 1
FIRST, LAST = dt.date(2000, 1, 1), dt.date(2099, 12, 31)


class BadArgument(Exception):
    """An argument that does not exist, comes twice, or cannot be read."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(name)
        self.name, self.message = name, message


@dataclass(frozen=True)
class Argument:
    """One argument: how the document describes it and how it is read; ValueError if it cannot."""

    name: str
    words: Any
    schema: Schema
    read: Callable[[str], Any]
    default: Any = None

    def document(self) -> dict[str, Any]:
        """Return it as OpenAPI writes it."""
        schema = self.schema if self.default is None else self.schema | {"default": self.default}
        return {
            "name": self.name, "in": "query", "required": False,
            "description": str(self.words), "schema": schema,
        }  # fmt: skip


def whole(
    name: str, words: Any, *, least: int = 1, most: int = BIGGEST, default: Any = None
) -> Any:
    """Return an argument that is a whole number."""

    def read(text: str) -> int:
        number = int(text) if WHOLE.fullmatch(text) else -1
        if not least <= number <= most:
            raise ValueError(text)
        return number

    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Argument(name, words, schema, read, default)


def one_of(name: str, words: Any, choices: Iterable[str], default: Any = None) -> Argument:
    """Return an argument out of a closed set."""
    known = [c.value if isinstance(c, enum.Enum) else c for c in choices]

    def read(text: str) -> str:
        if text not in known:
            raise ValueError(text)
        return text

    return Argument(name, words, {"type": "string", "enum": known}, read, default)


def day(name: str, words: Any) -> Argument:
    """Return an argument that is a date; one outside this century means its first or last day."""

    def read(text: str) -> dt.date:
        if not DAY.fullmatch(text):
            raise ValueError(text)
        return min(max(dt.date.fromisoformat(text), FIRST), LAST)

    schema = {"type": "string", "format": "date", "example": "2026-10-01"}
    return Argument(name, words, schema, read)


def pattern(name: str, words: Any, expression: str, example: str) -> Argument:
    """Return an argument of a certain form."""
    known = re.compile(expression)

    def read(text: str) -> str:
        if not known.fullmatch(text):
            raise ValueError(text)
        return text

    schema = {"type": "string", "pattern": f"^(?:{expression})$", "example": example}
    return Argument(name, words, schema, read)


def words_of(name: str, words: Any, longest: int) -> Argument:
    """Return an argument that is a few words."""

    def read(text: str) -> str:
        if not 1 <= len(text) <= longest:
            raise ValueError(text)
        return "".join(c for c in text if c.isprintable())

    return Argument(name, words, {"type": "string", "minLength": 1, "maxLength": longest}, read)


PAGING = (
    whole("page", _l("Page, from 1"), most=LAST_PAGE, default=1),
    whole("page_size", _l("Rows a page"), most=MOST_ROWS, default=PAGE_SIZE),
)


def read_arguments(known: Iterable[Argument]) -> dict[str, Any]:
    """Return every known argument of this request, those left out with their default."""
    by_name = {argument.name: argument for argument in known}
    found = {name: argument.default for name, argument in by_name.items()}
    for name, values in request.args.lists():
        if name not in by_name:
            raise BadArgument(name[:60], _("There is no such argument."))
        if len(values) > 1:
            raise BadArgument(name, _("This argument stands there twice."))
        try:
            found[name] = by_name[name].read(values[0])
        except ValueError:
            raise BadArgument(name, _("This argument cannot be read.")) from None
    return found
