"""The clock is wrong for a while, or was wrong until now: each stage is told once, none is lost."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from app.actions.outbox import claim, mark_failed, queue_message
from app.domain.notice_kinds import NoticeKind
from app.extensions import db
from app.jobs import scan_deadlines, scheduler
from app.models import Case, Notice
from app.unit_of_work import unit_of_work
from tests.factories import Office, at, make_office
from tests.mailing import give_addresses

HOUR, MINUTE, DAY = dt.timedelta(hours=1), dt.timedelta(minutes=1), dt.timedelta(days=1)
STEP = 30 * MINUTE
ISSUED = at("2026-10-12 09:30")
FROM, UNTIL = at("2026-10-12 09:30"), at("2026-10-14 18:00")
# By hand: nobody signs a 1-day slip of Monday 09:30.
STAGES = {
    NoticeKind.UNSIGNED: at("2026-10-12 10:30"),
    NoticeKind.YELLOW: at("2026-10-13 14:00"),
    NoticeKind.RED: at("2026-10-13 17:00:01"),
    NoticeKind.MEASURE_DRAFTED: at("2026-10-14 17:00:01"),
}
JUMPS = (2 * HOUR, -HOUR, -DAY, DAY)


@pytest.fixture
def office(session: Any) -> Office:
    """Return a committed office."""
    office = make_office()
    give_addresses(office, "clerk")
    db.session.commit()
    return office


@pytest.fixture
def case(office: Office) -> Case:
    """Return a slip that nobody signs for."""
    with unit_of_work():
        return office.dispatch(office.submit(office.draft(now=ISSUED), now=ISSUED), now=ISSUED)


def told(office: Office) -> dict[NoticeKind, dt.datetime]:
    """Return when each stage was told; nobody was told one twice."""
    rows = db.session.execute(
        select(Notice.kind, Notice.recipient_id, Notice.created_at).where(
            Notice.channel == "site", Notice.kind.in_(STAGES)
        )
    ).all()
    assert set(Counter((kind, person) for kind, person, _at in rows).values()) <= {1}
    return {kind: created for kind, _person, created in rows}


# What stays wrong is tried on both databases below.
@pytest.mark.sqlite_only
@pytest.mark.parametrize("jump", JUMPS)
@pytest.mark.parametrize("hour", ["2026-10-12 10:00", "2026-10-13 13:30", "2026-10-13 16:30"])
def test_wrong_for_an_hour(office: Office, case: Case, jump: dt.timedelta, hour: str) -> None:
    wrong, now = at(hour), FROM
    while now <= UNTIL:
        shown = now + jump if wrong <= now < wrong + HOUR else now
        scheduler.tick(shown, [scan_deadlines.JOB])
        now += STEP
    found = told(office)
    assert set(found) == set(STAGES)
    if jump == DAY:
        return  # what a clock a day ahead told, it told a day ahead
    for kind, stage in STAGES.items():
        # Never before the clock showed it, and no later than the wrong hour and a tick.
        assert stage <= found[kind] <= stage + HOUR + STEP + max(jump, dt.timedelta(0))


@pytest.mark.parametrize("jump", JUMPS)
def test_wrong_until_now(office: Office, case: Case, jump: dt.timedelta) -> None:
    """The clock was wrong when the case was looked at last, and is put right at noon on Tuesday."""
    noon = at("2026-10-13 12:00")
    scheduler.tick(noon + jump, [scan_deadlines.JOB])
    now = noon
    while now <= UNTIL:
        scheduler.tick(now, [scan_deadlines.JOB])
        now += STEP
    assert set(told(office)) == set(STAGES)


@pytest.mark.parametrize("jump", JUMPS)
def test_message_written_by_a_wrong_clock_leaves(office: Office, jump: dt.timedelta) -> None:
    now = at("2026-10-13 10:00")
    with unit_of_work():
        for day in ("a", "a", "b"):  # a digest's key is its day: a second run adds nothing
            queue_message(
                recipient=office.clerk, kind=NoticeKind.DIGEST, key=f"digest:{day}", subject="待办",
                body="正文", now=now + jump,
            )  # fmt: skip
    taken = take(now, 60)
    assert len(taken) == len(set(taken)) == 2


@pytest.mark.parametrize("jump", JUMPS)
def test_message_tried_by_a_wrong_clock_is_tried_again(office: Office, jump: dt.timedelta) -> None:
    now = at("2026-10-13 10:00")
    with unit_of_work():
        queue_message(
            recipient=office.clerk, kind=NoticeKind.DIGEST, key="digest:c", subject="待办",
            body="正文", now=now,
        )  # fmt: skip
    with unit_of_work():
        (row,) = claim(now=now + jump, limit=1) or claim(now=now, limit=1)
        mark_failed(outgoing_id=row.id, lease=row.lease, reply="450", now=now + jump)
    assert len(take(now, 60)) == 1


def take(now: dt.datetime, minutes: int) -> list[int]:
    """Claim minute by minute for an hour, and return what came, marked as sent."""
    found = []
    for minute in range(minutes):
        with unit_of_work():
            rows = claim(now=now + minute * MINUTE, limit=10)
            found += [row.id for row in rows]
            for row in rows:
                db.session.delete(row)
    return found
