"""The audit log at size, in PostgreSQL: plans and times of its page, sealing by eight, the export.

Over 1,000,000 entries of three years (BANJIE_BENCH_ROWS changes that), in a database of its own.
"""

import datetime as dt
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, select, text

from app.actions import audit
from app.clock import now
from app.domain.audit import AuditAction
from app.extensions import db
from app.models import AuditEntry
from app.unit_of_work import unit_of_work
from bench._bare_xlsx import peak
from tests.client import OfficeClient
from tests.databases import make_backend
from tests.factories import Office, make_office

ROWS = int(os.environ.get("BANJIE_BENCH_ROWS", "1000000"))
WRITERS, EACH = 8, 250
PEOPLE, CASES = 60, 5000
ACTIONS = ("case_event", "login", "printed", "revealed", "login_failed", "changed", "job_run")
MANY = text("""
    INSERT INTO audit_entries (id, at, account_id, account_name, roles, address, reference, browser,
        action, object_type, object_id, object_name, before, after, result, prev_hash, hash)
    SELECT n, now() - interval '3 years' * (:rows - n) / :rows, n % :people, '郁' || n % :people,
        '窗口人员', '10.1.2.' || n % 200, md5(n::text)::varchar(16), 'Chromium',
        (CAST(:actions AS text[]))[1 + n % 7], CASE n % 7 WHEN 0 THEN 'case_event' ELSE 'page' END,
        n::text, '2026-' || n % :cases, '', '{"state": "handling"}',
        CASE WHEN n % 50 = 0 THEN 'refused' ELSE 'done' END, md5(n::text) || md5(n::text),
        md5((n + 1)::text) || md5((n + 1)::text)
    FROM generate_series(1, :rows) AS n
""")


def fill() -> None:
    """Fill the log past its chain: what is measured here is reading it."""
    with db.engine.begin() as connection:
        # Past the triggers, which refuse just that.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("TRUNCATE audit_entries"))
        given = {"rows": ROWS, "people": PEOPLE, "cases": CASES, "actions": list(ACTIONS)}
        connection.execute(MANY, given)
        connection.execute(text("UPDATE audit_head SET seq = :rows"), {"rows": ROWS})
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE audit_entries"))


@contextmanager
def statements_of_the_log() -> Iterator[list[tuple[str, Any]]]:
    """Yield the statements about the log that are sent meanwhile."""
    found: list[tuple[str, Any]] = []

    def keep(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "FROM audit_entries" in statement and statement.startswith("SELECT"):
            found.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", keep)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", keep)


def plans(found: list[tuple[str, Any]]) -> str:
    """Return how the database came to the rows: the scans of all statements, once each."""
    scans: dict[str, None] = {}
    with db.engine.connect() as connection:
        for statement, parameters in found:
            for (line,) in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters):
                if "Scan" in line:
                    scan = line.replace("->", "").strip().partition("  (")[0]
                    scans[scan.replace(" on audit_entries", "")] = None
    return "; ".join(scans)


def pages(browser: OfficeClient) -> None:
    """Print time and plan of the log's page, narrowed in every way."""
    month = f"{now() - dt.timedelta(days=700):%Y-%m}"
    for what in ("", "quick=door", "quick=refused", "quick=machine", "person=7", "action=login",
                 "object=case_event", f"period={month}", "period=1", "q=2026-77", "q=10.1.2.9",
                 "q=nothing", f"period={month}&q=nothing", "page_AuditView=300"):  # fmt: skip
        with statements_of_the_log() as found:
            started = time.perf_counter()
            answer = browser.get(f"/audit/list/?{what}")
            took = time.perf_counter() - started
        assert answer.status_code == 200, what
        print(f"{took * 1000:6.0f} ms  {what or '(everything)'}: {plans(found)}")


def export(browser: OfficeClient) -> None:
    """Print what the largest export costs: 100,000 rows."""
    token = {"X-CSRFToken": browser.token("/users/userinfo/")}
    before, started = peak(), time.perf_counter()
    answer = browser.post("/audit/take", headers=token, buffered=False)
    size = sum(len(block) for block in answer.iter_encoded())
    took = time.perf_counter() - started
    assert answer.status_code == 200
    grown = (peak() - before) / 1024
    print(f"export, 100,000 rows: {took:.0f} s, {size / 2**20:.1f} MB; peak grew by {grown:.0f} MB")


def sealing(app: Flask) -> None:
    """Print at what rate eight seal at once, and that their chain is whole."""
    start = threading.Barrier(WRITERS)

    def write(writer: int) -> None:
        with app.app_context():
            start.wait()
            for number in range(EACH):
                with unit_of_work():
                    about = ("page", f"{writer}-{number}", "")
                    audit.note(AuditAction.CHANGED, about=about, after={"count": number})

    started = time.perf_counter()
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    took = time.perf_counter() - started
    db.session.rollback()
    entries = list(db.session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)))
    assert entries == list(range(1, len(entries) + 1)), "a gap in the chain"
    assert len(entries) >= WRITERS * EACH, "an entry was lost"
    started, faults = time.perf_counter(), audit.verify(anchors={})
    checked = time.perf_counter() - started
    assert faults == [], faults[:3]
    rate, read = WRITERS * EACH / took, len(entries) / checked
    print(f"{WRITERS} writers sealed {WRITERS * EACH} units of work: {rate:.0f} a second; "
          f"the chain of {len(entries)} is whole, read at {read:.0f} a second")  # fmt: skip


def main() -> None:
    """Measure everything in one scratch database, and drop it."""
    with tempfile.TemporaryDirectory(prefix="banjie-bench-") as folder:
        backend = make_backend("postgresql", Path(folder))
        try:
            with backend.app.app_context():
                office: Office = make_office()
                db.session.commit()
                auditor = office.auditor.id
                db.session.remove()  # nothing waits open meanwhile
                sealing(backend.app)
                db.session.remove()
                started = time.perf_counter()
                fill()
                print(f"{ROWS:,} entries made in {time.perf_counter() - started:.0f} s")
            browser = OfficeClient(backend.app, backend.app.response_class)
            browser.sign_in(auditor)
            with backend.app.app_context():
                pages(browser)
                export(browser)
                db.session.remove()
                db.engine.dispose()
        finally:
            backend.close()


if __name__ == "__main__":
    main()
