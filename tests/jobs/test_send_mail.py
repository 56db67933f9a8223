"""发件 against a real mail server: nothing lost, nothing double but where a reply was lost."""

import asyncio
import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.actions.office import set_rule
from app.actions.outbox import queue_message
from app.channels import letter
from app.channels.mail import Mail
from app.domain.notice_kinds import NoticeKind, OutgoingStatus
from app.domain.states import State
from app.extensions import db
from app.jobs import send_mail
from app.jobs.job import JobResult
from app.unit_of_work import unit_of_work
from config import Security
from tests.factories import DISPATCHED, Office, at, make_office
from tests.mailing import HOUR, MINUTE, give_addresses, messages
from tests.smtp import LOOPBACK, Post, free_port, mail_server, raw_server, silent

NOW = at("2026-10-12 10:00")
PEOPLE = ("clerk", "leader", "land_head", "tax_head", "build_head")


@pytest.fixture
def office(session: Any) -> Office:
    """Return a committed office whose people have mailboxes."""
    office = make_office()
    give_addresses(office, *PEOPLE)
    db.session.commit()
    return office


@pytest.fixture
def to_port(app: Flask) -> Iterator[Callable[[int], None]]:
    """Return a function that lets the office use the mail server at a port."""
    settings = app.config["SETTINGS"]

    def use(port: int) -> None:
        app.config["SETTINGS"] = replace(
            settings, smtp_host=LOOPBACK, smtp_port=port, smtp_security=Security.NONE,
            mail_from="notice@banjie.example",
        )  # fmt: skip

    yield use
    app.config["SETTINGS"] = settings


def queue(office: Office, *keys: str, now: dt.datetime = NOW) -> None:
    with unit_of_work():
        for key in keys:
            queue_message(
                recipient=office.people[key], kind=NoticeKind.DIGEST, key=f"test:{key}:{now}",
                subject=f"待办 {key}", body="正文", now=now,
            )  # fmt: skip


def run(now: dt.datetime) -> JobResult:
    result = send_mail.run(now)
    db.session.expire_all()
    return result


def states() -> Counter[OutgoingStatus]:
    return Counter(row.status for row in messages())


