"""A scheduler that stands still, a job that fails and mail that is stuck are seen."""

import datetime as dt
from typing import Any

import pytest

from app.domain.notice_kinds import NoticeKind, OutgoingStatus
from app.extensions import db
from app.models import JobState, Outgoing, Runner
from app.reports.job_health import Health, Heartbeat, judge
from tests.factories import at, make_office

NOON = at("2026-03-02 12:00")
SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
NAMES = ("scan-deadlines", "send-mail")


def judged(*, tick: int = 5, now: dt.datetime = NOON) -> Health:
    db.session.flush()
    return judge(names=NAMES, tick_seconds=tick, now=now)


def beat(seen_at: dt.datetime, name: str = "host:1") -> None:
    db.session.add(Runner(name=name, started_at=seen_at, seen_at=seen_at))


def job(name: str = NAMES[0], **values: Any) -> None:
    db.session.add(JobState(name=name, **({"next_run_at": NOON} | values)))


@pytest.mark.parametrize(
    ("age", "tick", "found"),
    [
        (2 * MINUTE, 5, Heartbeat.OK),
        (2 * MINUTE + SECOND, 5, Heartbeat.STALE),
        (3 * MINUTE, 60, Heartbeat.OK),
        (3 * MINUTE + SECOND, 60, Heartbeat.STALE),
        (30 * DAY, 5, Heartbeat.STALE),
        # Written before the clock was put back: it proves nothing.
        (-HOUR, 5, Heartbeat.STALE),
    ],
)
def test_heartbeat_by_its_age(session: object, age: dt.timedelta, tick: int, found: str) -> None:
    beat(NOON - age)
    assert judged(tick=tick).heartbeat == found


def test_no_heartbeat_ever_is_none(session: object) -> None:
    health = judged()
    assert (health.heartbeat, health.is_ok) == (Heartbeat.NONE, False)


def test_one_fresh_process_is_enough_and_those_of_other_days_are_not_shown(session: object) -> None:
    for age, name in ((DAY + HOUR, "old:1"), (HOUR, "dead:2"), (SECOND, "alive:3")):
        beat(NOON - age, name)
    health = judged()
    assert health.is_ok
    assert [(r.runner.name, r.is_fresh) for r in health.runners] == [
        ("alive:3", True), ("dead:2", False),
    ]  # fmt: skip


def test_late_is_what_was_due_for_five_minutes_and_nobody_runs(session: object) -> None:
    beat(NOON)
    job(next_run_at=NOON - 5 * MINUTE)
    job("send-mail", next_run_at=NOON - 5 * MINUTE - SECOND, leased_until=NOON + SECOND)
    job("given-up", next_run_at=NOON - DAY)  # of an earlier release
    assert judged().is_ok
    assert [j.name for j in judged(now=NOON + SECOND).late] == list(NAMES)
    assert not judged(now=NOON + SECOND).is_ok


@pytest.mark.parametrize(
    ("error_at", "run_at", "ok_at", "is_failed"),
    [
        (NOON - HOUR, NOON - HOUR, NOON - DAY, True),  # raised, and was not tried since
        (NOON - HOUR, NOON - HOUR, NOON - HOUR, True),  # left rows behind in its last run
        (NOON - MINUTE, NOON, NOON, True),  # just recovered, perhaps only in between
        (NOON - HOUR, NOON, NOON, False),
        (None, NOON, NOON, False),
        (NOON + HOUR, NOON, NOON, False),  # by a clock that was put back since
    ],
)
def test_failed_is_the_last_run_or_one_minutes_ago(
    session: object,
    error_at: dt.datetime | None,
    run_at: dt.datetime,
    ok_at: dt.datetime,
    is_failed: bool,
) -> None:
    job(last_error="坏了", last_error_at=error_at, last_run_at=run_at, last_ok_at=ok_at)
    assert bool(judged().failed) is is_failed


def test_other_jobs_are_well_as_soon_as_they_went_through(session: object) -> None:
    beat(NOON)
    job("backup", last_error="坏了", last_error_at=NOON - MINUTE, last_run_at=NOON, last_ok_at=NOON)
    db.session.flush()
    assert judge(names=["backup"], tick_seconds=5, now=NOON).is_ok


def test_refused_letters_are_no_failed_job(session: object) -> None:
    beat(NOON)
    job("send-mail", last_error="一封被拒收", last_error_at=NOON, last_run_at=NOON, last_ok_at=NOON)
    assert judged().is_ok
    db.session.get_one(JobState, "send-mail").last_ok_at = None
    assert not judged().is_ok


@pytest.mark.parametrize(
    ("status", "age", "due", "attempts", "stuck", "refused"),
    [
        (OutgoingStatus.QUEUED, 31 * MINUTE, 31 * MINUTE, 0, 1, 0),
        (OutgoingStatus.QUEUED, 30 * MINUTE, 30 * MINUTE, 0, 0, 0),
        (OutgoingStatus.QUEUED, 31 * MINUTE, -10 * MINUTE, 4, 1, 0),  # the server is down
        (OutgoingStatus.QUEUED, 3 * DAY, SECOND, 0, 0, 0),  # 重发 just now
        (OutgoingStatus.SENT, 3 * DAY, 3 * DAY, 1, 0, 0),
        (OutgoingStatus.FAILED, 23 * HOUR, 23 * HOUR, 9, 0, 1),
        (OutgoingStatus.FAILED, 25 * HOUR, 25 * HOUR, 9, 0, 0),
    ],
)
def test_mail_is_stuck_after_half_an_hour(
    session: object,
    status: OutgoingStatus,
    age: dt.timedelta,
    due: dt.timedelta,
    attempts: int,
    stuck: int,
    refused: int,
) -> None:
    beat(NOON)
    person = make_office().sys_admin
    db.session.add(
        Outgoing(
            key="k", channel="mail", kind=NoticeKind.DIGEST, recipient_id=person.id,
            address="a@example.cn", subject="s", body="b", message_id="<1@banjie>", status=status,
            created_at=NOON - age, next_try_at=NOON - due, attempts=attempts,
        )
    )  # fmt: skip
    health = judged()
    assert (health.mail.stuck, health.mail.refused) == (stuck, refused)
    assert health.is_ok is not bool(stuck)
