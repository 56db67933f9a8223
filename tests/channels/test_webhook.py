"""The webhook: what is posted, how it is signed, and what each answer means."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.channels.letter import Letter, Outcome
from app.channels.webhook import Hook, Webhook
from tests.channels.letters import TEXT, WRITTEN, letter, trusting_nobody
from tests.smtp import LOOPBACK, Authority, free_port, resetting_after
from tests.smtp import raw_server as raw

SECRET = "s" * 40
Posted = list[tuple[str, dict[str, str], bytes]]


@contextmanager
def receiver(status: int = 204, *, tls: Any = None, **headers: str) -> Iterator[tuple[int, Posted]]:
    """Run a receiver that answers with `status`; yields its port and what was posted."""
    posted: Posted = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            size = int(self.headers["Content-Length"])
            posted.append((self.path, dict(self.headers), self.rfile.read(size)))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if status != 204:
                self.wfile.write("不收".encode())

        def log_message(self, *_words: object) -> None:
            """Keep the test's output quiet."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port, posted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def hook(
    port: int, path: str = "/in?from=banjie", scheme: str = "http", tls: Any = None
) -> Webhook:
    return Webhook(Hook(f"{scheme}://{LOOPBACK}:{port}{path}", SECRET, tls), seconds=2.0)


def test_letter_is_posted_signed_and_names_the_user_only() -> None:
    with receiver() as (port, posted):
        answer = hook(port).deliver(letter())
    assert (answer.outcome, answer.reply) == (Outcome.ACCEPTED, "204")
    ((path, headers, body),) = posted
    assert path == "/in?from=banjie"
    assert json.loads(body) == {
        "message_id": "<0a1b@banjie>", "recipient": "land_head", "text": TEXT,
        "subject": "黄牌：2026-0101即将到期", "written_at": "2026-10-09T09:00:00+08:00",
    }  # fmt: skip
    stamp = headers["X-Banjie-Timestamp"]
    assert int(stamp) == WRITTEN.timestamp()
    signed = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["X-Banjie-Signature"] == f"sha256={signed}"
    assert headers["X-Banjie-Message-Id"] == "<0a1b@banjie>"


def test_file_goes_along() -> None:
    with receiver() as (port, posted):
        hook(port).deliver(letter(file_name="台账.xlsx", file_content=b"\x00\xff"))
    file = json.loads(posted[0][2])["file"]
    assert (file["name"], base64.b64decode(file["content_base64"])) == ("台账.xlsx", b"\x00\xff")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.ACCEPTED), (202, Outcome.ACCEPTED), (301, Outcome.FAILED),
        (400, Outcome.REFUSED), (404, Outcome.REFUSED), (408, Outcome.FAILED),
        (410, Outcome.REFUSED), (429, Outcome.FAILED), (500, Outcome.FAILED),
        (503, Outcome.FAILED),
    ],
)  # fmt: skip
def test_status_decides(status: int, outcome: Outcome) -> None:
    with receiver(status) as (port, _posted):
        answer = hook(port).deliver(letter())
    assert (answer.outcome, answer.reply) == (outcome, f"{status} 不收")


def test_redirect_is_not_followed() -> None:
    with (
        receiver() as (elsewhere, stolen),
        receiver(307, Location=f"http://{LOOPBACK}:{elsewhere}/") as (port, posted),
    ):
        answer = hook(port).deliver(letter())
    assert (answer.outcome, len(posted), stolen) == (Outcome.FAILED, 1, [])


def test_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://{LOOPBACK}:{free_port()}")
    with receiver() as (port, _posted):
        assert hook(port).deliver(letter()).outcome is Outcome.ACCEPTED


def test_certificate_is_verified() -> None:
    authority = Authority()
    for trust, outcome in (
        (authority.trusting(), Outcome.ACCEPTED),
        (trusting_nobody(), Outcome.FAILED),
    ):
        with receiver(tls=authority.context()) as (port, _posted):
            answer = hook(port, scheme="https", tls=trust).deliver(letter())
        assert answer.outcome is outcome


def test_receiver_that_is_down_or_resets_is_tried_again() -> None:
    one: Letter = letter()
    assert hook(free_port()).deliver(one).outcome is Outcome.FAILED
    with raw(resetting_after()) as port:
        assert hook(port).deliver(one).outcome is Outcome.FAILED
