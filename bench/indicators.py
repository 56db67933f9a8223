"""What the pages of figures cost beside one bare count of the same rows and beside a Python loop.

Over 100,000 cases of five years and 60 units (BANJIE_BENCH_ROWS changes that), in SQLite, or in the
empty database that BANJIE_BENCH_DATABASE names.
"""

import datetime as dt
import os
import random
import tempfile
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_appbuilder.security.sqla.models import Role as RoleRecord
from flask_migrate import upgrade
from sqlalchemy import event, func, insert, select, text

from app import create_app
from app.domain.indicators import CATALOGUE
from app.domain.states import (
    Category,
    ContactMode,
    EvalChannel,
    EvalLevel,
    LimitClass,
    ResultStatus,
    ResultType,
    Role,
    SlipKind,
    SolvedLevel,
    State,
    UnitKind,
)
from app.extensions import db
from app.models import Account, Case, Evaluation, Result, Site, Slip, Timetable, Unit
from app.models.roles import role_of
from app.reports.indicators import by_month, by_unit, count_rows, listings, values
from app.reports.period import Period, last_months, named
from app.reports.rankings import GROUPINGS, frequencies
from app.reports.scope import Scope
from app.role_sync import sync_roles
from app.unit_of_work import unit_of_work
from config import Mode, Settings
from tests.reports.slow import SLOW
from tests.reports.slow_records import Office as SlowOffice
from tests.reports.slow_records import all_cases

ROWS = int(os.environ.get("BANJIE_BENCH_ROWS", "100000"))
URL = os.environ.get("BANJIE_BENCH_DATABASE", "")
UNITS, SAMPLE, CHUNK = 60, 1000, 5000
ZONE = dt.timezone(dt.timedelta(hours=8))
START, NOW = dt.datetime(2022, 1, 5, 9, tzinfo=ZONE), dt.datetime(2027, 1, 20, 10, tzinfo=ZONE)
MINUTES = (5 * 365 - 5) * 1440
NARRATIVE = "线上申请慢病备案两次被退回，提示信息不一致，窗口说法前后不同，至今没有办成。" * 3
RANKED = ("ontime_rate", "accept_cnt", "sign_rate", "response_rate", "achieved_rate",
          "satisfy_rate", "return_rate", "avg_hours")  # fmt: skip
COURSES = ("accept_cnt", "same_day_rate", "ontime_rate", "achieved_rate", "satisfy_rate")


def office(folder: str) -> Flask:
    """Return an application over the database."""
    settings = Settings(
        env=Mode.OFFICE, database_url=URL or f"sqlite:///{folder}/bench.db", instance_dir=folder,
        secret_key="b" * 32, data_key="a key of the benchmark and no secret 0123456789",
        log_level="WARNING",
    )  # fmt: skip
    return create_app(settings)


def seed() -> None:
    """Fill a fresh database, a few thousand cases a statement."""
    upgrade()
    sync_roles()
    with unit_of_work():
        site = Site(id=1, name="县政务服务中心", office_name="县审批服务局")
        hours = {"am_start": 9, "am_end": 12, "pm_start": 13, "pm_end": 17}
        timetable = Timetable(
            site_id=1, name="全年", valid_from=dt.date(2001, 1, 1),
            **{name: dt.time(hour) for name, hour in hours.items()},
        )  # fmt: skip
        units = [
            Unit(id=n, site_id=1, name=f"第{n}窗口", unit_kind=UnitKind.WINDOW)
            for n in range(1, UNITS + 1)
        ]
        records = {role_of(r.name): r for r in db.session.scalars(select(RoleRecord))}
        clerk = Account(
            id=1000, username="clerk", first_name="郁", last_name="", email="c@local.invalid",
            active=True, site_id=1, roles=[records[Role.SUPERVISOR]],
        )  # fmt: skip
        for rows in ([site], [timetable], units, [clerk]):
            db.session.add_all(rows)
            db.session.flush()
    dice = random.Random(2026)
    for first in range(1, ROWS + 1, CHUNK):
        rows: dict[Any, list[dict[str, Any]]] = {Case: [], Slip: [], Result: [], Evaluation: []}
        for n in range(first, min(first + CHUNK, ROWS + 1)):
            add_case(rows, n, dice)
        with unit_of_work():
            for model, found in rows.items():
                db.session.execute(insert(model), found)
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def add_case(rows: dict[Any, list[dict[str, Any]]], n: int, dice: random.Random) -> None:
    """Note down the n-th case, closed and perhaps rated, with a slip and perhaps a second one."""
    at = START + dt.timedelta(minutes=dice.randrange(MINUTES))
    dispatched = at + dt.timedelta(minutes=dice.choice((10, 30, 300)))
    due = dispatched + dt.timedelta(days=dice.choice((1, 3)))
    finished = dispatched + dt.timedelta(minutes=dice.randrange(5 * 1440))
    unit, is_good = dice.randrange(UNITS) + 1, dice.random() < 0.9
    rows[Case].append(
        {
            "id": n, "site_id": 1, "state": State.ARCHIVED, "version": 1, "round_no": 1,
            "ledger_no": f"{at.year}-{n:06d}", "reporter_name": "郁东篱", "phone": f"160{n:08d}",
            "category": dice.choice(list(Category)), "item_name": f"事项{dice.randrange(3000)}",
            "narrative": NARRATIVE, "registered_at": at, "registered_by_id": 1000,
            "dispatch_due_at": at + dt.timedelta(hours=4), "first_dispatched_at": dispatched,
            "dispatched_at": dispatched, "lead_unit_id": unit, "limit_class": LimitClass.ONE_DAY,
            "first_contact_at": dispatched + dt.timedelta(minutes=dice.randrange(1440)),
            "due_at": due, "first_due_at": due, "original_due_at": due, "finished_at": finished,
            "first_finished_at": finished, "confirmed_at": finished,
            "eval_until": finished + dt.timedelta(days=7),
        }
    )  # fmt: skip
    kinds = (SlipKind.LEAD, SlipKind.CO)[: dice.choice((1, 1, 2))]
    rows[Slip] += [
        {
            "site_id": 1, "year_no": 2026, "slip_no": 2 * n + kind, "case_id": n,
            "unit_id": (unit + kind) % UNITS + 1 if kind else unit, "slip_kind": kinds[kind],
            "subject": "慢病备案", "content": "请核查并答复反映人", "due_at": due,
            "limit_class": LimitClass.ONE_DAY, "issued_at": dispatched, "issued_by_id": 1000,
            "signed_at": dispatched + dt.timedelta(minutes=dice.randrange(300)),
        }
        for kind in range(len(kinds))
    ]  # fmt: skip
    rows[Result].append(result(n, unit, finished, is_good))
    if dice.random() < 0.8:
        rows[Evaluation].append(rating(n, finished, dice))


