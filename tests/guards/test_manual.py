"""The manual names every menu entry and button; the commands of the READMEs do what they print."""

import re

import pytest
from click.testing import CliRunner
from flask import Flask
from flask_babel import force_locale

from app.cli.calendar import calendar_group
from app.domain.words import word
from app.views.menu import HOME, MENU
from app.views.moves_table import AT_THE_DESK, BESIDE_THE_PHONE, MOVES
from config import ROOT

MANUAL = (ROOT / "docs" / "manual.zh.md").read_text(encoding="utf-8")
READMES = ("README.md", "README.zh.md")
BUTTONS = sorted({*MOVES, *AT_THE_DESK, *BESIDE_THE_PHONE})
EXAMPLE = re.compile(
    r"<!-- calculator: (\w+) -->\n```console\n\$ cat [^\n]+\n(.*?)\$ [^\n]+\n(.*?)```", re.DOTALL
)


def _readme(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_menu_entry_is_in_the_manual(app: Flask) -> None:
    with app.app_context(), force_locale("zh"):
        entries = [entry for heading in MENU for entry in (heading, *heading.entries)]
        words = [str(entry.label) for entry in (HOME, *entries)]
    assert [text for text in words if text not in MANUAL] == []


@pytest.mark.parametrize("action", BUTTONS)
def test_every_button_is_in_the_manual(action: str) -> None:
    text = word(next(each for each in BUTTONS if each == action))
    assert f"“{text}”" in MANUAL or f"| {text} |" in MANUAL


@pytest.mark.parametrize("name", READMES)
def test_targets_of_make_exist(name: str) -> None:
    targets = set(re.findall(r"\bmake ([a-z][a-z0-9-]*)\b(?= |`|$)", _code(name), re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z][a-z0-9-]*):", makefile, re.MULTILINE))
    assert targets >= {"run", "test", "setup", "screenshots"}
    assert targets <= known


@pytest.mark.parametrize("name", READMES)
def test_commands_exist_with_their_options(app: Flask, name: str) -> None:
    lines = re.findall(r"flask --app run ([a-z][a-z ]*[a-z])", _code(name))
    assert {"setup", "backup create", "calendar due"} <= set(lines)
    for line in set(lines):
        first, *rest = line.split()
        command = app.cli.commands[first]
        for part in rest:
            command = command.commands[part]
    options = {opt for param in app.cli.commands["setup"].params for opt in param.opts}
    assert set(re.findall(r"`(--[a-z]+)`", _readme(name))) <= options


@pytest.mark.parametrize("name", READMES)
def test_examples_of_the_calculators_are_true(name: str) -> None:
    examples = EXAMPLE.findall(_readme(name))
    assert [command for command, _given, _printed in examples] == ["due", "elapsed", "card"]
    for command, given, printed in examples:
        answer = CliRunner().invoke(calendar_group, [command], input=given)
        assert answer.stdout == printed


@pytest.mark.parametrize("name", [*READMES, "docs/manual.zh.md"])
def test_links_lead_somewhere(name: str) -> None:
    text, folder = _readme(name), (ROOT / name).parent
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
    assert targets
    assert [link for link in targets if not (folder / link).exists()] == []


def _code(name: str) -> str:
    """Return what stands in code of a README: blocks and words between backticks."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", _readme(name), re.DOTALL))