@contextmanager
def attempts_of(seconds: float, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let attempts end soon; the default is a constant of the adapters' constructors."""
    with monkeypatch.context() as patch:
        patch.setattr(Mail.__init__, "__defaults__", (seconds,))
        yield


def test_move_is_told_by_mail(office: Office, to_port: Any) -> None:
    with unit_of_work():
        case = office.case_in(State.TO_SIGN)
        number, key = case.ledger_no, case.id
    post = Post()
    with mail_server(post) as port:
        to_port(port)
        result = run(DISPATCHED)
    assert (result.failed, result.is_partial, "发出1封" in result.note) == (0, False, True)
    (arrived,) = post.letters
    assert (arrived["X-To"], number in arrived["Subject"]) == ("land_head@banjie.example", True)
    assert f"http://127.0.0.1:8080/case/{key}" in arrived.get_content()


def test_one_of_two_recipients_refused(office: Office, to_port: Any) -> None:
    queue(office, "clerk", "leader")
    post = Post(rcpt_replies={"clerk@banjie.example": "550 5.1.1 no such user"})
    with mail_server(post) as port:
        to_port(port)
        result = run(NOW)
        run(NOW + HOUR)
    assert [x["X-To"] for x in post.letters] == ["leader@banjie.example"]
    assert (result.done, result.failed) == (1, 1)
    assert "550 5.1.1 no such user" in result.note
    refused, sent = messages()
    assert (refused.status, refused.reply) == (OutgoingStatus.FAILED, "550 5.1.1 no such user")
    assert (sent.status, sent.attempts) == (OutgoingStatus.SENT, 1)


def test_two_hours_without_a_server_lose_and_double_nothing(office: Office, to_port: Any) -> None:
    to_port(free_port())
    now = NOW
    while now < NOW + 2 * HOUR:
        queue(office, "clerk", "leader", now=now)
        assert run(now).done == 0
        now += 10 * MINUTE
    post = Post()
    with mail_server(post) as port:
        to_port(port)
        for _turn in range(4):
            run(now)
            now += 15 * MINUTE
    assert states() == {OutgoingStatus.SENT: 24}
    assert Counter(post.ids) == {row.message_id: 1 for row in messages()}


def test_lost_reply_doubles_under_the_same_name_only(office: Office, to_port: Any) -> None:
    queue(office, *PEOPLE)
    post = Post(is_reply_lost=True)
    with mail_server(post) as port:
        to_port(port)
        run(NOW)
        assert states() == {OutgoingStatus.QUEUED: 5}
        post.is_reply_lost = False
        run(NOW + MINUTE)
    assert states() == {OutgoingStatus.SENT: 5}
    assert Counter(post.ids) == {row.message_id: 2 for row in messages()}


def test_server_that_says_later_is_asked_later(office: Office, to_port: Any) -> None:
    queue(office, "clerk")
    post = Post(data_reply="452 4.3.1 disk full")
    with mail_server(post) as port:
        to_port(port)
        for minutes in (0, 0.5, 1, 2, 3):
            run(NOW + minutes * MINUTE)
        (row,) = messages()
        assert (row.attempts, row.reply) == (3, "452 4.3.1 disk full")
        post.data_reply = ""
        run(NOW + 8 * MINUTE)
    assert len(post.letters) == 1


def test_server_that_is_down_is_not_hammered(office: Office, to_port: Any) -> None:
    for n in range(8):
        queue(office, *PEOPLE, now=NOW - n * MINUTE)
    to_port(free_port())
    result = run(NOW)
    assert (result.done, result.is_partial) == (0, False)
    assert sum(row.attempts for row in messages()) <= 2 * send_mail.WORKERS


def test_hanging_attempt_ends_and_holds_up_no_other(
    office: Office, to_port: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(office, *PEOPLE)
    post = Post()
    held: list[float] = []

    async def slow(
        _self: Post, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Hang for one recipient, for longer than an attempt may take."""
        if address.startswith("clerk"):
            await asyncio.sleep(30)
        held.append(time.monotonic())
        envelope.rcpt_tos.append(address)
        return "250 OK"

    monkeypatch.setattr(Post, "handle_RCPT", slow)
    started = time.monotonic()
    with attempts_of(2.0, monkeypatch), mail_server(post) as port:
        to_port(port)
        run(NOW)
        took = time.monotonic() - started
    assert max(held) - started < 1.5
    assert 2.0 <= took < 5.0
    assert states() == {OutgoingStatus.SENT: 4, OutgoingStatus.QUEUED: 1}
    assert len(post.letters) == 4


def test_server_that_never_speaks_ends_the_run(
    office: Office, to_port: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(office, *PEOPLE)
    with attempts_of(1.0, monkeypatch), raw_server(silent) as port:
        to_port(port)
        started = time.monotonic()
        result = run(NOW)
    assert time.monotonic() - started < 4
    assert (result.done, states()) == (0, {OutgoingStatus.QUEUED: 5})
    assert letter.ATTEMPT_SECONDS <= 60


def test_run_ends_in_time_and_says_that_there_is_more(
    office: Office, to_port: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(office, *PEOPLE)
    monkeypatch.setattr(send_mail, "CLAIM_SECONDS", -1.0)
    post = Post()
    with mail_server(post) as port:
        to_port(port)
        assert run(NOW).is_partial
        monkeypatch.undo()
        assert not run(NOW).is_partial
    assert len(post.letters) == 5


def test_two_runners_at_once_send_each_letter_once(
    app: Flask, office: Office, to_port: Any
) -> None:
    for n in range(6):
        queue(office, *PEOPLE, now=NOW - n * MINUTE)

    def runner(_n: int) -> int:
        with app.app_context():
            return send_mail.run(NOW).done

    post = Post()
    with mail_server(post) as port, ThreadPoolExecutor(3) as pool:
        to_port(port)
        done = sum(pool.map(runner, range(3)))
    assert (done, len(post.letters), len(set(post.ids))) == (30, 30, 30)


def test_without_a_server_mails_are_files(office: Office, app: Flask) -> None:
    folder = app.config["SETTINGS"].mail_folder
    before = set(folder.glob("*.eml"))
    queue(office, "clerk")
    assert run(NOW).done == 1
    assert len(set(folder.glob("*.eml")) - before) == 1
    assert messages()[0].reply.endswith(".eml")


def test_webhook_that_is_not_set_up_leaves_mail_alone(office: Office, to_port: Any) -> None:
    queue(office, "clerk")
    with unit_of_work():
        set_rule(name="webhook_notices", text="1", by=office.sys_admin, now=NOW)
        queue_message(
            recipient=office.leader, kind=NoticeKind.DIGEST, key="hook", subject="x", body="x",
            now=NOW, channel="webhook",
        )  # fmt: skip
    post = Post()
    with mail_server(post) as port:
        to_port(port)
        result = run(NOW)
    assert (len(post.letters), result.failed) == (1, 1)
    assert "BANJIE_WEBHOOK_URL" in messages(office.leader)[0].reply


def test_idle_run_costs_a_fixed_number_of_statements(office: Office, count_statements: Any) -> None:
    with count_statements() as few:
        run(NOW)
    with unit_of_work():
        for _n in range(10):
            office.case_in(State.HANDLING)
    with count_statements() as many:
        run(at("2026-10-12 08:00"))
    assert len(few) == len(many) <= 8
