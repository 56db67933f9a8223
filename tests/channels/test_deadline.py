"""Whatever a server does, an attempt ends; what was cut off does not arrive later."""

import socket
import threading
from collections.abc import Callable

import pytest

from app.channels.letter import Outcome
from app.channels.webhook import Hook, Webhook
from tests.channels.letters import SOON, letter, mail_to, timed
from tests.smtp import (
    LOOPBACK,
    Authority,
    Post,
    dribbling,
    hanging_after,
    mail_server,
    raw_server,
    silent,
)

TO_DATA = ("220 here", "250 hello", "250 ok", "250 ok", "354 go on")
MARGIN = 1.0


@pytest.mark.parametrize("replies", [TO_DATA[:n] for n in range(len(TO_DATA) + 1)], ids=len)
@pytest.mark.parametrize(
    "bad", [hanging_after, lambda *said: dribbling(said)], ids=["hang", "drip"]
)
def test_attempt_ends_in_every_phase(
    bad: Callable[..., Callable[[socket.socket], None]], replies: tuple[str, ...]
) -> None:
    with raw_server(bad(*replies)) as port:
        answer, seconds = timed(mail_to(port), letter())
    assert answer.outcome is Outcome.FAILED
    assert seconds < SOON + MARGIN
    assert "断开" in answer.reply
    assert answer.is_down == (len(replies) < 2)


@pytest.mark.parametrize("bad", [silent, dribbling()], ids=["hang", "drip"])
@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_attempt_ends_in_the_handshake(security: str, bad: Callable[[socket.socket], None]) -> None:
    def after_starttls(connection: socket.socket) -> None:
        for reply in ("220 here", "250-hello\r\n250 STARTTLS", "220 go ahead"):
            connection.sendall(f"{reply}\r\n".encode())
            connection.recv(4096)
        bad(connection)

    with raw_server(bad if security == "ssl" else after_starttls) as port:
        mail = mail_to(port, security=security, context=Authority().trusting())
        answer, seconds = timed(mail, letter())
    assert (answer.outcome, answer.is_down) == (Outcome.FAILED, True)
    assert seconds < SOON + MARGIN


def test_what_was_cut_off_never_arrives_later() -> None:
    """A server that wakes up after the deadline finds the connection broken, not the letter."""
    awake, got = threading.Event(), bytearray()
    done = threading.Event()

    def serve(connection: socket.socket) -> None:
        for reply in TO_DATA[:-1]:
            connection.sendall(f"{reply}\r\n".encode())
            connection.recv(4096)
        awake.wait(10)
        try:
            connection.sendall(b"354 go on\r\n")
            while part := connection.recv(65536):
                got.extend(part)
        except OSError:
            pass
        finally:
            done.set()

    with raw_server(serve) as port:
        answer, _seconds = timed(mail_to(port), letter(body="正文" * 100_000))
        awake.set()
        assert done.wait(10)
    assert answer.outcome is Outcome.FAILED
    assert bytes(got) == b""


def test_good_bye_is_not_waited_for() -> None:
    said = (*TO_DATA, "250 OK queued")

    def serve(connection: socket.socket) -> None:
        for reply in said[:-1]:
            connection.sendall(f"{reply}\r\n".encode())
            connection.recv(4096)
        connection.sendall(b"250 OK queued\r\n")
        silent(connection)

    with raw_server(serve) as port:
        answer, seconds = timed(mail_to(port, seconds=20.0), letter())
    assert (answer.outcome, answer.reply) == (Outcome.ACCEPTED, "250 OK queued")
    assert seconds < 5


def test_hanging_attempt_holds_up_no_other() -> None:
    post = Post()
    with raw_server(silent) as deaf, mail_server(post) as port:
        slow = threading.Thread(target=mail_to(deaf, seconds=5.0).deliver, args=[letter()])
        slow.start()
        _answer, seconds = timed(mail_to(port), letter())
        assert slow.is_alive()
        slow.join()
    assert seconds < 1
    assert len(post.letters) == 1


@pytest.mark.parametrize("bad", [silent, dribbling()], ids=["hang", "drip"])
def test_webhook_ends_too(bad: Callable[[socket.socket], None]) -> None:
    with raw_server(bad) as port:
        hook = Webhook(Hook(f"http://{LOOPBACK}:{port}/", "k" * 32), SOON)
        answer, seconds = timed(hook, letter())
    assert (answer.outcome, answer.is_down) == (Outcome.FAILED, True)
    assert seconds < SOON + MARGIN
