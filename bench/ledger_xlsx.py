"""What the yearly ledger costs beside bare xlsxwriter writing the same cells: time and memory.

Each runs in a process of its own, over 100,000 cases (BANJIE_BENCH_ROWS changes that) in SQLite.
"""

import datetime as dt
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert, select, true

from app import create_app
from app.actions.setup import ensure_system_account
from app.database import snapshot
from app.domain.states import (
    OFFICE_ROLES,
    Category,
    ContactMode,
    EvalChannel,
    EvalLevel,
    LimitClass,
    ResultStatus,
    ResultType,
    SlipKind,
    SolvedLevel,
    State,
    UnitKind,
)
from app.exporting import Order, site_names, write_workbook
from app.extensions import db
from app.models import Case, Evaluation, Result, Site, Slip, Unit
from app.reports.ledger_cells import COLUMNS, Entry, Reader, cells
from app.reports.ledger_rows import contents, ledger_rows
from app.unit_of_work import unit_of_work
from bench._bare_xlsx import peak
from config import ROOT, Mode, Settings

ROWS = int(os.environ.get("BANJIE_BENCH_ROWS", "100000"))
ZONE = dt.timezone(dt.timedelta(hours=8))
START = dt.datetime(2026, 1, 5, 9, 30, tzinfo=ZONE)
NOW = dt.datetime(2026, 12, 31, 17, tzinfo=ZONE)
DAY, CHUNK = dt.timedelta(days=1), 5000
NARRATIVE = "线上申请慢病备案两次被退回，提示信息不一致，窗口说法前后不同，至今没有办成。" * 3
MB = 1024


def office(folder: str) -> Flask:
    """Return an application over the folder's database."""
    settings = Settings(
        env=Mode.OFFICE, database_url=f"sqlite:///{folder}/bench.db", instance_dir=folder,
        secret_key="b" * 32, data_key="a key of the benchmark and no secret 0123456789",
        log_level="WARNING",
    )  # fmt: skip
    return create_app(settings)


def seed(folder: str) -> None:
    """Fill a fresh database, a few thousand rows a statement."""
    with office(folder).app_context():
        upgrade()
        with unit_of_work():
            person = ensure_system_account()
            site = Site(name="县政务服务中心", office_name="县审批服务局")
            db.session.add(site)
            db.session.flush()
            unit = Unit(site_id=site.id, name="不动产登记窗口", unit_kind=UnitKind.WINDOW)
            db.session.add(unit)
            db.session.flush()
            who = {"site": site.id, "unit": unit.id, "person": person.id}
        for first in range(0, ROWS, CHUNK):
            numbers = range(first + 1, min(first + CHUNK, ROWS) + 1)
            with unit_of_work():
                for table, row in TABLES:
                    db.session.execute(insert(table), [row(n, **who) for n in numbers])


def case_row(n: int, *, site: int, unit: int, person: int) -> dict[str, Any]:
    """Return the n-th case, closed and rated."""
    at = START + dt.timedelta(minutes=n * 3)
    return {
        "id": n, "site_id": site, "state": State.ARCHIVED, "version": 1,
        "ledger_no": f"2026-{n:04d}", "reporter_name": "郁东篱", "phone": f"1600000{n % 9999:04d}",
        "category": Category.NOT_ACCEPTED, "item_name": f"慢病备案{n}", "narrative": NARRATIVE,
        "registered_at": at, "registered_by_id": person, "first_dispatched_at": at,
        "dispatched_at": at, "lead_unit_id": unit, "limit_class": LimitClass.ONE_DAY,
        "due_at": at + DAY, "first_due_at": at + DAY, "finished_at": at + DAY / 2,
        "first_finished_at": at + DAY / 2, "is_achieved": True, "confirmed_at": at + DAY,
        "confirmed_by_id": person, "eval_level": EvalLevel.GOOD,
    }  # fmt: skip


def slip_row(n: int, *, site: int, unit: int, person: int) -> dict[str, Any]:
    """Return its slip."""
    return {
        "site_id": site, "year_no": 2026, "slip_no": n, "case_id": n, "unit_id": unit,
        "slip_kind": SlipKind.LEAD, "subject": "慢病备案", "content": "请核查并答复反映人",
        "limit_class": LimitClass.ONE_DAY, "due_at": START, "issued_at": START,
        "issued_by_id": person,
    }  # fmt: skip


