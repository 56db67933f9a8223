"""A tick that finds nothing costs the same few statements, however many cases are open."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from app import clock
from app.domain.states import State
from app.extensions import db
from app.jobs import heartbeat, scheduler
from app.jobs.job import Lane
from app.jobs.registry import JOBS
from app.models import Case
from app.reports.job_health import judge
from tests.factories import at, make_office
from tests.jobs.made import DAY, MINUTE, SECOND

# Statements are counted above the driver: one database will do.
pytestmark = pytest.mark.sqlite_only
NOW = at("2026-10-12 07:00")
# Each starts with BEGIN. The plans; where times of day count, the sites and each one's calendar.
IDLE = {Lane.WORK: 4, Lane.MAIL: 2, Lane.LONG: 4, Lane.EXPORT: 2}


@pytest.mark.parametrize("open_cases", [100, 5000])
def test_idle_tick_has_a_fixed_number_of_statements(
    session: Any, count_statements: Callable[[], Any], open_cases: int
) -> None:
    office = make_office()
    office.case_in(State.HANDLING)
    db.session.query(Case).update({"next_look_at": NOW + DAY})
    db.session.flush()
    _copy_cases(open_cases)
    db.session.commit()
    scheduler.tick(NOW, JOBS)
    found = {}
    for lane in Lane:
        jobs = [job for job in JOBS if job.lane is lane]
        with count_statements() as statements:
            assert scheduler.tick(NOW + SECOND, jobs) == {}
        found[lane] = len(statements)
    assert found == IDLE
    with count_statements() as statements:
        scheduler.tick(NOW + MINUTE, [job for job in JOBS if job.name == "scan-deadlines"])
    assert len(statements) <= 12, statements
    assert open_cases <= db.session.query(Case).filter(Case.next_look_at.is_not(None)).count()


def _copy_cases(how_many: int) -> None:
    """Make so many open cases out of one."""
    table = Case.__table__
    row = dict(db.session.execute(table.select().limit(1)).mappings().one())
    del row["id"]
    rows = [row | {"ledger_no": f"8{n:07d}"} for n in range(how_many)]
    db.session.execute(table.insert(), rows)


def test_heartbeat_and_judgement_have_a_fixed_number_too(
    session: Any, count_statements: Callable[[], Any]
) -> None:
    heartbeat.beat("host:1", now=NOW)
    with count_statements() as statements:
        heartbeat.beat("host:1", now=NOW + SECOND)
    assert len(statements) == 3  # BEGIN, read, write
    with count_statements() as statements:
        judge(names=[job.name for job in JOBS], tick_seconds=5, now=NOW)
    assert len(statements) <= 4


def test_a_process_that_stops_as_it_should_leaves_no_heartbeat(app: Any, session: Any) -> None:
    ticking = scheduler.start(app, seconds=1)
    name = heartbeat.runner_name()
    for _try in range(50):
        if name in {runner.name for runner in heartbeat.runners()}:
            break
        db.session.rollback()
        threading.Event().wait(0.1)
    seen = {runner.name: runner.seen_at for runner in heartbeat.runners()}
    db.session.rollback()
    assert abs(seen[name] - clock.now()) < MINUTE
    ticking.shutdown()
    assert heartbeat.runners() == []


def test_silent_processes_are_forgotten_when_another_comes(session: Any) -> None:
    heartbeat.beat("gone:1", now=NOW - DAY - SECOND)
    heartbeat.beat("quiet:2", now=NOW - DAY)
    heartbeat.beat("new:3", now=NOW)
    assert [runner.name for runner in heartbeat.runners()] == ["new:3", "quiet:2"]
    heartbeat.beat("quiet:2", now=NOW + SECOND, since=NOW)
    assert heartbeat.runners()[0].started_at == NOW
