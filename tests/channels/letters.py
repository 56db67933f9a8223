"""A letter to try with, and an adapter that gives up soon."""

import ssl
import time
from typing import Any

from app.channels.letter import Answer, Letter
from app.channels.mail import Mail, MailServer
from tests.factories import at
from tests.smtp import LOOPBACK

SOON = 1.0  # seconds an attempt may take in these tests
WRITTEN = at("2026-10-09 09:00")
TEXT = "2026-0101“慢病备案”应于2026年10月9日17时前办结，即将到期。\n\n查看事项：http://127.0.0.1/case/1\n"


def letter(**values: Any) -> Letter:
    """Return a letter."""
    given = {
        "message_id": "<0a1b@banjie>", "address": "land_head@banjie.example",
        "username": "land_head", "name": "甲land_head", "subject": "黄牌：2026-0101即将到期",
        "body": TEXT, "written_at": WRITTEN, "tried_at": WRITTEN,
    }  # fmt: skip
    return Letter(**(given | values))


def mail_to(port: int, *, seconds: float = SOON, **values: Any) -> Mail:
    """Return an adapter for the server at `port`."""
    given: dict[str, Any] = {
        "host": LOOPBACK, "port": port, "security": "none", "sender": "notice@banjie.example",
        "sender_name": "“办不成事”反映窗口",
    }  # fmt: skip
    return Mail(MailServer(**(given | values)), seconds)


def trusting_nobody() -> ssl.SSLContext:
    """Return TLS as it is by default: a throw-away authority is not known to it."""
    return ssl.create_default_context()


def timed(adapter: Any, one: Letter) -> tuple[Answer, float]:
    """Return the answer, and how many seconds it took."""
    started = time.monotonic()
    return adapter.deliver(one), time.monotonic() - started
