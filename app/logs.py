"""Lines of the log: one per message, each with the reference number its request shows on errors."""

import logging
import re
import secrets
from typing import Any

from flask import Flask, g, has_request_context, request

from app.typed import escaped

FORMAT = "%(asctime)s %(levelname)s %(name)s [%(reference)s] %(message)s"

# Signs beyond ASCII, and numbers as long as a telephone's.
PRIVATE = re.compile(r"[^\x20-\x7e]+|\d[\d\s-]{5,}\d")


class Formatter(logging.Formatter):
    """A line format that keeps what a person typed from forging further lines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text, with the request's reference number."""
        record.reference = reference() if has_request_context() else "-"
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the library's name)
        """Return the message on one line, with whatever moves a terminal's cursor spelt out."""
        return escaped(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 (the library's name)
        """Return the traceback with its lines drawn in, so that none looks like a message."""
        return _drawn_in(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 (the library's name)
        """Return the stack likewise."""
        return _drawn_in(super().formatStack(stack_info))


def _drawn_in(text: str) -> str:
    return "\n".join(f"    {escaped(line)}" for line in text.split("\n"))


def configure(level: str) -> None:
    """Send the log of the whole process to standard error; called by the server only."""
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter(FORMAT))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for talkative in ("flask_appbuilder", "apscheduler", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


def register(app: Flask) -> None:
    """Let templates show the reference number; leave out what is no news."""
    app.jinja_env.globals["reference"] = reference
    logging.getLogger("flask_appbuilder.utils.base").addFilter(_names_a_target)


def _names_a_target(_record: logging.LogRecord) -> bool:
    """Return False at a plain log-in: FAB takes a missing `next` for an invalid redirect."""
    return not has_request_context() or bool(request.args.get("next"))


def address() -> str:
    """Return the path that was asked for, without what may be a name or a telephone number."""
    return PRIVATE.sub("…", request.path)


def reference() -> str:
    """Return the short number by which an error page is found in the log."""
    if "reference" not in g:
        g.reference = secrets.token_hex(4).upper()
    return str(g.reference)
