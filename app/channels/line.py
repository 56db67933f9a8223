"""A connection that ends in time: at its deadline it is cut, whatever the other side does."""

import contextlib
import queue
import socket
import ssl
import struct
import threading
import time
from types import TracebackType
from typing import Any

CUT_SHORT = "{seconds:.0f}秒内未完成，已断开"
# On: closing throws away what was not sent yet. A letter that was cut off must not arrive later.
ABORT = struct.pack("ii", 1, 0)


class Line:
    """One attempt's connection, from the look-up of the name to the last byte.

    A socket's own timeout counts from byte to byte, so that one byte a second never ends. A timer
    shuts the connection down instead, through a second handle that TLS does not take away.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_cut = False
        self._ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> "Line":
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None

    @property
    def reason(self) -> str:
        """Return why the line was cut, in the office's words."""
        return CUT_SHORT.format(seconds=self.seconds)

    def connect(self, host: str, port: int, context: ssl.SSLContext | None = None) -> socket.socket:
        """Return a connected socket, in TLS if a context is given; raises OSError."""
        raw = self._reach(host, port)
        try:
            with self._lock:
                if self.is_cut:
                    raise TimeoutError(self.reason)
                self._handle = raw.dup()
            # Only a net below the timer, which comes first.
            raw.settimeout(self.seconds + 1)
            return context.wrap_socket(raw, server_hostname=host) if context else raw
        except BaseException:
            raw.close()
            raise

    def _reach(self, host: str, port: int) -> socket.socket:
        """Try each address of the host for its share of the time that is left."""
        addresses = self._look_up(host, port)
        problem: OSError = OSError(f"{host}: no address")
        for tried, (family, kind, protocol, _name, address) in enumerate(addresses):
            share = self._left() / (len(addresses) - tried)
            raw = socket.socket(family, kind, protocol)
            try:
                raw.settimeout(max(share, 0.1))
                raw.connect(address)
            except OSError as error:
                raw.close()
                problem = error
            else:
                return raw
        raise problem

    def _look_up(self, host: str, port: int) -> list[Any]:
        """Return the host's addresses; a name server that keeps silent cannot be interrupted."""
        answers: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
            except (OSError, UnicodeError) as error:
                answers.put(OSError(f"{host}: {error}"))

        threading.Thread(target=ask, daemon=True).start()
        try:
            found = answers.get(timeout=max(self._left(), 0.1))
        except queue.Empty:
            raise TimeoutError(self.reason) from None
        if isinstance(found, OSError):
            raise found
        return found

    def _left(self) -> float:
        return self._ends - time.monotonic()

    def _cut(self) -> None:
        with self._lock:
            self.is_cut = True
            if self._handle is not None:
                # The other side may have gone already.
                with contextlib.suppress(OSError):
                    self._handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
                    self._handle.shutdown(socket.SHUT_RDWR)


def trusting(ca_file: str = "") -> ssl.SSLContext:
    """Return how certificates are checked: the system's authorities and the office's own."""
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context
