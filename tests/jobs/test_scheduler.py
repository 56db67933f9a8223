"""The scheduler: every due job runs once, however many runners tick and whatever fails."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from app.clock import OFFICE_ZONE
from app.domain.schedules import Schedule
from app.extensions import db
from app.jobs import scheduler
from app.jobs.job import Job, JobResult, Lane
from app.models.job_state import JobState

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=OFFICE_ZONE)
MINUTE = dt.timedelta(minutes=1)


def recording(runs: list[dt.datetime]) -> Job:
    """Return a job that also leaves its mark in the database, in the runner's transaction."""

    def run(now: dt.datetime) -> JobResult:
        runs.append(now)
        name = f"mark-{now:%H%M%S}-{len(runs)}"
        db.session.add(JobState(name=name, next_run_at=now + dt.timedelta(days=999)))
        return JobResult(done=1)

    return Job("record", run, Schedule(seconds=60))


def failing(_now: dt.datetime) -> JobResult:
    db.session.add(JobState(name="half-done", next_run_at=NOON + dt.timedelta(days=999)))
    db.session.flush()
    raise ValueError("one bad row")


def test_tick_new_job_runs_at_once_and_then_in_its_rhythm(session: object) -> None:
    runs: list[dt.datetime] = []
    job = recording(runs)
    for seconds in (0, 15, 45, 60, 61):
        scheduler.tick(NOON + dt.timedelta(seconds=seconds), [job])
    assert runs == [NOON, NOON + MINUTE]


def test_tick_after_a_long_stop_runs_once(session: object) -> None:
    runs: list[dt.datetime] = []
    job = recording(runs)
    scheduler.tick(NOON, [job])
    scheduler.tick(NOON + dt.timedelta(days=3), [job])
    scheduler.tick(NOON + dt.timedelta(days=3, seconds=15), [job])
    assert runs == [NOON, NOON + dt.timedelta(days=3)]


def test_tick_failing_job_keeps_nothing_and_stops_no_other(session: object) -> None:
    runs: list[dt.datetime] = []
    results = scheduler.tick(NOON, [Job("bad", failing, Schedule(seconds=60)), recording(runs)])
    assert list(results) == ["record"]
    assert db.session.get(JobState, "half-done") is None
    bad = db.session.get_one(JobState, "bad")
    assert bad.last_error == "ValueError: one bad row"
    assert bad.last_ok_at is None
    assert bad.next_run_at == NOON + scheduler.RETRY_AFTER


def test_tick_eight_runners_at_once_run_it_once(app: Flask, session: object) -> None:
    runs: list[dt.datetime] = []
    job = recording(runs)
    start = threading.Barrier(8)

    def runner(slot: int) -> int:
        start.wait()
        with app.app_context():
            return len(scheduler.tick(NOON + slot * MINUTE, [job]))

    for slot in range(5):
        with ThreadPoolExecutor(8) as pool:
            tries = [pool.submit(runner, slot) for _ in range(8)]
        assert sum(done.result() for done in tries) == 1
    assert runs == [NOON + slot * MINUTE for slot in range(5)]


def test_start_ticks_in_a_thread_a_lane_and_beats_in_its_own(app: Flask, session: object) -> None:
    ticking = scheduler.start(app, seconds=3600)
    try:
        names = {job.id: job.trigger.interval_length for job in ticking.get_jobs()}
        assert names == dict.fromkeys((*Lane, "heartbeat"), 3600)
    finally:
        ticking.shutdown()
