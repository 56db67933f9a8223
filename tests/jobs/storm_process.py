"""Run as a program: scan and compose what is due at an instant, and print what that cost as JSON.

Arguments: the database's URL, a folder, the instant of the scan and that of the mail.
"""

import datetime as dt
import json
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select

from app.actions.composing import Composed, compose
from app.extensions import db
from app.jobs import scan_deadlines, scheduler
from app.models import Notice, Outgoing
from app.unit_of_work import unit_of_work
from tests.databases import make_app


def main(url: str, folder: str, scanned_at: str, mailed_at: str) -> dict[str, Any]:
    """Scan, compose, and do both again."""
    app = make_app(url, Path(folder))
    scan, mail = (dt.datetime.fromisoformat(each) for each in (scanned_at, mailed_at))
    with app.app_context():
        found: dict[str, Any] = {"megabytes_before": _megabytes()}
        found |= _once("scan", lambda: _scan(scan))
        found |= _once("compose", lambda: _compose(mail))
        before = _rows()
        found |= _once("idle", lambda: _scan(scan + dt.timedelta(minutes=2)))
        _compose(mail + dt.timedelta(minutes=2))
        found["is_rerun_empty"] = _rows() == before
        found |= before
    found["megabytes"] = _megabytes()
    return found


def _scan(now: dt.datetime) -> None:
    scheduler.tick(now, [scan_deadlines.JOB])


def _compose(now: dt.datetime) -> None:
    """Compose until nothing is left, a transaction at a time, as send-mail does."""
    done = Composed(is_full=True)
    while done.is_full:
        with unit_of_work():
            done = compose(now=now, address="http://banjie.example", judge=done.judge)


def _once(what: str, work: Any) -> dict[str, Any]:
    """Return how long it took and how many statements it sent."""
    statements = 0

    def count(*_rest: Any) -> None:
        nonlocal statements
        statements += 1

    event.listen(db.engine, "before_cursor_execute", count)
    started, worked = time.monotonic(), time.process_time()
    work()
    taken, cpu = time.monotonic() - started, time.process_time() - worked
    event.remove(db.engine, "before_cursor_execute", count)
    return {
        f"{what}_seconds": round(taken, 2),
        f"{what}_cpu_seconds": round(cpu, 2),
        f"{what}_statements": statements,
    }


def _rows() -> dict[str, int]:
    found = {
        "notices": db.session.scalar(select(func.count(Notice.id))) or 0,
        "messages": db.session.scalar(select(func.count(Outgoing.id))) or 0,
    }
    db.session.rollback()
    return found


def _megabytes() -> int:
    """Return the most memory this process has held; getrusage would tell its parent's as well."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
