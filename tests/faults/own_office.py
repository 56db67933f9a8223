"""An application over a database that no other test shares."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from app.extensions import db
from app.role_sync import sync_roles
from tests.databases import make_app


@contextmanager
def own_office(url: str, folder: Path) -> Iterator[Flask]:
    """Yield an application over an empty database, migrated, in its context."""
    app = make_app(url, folder)
    with app.app_context():
        upgrade()
        sync_roles()
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()
