"""Thousands of cases overdue at one instant: scanned and queued in time, told once, mailed in one.

`make storm` sets the full numbers: 10,000 cases overdue, 100,000 open.
"""

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update

from app.domain.states import Role, State
from app.extensions import db
from app.jobs import scan_deadlines, scheduler
from app.models import Account, Case, Notice, Outgoing
from config import ROOT
from tests.crowd import CHUNK, case_row
from tests.factories import Office, at, make_office

LATE, OPEN = int(os.environ.get("BANJIE_STORM", 500)), int(os.environ.get("BANJIE_IDLE", 2000))
UNITS = 25
ISSUED, DUE = at("2026-10-12 09:30"), at("2026-10-13 17:00")
SECOND = dt.timedelta(seconds=1)
OPENING = at("2026-10-14 09:00")
# What 10,000 cases may cost; a few cases may not cost less than the program itself.
MOST_SECONDS, MOST_MEGABYTES = 60, 300


@pytest.fixture
def office(session: Any) -> Office:
    """Return an office of 25 units whose people all have a mailbox."""
    office = make_office()
    for n in range(UNITS):
        office.add_unit(f"u{n}", f"第{n}窗口")
    db.session.flush()
    for n in range(UNITS):
        office.add(f"u{n}_head", Role.UNIT_HEAD, unit=f"u{n}")
        office.add(f"u{n}_handler", Role.UNIT_HANDLER, unit=f"u{n}")
    db.session.flush()
    db.session.execute(update(Account).values(email=Account.username + "@banjie.example"))
    db.session.commit()
    return office


def fill(
    office: Office, how_many: int, *, due: dt.datetime, look: dt.datetime, first: int = 0
) -> None:
    """Insert cases in work, spread over the units, all due at one instant."""
    same = {
        "state": State.HANDLING, "due_at": due, "original_due_at": due, "next_look_at": look,
        "dispatched_at": ISSUED, "due_from_at": ISSUED, "due_computed_at": ISSUED,
        "signed_at": ISSUED, "finished_at": None, "first_finished_at": None, "result_type": None,
        "is_achieved": None, "eval_level": None,
    }  # fmt: skip
    for start in range(first, first + how_many, CHUNK):
        numbers = range(start, min(start + CHUNK, first + how_many))
        units = ({"lead_unit_id": office.units[f"u{n % UNITS}"].id} for n in numbers)
        lines = [case_row(office, n) | same | unit for n, unit in zip(numbers, units, strict=True)]
        db.session.execute(insert(Case), lines)
    db.session.commit()


def run(app: Flask, folder: Path, *times: dt.datetime) -> dict[str, Any]:
    """Return what a process of its own measured."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    command = [sys.executable, "-m", "tests.jobs.storm_process", url, str(folder)]
    done = subprocess.run(
        [*command, *(each.isoformat() for each in times)],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_all_overdue_at_one_instant(app: Flask, office: Office, tmp_path: Path) -> None:
    fill(office, LATE, due=DUE, look=DUE + SECOND)
    found = run(app, tmp_path, DUE + SECOND, OPENING)
    print(json.dumps({"cases": LATE} | found))
    # Each case: head and handler, two clerks, the leader; once on the page and once by mail.
    interviews = UNITS * 3
    assert found["notices"] == 2 * (LATE * 5 + interviews)
    # One message a person, at most: 50 in the units, two clerks, the leader.
    assert found["messages"] == 2 * UNITS + 3
    assert found["is_rerun_empty"]
    # Its own seconds: other tests may run beside it.
    assert found["scan_cpu_seconds"] + found["compose_cpu_seconds"] <= MOST_SECONDS
    assert found["megabytes"] <= MOST_MEGABYTES


# The storm itself is tried on both.
@pytest.mark.sqlite_only
def test_first_run_on_old_breaches_is_one_message_a_person(
    app: Flask, office: Office, tmp_path: Path
) -> None:
    """Every step of the ladder is due at once; nobody gets more than one letter for it."""
    old = at("2026-09-15 17:00")
    fill(office, LATE, due=old, look=old)
    found = run(app, tmp_path, OPENING, OPENING + dt.timedelta(seconds=15))
    assert found["is_rerun_empty"]
    people = db.session.execute(
        select(Outgoing.recipient_id, func.count()).group_by(Outgoing.recipient_id)
    ).all()
    assert {count for _person, count in people} == {1}
    assert found["messages"] == len(people) == 2 * UNITS + 3
    stages = select(Notice.kind).where(Notice.channel == "site").distinct()
    assert set(db.session.scalars(stages)) == {"red", "measure_drafted", "interview_advised"}


def test_an_idle_tick_costs_the_same_however_many_cases_are_open(
    office: Office, count_statements: Callable[[], Any]
) -> None:
    costs = []
    for first, how_many in ((0, 100), (100, OPEN)):
        fill(office, how_many, due=DUE, look=DUE + SECOND, first=first)
        scheduler.tick(ISSUED + dt.timedelta(hours=len(costs)), [scan_deadlines.JOB])
        with count_statements() as statements:
            later = ISSUED + dt.timedelta(hours=len(costs), minutes=1)
            scheduler.tick(later, [scan_deadlines.JOB])
        costs.append(len(statements))
    assert costs[0] == costs[1]
    assert costs[0] <= 12


def test_a_batch_costs_no_statement_a_case(
    office: Office, count_statements: Callable[[], Any]
) -> None:
    """Each unit's people are read once, and all rows of a kind written in one go."""
    costs = []
    for first, how_many in ((0, UNITS), (UNITS, 8 * UNITS)):
        fill(office, how_many, due=DUE, look=DUE + SECOND, first=first)
        with count_statements() as statements:
            scheduler.tick(DUE + dt.timedelta(minutes=len(costs), seconds=1), [scan_deadlines.JOB])
        costs.append(len(statements))
    assert costs[1] < costs[0] + 2 * UNITS
