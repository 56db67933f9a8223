"""发件箱: each message is held by one, marked by its holder, tried again and sent anew."""

import datetime as dt
from typing import Any

import pytest

from app.actions import outbox
from app.domain.notice_kinds import NoticeKind, NoticeStatus, OutgoingStatus
from app.domain.refusals import Code
from app.domain.states import State
from app.models import Outgoing
from tests.actions.watch import refused
from tests.factories import DISPATCHED, SIGNED, Office, at
from tests.mailing import HOUR, MINUTE, composed, give_addresses, mails_of, messages

NOW = at("2026-10-12 10:00")
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _mailboxes(office: Office) -> None:
    give_addresses(office, "clerk", "leader", "land_head")


def queued(office: Office, key: str = "digest:1", *, now: dt.datetime = NOW) -> Outgoing:
    row = outbox.queue_message(
        recipient=office.clerk, kind=NoticeKind.DIGEST, key=key, subject="待办\n2件",
        body="两件", now=now,
    )  # fmt: skip
    assert row is not None
    return row


def claimed(now: dt.datetime, limit: int = 10, **values: Any) -> list[Outgoing]:
    return outbox.claim(now=now, limit=limit, **values)


def failed(row: Outgoing, now: dt.datetime, reply: str = "451 later") -> bool:
    return outbox.mark_failed(outgoing_id=row.id, lease=row.lease, reply=reply, now=now)


def refuse(row: Outgoing, now: dt.datetime, reply: str = "550 no such user") -> None:
    assert outbox.claim(now=now, limit=1) == [row]
    assert outbox.mark_refused(outgoing_id=row.id, lease=row.lease, reply=reply, now=now)


def test_key_is_queued_once_and_the_subject_is_one_line(office: Office) -> None:
    row = queued(office)
    assert row.subject == "待办 2件"
    again = outbox.queue_message(
        recipient=office.clerk, kind=NoticeKind.DIGEST, key="digest:1", subject="x", body="x",
        now=NOW,
    )  # fmt: skip
    assert again is None
    nobody = outbox.queue_message(
        recipient=office.officer, kind=NoticeKind.DIGEST, key="digest:2", subject="x", body="x",
        now=NOW,
    )  # fmt: skip
    assert nobody is None


def test_message_is_held_by_one_until_its_lease_ends(office: Office) -> None:
    row = queued(office)
    assert claimed(NOW) == [row]
    first = row.lease
    assert claimed(NOW + MINUTE) == []
    assert claimed(NOW + outbox.LEASE) == [row]
    assert (row.lease != first, row.attempts) == (True, 2)
    late = {"outgoing_id": row.id, "lease": first, "reply": "250 ok", "now": NOW + HOUR}
    assert not outbox.mark_sent(**late)
    assert not outbox.mark_failed(**late)
    assert row.status is OutgoingStatus.QUEUED


def test_holder_marks_it_sent_and_nobody_takes_it_again(office: Office) -> None:
    row = queued(office)
    claimed(NOW)
    assert outbox.mark_sent(outgoing_id=row.id, lease=row.lease, reply="250 ok", now=NOW)
    assert (row.status, row.sent_at, row.reply) == (OutgoingStatus.SENT, NOW, "250 ok")
    assert claimed(NOW + DAY) == []


def test_limit_and_channels_bound_what_is_taken(office: Office) -> None:
    rows = [queued(office, f"digest:{n}") for n in range(5)]
    assert claimed(NOW, channels=["webhook"]) == []
    assert claimed(NOW, limit=2) == rows[:2]
    assert claimed(NOW) == rows[2:]


