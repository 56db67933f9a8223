"""The one place that commits."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from app.clock import now
from app.database import begin_writing
from app.extensions import db

NESTED = "a unit of work is already open: one request or job step commits once"


class Log(Protocol):
    """What keeps a record of everything done: filled on the way, sealed just before the commit."""

    def seal(self, now: dt.datetime) -> None:
        """Write what was noted."""

    def forget(self) -> None:
        """Drop it."""

    def refused(self, error: BaseException) -> None:
        """Hear why nothing was committed."""


class Guard(Protocol):
    """What decides whether a unit of work may begin, and whether it is to last."""

    def enter(self, now: dt.datetime) -> None:
        """Write or refuse, first of all in the transaction."""

    def is_rehearsal(self) -> bool:
        """Return whether all is to be taken back at the end: it was done before."""

    def leave(self) -> None:
        """Learn that the transaction was committed."""


# Filled by create_app: this module stands below those that keep the log and the forms' keys.
LOGS: list[Log] = []
GUARDS: list[Guard] = []


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
    _forget()
    db.session.info["in_unit_of_work"] = True
    try:
        begin_writing(db.session)
        for guard in GUARDS:
            guard.enter(now())
        yield
        _finish()
    except BaseException as error:
        db.session.rollback()
        for log in LOGS:
            log.refused(error)
        raise
    finally:
        _forget()
        db.session.info.pop("in_unit_of_work", None)


def _finish() -> None:
    if any(guard.is_rehearsal() for guard in GUARDS):
        db.session.rollback()
        return
    for log in LOGS:
        log.seal(now())
    db.session.commit()
    for guard in GUARDS:
        guard.leave()


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
        _forget()


def _forget() -> None:
    for log in LOGS:
        log.forget()
