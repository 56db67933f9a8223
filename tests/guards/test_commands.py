"""Every command of `flask --app run` says in Chinese what it does; FAB's own are closed."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo
from flask_appbuilder.cli import fab

from app import create_app
from app.cli.closed import LEFT
from config import Settings

CHINESE = re.compile("[\u4e00-\u9fff]")
FOREIGN = {"db"}  # Flask-Migrate's, with its own words


def commands_of(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield a command and all below it, each by its words."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands_of(below, f"{path} {name}")


def test_every_command_and_option_is_told_in_chinese(tmp_path: Path) -> None:
    app = create_app(Settings(instance_dir=str(tmp_path)))
    wrong = []
    for name in sorted(set(app.cli.commands) - FOREIGN):
        for path, command in commands_of(app.cli.commands[name], name):
            texts = {path: command.help}
            texts |= {
                f"{path} {option.name}": option.help
                for option in command.params
                if isinstance(option, click.Option)
            }
            wrong += [where for where, text in texts.items() if not CHINESE.search(text or "")]
    assert not wrong


@pytest.mark.parametrize("given", [
    ["create-user", "--username", "x1", "--firstname", "a", "--lastname", "b", "--email", "a@b.cn",
     "--role", "系统管理员", "--password", "x"],
    ["reset-password", "--username", "x1", "--password", "x"],
    ["import-roles", "--path", "pyproject.toml"],
    ["security-cleanup"],
])  # fmt: skip
def test_command_that_goes_past_the_rules_is_refused(tmp_path: Path, given: list[str]) -> None:
    info = ScriptInfo(create_app=lambda: create_app(Settings(instance_dir=str(tmp_path))))
    result = CliRunner().invoke(fab, given, obj=info)
    assert (result.exit_code, "此命令已停用" in result.output) == (1, True), result.output
    assert not list(tmp_path.glob("*.db"))


def test_what_is_left_open_changes_nothing() -> None:
    """A new release of FAB may bring a new command: somebody has to look at it."""
    assert set(fab.commands) >= LEFT
    assert all("list" in name or "export" in name or name == "version" for name in LEFT)
