"""The embedded server on a socket: what is too large, too slow or from a false address."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from waitress import wasyncore

from app.web import server as served
from app.web.server import make_server
from tests.databases import make_app

Ask = Callable[..., bytes]


@contextmanager
def serving(folder: Path, **values: Any) -> Iterator[tuple[str, int]]:
    """Serve an office without a database (no page asked for here needs one)."""
    app = make_app(f"sqlite:///{folder / 'none.db'}", folder, settings=values, TESTING=False)
    app.add_url_rule("/echo", view_func=lambda: {"host": _host()}, methods=["GET", "POST"])
    server = make_server(app, app.config["SETTINGS"])
    stop = threading.Event()

    def loop() -> None:
        while not stop.is_set():
            wasyncore.loop(timeout=0.05, map=server._map, count=1, use_poll=True)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield ("127.0.0.1", server.effective_port)
    finally:
        stop.set()
        thread.join()
        server.task_dispatcher.shutdown()
        server.close()
        wasyncore.close_all(server._map)


def _host() -> str:
    from flask import request, session

    session["seen"] = "1"
    return request.host


def ask(address: tuple[str, int], *parts: bytes, pause: float = 0) -> bytes:
    """Send the parts one after the other and return all that is answered until the end."""
    got = b""
    with socket.create_connection(address, timeout=20) as line:
        with suppress(ConnectionError):
            for number, part in enumerate(parts):
                time.sleep(pause if number else 0)
                line.sendall(part)
        with suppress(ConnectionError):
            while piece := line.recv(65536):
                got += piece
    return got


def head(method: str, path: str, *lines: str) -> bytes:
    return "\r\n".join(
        (f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *lines, "", "")
    ).encode()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Serve one office to all tests that need no setting of their own."""
    folder = tmp_path_factory.mktemp("served")
    with serving(folder, max_upload_mb=1, port=0, hosts="localhost") as address:
        yield address


def test_server_does_not_say_what_it_is(office: tuple[str, int]) -> None:
    answer = ask(office, head("GET", "/echo"))
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"\r\nServer:" not in answer
    for nonsense in (b"NONSENSE\r\n\r\n", head("GET", "/" + "x" * 40_000)):
        assert b"waitress" not in ask(office, nonsense).lower()


def test_body_above_the_limit_gets_the_chinese_page(office: tuple[str, int]) -> None:
    form = "Content-Type: application/x-www-form-urlencoded"
    size = 2 * 1024 * 1024 + 1
    answer = ask(office, head("POST", "/login/", form, f"Content-Length: {size}"), b"x" * size)
    assert answer.startswith(b"HTTP/1.1 413")
    assert "文件过大".encode() in answer or "过大".encode() in answer


def test_body_far_above_the_limit_is_not_even_read(office: tuple[str, int]) -> None:
    length = f"Content-Length: {5 * 1024 * 1024}"
    assert ask(office, head("POST", "/login/", length)).startswith(b"HTTP/1.1 413")


def test_head_above_the_limit_is_refused(office: tuple[str, int]) -> None:
    assert b" 431 " in ask(office, head("GET", "/" + "x" * 33_000))[:20]


@pytest.mark.parametrize(
    ("request_", "code", "words"),
    [
        (b"NONSENSE\r\n\r\n", 400, "不能识别"),
        (head("POST", "/login/", "Content-Length: x"), 400, "不能识别"),
        (head("POST", "/login/", f"Content-Length: {5 * 1024 * 1024}"), 413, "内容过大"),
        (head("GET", "/" + "x" * 33_000), 431, "过长"),
        (head("POST", "/login/", "Transfer-Encoding: gzip"), 501, "不支持"),
    ],
)
def test_what_reaches_no_page_is_answered_in_chinese(
    office: tuple[str, int], request_: bytes, code: int, words: str
) -> None:
    top, _, body = ask(office, request_).partition(b"\r\n\r\n")
    assert f" {code} " in top.decode()[:14]
    assert b"no-store" in top
    assert words in body.decode()
    assert not re.search("[A-Za-z]{3}", body.decode().replace("Cookie", ""))


def test_head_that_never_ends_is_cut_off(
    office: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "HEAD_SECONDS", 0.2)
    drops = [b"GET /echo HTTP/1.1\r\n"] + [b"X-Slow: 1\r\n"] * 6
    began = time.monotonic()
    assert ask(office, *drops, pause=0.1) == b""
    assert time.monotonic() - began < 10


def test_body_that_dawdles_is_cut_off(
    office: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "BODY_SECONDS", 0.2)
    start = head("POST", "/login/", "Content-Length: 1000")
    assert ask(office, start, *[b"x"] * 6, pause=0.1) == b""


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "DELETE", "PATCH", "CONNECT", "FOO"])
def test_method_that_no_page_has_is_refused(office: tuple[str, int], method: str) -> None:
    answer = ask(office, head(method, "/login/"))
    assert answer.startswith(b"HTTP/1.1 405"), answer[:60]


def test_foreign_host_is_refused_where_no_name_was_set(tmp_path: Path) -> None:
    with serving(tmp_path, port=0) as address:
        answer = ask(address, head("GET", "/cases/list/").replace(b"localhost", b"evil.example"))
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"evil.example" not in answer


def test_foreign_host_is_refused_in_chinese(office: tuple[str, int]) -> None:
    answer = ask(office, head("GET", "/echo").replace(b"localhost", b"evil.example"))
    assert answer.startswith(b"HTTP/1.1 400")
    assert "编号".encode() in answer
    assert b"evil.example" not in answer
    two = head("GET", "/echo", "X-Forwarded-Host: evil.example")
    assert b'"host":"localhost"' in ask(office, two)


@pytest.mark.parametrize(("proxies", "is_believed"), [(0, False), (1, True)])
def test_proxy_is_believed_only_when_there_is_one(
    tmp_path: Path, proxies: int, is_believed: bool
) -> None:
    forwarded = head("GET", "/echo", "X-Forwarded-Proto: https", "X-Forwarded-Host: window.example")
    names = "localhost,window.example"
    with serving(tmp_path, port=0, proxies=proxies, hosts=names) as address:
        answer = ask(address, forwarded)
    assert (b"; Secure" in answer) is is_believed
    assert (b'"host":"window.example"' in answer) is is_believed
