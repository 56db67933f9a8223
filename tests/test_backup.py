"""The backup command: whole while somebody writes, private, never over another file."""

import datetime as dt
import sqlite3
import stat
from pathlib import Path

import pytest
from flask import Flask

from app.clock import OFFICE_ZONE
from app.extensions import db
from app.models.job_state import JobState
from app.unit_of_work import unit_of_work

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=OFFICE_ZONE)


@pytest.mark.sqlite_only
def test_backup_holds_what_was_committed_and_nothing_else(app: Flask, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    with app.app_context():
        with unit_of_work():
            db.session.add(JobState(name="saved", next_run_at=NOON))
        db.session.add(JobState(name="half-way", next_run_at=NOON))
        db.session.flush()
        result = app.test_cli_runner().invoke(args=["backup", str(target)])
        db.session.rollback()
    assert result.exit_code == 0, result.output
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    copy = sqlite3.connect(target)
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert copy.execute("SELECT name FROM job_state").fetchall() == [("saved",)]
    copy.close()


@pytest.mark.sqlite_only
def test_backup_overwrites_nothing(app: Flask, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("precious")
    result = app.test_cli_runner().invoke(args=["backup", str(target)])
    assert result.exit_code == 1
    assert "已存在" in result.output
    assert target.read_text() == "precious"


@pytest.mark.postgresql_only
def test_backup_of_postgresql_names_the_right_tool(app: Flask, tmp_path: Path) -> None:
    result = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "copy.db")])
    assert result.exit_code == 1
    assert "pg_dump" in result.output
