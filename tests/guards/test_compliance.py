"""What docs/compliance.zh.md points to as proof is there."""

import ast
import re
from dataclasses import fields

import pytest
from flask import Flask

from config import ROOT, Settings

PAGE = ROOT / "docs" / "compliance.zh.md"
UNFINISHED = "未完成"
LINES = PAGE.read_text(encoding="utf-8").splitlines()
# A line that says it is unfinished may name what is still to come.
DONE = "\n".join(line for line in LINES if UNFINISHED not in line)


def test_every_test_named_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", DONE)
    assert len(named) > 40
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).is_file() or (name and name not in _functions(path))
    ]
    assert not missing


def test_every_setting_named_is_there() -> None:
    known = {f"BANJIE_{each.name.upper()}" for each in fields(Settings)}
    named = set(re.findall(r"BANJIE_[A-Z_]+", DONE))
    assert named
    assert named <= known


def test_every_target_of_make_named_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z][a-z0-9-]*):", makefile, re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)`", DONE))
    assert named >= {"walk", "matrix", "security", "sbom"}
    assert named <= known


def test_every_command_named_is_there(app: Flask) -> None:
    for line in re.findall(r"`flask --app run ([a-z ]+)`", DONE):
        first, *rest = line.split()
        command = app.cli.commands[first]
        for part in rest:
            command = command.commands[part]


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", DONE))))
def test_every_page_named_is_there(link: str) -> None:
    assert (PAGE.parent / link).exists()


def test_every_row_has_a_proof_or_is_the_offices_own() -> None:
    """Whoever has nothing to show says so."""
    rows = [line for line in LINES if line.startswith("| ") and "---" not in line]
    heads = ("| 要求 |", "| 角色 |", "| 规定 |")
    bare = [
        row[:40]
        for row in rows
        if not row.startswith(heads) and "`" not in row and "| — |" not in row
    ]
    assert not bare


def _functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
