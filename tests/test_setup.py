"""`flask --app run setup`: a real office by one command, once, without default passwords."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, inspect, select

from app.actions.office import load_rules
from app.actions.people import SYSTEM_USERNAME, roles_of
from app.domain.states import Role
from app.extensions import db
from app.models import Account, CalendarYear, Case, DictEntry, Site, Timetable, Unit
from config import ROOT
from tests.client import OfficeClient
from tests.databases import make_app

PASSWORD = "Pingyi-2026"
OPTIONS = ["setup", "--site", "某县政务服务中心", "--office", "某县行政审批服务局",
           "--username", "admin1", "--name", "欧阳云", "--password", PASSWORD]  # fmt: skip


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Flask]:
    """Return an application over a database that does not exist yet."""
    app = make_app(f"sqlite:///{tmp_path}/fresh.db", tmp_path)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def runner(fresh: Flask) -> FlaskCliRunner:
    """Return what runs its commands."""
    return fresh.test_cli_runner()


def is_empty(app: Flask) -> bool:
    with app.app_context():
        return not inspect(db.engine).has_table("sites")


def test_setup_opens_an_office_without_any_demo_data(fresh: Flask, runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=OPTIONS)
    assert result.exit_code == 0, result.output
    assert "某县政务服务中心" in result.output
    assert PASSWORD not in result.output
    with fresh.app_context():
        site = db.session.scalars(select(Site)).one()
        assert (site.name, site.office_name) == ("某县政务服务中心", "某县行政审批服务局")
        admin = db.session.scalars(select(Account).where(Account.username == "admin1")).one()
        assert roles_of(admin) == {Role.SYS_ADMIN, Role.SEC_ADMIN}
        assert load_rules().simplified_admins
        names = set(db.session.scalars(select(Account.username)))
        assert names == {"admin1", SYSTEM_USERNAME}
        for table in (Case, Unit):
            assert db.session.scalar(select(func.count()).select_from(table)) == 0
        published = set(db.session.scalars(select(CalendarYear.year)))
        assert published == set(range(2019, 2027))
        assert db.session.scalars(select(Timetable)).one().site_id == site.id
        assert db.session.scalar(select(func.count()).select_from(DictEntry)) > 40


def test_first_administrator_can_log_in_and_nobody_else(
    fresh: Flask, runner: FlaskCliRunner
) -> None:
    runner.invoke(args=OPTIONS)
    browser = OfficeClient(fresh, fresh.response_class)
    browser.log_in("admin1", PASSWORD)
    assert "欧阳云" in browser.page("/users/userinfo/").text_content()
    assert browser.get("/users/add").status_code == 200
    for name in ("admin", SYSTEM_USERNAME):
        for password in ("", "admin", SYSTEM_USERNAME):
            stranger = OfficeClient(fresh, fresh.response_class)
            stranger.log_in(name, password)
            assert "/login" in stranger.get("/users/userinfo/").location


def test_second_run_refuses_and_changes_nothing(fresh: Flask, runner: FlaskCliRunner) -> None:
    runner.invoke(args=OPTIONS)
    again = [arg.replace("admin1", "admin2").replace("某县政务", "他县政务") for arg in OPTIONS]
    result = runner.invoke(args=again)
    assert result.exit_code == 1
    assert "“某县政务服务中心”已经安装，本次未作任何改动。" in result.output
    with fresh.app_context():
        assert db.session.scalar(select(func.count()).select_from(Site)) == 1
        assert not db.session.scalars(select(Account).where(Account.username == "admin2")).all()


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--password", "abc", "口令太简单"),
        ("--password", "onlysmallletters", "口令太简单"),
        ("--username", "管理员", "用户名须为"),
        ("--username", "a", "用户名须为"),
        ("--name", " ", "不能为空"),
        ("--site", "", "不能为空"),
    ],
)
def test_bad_answer_is_refused_before_anything_is_written(
    fresh: Flask, runner: FlaskCliRunner, option: str, value: str, words: str
) -> None:
    args = list(OPTIONS)
    args[args.index(option) + 1] = value
    result = runner.invoke(args=args)
    assert result.exit_code == 1
    assert words in result.output
    assert is_empty(fresh)


def test_setup_asks_for_what_was_not_given(fresh: Flask, runner: FlaskCliRunner) -> None:
    answers = ["某县政务服务中心", "某县行政审批服务局", "admin1", "欧阳云", PASSWORD, PASSWORD]
    result = runner.invoke(args=["setup"], input="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    assert "服务场所名称" in result.output
    assert PASSWORD not in result.output


def test_setup_without_answers_stops(fresh: Flask, runner: FlaskCliRunner) -> None:
    assert runner.invoke(args=["setup"], input="").exit_code != 0
    assert is_empty(fresh)


def test_command_makes_the_key_and_reads_the_environment(tmp_path: Path) -> None:
    answers = {
        "SITE": "某县政务服务中心", "OFFICE": "某县行政审批服务局", "USERNAME": "admin1",
        "NAME": "欧阳云", "PASSWORD": PASSWORD,
    }  # fmt: skip
    environment = {f"BANJIE_SETUP_{name}": value for name, value in answers.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BANJIE_")}
    result = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "run", "setup"],
        cwd=ROOT,
        env=kept | environment | {"BANJIE_INSTANCE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "banjie.db", "office-data-key", "office-secret-key",
    ]  # fmt: skip
    for name in ("office-data-key", "office-secret-key"):
        key = tmp_path / name
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert len(key.read_text().strip()) >= 32
