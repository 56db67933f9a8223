"""The generated pages of docs/ say what the program's tables say."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.cli.docs import PAGES
from app.extensions import db
from config import ROOT
from tests.databases import make_app


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Return the application as registered; its database is never opened."""
    folder = tmp_path_factory.mktemp("docs")
    app = make_app(f"sqlite:///{folder}/none.db", folder)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_generated_page_equals_its_table(registered: Flask, name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    with registered.app_context():
        assert written == PAGES[name](), "run: flask --app run docs write"
