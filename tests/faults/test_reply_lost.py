"""The reply is lost after the server did the work, and the person sends the form again."""

import random
import secrets
import socket
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from tests.faults.desk import Walkers, open_office, orders_for, serving
from tests.faults.journal import Journal
from tests.faults.ledger import compare
from tests.faults.outcome import Outcome, times
from tests.smtp import LOOPBACK, raw_server

LOST = times("replies", 20)
SHARE = 0.3
GUARD_OFF = 4
END = b"\r\n\r\n"
AT_MOST = 120  # seconds

Tell = Callable[[Outcome], Outcome]


def read_request(connection: socket.socket) -> bytes:
    """Return one whole request."""
    data = b""
    while END not in data:
        more = connection.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(END)
    length = next(
        (
            int(line[15:])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\nConnection: close" + END + body


def lossy(port: int, forms: bytes) -> Callable[[socket.socket], None]:
    """Return what passes requests on to `port`, and loses some replies to these forms."""

    def serve(connection: socket.socket) -> None:
        request, reply = read_request(connection), b""
        with socket.create_connection((LOOPBACK, port)) as server:
            server.sendall(request)
            while more := server.recv(65536):
                reply += more
        is_form = request.startswith(forms) and not request.startswith(b"POST /login")
        if not (is_form and random.random() < SHARE):
            connection.sendall(reply)

    return serve


def fresh_key(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Send the form as if it were another one."""
    return [(n, secrets.token_hex(16) if n == "form_key" else value) for n, value in fields]


def lose_replies(
    app: Flask, folder: Path, journal: Journal, *, count: int, is_guarded: bool
) -> Outcome:
    """Let four clients write over a line that loses replies, until so many are lost."""
    again = (lambda fields: fields) if is_guarded else fresh_key
    # A move sent again is refused by its version, too; an entry has none yet.
    forms = b"POST " if is_guarded else b"POST /intake"
    until = time.monotonic() + AT_MOST
    with (
        serving(orders_for(app, folder)) as server,
        raw_server(lossy(server.port, forms)) as port,
        Walkers(port, journal, again=again),
    ):
        while journal.answers["unanswered"] < count and time.monotonic() < until:
            time.sleep(0.05)
    lost = journal.answers["unanswered"]
    return compare("reply lost, form sent again", journal, times=lost, is_guarded=is_guarded)


def test_lost_replies_double_nothing(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    open_office()
    outcome = tell(lose_replies(app, tmp_path, journal, count=LOST, is_guarded=True))
    assert outcome.wrong == []
    assert outcome.times >= LOST


def test_without_the_key_they_do(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    open_office()
    outcome = tell(lose_replies(app, tmp_path, journal, count=GUARD_OFF, is_guarded=False))
    assert outcome.doubled != []
