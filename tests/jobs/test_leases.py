"""A job that works outside the claiming transaction: taken by one, given back, or lost in time."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from app.actions.jobs import ask_for_run
from app.domain.refusals import Code, Refusal
from app.extensions import db
from app.jobs import scheduler
from app.jobs.job import Job, JobResult
from app.unit_of_work import unit_of_work
from tests.factories import make_office
from tests.jobs.made import EVERY_MINUTE, HOUR, MINUTE, NOON, SECOND, leased, state_of


class Killed(BaseException):
    """Ends a run as a kill does: nothing after it is done."""


def worked(_now: dt.datetime) -> JobResult:
    return JobResult(done=1, note="做了一件")


def take(now: dt.datetime) -> None:
    """Leave the row as a process does that was killed in the middle of its run."""
    scheduler.tick(now, [leased(worked)])
    with unit_of_work():
        state = state_of("leased")
        state.next_run_at, state.leased_until = now, now + 5 * MINUTE


def test_lease_is_held_while_it_works_and_given_back(session: object) -> None:
    seen = []

    def run(now: dt.datetime) -> JobResult:
        seen.append(state_of("leased").leased_until)
        assert scheduler.tick(now, [leased(worked)]) == {}  # another runner passes by
        return worked(now)

    assert scheduler.tick(NOON, [leased(run)])["leased"].done == 1
    assert seen == [NOON + 5 * MINUTE]
    state = state_of("leased")
    assert (state.leased_until, state.last_note) == (None, "做了一件")
    assert state.next_run_at == NOON + MINUTE


def test_job_that_raises_gives_its_lease_back_and_is_tried_again(session: object) -> None:
    def run(_now: dt.datetime) -> JobResult:
        raise OSError("no space left")

    assert scheduler.tick(NOON, [leased(run)]) == {}
    state = state_of("leased")
    assert (state.leased_until, state.last_error) == (None, "OSError: no space left")
    assert scheduler.tick(NOON + scheduler.RETRY_AFTER, [leased(worked)])["leased"].done == 1


def test_killed_in_its_run_the_lease_runs_out_and_another_takes_over(session: object) -> None:
    take(NOON)
    until = NOON + 5 * MINUTE
    assert scheduler.tick(until - SECOND, [leased(worked)]) == {}
    assert scheduler.tick(until, [leased(worked)])["leased"].done == 1
    assert state_of("leased").leased_until is None


def test_lease_written_by_a_clock_since_put_back_is_none(session: object) -> None:
    take(NOON)
    assert scheduler.tick(NOON - HOUR, [leased(worked)])["leased"].done == 1


def test_slow_runner_does_not_undo_the_lease_of_who_took_over(session: object) -> None:
    late = NOON + 6 * MINUTE

    def slow(_now: dt.datetime) -> JobResult:
        with unit_of_work():  # while it works, the lease runs out and another takes the job
            state_of("leased").leased_until = late + 5 * MINUTE
        return JobResult(done=7, note="太迟")

    scheduler.tick(NOON, [leased(slow)])
    state = state_of("leased")
    assert (state.leased_until, state.last_note) == (late + 5 * MINUTE, "")


def test_slow_runner_that_fails_does_not_undo_it_either(session: object) -> None:
    late = NOON + 6 * MINUTE

    def slow(_now: dt.datetime) -> JobResult:
        with unit_of_work():
            state_of("leased").leased_until = late + 5 * MINUTE
        raise OSError("too late")

    scheduler.tick(NOON, [leased(slow)])
    state = state_of("leased")
    assert (state.leased_until, state.last_error) == (late + 5 * MINUTE, "")


def test_interrupted_by_hand_it_gives_its_lease_back(session: object) -> None:
    def run(_now: dt.datetime) -> JobResult:
        raise Killed

    with pytest.raises(Killed):
        scheduler.tick(NOON, [leased(run)])
    assert state_of("leased").leased_until is None


def test_eight_runners_at_once_one_takes_it(app: Flask, session: object) -> None:
    runs: list[dt.datetime] = []
    gate, done = threading.Barrier(8), threading.Barrier(8)

    def run(now: dt.datetime) -> JobResult:
        runs.append(now)
        return JobResult(done=1)

    def runner() -> int:
        gate.wait()
        with app.app_context():
            ran = len(scheduler.tick(NOON, [leased(run)]))
        done.wait()
        return ran

    with ThreadPoolExecutor(8) as pool:
        tries = [pool.submit(runner) for _ in range(8)]
    assert sum(each.result() for each in tries) == len(runs) == 1


def test_asking_for_a_run_while_it_runs_is_refused(session: object) -> None:
    office = make_office()
    db.session.commit()
    take(NOON)
    with pytest.raises(Refusal) as refused, unit_of_work():
        ask_for_run(name="leased", by=office.sys_admin, now=NOON + MINUTE)
    assert refused.value.code is Code.JOB_BUSY
    with unit_of_work():
        ask_for_run(name="leased", by=office.sys_admin, now=NOON + 5 * MINUTE)
    state = state_of("leased")
    assert (state.asked_at, state.asked_by_id) == (NOON + 5 * MINUTE, office.sys_admin.id)


@pytest.mark.postgresql_only
def test_asking_while_its_row_is_locked_is_refused_at_once(app: Flask, session: object) -> None:
    office = make_office()
    db.session.commit()
    scheduler.tick(NOON, [Job("claimed", worked, EVERY_MINUTE)])
    with db.engine.connect() as other:
        other.execute(text("SELECT 1 FROM job_state WHERE name = 'claimed' FOR UPDATE"))
        with pytest.raises(Refusal) as refused, unit_of_work():
            ask_for_run(name="claimed", by=office.sys_admin, now=NOON)
        other.rollback()
    assert refused.value.code is Code.JOB_BUSY


@pytest.mark.postgresql_only
def test_frozen_holder_is_sent_away_and_the_job_runs_elsewhere(app: Flask, session: object) -> None:
    timeout = db.session.execute(text("SHOW idle_in_transaction_session_timeout")).scalar()
    assert timeout == "1min"
    job = Job("claimed", worked, EVERY_MINUTE)
    scheduler.tick(NOON, [job])
    with db.engine.connect() as frozen:
        frozen.execute(text("SET LOCAL idle_in_transaction_session_timeout = '200ms'"))
        frozen.execute(text("SELECT 1 FROM job_state WHERE name = 'claimed' FOR UPDATE"))
        assert scheduler.tick(NOON + MINUTE, [job]) == {}
        threading.Event().wait(0.6)
        assert scheduler.tick(NOON + MINUTE, [job])["claimed"].done == 1
        frozen.invalidate()


@pytest.mark.postgresql_only
def test_job_whose_session_was_cut_is_recorded_as_failed(app: Flask, session: object) -> None:
    def run(_now: dt.datetime) -> JobResult:
        db.session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '100ms'"))
        threading.Event().wait(0.4)
        db.session.execute(text("SELECT 1"))
        return JobResult(done=1)

    assert scheduler.tick(NOON, [Job("claimed", run, EVERY_MINUTE)]) == {}
    assert "IdleInTransactionSessionTimeout" in state_of("claimed").last_error
    assert scheduler.tick(NOON + MINUTE, [Job("claimed", worked, EVERY_MINUTE)])
