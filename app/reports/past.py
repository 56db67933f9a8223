"""The office as it stood at an instant: its tables rewritten from the times that they keep.

`as_of` lays temporary tables over the real ones, for one connection and until the block ends. A
figure asked inside it is the figure that was true then: what was registered, signed, decided or
rated later is not there, and what it overwrote is back.

What the records do not keep stays as it is today: settings, the calendar and rosters; the kind of
a reception; the category and the item of an entry that was sent back to the desk and changed there;
a due time that a later change of class or of the calendar moved; an 应交办时间 counted anew after
an entry was sent back; a ruling of 误评 that the leader did not approve and that was ruled again;
marks of 典型案例 and 共性问题; a draft that was deleted. Facts of a case that no figure reads (its
state excepted) are today's as well.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Index, MetaData, Table, insert, select, text

from app.extensions import db
from app.reports.past_cases import case_facts, is_known, restore_windows
from app.reports.past_rows import ROWS, Past

COPIED = {"cases": (case_facts, is_known), **ROWS}


@contextmanager
def as_of(now: dt.datetime) -> Iterator[None]:
    """Show the office as it stood at `now` to everything read inside; nothing can be written."""
    outside = db.session.begin_nested()
    try:
        _lay_over(now)
        db.session.expire_all()
        yield
    finally:
        outside.rollback()  # the tables go with the savepoint
        db.session.expire_all()
        _forget_plans()


def _lay_over(now: dt.datetime) -> None:
    connection = db.session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    schema = "main" if is_sqlite else connection.scalar(select(text("current_schema()")))
    past = Past(now, schema)
    for name, (facts, condition) in COPIED.items():
        old = past.table(name)
        changed = facts(past)
        new = _temporary(old)
        new.create(connection)
        columns = [changed.get(c.name, c).label(c.name) for c in old.columns]
        rows = select(*columns).where(condition(past))
        connection.execute(insert(new).from_select([c.name for c in old.columns], rows))
        if not is_sqlite:
            connection.execute(text(f"ANALYZE pg_temp.{name}"))
    _forget_plans()
    restore_windows(past)


def _temporary(old: Table) -> Table:
    """Return a table of the same columns that hides the one of its name."""
    columns: list[Any] = [
        Column(c.name, c.type, primary_key=c.primary_key, autoincrement=False, nullable=True)
        if c.primary_key
        else Column(c.name, c.type)
        for c in old.columns
    ]
    if "case_id" in old.columns:
        columns.append(Index(f"ix_past_{old.name}_case", "case_id"))
    return Table(old.name, MetaData(), *columns, prefixes=["TEMPORARY"])


def _forget_plans() -> None:
    """A statement that PostgreSQL has prepared means the table it saw then."""
    connection = db.session.connection()
    if connection.dialect.name != "sqlite":
        connection.execute(text("DISCARD PLANS"))
