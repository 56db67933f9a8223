"""The project's own source, parsed, for the guards."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from config import ROOT

FOLDERS = ("app", "tests", "bench", "migrations", "translations")
GENERATED = ROOT / "migrations" / "versions"


@cache
def modules(*folders: str) -> tuple[Path, ...]:
    """Return every Python file of the project, or of the folders named."""
    found = list(ROOT.glob("*.py")) if not folders else []
    for folder in folders or FOLDERS:
        found += [path for path in (ROOT / folder).rglob("*.py") if GENERATED not in path.parents]
    return tuple(sorted(found))


@cache
def tree(path: Path) -> ast.Module:
    """Return the module's syntax."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name(path: Path) -> str:
    """Return the path as a person would write it."""
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted names a module imports."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}: relative import"
            yield str(node.module)


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of every call, as far as it is spelt out."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)
