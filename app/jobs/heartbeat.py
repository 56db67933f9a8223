"""The heartbeat of every process that ticks; a process that has gone quiet is an alarm."""

import datetime as dt
import os
import socket

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models.job_state import Runner
from app.unit_of_work import unit_of_work

# A runner that has been silent so long was taken down, and is forgotten.
FORGOTTEN_AFTER = dt.timedelta(days=1)


def runner_name() -> str:
    """Return this process's name: host and process number."""
    return f"{socket.gethostname()}:{os.getpid()}"[:120]


def beat(name: str, *, now: dt.datetime, since: dt.datetime | None = None) -> None:
    """Write that this process ticks, and since when; two statements."""
    try:
        with unit_of_work():
            row = db.session.get(Runner, name)
            if row is None:
                db.session.execute(delete(Runner).where(Runner.seen_at < now - FORGOTTEN_AFTER))
                db.session.add(Runner(name=name, started_at=since or now, seen_at=now))
            else:
                # A process number comes back after a restart of the host.
                row.started_at, row.seen_at = since or row.started_at, now
    except IntegrityError:
        db.session.rollback()


def leave(name: str) -> None:
    """Take the heartbeat of a process away that stops as it should."""
    with unit_of_work():
        db.session.execute(delete(Runner).where(Runner.name == name))


def runners() -> list[Runner]:
    """Return every process that has ticked lately, the latest first."""
    return list(db.session.scalars(select(Runner).order_by(Runner.seen_at.desc())))
