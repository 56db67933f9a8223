"""What the application's source must not hold, whatever a reader overlooks."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards.code import calls, imports, modules, name

NEVER_CALLED = re.compile(
    r"^(os\.(system|popen|exec\w*|spawn\w*)|eval|exec|compile|__import__|pickle\.\w+|marshal\.\w+"
    r"|yaml\.(load|unsafe_load|full_load)|shelve\.\w+|tempfile\.mktemp|hashlib\.(md5|sha1)"
    r"|random\.\w+|requests\.\w+|urllib\.request\.\w+|ssl\._create_unverified_context)$"
)
NEVER_IMPORTED = {"pickle", "marshal", "shelve", "telnetlib", "ftplib", "requests", "random"}
NEVER_WRITTEN = re.compile(r"shell\s*=\s*True|debug\s*=\s*True|verify\s*=\s*False")
# The way out that is signed and switched off by default.
MAY_CALL_OUT = {"app/channels/webhook.py"}
# Names the errors of the transport under Authlib.
MAY_NAME_REQUESTS = {"app/fab/oauth.py"}


def own() -> Iterator[Path]:
    """Yield the modules that serve; tests and benches may do as they like."""
    yield from (path for path in modules() if name(path).startswith(("app/", "config", "run")))


@pytest.mark.parametrize("path", list(own()), ids=name)
def test_module_calls_nothing_that_runs_or_reads_what_it_is_given(path: Path) -> None:
    found = [
        f"{line}: {call}"
        for line, call in calls(path)
        if NEVER_CALLED.match(call) and name(path) not in MAY_CALL_OUT
    ]
    assert not found
    allowed = {"requests"} if name(path) in MAY_NAME_REQUESTS else set()
    assert not set(imports(path)) & NEVER_IMPORTED - allowed


def test_no_shell_no_debugger_nothing_unchecked() -> None:
    found = [
        f"{name(path)}: {match[0]}"
        for path in own()
        for match in NEVER_WRITTEN.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found
