"""Files and functions a person can read in one go, each file with a sentence on top."""

import ast
from pathlib import Path

import pytest

from tests.guards.code import modules, name, tree

FILE_LINES, FUNCTION_LINES = 400, 40
# path or path::function -> why it may be longer
EXCEPTIONS: dict[str, str] = {}


@pytest.mark.parametrize("path", modules(), ids=name)
def test_file_is_short_and_says_what_it_is(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= FILE_LINES or name(path) in EXCEPTIONS, f"{lines} lines"
    assert ast.get_docstring(tree(path)), "no sentence on top"
    long = {
        f"{name(path)}::{node.name}": node.end_lineno - node.lineno + 1
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    }
    assert not {place: size for place, size in long.items() if place not in EXCEPTIONS}


def test_exceptions_are_still_needed() -> None:
    known = {name(path) for path in modules()}
    assert {place.split("::")[0] for place in EXCEPTIONS} <= known


def test_text_holds_no_reminders() -> None:
    words = tuple("".join(pair) for pair in (("TO", "DO"), ("FIX", "ME"), ("XX", "X")))
    found = [
        name(path)
        for path in modules()
        if any(word in path.read_text(encoding="utf-8") for word in words)
    ]
    assert not found
