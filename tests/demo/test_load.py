"""When the demo data may be loaded: an empty demo database, once, up to a time."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import scoped_session

from app.demo import HALF_LOADED, NOT_DEMO, NOT_EMPTY, DemoRefused, load, load_when_empty
from app.demo.data import moment
from app.demo.office import open_office
from app.models import Case, CaseEvent, Site
from tests.databases import Backend
from tests.demo.conftest import as_demo


@pytest.fixture
def demo(backend: Backend) -> Any:
    settings = backend.app.config["SETTINGS"]
    as_demo(backend.app)
    yield backend.app
    backend.app.config["SETTINGS"] = settings


def test_second_load_is_refused_and_changes_nothing(
    demo_app: Flask, office: scoped_session[Any]
) -> None:
    before = office.scalar(select(func.count(CaseEvent.id)))
    with pytest.raises(DemoRefused, match=NOT_EMPTY):
        load()
    result = demo_app.test_cli_runner().invoke(args=["demo", "load"])
    assert (result.exit_code, NOT_EMPTY in result.output) == (1, True)
    load_when_empty()
    office.rollback()
    assert office.scalar(select(func.count(CaseEvent.id))) == before


def test_real_office_is_refused(app: Flask, session: scoped_session[Any]) -> None:
    result = app.test_cli_runner().invoke(args=["demo", "load"])
    assert (result.exit_code, NOT_DEMO in result.output) == (1, True)
    assert session.scalar(select(func.count(Site.id))) == 0


def test_interrupted_load_is_not_taken_for_the_office(demo: Flask, tmp_path: Path) -> None:
    with demo.app_context():
        open_office(tmp_path / "accounts.csv")
        with pytest.raises(DemoRefused, match=HALF_LOADED):
            load_when_empty()


def test_load_stops_at_the_time_given(demo: Flask, session: scoped_session[Any]) -> None:
    result = demo.test_cli_runner().invoke(args=["demo", "load", "--now", "2026-09-22T14:45"])
    assert result.exit_code == 0, result.output
    assert session.scalar(select(func.max(CaseEvent.at))) == moment("09-22 14:45")
    numbers = session.scalars(select(Case.ledger_no).order_by(Case.ledger_no)).all()
    assert numbers == ["2026-0101", "2026-0102"]


def test_time_that_is_none_is_refused(demo: Flask) -> None:
    result = demo.test_cli_runner().invoke(args=["demo", "load", "--now", "yesterday"])
    assert result.exit_code == 2
    assert "2026-11-20T17:00" in result.output
