"""A signed JSON webhook: connects 短信, 企业微信 or 钉钉 through a small service of one's own."""

import base64
import hashlib
import hmac
import json
import ssl
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from app.channels.letter import ATTEMPT_SECONDS, Answer, Letter, Outcome, words
from app.channels.line import Line

# The receiver is busy or asks for patience; every other 4xx says no to this letter.
PATIENCE = frozenset({408, 429})
LONGEST_ANSWER = 2000
UNREACHED = "未能连接接口：{why}"


@dataclass(frozen=True)
class Hook:
    """Where letters are posted, and the key that signs them."""

    url: str
    secret: str = field(repr=False)
    context: ssl.SSLContext | None = None


class Webhook:
    """Posts letters to one address; follows nowhere else, asks no proxy."""

    name = "webhook"

    def __init__(self, hook: Hook, seconds: float = ATTEMPT_SECONDS) -> None:
        self._hook = hook
        self._seconds = seconds

    def deliver(self, letter: Letter) -> Answer:
        """Post the letter once; 2xx is accepted, 4xx is refused, the rest is tried again."""
        body = body_of(letter)
        stamp = str(int(letter.tried_at.timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "banjie",
            "X-Banjie-Timestamp": stamp,
            "X-Banjie-Signature": signature(self._hook.secret, stamp, body),
            "X-Banjie-Message-Id": words(letter.message_id),
        }
        with Line(self._seconds) as line:
            try:
                status, text = self._post(line, body, headers)
            except (OSError, HTTPException) as error:
                why = line.reason if line.is_cut else str(error)
                return Answer(Outcome.FAILED, words(UNREACHED.format(why=why)), is_down=True)
        return Answer(_outcome(status), words(f"{status} {text}"))

    def _post(self, line: Line, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        parts = urlsplit(self._hook.url)
        secure = parts.scheme == "https"
        host, port = parts.hostname or "", parts.port or (443 if secure else 80)
        connection = HTTPConnection(host, port)
        try:
            connection.sock = line.connect(host, port, self._hook.context if secure else None)
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, headers)
            with connection.getresponse() as response:
                return response.status, _read(response)
        finally:
            connection.close()


def body_of(letter: Letter) -> bytes:
    """Return the letter as JSON: whom by user name, never more of a person than that."""
    values: dict[str, Any] = {
        "message_id": letter.message_id,
        "recipient": letter.username,
        "subject": letter.subject,
        "text": letter.body,
        "written_at": letter.written_at.isoformat(timespec="seconds"),
    }
    if letter.file_name:
        content = base64.b64encode(letter.file_content).decode("ascii")
        values["file"] = {"name": letter.file_name, "content_base64": content}
    return json.dumps(values, ensure_ascii=False).encode("utf-8")


def signature(secret: str, stamp: str, body: bytes) -> str:
    """Return what the receiver computes too: HMAC-SHA256 over timestamp, a full stop and body."""
    signed = stamp.encode("ascii") + b"." + body
    return "sha256=" + hmac.new(secret.encode("utf-8"), signed, hashlib.sha256).hexdigest()


def _read(response: HTTPResponse) -> str:
    """Return what the receiver adds to its status; the status alone decides."""
    try:
        return response.read(LONGEST_ANSWER).decode("utf-8", "replace")
    except (OSError, HTTPException):
        return ""


def _outcome(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome.ACCEPTED
    if 400 <= status < 500 and status not in PATIENCE:
        return Outcome.REFUSED
    return Outcome.FAILED
