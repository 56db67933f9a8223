"""The one place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.actions import audit
from app.clock import now
from app.database import begin_writing
from app.extensions import db

NESTED = "a unit of work is already open: one request or job step commits once"


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Commit everything done inside, or nothing; what was done stands in the 审计日志 with it.

    What the session read before is forgotten, and the transaction starts as a writer: on SQLite
    with BEGIN IMMEDIATE (see app/database.py), so that two writers queue up instead of failing
    half-way or overwriting each other.
    """
    if db.session.info.get("in_unit_of_work"):
        raise RuntimeError(NESTED)
    db.session.rollback()
    audit.forget()
    db.session.info["in_unit_of_work"] = True
    try:
        begin_writing(db.session)
        yield
        audit.seal(now())
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        audit.forget()
        db.session.info.pop("in_unit_of_work", None)
