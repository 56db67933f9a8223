"""One line a fault, as it ends and once more together; the office they happen to."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import ROOT
from tests.faults.journal import Journal
from tests.faults.outcome import Outcome

LINES: list[str] = []


def pytest_configure() -> None:
    """Stop what was started also when the run itself is told to end."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[Outcome], Outcome]:
    """Return a function that prints the line of an outcome and keeps it for the end."""
    reporter = request.config.pluginmanager.getplugin("terminalreporter")
    capture = request.config.pluginmanager.getplugin("capturemanager")
    backend = request.node.callspec.params.get("backend_name", "") if _has_params(request) else ""

    def say(outcome: Outcome) -> Outcome:
        line = f"{outcome.line}{f'  {backend}' if backend else ''}"
        LINES.append(line)
        with capture.global_and_fixture_disabled():
            reporter.ensure_newline()
            reporter.write_line(line)
        return outcome

    return say


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Return an empty journal outside the server."""
    opened = Journal(tmp_path / "journal")
    yield opened
    opened.close()


def _has_params(request: pytest.FixtureRequest) -> bool:
    return hasattr(request.node, "callspec")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print all lines together, and leave them in build/faults.txt."""
    if not LINES:
        return
    terminalreporter.section("faults: what was acknowledged, and what became of it")
    for line in LINES:
        terminalreporter.write_line(line)
    folder: Path = ROOT / "build"
    folder.mkdir(exist_ok=True)
    (folder / "faults.txt").write_text("\n".join(LINES) + "\n", encoding="utf-8")
