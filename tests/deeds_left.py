"""Whatever a request changes or gives out leaves an entry: held by every client of every test.

A new address that forgets the log fails its own first test. The explained exceptions are tables
(`UNAUDITED`, each with its reason) and the few addresses below. It costs no measurable time.
"""

import re
import threading
from typing import Any

from sqlalchemy import Connection, Engine, event

from app.models.audited import UNAUDITED

CHANGE = re.compile(r"\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|REPLACE\s+INTO)\s+\"?(\w+)", re.I)
LOG = "audit_entries"
# Given out, or changed, without an entry; with the reason.
EXPLAINED = {
    "ImportView.template": "an empty workbook",
}


class Watch(threading.local):
    """What the request of this thread has written, and what of it was committed."""

    is_on = False
    open: list[str]
    done: set[str]


WATCH = Watch()


@event.listens_for(Engine, "before_cursor_execute")
def _written(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
    if WATCH.is_on and (found := CHANGE.match(statement)):
        WATCH.open.append(found[1].lower())


@event.listens_for(Engine, "commit")
def _committed(_connection: Connection) -> None:
    if WATCH.is_on:
        WATCH.done.update(WATCH.open)
        WATCH.open = []


@event.listens_for(Engine, "rollback")
def _taken_back(_connection: Connection) -> None:
    if WATCH.is_on:
        WATCH.open = []


def begin() -> None:
    """Watch from here on what this thread writes."""
    WATCH.is_on, WATCH.open, WATCH.done = True, [], set()


def end() -> set[str]:
    """Return the tables that were changed for good."""
    WATCH.is_on = False
    return WATCH.done


def missing(response: Any, tables: set[str], endpoint: str | None) -> str:
    """Return what is wrong with an answer that left no entry, or ''."""
    if endpoint in EXPLAINED or LOG in tables:
        return ""
    changed = sorted(tables - set(UNAUDITED))
    if changed:
        return f"{endpoint} changed {changed} and left no entry in the log"
    if response.status_code == 200 and _gives_out(response):
        return f"{endpoint} gave something out and left no entry in the log"
    return ""


def _gives_out(response: Any) -> bool:
    is_file = "attachment" in response.headers.get("Content-Disposition", "")
    return is_file or 'class="sheet' in _text(response)


def _text(response: Any) -> str:
    return response.text if response.mimetype == "text/html" else ""
