"""The throw-away office, freshly filled for every test, and who knocks at its door."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.extensions import db
from tests.client import OfficeClient
from tests.fab.office import Book, fill, make_office


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Return the application, made once per file."""
    app = make_office(tmp_path_factory.mktemp("fab"))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def office(built: Flask) -> Flask:
    """Return the application with its things put back."""
    with built.app_context():
        fill()
        db.session.remove()
    return built


@pytest.fixture
def browser(office: Flask) -> Callable[[str], OfficeClient]:
    """Return a maker of signed-in browsers."""

    def make(username: str = "anna") -> OfficeClient:
        client = OfficeClient(office, office.response_class)
        client.sign_in({"anna": 1, "bert": 2, "nemo": 3}[username])
        return client

    return make


@pytest.fixture
def stored(office: Flask) -> Callable[[int], Book]:
    """Return a reader of one book as it is stored."""

    def read(key: int) -> Book:
        with office.app_context():
            book = db.session.get(Book, key)
            db.session.expunge_all()
            db.session.remove()
        return book

    return read


@pytest.fixture
def statements(office: Flask) -> Callable[[], Any]:
    """Return a context manager that yields the SQL sent inside it."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        found: list[str] = []

        def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            found.append(statement)

        with office.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield found
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counting
