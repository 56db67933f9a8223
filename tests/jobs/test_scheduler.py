"""The scheduler: every due job runs once, however many runners tick and whatever fails."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from app.domain.schedules import Schedule
from app.extensions import db
from app.jobs import scheduler
from app.jobs.job import Job, JobResult, Lane
from app.models.job_state import JobState
from tests.jobs.made import EVERY_MINUTE, MINUTE, NOON, recording, state_of


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


def test_an_error_stays_readable_after_recovery(session: object) -> None:
    scheduler.tick(NOON, [Job("job", failing, EVERY_MINUTE)])
    scheduler.tick(NOON + MINUTE, [Job("job", lambda _now: JobResult(), EVERY_MINUTE)])
    state = state_of("job")
    assert state.last_error == "ValueError: one bad row"
    assert (state.last_error_at, state.last_ok_at) == (NOON, NOON + MINUTE)


def test_backlog_is_worked_off_in_turns_and_told_as_one_run(session: object) -> None:
    left = [3]

    def run(_now: dt.datetime) -> JobResult:
        left[0] -= 1
        return JobResult(done=10, failed=left[0] % 2, note="十件", is_partial=left[0] > 0)

    results = scheduler.tick(NOON, [Job("long", run, EVERY_MINUTE)])
    assert (results["long"].done, results["long"].failed) == (30, 1)
    state = state_of("long")
    assert (state.last_done, state.last_failed, state.next_run_at) == (30, 1, NOON + MINUTE)
    assert state.last_note == "分3批完成30件；最后一批：十件"


def test_stop_waits_for_one_turn_only_and_the_next_tick_goes_on(session: object) -> None:
    def run(_now: dt.datetime) -> JobResult:
        return JobResult(done=1, is_partial=True)

    job, later = Job("long", run, EVERY_MINUTE), Job("later", run, EVERY_MINUTE)
    asked = iter([False, True, True])
    results = scheduler.tick(NOON, [job, later], is_stopping=lambda: next(asked))
    assert {name: result.done for name, result in results.items()} == {"long": 1}
    assert state_of("long").next_run_at == NOON


def test_long_tick_reads_the_clock_for_each_job_and_turn(session: object) -> None:
    seen: list[dt.datetime] = []
    clock = iter(NOON + n * MINUTE for n in range(1, 9))

    def run(now: dt.datetime) -> JobResult:
        seen.append(now)
        return JobResult(is_partial=len(seen) == 1)

    jobs = [Job("a", run, EVERY_MINUTE), Job("b", run, EVERY_MINUTE)]
    scheduler.tick(NOON, jobs, clock=lambda: next(clock))
    assert seen == [NOON + n * MINUTE for n in (1, 2, 3)]


@pytest.mark.parametrize("stored", ["soon", "4", "25:00", "08:30"])
def test_words_no_longer_fit_for_a_schedule_count_for_nothing(session: object, stored: str) -> None:
    db.session.add(JobState(name="record", next_run_at=NOON, schedule=stored))
    db.session.commit()
    runs: list[dt.datetime] = []
    scheduler.tick(NOON, [recording(runs)])
    assert runs == [NOON]
    assert state_of("record").next_run_at == NOON + MINUTE


def test_asked_run_needs_not_be_due_and_raises_what_the_job_raises(session: object) -> None:
    runs: list[dt.datetime] = []
    job = recording(runs, Schedule(times=(dt.time(8, 30),)))
    result = scheduler.run_asked(job, NOON)
    assert result is not None
    assert (runs, result.done) == ([NOON], 1)
    state = state_of("record")
    assert (state.asked_at, state.asked_by) == (NOON, None)
    assert state.next_run_at == NOON.replace(day=3, hour=8, minute=30)
    with pytest.raises(ValueError, match="one bad row"):
        scheduler.run_asked(Job("record", failing, job.schedule), NOON + MINUTE)
    assert state_of("record").last_error_at == NOON + MINUTE


def test_start_ticks_in_a_thread_a_lane_and_beats_in_its_own(app: Flask, session: object) -> None:
    ticking = scheduler.start(app, seconds=3600)
    try:
        names = {job.id: job.trigger.interval_length for job in ticking.get_jobs()}
        assert names == dict.fromkeys((*Lane, "heartbeat"), 3600)
    finally:
        ticking.shutdown()
