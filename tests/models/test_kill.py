"""kill -9 in the middle of a unit of work: nothing of it is there, and nobody is locked out."""

import datetime as dt
import signal
import subprocess
import sys

from flask import Flask
from sqlalchemy import select

from app.clock import OFFICE_ZONE
from app.extensions import db
from app.models.job_state import JobState
from app.unit_of_work import unit_of_work
from config import ROOT

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=OFFICE_ZONE)
HALF_A_MOVE = """
import datetime as dt, sys, time
from pathlib import Path
from tests.databases import make_app
from app.extensions import db
from app.models.job_state import JobState
from app.unit_of_work import unit_of_work

with make_app(sys.argv[1], Path(sys.argv[2])).app_context(), unit_of_work():
    for name in ("one", "two"):
        db.session.add(JobState(name=name, next_run_at=dt.datetime.now(dt.UTC)))
        db.session.flush()
    print("half-way", flush=True)
    time.sleep(60)
"""


def test_unit_of_work_killed_half_way_leaves_nothing(
    app: Flask, session: object, tmp_path: object
) -> None:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    victim = subprocess.Popen(
        [sys.executable, "-c", HALF_A_MOVE, url, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert victim.stdout
    assert victim.stdout.readline() == "half-way\n"
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    victim.stdout.close()
    assert db.session.scalars(select(JobState.name)).all() == []
    with unit_of_work():
        db.session.add(JobState(name="next", next_run_at=NOON))
    assert db.session.scalars(select(JobState.name)).all() == ["next"]
