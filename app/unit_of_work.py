"""The one place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.extensions import db


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Commit everything done inside, or nothing.

    On SQLite the transaction is opened with BEGIN IMMEDIATE (see app/database.py), so that two
    writers queue up instead of failing half-way.
    """
    db.session.rollback()
    db.session.info["writes"] = True
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        db.session.info.pop("writes", None)
