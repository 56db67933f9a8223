"""schemathesis let loose on the interface with somebody's token, its findings counted."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import schemathesis
from flask import Flask
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from werkzeug.serving import WSGIRequestHandler, make_server

# A well-formed body may still be refused by the rules of the office: 422, as the document says.
FITTING = ["2xx", "401", "403", "404", "409", "422", "429"]


@dataclass
class Found:
    """What came out: requests by status, checks made, and whatever was wrong."""

    statuses: Counter[int] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def summary(self, who: str) -> str:
        """Return a line for people."""
        statuses = " ".join(f"{status}:{n}" for status, n in sorted(self.statuses.items()))
        total, made = sum(self.statuses.values()), sum(self.checks.values())
        return (
            f"{who}: {len(self.operations)} operations, {total} requests ({statuses}),"
            f" {made} checks of {len(self.checks)} kinds, {len(self.wrong)} findings"
        )


def every_check() -> set[str]:
    """Return the names of all checks there are."""
    load_all_checks()
    return set(CHECKS.get_all_names())


def fuzz(app: Flask, token: str, *, most: int, is_long: bool, only: str) -> Found:
    """Ask every operation of the document whose path matches as this person."""
    headers = {"Authorization": f"Bearer {token}"}
    config = SchemathesisConfig.from_dict(
        {
            "headers": headers,
            "generation": {"max-examples": most, "deterministic": not is_long, "database": "none"},
            "phases": {
                "coverage": {"enabled": is_long}, "stateful": {"enabled": is_long},
                "examples": {"enabled": True}, "fuzzing": {"enabled": True},
            },
            "checks": {"enabled": True,
                       "positive_data_acceptance": {"expected-statuses": FITTING}},
        }
    )  # fmt: skip
    found = Found()
    with served(app) as address:
        schema = schemathesis.openapi.from_url(
            f"{address}/api/v1/openapi.json", config=config, headers=headers
        )
        for event in from_schema(schema.include(path_regex=only)).execute():
            _note(event, found)
    return found


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve the application on a port of its own; its threads see nothing of the test."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Silent(WSGIRequestHandler):
    """Prints no line a request."""

    def log(self, *_args: Any) -> None:
        """Say nothing."""


def _note(event: Any, found: Found) -> None:
    if isinstance(event, FatalError | NonFatalError):
        found.wrong.append(repr(getattr(event, "exception", event)))
    if not isinstance(event, ScenarioFinished):
        return
    recorder = event.recorder
    found.operations.add(recorder.label)
    for interaction in recorder.interactions.values():
        if interaction.response is not None:
            found.statuses[interaction.response.status_code] += 1
            found.bodies.append(interaction.response.content or b"")
    for checks in recorder.checks.values():
        for check in checks:
            found.checks[check.name] += 1
            if check.failure_info is not None:
                failure = check.failure_info
                found.wrong.append(
                    f"{recorder.label} {check.name}: {failure.failure}\n{failure.code_sample}"
                )
