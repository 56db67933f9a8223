"""An application with the interface open, over the database of the test; people with tokens."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.actions.api_tokens import issue_token
from app.clock import now
from app.domain.api_tokens import ApiScope
from app.extensions import db
from app.models import Account
from app.unit_of_work import unit_of_work
from tests.api.caller import Caller
from tests.databases import Backend, make_open_app
from tests.factories import SUBMITTED, Office, make_office


@pytest.fixture(scope="session")
def open_apps() -> dict[str, Flask]:
    """Hold the applications made so far, one a database."""
    return {}


@pytest.fixture
def api_app(
    backend: Backend, backend_name: str, open_apps: dict[str, Flask], tmp_path_factory: Any
) -> Iterator[Flask]:
    """Return the application with the interface open."""
    if backend_name not in open_apps:
        url = backend.app.config["SQLALCHEMY_DATABASE_URI"]
        folder = Path(tmp_path_factory.mktemp(f"open-{backend_name}"))
        open_apps[backend_name] = make_open_app(url, folder)
    backend.has_changed = True  # what this application commits goes by another connection
    yield open_apps[backend_name]
    with open_apps[backend_name].app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def office(session: Any, freeze: Callable[..., None]) -> Office:
    """Return the office, committed, on an ordinary Monday."""
    freeze(SUBMITTED)
    made = make_office()
    db.session.commit()
    return made


@pytest.fixture
def caller(api_app: Flask) -> Callable[..., Caller]:
    """Return a maker of other systems: caller() has no token, caller(user) that person's."""

    def make(user: Account | None = None, *scopes: ApiScope, days: int = 30) -> Caller:
        if user is None:
            return Caller(api_app, "")
        token, account_id = secrets.token_urlsafe(16), user.id
        with unit_of_work():
            issue_token(
                db.session.get(Account, account_id), token=token, name="台账系统",
                scopes=scopes or tuple(ApiScope), days=days, now=now(),
            )  # fmt: skip
        return Caller(api_app, token)

    return make
