"""What every test may ask for: an application per database, a session, clients, a fixed time."""

import datetime as dt
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import time_machine
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import scoped_session

from app.audit_log.deeds import EXTENSION
from app.domain.damping import Damper
from app.extensions import db
from config import ROOT
from tests.client import OfficeClient
from tests.databases import BACKENDS, Backend, make_backend

CATALOGUE = ROOT / "translations" / "zh" / "LC_MESSAGES" / "messages.po"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --backend; both databases unless one is named."""
    parser.addoption("--backend", choices=(*BACKENDS, "both"), default="both")


# The longest modules: begun last, one of two workers would be left alone with them.
BEGUN_FIRST = (
    "tests/walk/",
    "tests/test_cli_jobs.py",
    "tests/jobs/test_month.py",
    "tests/jobs/test_write_exports.py",
    "tests/reports/test_indicators.py",
    "tests/views/test_case_list.py",
    "tests/views/test_list_statements.py",
    "tests/views/test_search.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the slowest modules begin first."""
    items.sort(key=lambda item: not item.nodeid.startswith(BEGUN_FIRST))


def pytest_configure() -> None:
    """Compile the catalogue when its text is newer, as `make setup` does."""
    compiled = CATALOGUE.with_suffix(".mo")
    if compiled.exists() and compiled.stat().st_mtime >= CATALOGUE.stat().st_mtime:
        return
    # Written aside and renamed: several test processes start at once.
    aside = compiled.with_suffix(f".{os.getpid()}")
    with CATALOGUE.open("rb") as source, aside.open("wb") as target:
        write_mo(target, read_po(source, locale="zh"))
    aside.replace(compiled)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever touches a database once on each."""
    if "backend_name" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--backend")
        names = BACKENDS if wanted == "both" else (wanted,)
        for name in BACKENDS:
            if metafunc.definition.get_closest_marker(f"{name}_only"):
                names = tuple({name} & set(names))
        metafunc.parametrize("backend_name", names, scope="session")


@pytest.fixture(scope="session")
def backends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Backend]]:
    """Hold what this process started."""
    started: dict[str, Backend] = {}
    yield started
    for backend in started.values():
        with backend.app.app_context():
            db.engine.dispose()
        backend.close()


@pytest.fixture
def backend(
    backend_name: str, backends: dict[str, Backend], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Backend]:
    """Return a migrated database with roles and nothing else."""
    if backend_name not in backends:
        folder = tmp_path_factory.mktemp(backend_name)
        backends[backend_name] = make_backend(backend_name, folder)
    yield backends[backend_name]
    backends[backend_name].restore()


@pytest.fixture
def app(backend: Backend) -> Flask:
    """Return the application over that database; it holds no refusals back of another test."""
    backend.app.extensions[EXTENSION].damper = Damper()
    return backend.app


@pytest.fixture
def session(app: Flask) -> Iterator[scoped_session[Any]]:
    """Return the session, inside an application context; clients do not see that context."""
    with app.app_context():
        yield db.session
        db.session.remove()


@pytest.fixture
def client(app: Flask) -> Callable[..., OfficeClient]:
    """Return a maker of browsers: client() is nobody, client(user) is that user."""

    def make(user: Any = None) -> OfficeClient:
        browser = OfficeClient(app, app.response_class)
        if user is not None:
            browser.sign_in(user)
        return browser

    return make


@pytest.fixture
def freeze() -> Iterator[Callable[[dt.datetime], None]]:
    """Return a function that stops the clock at an instant, and may be called again."""
    running: list[time_machine.travel] = []

    def stop_at(instant: dt.datetime) -> None:
        if instant.tzinfo is None:
            raise ValueError("naive datetime")
        while running:
            running.pop().stop()
        running.append(time_machine.travel(instant, tick=False))
        running[-1].start()

    yield stop_at
    while running:
        running.pop().stop()


@pytest.fixture
def count_statements(app: Flask) -> Callable[[], Any]:
    """Return a context manager that yields the list of SQL statements sent inside it."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            statements.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counting


@pytest.fixture
def root() -> Path:
    """Return the top folder of the project."""
    return ROOT
