"""导出 by the job: rights when written, kill and restart, cancelling, sweeping, one at a time."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask

from app.actions.exports import LEASE, NO_RIGHT, ask, cancel, claim, own_exports, ranges
from app.domain.exports import ExportStatus
from app.domain.refusals import Code, Refusal
from app.domain.states import Role, State
from app.exporting import NOTHING_LEFT, write_export
from app.extensions import db
from app.files import Shelf, exports_shelf
from app.jobs import scheduler, write_exports
from app.models import Account, ExportRequest, JobState
from app.unit_of_work import unit_of_work
from config import ROOT
from tests.crowd import crowd
from tests.factories import NAME, Office, at, make_office
from tests.jobs.made import DAY, MINUTE, SECOND

NOW = at("2026-10-20 10:00")
ALL = "quick=all"
KILLED = 20_000


@pytest.fixture
def office(session: Any) -> Office:
    office = make_office()
    for state in (State.HANDLING, State.TO_EVALUATE, State.ARCHIVED):
        office.case_in(state)
    db.session.commit()
    return office


@pytest.fixture
def shelf(app: Flask, tmp_path: Path) -> Iterator[Shelf]:
    """Return a folder of its own for the written files."""
    given = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(given, instance_dir=str(tmp_path))
    yield exports_shelf(app.config["SETTINGS"])
    app.config["SETTINGS"] = given


def asked(by: Account, *, now: dt.datetime = NOW, **given: Any) -> int:
    facts = {"listing": "cases", "query": ALL, "is_full": False, "rows": 3, "at_once": False}
    with unit_of_work():
        row, _is_new = ask(by=by, now=now, **(facts | given))
        return row.id


def found(export_id: int) -> ExportRequest:
    return db.session.get_one(ExportRequest, export_id, populate_existing=True)


def book(shelf: Shelf, row: ExportRequest) -> Any:
    with shelf.path(row.stored_name).open("rb") as file:
        return openpyxl.load_workbook(file).active


def tick(now: dt.datetime = NOW) -> None:
    scheduler.tick(now, [write_exports.JOB])


def test_the_job_writes_what_was_asked(office: Office, shelf: Shelf) -> None:
    first = asked(office.clerk)
    second = asked(office.land_head, is_full=True)
    tick()
    row = found(first)
    assert (row.status, row.title, row.rows_done) == (ExportStatus.DONE, "2026年问题台账", 3)
    sheet = book(shelf, row)
    assert [cell.value for cell in sheet["E"][3:]] == ["郁*篱"] * 3
    assert row.case_ids == ""
    full = found(second)
    sheet = book(shelf, full)
    assert [cell.value for cell in sheet["E"][3:]] == [NAME] * 3
    assert full.case_ids == "1-3"  # who took which cases with full numbers
    assert shelf.path(full.stored_name).stat().st_size == full.size
    assert sorted(path.name for path in shelf.folder.iterdir()) == sorted(
        (row.stored_name, full.stored_name)
    )


def test_the_same_question_twice_is_one_export(office: Office) -> None:
    first = asked(office.clerk)
    assert asked(office.clerk, now=NOW + MINUTE) == first
    assert asked(office.clerk, is_full=True) != first
    assert asked(office.clerk, query="quick=month") != first
    assert asked(office.leader) != first


def test_a_second_breath_later_a_finished_one_is_made_anew(office: Office, shelf: Shelf) -> None:
    first = asked(office.clerk)
    tick()
    assert asked(office.clerk, now=NOW + SECOND) == first
    assert asked(office.clerk, now=NOW + MINUTE) != first


def no_role(office: Office) -> None:
    office.clerk.roles = []


def disabled(office: Office) -> None:
    office.clerk.active = False


def made_administrator(office: Office) -> None:
    office.clerk.roles = [office.roles[Role.SYS_ADMIN]]


@pytest.mark.parametrize("happens", [no_role, disabled, made_administrator])
def test_who_lost_the_right_meanwhile_gets_no_file(
    office: Office, shelf: Shelf, happens: Any
) -> None:
    key = asked(office.clerk)
    happens(office)
    db.session.commit()
    tick()
    row = found(key)
    assert (row.status, row.error, row.stored_name) == (ExportStatus.FAILED, NO_RIGHT, "")
    assert not shelf.folder.is_dir() or not list(shelf.folder.iterdir())


def test_a_unit_that_changed_gets_the_rows_of_today(office: Office, shelf: Shelf) -> None:
    key = asked(office.land_head)
    office.land_head.unit = office.units["tax"]
    db.session.commit()
    tick()
    assert (found(key).status, found(key).error) == (ExportStatus.FAILED, NOTHING_LEFT)


def test_cancelled_before_and_in_the_middle(office: Office, shelf: Shelf) -> None:
    key = asked(office.clerk)
    with unit_of_work():
        cancel(key, by=office.clerk, now=NOW)
    tick()
    assert found(key).status is ExportStatus.CANCELLED
    key = asked(office.clerk)
    with unit_of_work():
        row = claim(now=NOW)
        assert row is not None
        lease = row.lease
    with unit_of_work():
        cancel(key, by=office.clerk, now=NOW)
    assert write_export(key, lease, shelf=shelf, now=NOW) is None
    assert found(key).status is ExportStatus.CANCELLED
    assert not shelf.folder.is_dir() or not list(shelf.folder.iterdir())
    with pytest.raises(Refusal) as refused, unit_of_work():
        cancel(key, by=office.clerk, now=NOW)
    assert refused.value.code is Code.ALREADY_DONE


def test_nobody_cancels_what_another_asked(office: Office) -> None:
    key = asked(office.clerk)
    with pytest.raises(Refusal) as refused, unit_of_work():
        cancel(key, by=office.leader, now=NOW)
    assert refused.value.code is Code.NOT_FOUND


def test_a_lease_that_ran_out_goes_to_another_writer(office: Office, shelf: Shelf) -> None:
    key = asked(office.clerk)
    with unit_of_work():
        row = claim(now=NOW)
        assert row is not None
        lost = row.lease
    with unit_of_work():
        assert claim(now=NOW + LEASE - SECOND) is None
    tick(NOW + LEASE + SECOND)
    assert (found(key).status, found(key).attempts) == (ExportStatus.DONE, 2)
    assert write_export(key, lost, shelf=shelf, now=NOW) is None  # the first one comes too late
    assert len(list(shelf.folder.iterdir())) == 1


def test_what_kills_its_writers_is_given_up(office: Office, shelf: Shelf) -> None:
    key = asked(office.clerk)
    for attempt in range(3):
        with unit_of_work():
            assert claim(now=NOW + 2 * attempt * LEASE) is not None
    tick(NOW + 7 * LEASE)
    assert found(key).status is ExportStatus.FAILED
    assert "中断" in found(key).error


def test_files_go_after_their_days_and_the_record_stays(office: Office, shelf: Shelf) -> None:
    key = asked(office.clerk)
    tick()
    name = found(key).stored_name
    tick(NOW + 6 * DAY)
    assert shelf.path(name).is_file()
    tick(NOW + 8 * DAY)
    assert list(shelf.folder.iterdir()) == []
    assert found(key).status is ExportStatus.EXPIRED
    assert [row.id for row in own_exports(office.clerk)] == [key]


def test_a_full_disk_is_told_to_the_asker(office: Office, shelf: Shelf) -> None:
    key = asked(office.clerk)
    shelf.folder.parent.mkdir(exist_ok=True, parents=True)
    shelf.folder.write_text("in the way of the folder")
    tick()
    assert found(key).status is ExportStatus.FAILED
    assert "请重新导出" in found(key).error
    job = db.session.get_one(JobState, write_exports.NAME, populate_existing=True)
    assert job.last_error == ""  # it is the export that failed, not the job


def test_keys_in_short() -> None:
    assert ranges([]) == ""
    assert ranges([7, 3, 1, 2, 9, 10]) == "1-3,7,9-10"


# One file on disk; that the lease works on both is tried above.
@pytest.mark.sqlite_only
def test_killed_in_the_middle_another_process_begins_anew(
    app: Flask, office: Office, tmp_path: Path, shelf: Shelf
) -> None:
    crowd(office, KILLED)
    db.session.commit()
    now = dt.datetime.now(dt.UTC)
    key = asked(office.clerk, rows=KILLED, now=now)
    victim = subprocess.Popen(
        [sys.executable, "-c", WRITER, app.config["SQLALCHEMY_DATABASE_URI"], str(tmp_path)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 120
        while found(key).rows_done < 1000 and time.monotonic() < deadline:
            db.session.rollback()
            time.sleep(0.05)
        os.kill(victim.pid, signal.SIGKILL)
    finally:
        victim.kill()
        victim.wait()
        victim.communicate()
    row = found(key)
    assert (row.status, row.stored_name) == (ExportStatus.RUNNING, "")
    assert 1000 <= row.rows_done < KILLED
    left = list(shelf.folder.iterdir())
    assert len(left) == 1  # its half-made book, which the sweep takes away a day later
    later = now + 10 * MINUTE
    tick(later)
    assert (found(key).status, found(key).attempts) == (ExportStatus.DONE, 2)
    assert found(key).rows_done == KILLED + 3
    for path in left:
        os.utime(path, (0, 0))
    tick(later + MINUTE)
    assert [path.name for path in shelf.folder.iterdir()] == [found(key).stored_name]


WRITER = """
import datetime as dt, sys
from pathlib import Path
from app.jobs import scheduler, write_exports
from tests.databases import make_app

with make_app(sys.argv[1], Path(sys.argv[2])).app_context():
    scheduler.tick(dt.datetime.now(dt.timezone(dt.timedelta(hours=8))), [write_exports.JOB])
"""