def test_waits_grow_to_a_quarter_of_an_hour(office: Office) -> None:
    row, now, waits = queued(office), NOW, []
    for _attempt in range(7):
        assert claimed(now) == [row]
        assert failed(row, now)
        waits.append((row.next_try_at - now) // MINUTE)
        assert claimed(row.next_try_at - dt.timedelta(seconds=1)) == []
        now = row.next_try_at
    assert waits == [1, 2, 5, 10, 15, 15, 15]
    assert (row.attempts, row.reply) == (7, "451 later")


def test_after_three_days_it_is_kept_as_failed(office: Office) -> None:
    row, now = queued(office), NOW
    while row.status is OutgoingStatus.QUEUED:
        assert claimed(now) == [row]
        failed(row, now)
        now = row.next_try_at + HOUR
    assert NOW + 3 * DAY <= row.tried_at < NOW + 3 * DAY + 2 * HOUR
    assert "451 later" in row.reply
    assert claimed(now + DAY) == []


@pytest.mark.parametrize("back", [HOUR, DAY])
def test_clock_put_back_holds_nothing_up(office: Office, back: dt.timedelta) -> None:
    held, retried = queued(office, "a"), queued(office, "b")
    claimed(NOW)
    failed(retried, NOW)
    assert {row.key for row in claimed(NOW - back)} == {held.key, retried.key}


def test_clocks_of_two_hosts_may_differ_a_little(office: Office) -> None:
    queued(office)
    claimed(NOW + MINUTE)
    assert claimed(NOW) == []


def test_refusal_is_kept_with_its_words(office: Office) -> None:
    row = queued(office)
    refuse(row, NOW)
    assert (row.status, row.reply) == (OutgoingStatus.FAILED, "550 no such user")
    assert outbox.refused_of([office.clerk.id, office.leader.id]) == {office.clerk.id: row}


def test_refusal_is_forgotten_when_a_later_message_got_through(office: Office) -> None:
    refuse(queued(office, "a"), NOW)
    later = queued(office, "b", now=NOW + HOUR)
    claimed(NOW + HOUR)
    outbox.mark_sent(outgoing_id=later.id, lease=later.lease, reply="250", now=NOW + HOUR)
    assert outbox.refused_of([office.clerk.id]) == {}
    last = queued(office, "c", now=NOW + 2 * HOUR)
    refuse(last, NOW + 2 * HOUR)
    assert outbox.refused_of([office.clerk.id]) == {office.clerk.id: last}


def test_resend_goes_to_the_new_address_under_the_same_name(office: Office) -> None:
    row = queued(office)
    refuse(row, NOW)
    name = row.message_id
    office.clerk.email = "clerk2@banjie.example"
    later = NOW + 5 * DAY
    outbox.resend(row.id, by=office.sys_admin, now=later)
    assert (row.address, row.attempts, row.message_id) == ("clerk2@banjie.example", 0, name)
    assert claimed(later) == [row]
    failed(row, later)
    assert (row.status, row.next_try_at) == (OutgoingStatus.QUEUED, later + MINUTE)


def test_resend_is_for_the_administrator_and_for_what_failed(office: Office) -> None:
    row = queued(office)
    with refused(Code.NOTHING_TO_RESEND):
        outbox.resend(row.id, by=office.sys_admin, now=NOW)
    refuse(row, NOW)
    for person in (office.clerk, office.sec_admin, office.leader):
        with refused(Code.ROLE_MISSING):
            outbox.resend(row.id, by=person, now=NOW)
    office.clerk.email = "clerk@local.invalid"
    with refused(Code.FIELDS_MISSING, fields=["email"]):
        outbox.resend(row.id, by=office.sys_admin, now=NOW)


def test_what_is_over_by_the_retry_is_not_sent(office: Office) -> None:
    case = office.case_in(State.TO_SIGN)
    composed(DISPATCHED)
    (message,) = messages(office.land_head)
    assert claimed(DISPATCHED) == [message]
    failed(message, DISPATCHED)
    office.sign(case)
    assert claimed(SIGNED) == []
    assert message.status is OutgoingStatus.SUPPRESSED
    assert "不再发送" in message.reply
    (notice,) = mails_of(NoticeKind.TO_SIGN, office.land_head)
    assert notice.status is NoticeStatus.SUPPRESSED


def test_digest_of_who_has_left_is_not_sent_and_blocks_nobody(office: Office) -> None:
    gone = queued(office)
    stays = outbox.queue_message(
        recipient=office.leader, kind=NoticeKind.DIGEST, key="b", subject="x", body="x", now=NOW
    )
    office.clerk.active = False
    assert claimed(NOW, limit=1) == [stays]
    assert gone.status is OutgoingStatus.SUPPRESSED
