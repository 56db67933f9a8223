"""A real mail server on loopback, whose faults a test chooses, and raw ones that only misbehave."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

LOOPBACK = "127.0.0.1"


@dataclass
class Post:
    """What arrived, and what the server says instead of yes.

    A fault is a reply, or None to break the connection off without a word; by address for RCPT.
    """

    letters: list[EmailMessage] = field(default_factory=list)
    mail_reply: str = ""
    rcpt_replies: dict[str, str] = field(default_factory=dict)
    data_reply: str = ""
    is_reply_lost: bool = False
    seconds: float = 0.0
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        """Return the Message-IDs in the order of arrival."""
        return [letter["Message-ID"] for letter in self.letters]

    async def handle_MAIL(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take the sender, or say no."""
        if self.mail_reply:
            return self.mail_reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, or say no to this one."""
        if address in self.rcpt_replies:
            return self.rcpt_replies[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the letter, unless told to turn it down; its reply may get lost."""
        if self.data_reply:
            return self.data_reply
        message = message_from_bytes(envelope.content, policy=default)
        message["X-To"] = ",".join(envelope.rcpt_tos)
        self.letters.append(message)
        if self.is_reply_lost:
            server.transport.abort()
        return "250 OK: queued as 4711"

    def log_in(
        self, _server: Any, _session: Any, _envelope: Any, _how: str, data: Any
    ) -> AuthResult:
        """Know one user."""
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)


class _TlsController(Controller):
    """A server that speaks TLS from the first byte."""

    def _trigger_server(self) -> None:
        """Say hello without looking at the certificate, which the tests make wrong on purpose."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection((self.hostname, self.port)) as raw,
            context.wrap_socket(raw) as secure,
        ):
            secure.recv(100)


@contextmanager
def mail_server(
    post: Post,
    *,
    port: int = 0,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    needs_login: bool = False,
) -> Iterator[int]:
    """Run a server and yield its port."""
    kind = _TlsController if tls else Controller
    controller = kind(
        post, hostname=LOOPBACK, port=port or free_port(), ssl_context=tls, tls_context=starttls,
        auth_required=needs_login, authenticator=post.log_in if needs_login else None,
        auth_require_tls=False,
    )  # fmt: skip
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextmanager
def raw_server(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Run a server that does with each connection what `serve` does, and yield its port."""
    listener = socket.create_server((LOOPBACK, 0))
    opened: list[socket.socket] = []

    def one(connection: socket.socket) -> None:
        try:
            serve(connection)
        except OSError:
            pass
        finally:
            connection.close()

    def accept() -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            opened.append(connection)
            threading.Thread(target=one, args=[connection], daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for connection in opened:
            connection.close()


def silent(connection: socket.socket) -> None:
    """Say nothing, until the other side goes."""
    while connection.recv(4096):
        pass


def dribbling(before: tuple[str, ...] = ()) -> Callable[[socket.socket], None]:
    """Return a server that answers properly so often, then a byte every fifth of a second."""

    def serve(connection: socket.socket) -> None:
        for reply in before:
            connection.sendall(f"{reply}\r\n".encode())
            connection.recv(4096)
        while True:
            connection.sendall(b"2")
            time.sleep(0.2)

    return serve


def hanging_after(*replies: str) -> Callable[[socket.socket], None]:
    """Return a server that answers properly so often, then never again."""

    def serve(connection: socket.socket) -> None:
        for reply in replies:
            connection.sendall(f"{reply}\r\n".encode())
            connection.recv(4096)
        silent(connection)

    return serve


def resetting_after(*replies: str) -> Callable[[socket.socket], None]:
    """Return a server that answers properly so often, then resets the connection."""

    def serve(connection: socket.socket) -> None:
        for reply in replies:
            connection.sendall(f"{reply}\r\n".encode())
            connection.recv(4096)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return serve


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


@dataclass
class Authority:
    """A throw-away certificate authority."""

    ca: trustme.CA = field(default_factory=trustme.CA)

    def context(self, name: str = LOOPBACK) -> ssl.SSLContext:
        """Return a server's side of TLS with a certificate for `name`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(name).configure_cert(context)
        return context

    def trusting(self) -> ssl.SSLContext:
        """Return a client's side that trusts this authority alone."""
        context = ssl.create_default_context()
        self.ca.configure_trust(context)
        return context
