"""A browser outside the server: real forms over loopback; what is acknowledged is journalled."""

import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from lxml import html

from tests.faults.journal import Deed, Journal

PATIENCE = 90.0  # seconds in which a resubmitted form must be answered at last
NO_REPLY = (OSError, http.client.HTTPException)
PASSWORD = "Chuang-kou-2026"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str
    location: str = ""

    @property
    def is_done(self) -> bool:
        """Tell whether the server said that it is done: forms answer with a way on."""
        return self.status == 302 and "/login" not in self.location


@dataclass
class Form:
    """A form as the page gave it: where it goes and what stands in it, hidden fields too."""

    action: str
    fields: list[tuple[str, str]]

    def filled(self, **values: Any) -> list[tuple[str, str]]:
        """Return its fields with some filled in."""
        rest = [(name, value) for name, value in self.fields if name not in values]
        return rest + [(name, str(value)) for name, value in values.items()]


@dataclass
class Hands:
    """One person at one browser; not shared between threads."""

    port: int
    journal: Journal
    host: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)
    # What is sent again after a reply was lost; a guard that is off may change the fields.
    again: Callable[[list[tuple[str, str]]], list[tuple[str, str]]] = lambda fields: fields

    def log_in(self, username: str) -> None:
        """Log in through the form, however often the server goes away meanwhile."""
        self.username = username
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                form = self.form("/login/", "//form[.//input[@name='password']]")
                answer = self.post("/login/", form.filled(username=username, password=PASSWORD))
            except (*NO_REPLY, LookupError):
                time.sleep(0.1)
                continue
            if answer.status == 302 and "login" not in answer.location:
                return
            if answer.status >= 500:
                self.journal.count(str(answer.status))
            time.sleep(0.1)
        raise AssertionError(f"{username} cannot log in")

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path)

    def post(self, path: str, fields: list[tuple[str, str]]) -> Answer:
        """Send a form once."""
        return self._ask("POST", path, urlencode(fields))

    def form(self, path: str, xpath: str = "") -> Form:
        """Return a form of a page; LookupError when the page does not offer it now."""
        answer = self.get(path)
        if answer.status >= 500:
            self.journal.count(str(answer.status))
        found = html.fromstring(answer.text).xpath(xpath or f"//form[@action='{path}']")
        if answer.status != 200 or not found:
            raise LookupError(f"{path}: {answer.status} {answer.location}")
        return Form(found[0].action or path, list(found[0].form_values()))

    def patient_form(self, path: str, xpath: str = "") -> Form | None:
        """Return the form, asked for again while the server is away; None if it is not offered."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.form(path, xpath)
            except LookupError as error:
                if " 302 /login" in str(error):
                    self.log_in(self.username)  # the clock jumped: idle for too long
                elif ": 5" not in str(error):
                    return None
            except NO_REPLY:
                pass
            if time.monotonic() > until:
                raise AssertionError(f"{path} is never shown")
            time.sleep(0.05)

    def do(self, deed: Deed, form: Form, **values: Any) -> Answer:
        """Send a form until there is an answer, and journal what it acknowledges."""
        self.journal.try_(deed)
        fields, until = form.filled(**values), time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.post(form.action, fields)
                if answer.status < 500:
                    break
                self.journal.count(str(answer.status))
            except NO_REPLY:
                self.journal.count("unanswered")
            if time.monotonic() > until:
                raise AssertionError(f"{form.action} is never answered")
            time.sleep(0.05)
            fields = self.again(fields)
        if answer.is_done:
            self.journal.acknowledge(deed)
        else:
            self.journal.count(f"refused {answer.status}")
        return answer

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            text = reply.read().decode()
            for cookie in reply.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            return Answer(reply.status, text, reply.headers.get("Location", ""))
        finally:
            connection.close()
