"""Who may import whom, who may commit, who may read the clock."""

import ast
import subprocess
import sys
from pathlib import Path

from config import ROOT
from tests.guards.code import calls, imports, modules, name, tree

CLOCKS = ("now", "utcnow", "today")


def test_layers_contracts_of_pyproject_hold(root: object) -> None:
    command = "from importlinter.cli import lint_imports_command as run; run()"
    result = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"], cwd=str(root), capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_domain_imports_standard_library_and_itself_only() -> None:
    strangers = {
        f"{name(path)}: {module}"
        for path in modules("app/domain")
        for module in imports(path)
        if module.split(".")[0] not in sys.stdlib_module_names
        and not module.startswith("app.domain")
    }
    assert not strangers


def test_commit_happens_in_the_unit_of_work_only() -> None:
    commits = {
        f"{name(path)}:{line}"
        for path in modules("app")
        for line, call in calls(path)
        if call.split(".")[-1] == "commit"
    }
    assert {place.split(":")[0] for place in commits} == {"app/unit_of_work.py"}, commits


def test_clock_is_read_in_one_module_only() -> None:
    readers = {
        f"{name(path)}:{line} {call}"
        for path in modules("app")
        for line, call in calls(path)
        if call.split(".")[-1] in CLOCKS
        and call.split(".")[0] in ("dt", "datetime", "date")
        and name(path) != "app/clock.py"
    }
    assert not readers


def test_mail_goes_through_one_library() -> None:
    assert not [name(path) for path in modules("app") if "smtplib" in imports(path)]


def test_no_package_names_another_s_module_as_its_own() -> None:
    """The import of a room replaces, in its package, whatever else goes by the room's name."""
    taken = {
        f"{name(path)}: {word} of {node.module}"
        for path in modules("app")
        if path.name == "__init__.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        for word in {each.asname or each.name for each in node.names} & rooms(path)
        if node.module not in (package(path), f"{package(path)}.{word}")
    }
    assert not taken


def rooms(path: Path) -> set[str]:
    """Return the names of what lies in a package."""
    return {found.stem for found in path.parent.iterdir()}


def package(path: Path) -> str:
    """Return the dotted name of a package."""
    return ".".join(path.parent.relative_to(ROOT).parts)
