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


def beat(name: str, *, now: dt.datetime) -> None:
    """Write that this process ticks; two statements."""
    try:
        with unit_of_work():
            row = db.session.get(Runner, name)
            if row is None:
                db.session.execute(delete(Runner).where(Runner.seen_at < now - FORGOTTEN_AFTER))
                db.session.add(Runner(name=name, started_at=now, seen_at=now))
            else:
                row.seen_at = now
    except IntegrityError:
        db.session.rollback()


def runners() -> list[Runner]:
    """Return every process that has ticked lately, the latest first."""
    return list(db.session.scalars(select(Runner).order_by(Runner.seen_at.desc())))
