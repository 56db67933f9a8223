"""The demo office, loaded once per database; these tests only look at it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import scoped_session

from app.demo import load
from app.extensions import db
from app.models import Case
from config import Mode
from tests.databases import Backend, make_backend


@pytest.fixture(scope="session")
def demo_backends() -> Iterator[dict[str, Backend]]:
    """Hold the demo offices this process has loaded."""
    loaded: dict[str, Backend] = {}
    yield loaded
    for backend in loaded.values():
        with backend.app.app_context():
            db.engine.dispose()
        backend.close()


@pytest.fixture
def demo_app(
    backend_name: str,
    demo_backends: dict[str, Backend],
    tmp_path_factory: pytest.TempPathFactory,
) -> Flask:
    """Return the application over the loaded demo office."""
    if backend_name not in demo_backends:
        backend = make_backend(backend_name, tmp_path_factory.mktemp(f"demo_{backend_name}"))
        as_demo(backend.app)
        with backend.app.app_context():
            load()
        demo_backends[backend_name] = backend
    return demo_backends[backend_name].app


def as_demo(app: Flask) -> None:
    """Let an application of the tests take itself for the demo office."""
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], env=Mode.DEMO)


@pytest.fixture
def office(demo_app: Flask) -> Iterator[scoped_session[Any]]:
    """Return a session over the loaded demo office."""
    with demo_app.app_context():
        yield db.session
        db.session.remove()


@pytest.fixture
def case_of(office: scoped_session[Any]) -> Any:
    """Return a function from a ledger number to its case."""

    def find(ledger_no: str) -> Case:
        return office.scalars(select(Case).where(Case.ledger_no == ledger_no)).one()

    return find
