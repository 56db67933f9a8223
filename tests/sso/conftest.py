"""An office whose people come by single sign-on: an application of its own over the same tables."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry
from tests.client import OfficeClient
from tests.databases import Backend, make_app
from tests.factories import Office, make_office


@pytest.fixture
def hall(session: Any) -> Office:
    """Return a committed office."""
    office = make_office()
    db.session.commit()
    return office


Door = Callable[..., OfficeClient]
# One application for each way it was set up: making one takes longer than a log-in.
APPS: dict[str, Flask] = {}


@pytest.fixture
def door(backend: Backend) -> Iterator[Door]:
    """Return a maker of browsers before an application with these settings."""
    yield lambda **settings: _browser(backend, settings)
    for app in APPS.values():
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    backend.has_changed = True


def _browser(backend: Backend, settings: dict[str, Any]) -> OfficeClient:
    url = backend.app.config["SQLALCHEMY_DATABASE_URI"]
    key = f"{url} {sorted(settings.items())}"
    if key not in APPS:
        APPS[key] = make_app(url, backend.folder, settings)
    return OfficeClient(APPS[key], APPS[key].response_class)


def audited(*actions: str) -> list[tuple[str, str, str]]:
    """Return action, object and facts of the audit log's entries of these kinds."""
    query = select(AuditEntry).where(AuditEntry.action.in_(actions)).order_by(AuditEntry.id)
    return [(row.action.value, row.object_name, row.after) for row in db.session.scalars(query)]