def result_row(n: int, *, unit: int, person: int, **_site: int) -> dict[str, Any]:
    """Return its result."""
    return {
        "case_id": n, "unit_id": unit, "result_type": ResultType.SOLVED, "is_achieved": True,
        "handling_note": "经核查，系申报信息与户籍信息不一致，已协调补录并当场办结。",
        "reply_text": "已电话告知反映人办理结果。", "reply_mode": ContactMode.PHONE,
        "replied_at": START, "submitted_at": START, "submitted_by_id": person,
        "status": ResultStatus.CONFIRMED,
    }  # fmt: skip


def rating_row(n: int, *, person: int, **_place: int) -> dict[str, Any]:
    """Return its rating."""
    return {
        "case_id": n, "eval_level": EvalLevel.GOOD, "solved_level": SolvedLevel.SOLVED,
        "channel": EvalChannel.CALL, "evaluated_at": START, "entered_by_id": person,
    }  # fmt: skip


TABLES: tuple[tuple[Any, Callable[..., dict[str, Any]]], ...] = (
    (Case, case_row),
    (Slip, slip_row),
    (Result, result_row),
    (Evaluation, rating_row),
)


def order() -> Order:
    """Return what is written: everything, with full names and phones."""
    return Order(true(), Reader(OFFICE_ROLES, is_full=True), NOW, names=site_names())


def ours(folder: str, *, is_idle: bool = False) -> None:
    """Write the ledger from the database, as the job does; idle: only get ready."""
    with office(folder).app_context():
        asked = order()
        db.session.scalar(select(Case.id).limit(1))
        db.session.rollback()
        started = time.perf_counter()
        if not is_idle:
            with snapshot(db.engine) as connection:
                found = contents(connection, asked.condition)
                write_workbook(f"{folder}/ours.xlsx", asked, found, connection)
        report(started)


def keep_cells(folder: str) -> None:
    """Write down the cells for the bare writer, the number formats first."""
    formats = {"date": "yyyy-mm-dd", "time": "yyyy-mm-dd hh:mm"}
    with office(folder).app_context(), snapshot(db.engine) as connection:
        asked = order()
        found = contents(connection, asked.condition)
        with open(f"{folder}/cells", "wb") as file:
            pickle.dump([formats.get(column.look, "") for column in COLUMNS], file)
            for row in ledger_rows(connection, found.ids):
                values = cells(Entry(row, asked.reader))
                pickle.dump([_naive(value) for value in values], file)


def _naive(value: Any) -> Any:
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value


def report(started: float) -> None:
    """Print the seconds since then and the most memory this process ever had, in KB."""
    print(time.perf_counter() - started, peak())


def measured(part: str, folder: str) -> tuple[float, int]:
    """Run one part as a process of its own; return its seconds and its peak in KB."""
    module = "bench._bare_xlsx" if part == "bare" else "bench.ledger_xlsx"
    command = [sys.executable, "-m", module, *([] if part == "bare" else [part]), folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    seconds, peak = done.stdout.split()[-2:]
    return float(seconds), int(peak)


def main() -> None:
    """Seed once, measure each part, print times, peaks and ratios."""
    with tempfile.TemporaryDirectory(prefix="banjie-bench-") as folder:
        started = time.perf_counter()
        seed(folder)
        keep_cells(folder)
        print(f"{ROWS:,} cases made in {time.perf_counter() - started:.0f} s")
        (_no_time, idle), (our_time, our_peak) = measured("idle", folder), measured("ours", folder)
        bare_time, bare_peak = measured("bare", folder)
        size = Path(folder, "ours.xlsx").stat().st_size / 1024 / 1024
    print(f"ours: {our_time:.1f} s, peak {our_peak // MB} MB ({size:.1f} MB file)")
    print(f"application at rest: {idle // MB} MB; the export adds {(our_peak - idle) // MB} MB")
    print(f"bare xlsxwriter: {bare_time:.1f} s, peak {bare_peak // MB} MB")
    print(f"time: {our_time / bare_time:.2f} × bare; memory: {our_peak / bare_peak:.2f} × bare")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        ours(sys.argv[2], is_idle=sys.argv[1] == "idle")
    else:
        main()
