"""The one place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.database import begin_writing
from app.extensions import db

NESTED = "a unit of work is already open: one request or job step commits once"


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Commit everything done inside, or nothing.

    What the session read before is forgotten, and the transaction starts as a writer: on SQLite
    with BEGIN IMMEDIATE (see app/database.py), so that two writers queue up instead of failing
    half-way or overwriting each other.
    """
    if db.session.info.get("in_unit_of_work"):
        raise RuntimeError(NESTED)
    db.session.rollback()
    db.session.info["in_unit_of_work"] = True
    try:
        begin_writing(db.session)
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        db.session.info.pop("in_unit_of_work", None)


@contextmanager
def trial() -> Iterator[None]:
    """Do everything inside as a writer would, and take it all back."""
    if db.session.info.get("in_unit_of_work"):
        raise RuntimeError(NESTED)
    db.session.rollback()
    try:
        begin_writing(db.session)
        yield
    finally:
        db.session.rollback()
