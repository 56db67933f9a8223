"""The clock is put forward, back, or stands wrong for a day: nothing is lost, nothing doubled."""

import datetime as dt
import threading

import pytest
import time_machine
from flask import Flask

from app import clock
from app.actions.calendars import set_override
from app.domain.calendar_parts import DayKind
from app.domain.schedules import Days, Schedule
from app.extensions import db
from app.jobs import scheduler
from app.models import JobState
from app.unit_of_work import unit_of_work
from tests.factories import make_office
from tests.jobs.made import (
    DAY,
    HOUR,
    MINUTE,
    MORNING,
    NOON,
    SECOND,
    recording,
    state_of,
)

SLOT = NOON.replace(hour=8, minute=30)


@pytest.mark.parametrize("back", [HOUR, DAY, 400 * DAY])
def test_rhythm_goes_on_after_the_clock_was_put_back(session: object, back: dt.timedelta) -> None:
    runs: list[dt.datetime] = []
    job = recording(runs)
    for now in (NOON, NOON - back, NOON - back + 30 * SECOND, NOON - back + MINUTE):
        scheduler.tick(now, [job])
    assert runs == [NOON, NOON - back, NOON - back + MINUTE]


def test_rhythm_runs_once_after_the_clock_was_put_forward(session: object) -> None:
    runs: list[dt.datetime] = []
    job = recording(runs)
    for now in (NOON, NOON + 2 * HOUR, NOON + 2 * HOUR + 5 * SECOND):
        scheduler.tick(now, [job])
    assert runs == [NOON, NOON + 2 * HOUR]


def walk(job: object, *instants: dt.datetime) -> None:
    for now in instants:
        scheduler.tick(now, [job])


@pytest.mark.parametrize("back", [HOUR, DAY])
def test_time_of_day_that_was_run_is_not_run_again(session: object, back: dt.timedelta) -> None:
    runs: list[dt.datetime] = []
    job = recording(runs, MORNING)
    walk(job, SLOT - HOUR, SLOT, SLOT + SECOND)
    walk(job, SLOT + MINUTE - back, SLOT - SECOND, SLOT, SLOT + MINUTE)
    assert runs == [SLOT]
    walk(job, SLOT + DAY)
    assert runs == [SLOT, SLOT + DAY]


def test_clock_two_hours_fast_for_a_while_runs_each_morning_once(session: object) -> None:
    runs: list[dt.datetime] = []
    job = recording(runs, MORNING)
    walk(job, SLOT - 2 * HOUR, SLOT + 5 * MINUTE)  # two hours fast: the morning has come
    walk(job, SLOT - HOUR, SLOT, SLOT + HOUR)  # put right again
    assert runs == [SLOT + 5 * MINUTE]
    walk(job, SLOT + DAY)
    assert len(runs) == 2


def test_clock_that_ran_a_year_ahead_leaves_no_year_without_mornings(session: object) -> None:
    runs: list[dt.datetime] = []
    job = recording(runs, MORNING)
    walk(job, NOON + 400 * DAY, NOON + 401 * DAY)
    assert len(runs) == 1
    walk(job, NOON, SLOT + DAY)
    assert runs[1:] == [SLOT + DAY]


def test_host_a_little_behind_does_not_run_it_a_second_time(session: object) -> None:
    runs: list[dt.datetime] = []
    job = recording(runs, MORNING)
    walk(job, SLOT - HOUR, SLOT, SLOT - 3 * SECOND, SLOT + 2 * SECOND)
    assert runs == [SLOT]


def test_failed_morning_is_tried_again_and_not_put_off_to_tomorrow(session: object) -> None:
    runs: list[dt.datetime] = []
    job = recording(runs, MORNING)
    walk(job, SLOT - HOUR)
    with unit_of_work():
        state = state_of("record")
        state.last_run_at, state.next_run_at = SLOT, SLOT + scheduler.RETRY_AFTER
    walk(job, SLOT + SECOND, SLOT + MINUTE)
    assert runs == [SLOT + MINUTE]


def test_day_that_becomes_a_working_day_is_not_missed(session: object) -> None:
    office = make_office()
    db.session.commit()
    friday = dt.datetime(2026, 10, 16, 12, tzinfo=NOON.tzinfo)
    runs: list[dt.datetime] = []
    job = recording(runs, Schedule(times=(dt.time(8, 30),), days=Days.WORKDAYS))
    walk(job, friday)
    saturday = friday.replace(day=17, hour=8, minute=30)
    assert state_of("record").next_run_at == saturday + 2 * DAY
    with unit_of_work():
        set_override(
            site_id=office.site.id, day=saturday.date(), kind=DayKind.OPENED,
            notice_no="〔2026〕9号", by=office.sys_admin, now=friday,
        )  # fmt: skip
    walk(job, friday + MINUTE, saturday)
    assert runs == [saturday]


def test_scheduler_goes_on_ticking_when_the_clock_is_put_back(app: Flask, session: object) -> None:
    """APScheduler plans by the wall clock: left alone, it would sleep for the whole hour."""
    ticking = scheduler.start(app, seconds=1)
    try:
        with time_machine.travel(clock.now() - HOUR):
            put_back = clock.now()
            for _try in range(40):
                threading.Event().wait(0.2)
                ran = db.session.get(JobState, "scan-deadlines", populate_existing=True)
                last = ran.last_run_at if ran else None
                db.session.rollback()
                if last and put_back <= last < put_back + HOUR / 2:
                    break
            assert last
            assert put_back <= last < put_back + HOUR / 2
    finally:
        ticking.shutdown()
