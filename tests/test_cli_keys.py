"""`keys …`: everything is sealed anew while people look for numbers, and after a kill too."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, select

from app import create_app
from app.actions import corrections, sealing
from app.cli.keys import commands
from app.extensions import db
from app.keys import EXTENSION, KeySource, write_keys
from app.models import AuditEntry, Case, Correction, DataKey
from app.models.keyring import Key
from app.models.phone import marked
from app.reports.search import phone_like
from app.unit_of_work import unit_of_work
from config import ROOT, Mode, SettingError, Settings
from tests.crowd import case_row
from tests.databases import DATA_KEY
from tests.factories import PHONE, SUBMITTED, Office, make_office

NEW = "a newer key of these tests which is no secret 9876543210"
ROWS = 700


@pytest.fixture
def path(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """Return the key file that the application reads, with the key of the database."""
    path = tmp_path / "data-key"
    write_keys(path, [DATA_KEY])
    settings, source = app.config["SETTINGS"], app.extensions[EXTENSION]
    app.config["SETTINGS"] = replace(settings, data_key="", data_key_file=str(path))
    app.extensions[EXTENSION] = KeySource(app.config["SETTINGS"])
    yield path
    app.config["SETTINGS"], app.extensions[EXTENSION] = settings, source


@pytest.fixture
def office(path: Path, session: object) -> Office:
    """Return an office with a corrected case and many others."""
    with unit_of_work():
        office = make_office()
        case = office.submit(office.draft())
        corrections.correct(
            case, field="phone", new_value="16000000077", reason="错", by=office.clerk,
            now=SUBMITTED,
        )  # fmt: skip
        rows = [case_row(office, n) for n in range(ROWS)]
        db.session.execute(insert(Case), [row | marked(row["phone"]) for row in rows])
    return office


def found(end: str) -> int:
    db.session.rollback()
    return len(db.session.scalars(select(Case.id).where(phone_like(Case, end))).all())


def look() -> tuple[int, int, int]:
    """Return how many are found by a whole number, its end, and a part of it."""
    return found("16000000077"), found("0321"), found("0000321")


def rotate(app: Flask) -> str:
    result = app.test_cli_runner().invoke(commands, ["rotate"])
    assert result.exit_code == 0, result.output
    return result.output


def test_everything_is_sealed_anew(app: Flask, office: Office, path: Path) -> None:
    seen = look()
    assert seen == (2, 1, 1)
    assert "重新加密" in rotate(app)
    (new,) = path.read_text().split()
    assert path.stat().st_mode & 0o777 == 0o600
    assert DATA_KEY not in path.read_text()
    assert [count.key_id for count in sealing.counts()] == [Key.of(new).id]
    assert look() == seen
    assert db.session.scalars(select(Correction)).one().old_phone == PHONE
    retired = {
        row.key_id: row.retired_at is not None for row in db.session.scalars(select(DataKey))
    }
    assert retired == {Key.of(DATA_KEY).id: True, Key.of(new).id: False}
    assert "key_changed" in [e.action.value for e in db.session.scalars(select(AuditEntry))]
    assert "使用中" in app.test_cli_runner().invoke(commands, ["status"]).output


def test_numbers_are_found_and_written_at_every_step(
    app: Flask, office: Office, path: Path
) -> None:
    seen = look()
    write_keys(path, [NEW, DATA_KEY])
    place, steps = (0, 0), 0
    while place is not None:
        with unit_of_work():
            _done, place = sealing.reseal_some(after=place)
        assert look() == (seen[0], seen[1] + steps, seen[2])
        with unit_of_work():  # somebody writes beside it, by the new key
            office.draft(phone=f"1619999{steps}0321")
        steps += 1
    assert steps > 5
    with unit_of_work():
        assert sealing.is_resealed()


def test_killed_it_goes_on_where_it_was(app: Flask, office: Office, path: Path) -> None:
    seen = look()
    db.session.rollback()  # nothing is held while the other process starts
    settings = app.config["SETTINGS"]
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "run", "keys", "rotate"],
        cwd=ROOT, stdout=subprocess.DEVNULL,
        env=os.environ | {
            "BANJIE_ENV": "office", "BANJIE_DATABASE_URL": settings.database_url,
            "BANJIE_INSTANCE_DIR": settings.instance_dir, "PYTHONUTF8": "1",
            "BANJIE_SECRET_KEY": settings.secret_key, "BANJIE_DATA_KEY_FILE": str(path),
        },
    )  # fmt: skip
    while len(path.read_text().split("\n")) < 3 and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert look() == seen  # by either key
    rotate(app)
    assert look() == seen
    assert len(sealing.counts()) == len(path.read_text().split()) == 1


def test_keys_of_the_environment_are_named_not_written(app: Flask, session: object) -> None:
    result = app.test_cli_runner().invoke(commands, ["rotate"])
    assert result.exit_code == 1
    assert "BANJIE_DATA_KEY=新密钥,旧密钥" in result.output


def settings_of(app: Flask, key: str) -> Settings:
    """Return the settings of another process over the same database, with this key."""
    given: Settings = app.config["SETTINGS"]
    return replace(given, data_key=key, data_key_file="")


def test_strange_key_is_refused_by_whatever_serves(app: Flask, office: Office) -> None:
    db.session.rollback()
    create_app(settings_of(app, DATA_KEY))
    create_app(settings_of(app, f"{NEW},{DATA_KEY}"))  # on the way to another key
    with pytest.raises(SettingError, match="另一个密钥加密") as refused:
        create_app(settings_of(app, NEW))
    assert "不要为此新生成密钥" in str(refused.value)


@pytest.mark.sqlite_only
def test_commands_start_with_a_strange_key_and_servers_do_not(app: Flask, office: Office) -> None:
    db.session.rollback()
    settings = settings_of(app, NEW)
    environment = os.environ | {
        "BANJIE_ENV": "office", "BANJIE_DATABASE_URL": settings.database_url,
        "BANJIE_INSTANCE_DIR": settings.instance_dir, "PYTHONUTF8": "1",
        "BANJIE_SECRET_KEY": settings.secret_key, "BANJIE_DATA_KEY": NEW, "BANJIE_PORT": "0",
    }  # fmt: skip
    ways = {
        "server": ["-m", "waitress", "--port=0", "run:app"],
        "status": ["-m", "flask", "--app", "run", "keys", "status"],
    }
    running = {
        name: subprocess.Popen(
            [sys.executable, *way], cwd=ROOT, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        for name, way in ways.items()
    }  # fmt: skip
    told = {name: process.communicate(timeout=300)[0] for name, process in running.items()}
    assert {process.returncode for process in running.values()} == {1}
    assert "另一个密钥加密" in told["server"], told["server"]
    assert "缺失！" in told["status"], told["status"]


@pytest.mark.parametrize(
    ("key", "words"),
    [("", "keys make"), ("short", "太弱"), ("a" * 64, "太弱"), (f"{DATA_KEY},x", "太弱")],
)
def test_an_office_without_a_good_key_does_not_start(tmp_path: Path, key: str, words: str) -> None:
    settings = Settings(
        env=Mode.OFFICE,
        secret_key=secrets.token_urlsafe(48),
        data_key=key,
        instance_dir=str(tmp_path),
    )
    with pytest.raises(SettingError, match=words) as refused:
        create_app(settings)
    assert "再也无法读出" in str(refused.value)
