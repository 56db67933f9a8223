"""The error pages: Chinese, with the number under which the log has the cause."""

import logging
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import scoped_session

from app.database import begin_writing, is_out_of_reach
from app.extensions import db
from app.logs import FORMAT, Formatter
from tests.client import OfficeClient
from tests.databases import Backend, make_app


@pytest.fixture
def broken(tmp_path: Path) -> Flask:
    """Return an office with a page that fails, errors answered as in real service."""
    app = make_app(f"sqlite:///{tmp_path / 'none.db'}", tmp_path, TESTING=False)

    @app.get("/broken")
    def broken_page() -> str:
        raise ZeroDivisionError("secret detail")

    return app


def test_unknown_address_shows_a_chinese_page(client: Callable[[], OfficeClient]) -> None:
    page = client().page("/no-such-page", status=404)
    assert page.findtext(".//h1") == "没有找到"
    assert re.search(r"编号 [0-9A-F]{8}", page.text_content())


def test_unexpected_error_shows_its_number_and_logs_the_cause(
    broken: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(Formatter(FORMAT))
    response = OfficeClient(broken, broken.response_class).get("/broken")
    number = re.search(r"编号 ([0-9A-F]{8})", response.text)
    assert response.status_code == 500
    assert number
    assert "secret detail" not in response.text
    assert "secret detail" in caplog.text
    assert f"[{number[1]}]" in caplog.text


def test_locked_database_asks_to_send_once_more(broken: Flask, tmp_path: Path) -> None:
    @broken.post("/locked")
    def locked() -> str:
        begin_writing(db.session)
        return ""

    with broken.app_context():
        event.listen(db.engine, "connect", lambda made, _: made.execute("PRAGMA busy_timeout=9"))
    other = sqlite3.connect(tmp_path / "none.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    browser = OfficeClient(broken, broken.response_class)
    data = {"csrf_token": browser.token()}
    answer = browser.post("/locked", data=data)
    assert answer.status_code == 503
    assert "已经办成的不会重复" in answer.text
    other.close()
    assert browser.post("/locked", data=data).status_code == 200


@pytest.fixture
def lost(app: Flask, backend: Backend) -> Iterator[Flask]:
    """Return an office over the same database, errors answered as in real service."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    made = make_app(url, backend.folder / "lost", TESTING=False)
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.mark.postgresql_only
def test_lost_connection_asks_to_send_once_more(lost: Flask) -> None:
    @lost.get("/api/lost")
    @lost.get("/lost")
    def page() -> str:
        db.session.execute(db.text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return ""

    browser = OfficeClient(lost, lost.response_class)
    answer = browser.get("/lost")
    assert answer.status_code == 503
    assert "数据库没有应答" in answer.text
    told = browser.get("/api/lost")
    assert (told.status_code, told.json["code"]) == (503, "unavailable")
    assert re.fullmatch("[0-9A-F]{8}", told.json["reference"])
    assert browser.get("/login/").status_code == 200


@pytest.mark.postgresql_only
def test_connection_lost_after_the_answer_costs_nobody_the_answer(
    lost: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    @lost.get("/done")
    def done() -> str:
        pid = db.session.scalar(db.text("SELECT pg_backend_pid()"))
        with db.engine.connect() as other:
            other.execute(db.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        return "done"

    browser = OfficeClient(lost, lost.response_class)
    assert browser.get("/done").text == "done"
    assert "AdminShutdown" in caplog.text
    assert browser.get("/login/").status_code == 200


@pytest.mark.postgresql_only
def test_stopped_database_is_told_so(app: Flask) -> None:
    away = sa.create_engine("postgresql+psycopg://127.0.0.1:1/none")

    with pytest.raises(sa.exc.OperationalError) as caught:
        away.connect()
    assert is_out_of_reach(caught.value)


def test_broken_statement_is_no_lost_connection(session: scoped_session[Any]) -> None:
    with pytest.raises(sa.exc.DBAPIError) as caught:
        session.execute(db.text("SELECT nothing FROM nowhere"))
    assert not is_out_of_reach(caught.value)


def test_untrusted_host_is_refused_without_an_answer_from_it(tmp_path: Path) -> None:
    app = make_app(
        f"sqlite:///{tmp_path / 'none.db'}", tmp_path, TESTING=False, TRUSTED_HOSTS=["localhost"]
    )
    browser = OfficeClient(app, app.response_class)
    response = browser.get("/login/", base_url="http://evil.example")
    assert response.status_code == 400
    assert "evil.example" not in response.text
    assert browser.get("/login/", base_url="http://localhost").status_code == 200


def test_missing_token_is_refused(client: Callable[[], OfficeClient]) -> None:
    response = client().post("/login/", data={"username": "a", "password": "b"})
    assert response.status_code == 400
    assert "请刷新" in response.text or "刷新后再试" in response.text


@pytest.mark.parametrize(
    "typed", ["\r\n2026", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029",
              "\x1b[2J", "\x9b1m", "\x00", "\x08", "\u202e", "\u2066", "\u200b", "\t", "\x7f"],
)  # fmt: skip
def test_log_line_cannot_be_forged(typed: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, f"甲{typed}INFO forged", (), None)
    line = Formatter(FORMAT).format(record)
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    assert "甲\\" in line


def test_traceback_cannot_look_like_a_message() -> None:
    forged = "2026-01-01 00:00:00 INFO forged\u2028\x1b[2J"
    try:
        raise ValueError(f"甲\n{forged}")
    except ValueError:
        record = logging.LogRecord("x", logging.INFO, "", 0, "failed", (), sys.exc_info())
    first, *rest = Formatter(FORMAT).format(record).split("\n")
    assert rest
    assert all(line.startswith("    ") and line.isprintable() for line in rest)


def test_log_in_is_no_news_but_a_foreign_target_is(
    client: Callable[[], OfficeClient], caplog: pytest.LogCaptureFixture
) -> None:
    client().log_in("nobody", "wrong")
    assert "redirect" not in caplog.text
    browser = client()
    form = {"username": "nobody", "password": "wrong", "csrf_token": browser.token()}
    browser.post("/login/?next=https://evil.example/", data=form)
    assert "Invalid redirect" in caplog.text