def result(n: int, unit: int, at: dt.datetime, is_good: bool) -> dict[str, Any]:
    """Return the signed result of the n-th case."""
    return {
        "case_id": n, "unit_id": unit, "result_type": ResultType.SOLVED, "round_no": 1,
        "is_achieved": is_good, "handling_note": "已核实补录", "reply_text": "已告知反映人",
        "reply_mode": ContactMode.PHONE, "replied_at": at, "submitted_at": at,
        "submitted_by_id": 1000, "status": ResultStatus.CONFIRMED,
    }  # fmt: skip


def rating(n: int, at: dt.datetime, dice: random.Random) -> dict[str, Any]:
    """Return the rating of the n-th case."""
    return {
        "case_id": n, "round_no": 1, "eval_level": dice.choice(list(EvalLevel)),
        "solved_level": dice.choice(list(SolvedLevel)), "channel": EvalChannel.CALL,
        "evaluated_at": at, "entered_by_id": 1000,
    }  # fmt: skip


def timed(name: str, work: Callable[[], Any], bare: float = 0.0) -> float:
    """Run `work` once, print its time and statements, and how often the bare count goes into it."""
    statements = 0

    def note(*_args: Any) -> None:
        nonlocal statements
        statements += 1

    event.listen(db.engine, "before_cursor_execute", note)
    began = time.perf_counter()
    work()
    spent = time.perf_counter() - began
    event.remove(db.engine, "before_cursor_execute", note)
    ratio = f"{spent / bare:8.1f} × one bare count" if bare else ""
    print(f"{name:<52}{statements:>4} statements {spent:8.3f} s {ratio}")
    return spent


def main() -> None:
    """Print the times and ratios."""
    with tempfile.TemporaryDirectory() as folder, office(folder).app_context():
        began = time.perf_counter()
        seed()
        print(f"{ROWS:,} cases written in {time.perf_counter() - began:.1f} s")
        for name in ("2026-10", "2026"):
            pages(name)
        python_loop()
        db.session.remove()
        db.engine.dispose()


def pages(name: str) -> None:
    """Time what the pages ask, as the section's clerk sees it."""
    period, by = named(name, now=NOW), db.session.get_one(Account, 1000)
    scope = Scope(1, None, by)
    same = select(func.count()).select_from(Case).where(period.holds(Case.registered_at))
    db.session.execute(same)
    bare = timed(f"{name}: bare select count(*)", lambda: db.session.execute(same).scalar())
    for key in os.environ.get("BANJIE_BENCH_EACH", "") and CATALOGUE:
        timed(f"  {key}", lambda key=key: values([key], period=period, scope=scope), bare)
    timed(f"{name}: every indicator", lambda: values(CATALOGUE, period=period, scope=scope), bare)
    timed(f"{name}: ranking of units", lambda: by_unit(RANKED, period=period, scope=scope), bare)
    months = last_months(period, 12)
    timed(f"{name}: twelve months", lambda: by_month(COURSES, periods=months, scope=scope), bare)
    for group in GROUPINGS:
        timed(
            f"{name}: by {group}",
            lambda group=group: frequencies(group, period=period, scope=scope),
            bare,
        )
    for key in ("sign_rate", "satisfy_rate"):
        timed(
            f"{name}: the list behind {key}",
            lambda key=key: [
                count_rows(each) for each in listings(key, "miss", period=period, scope=scope)
            ],
            bare,
        )


def python_loop() -> None:
    """Time the obvious loop of the tests over some cases, and say what it would be for all."""
    for model in (Evaluation, Result, Slip):
        db.session.query(model).filter(model.case_id > SAMPLE).delete()
    db.session.query(Case).filter(Case.id > SAMPLE).delete()
    period = named("2026", now=NOW)
    slow = timed(
        f"a Python loop over {SAMPLE:,} cases",
        lambda: every_slowly(period),
    )
    print(f"for {ROWS:,} cases that makes {slow * ROWS / SAMPLE:,.0f} s")


def every_slowly(period: Period) -> None:
    """Count every indicator record by record."""
    found = SlowOffice(all_cases(), 1, None, period)
    for count in SLOW.values():
        count(found)


if __name__ == "__main__":
    main()
