"""A browser without a window: it shares nothing with the test and fills forms as pages do."""

import contextvars
import datetime as dt
import re
import secrets
from contextlib import nullcontext
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import insert
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from app.actions.access import digest_of
from app.audit_log.deeds import EXTENSION
from app.extensions import db
from app.models import LoginSession
from app.web.headers import SessionInterface
from app.web.login import TOKEN
from tests import deeds_left

OUTSIDE = re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", re.I)
BEGINNING, END = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (2000, 2100))
POLICIES = ("default-src 'self'", "default-src 'none'")
UNSAVED = "commit what the test made before a request looks for it"


class OfficeClient(FlaskClient):
    """A test client that shares no context with the test, so that nobody looks logged in."""

    asks_deeds = True  # off for an application that is wrong on purpose

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request in an empty context, and let the test's session see its effects."""
        if has_app_context():
            if db.session.new or db.session.dirty or db.session.deleted:
                raise AssertionError(UNSAVED)
            db.session.rollback()
        kwargs.setdefault("buffered", True)  # files sent are closed again
        data = kwargs.get("data")
        is_spelt = not isinstance(data, dict) or "form_key" not in data
        if kwargs.pop("is_keyed", True) and is_spelt:
            # A test that spells its form out means a new one each time.
            kwargs["headers"] = {"Idempotency-Key": secrets.token_hex(16)} | dict(
                kwargs.get("headers") or {}
            )
        answer = self._asked(*args, **kwargs)
        self._check_headers(answer)
        return answer

    def _asked(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Return the answer, having asked what it left in the 审计日志."""
        # An application that tries FAB's parts keeps no log.
        if not self.asks_deeds or EXTENSION not in self.application.extensions:
            return contextvars.Context().run(super().open, *args, **kwargs)
        deeds_left.begin()
        try:
            response = contextvars.Context().run(super().open, *args, **kwargs)
        finally:
            tables = deeds_left.end()
        fault = deeds_left.missing(response, tables, self._endpoint(response.request))
        assert not fault, fault
        return response

    def _endpoint(self, request: Any) -> str | None:
        try:
            adapter = self.application.url_map.bind("")
            return str(adapter.match(request.path, request.method)[0])
        except HTTPException:
            return None

    def _check_headers(self, answer: TestResponse) -> None:
        """Hold every answer of every test, files and errors too, to app/web/headers.py."""
        is_own = isinstance(self.application.session_interface, SessionInterface)
        path = answer.request.path
        if not is_own or "/static/" in path or path == "/favicon.ico":
            return
        sent = answer.headers
        assert sent["Cache-Control"] == "no-store", path
        assert sent["X-Content-Type-Options"] == "nosniff", path
        assert any(part in sent["Content-Security-Policy"] for part in POLICIES), path

    def sign_in(self, user: Any) -> None:
        """Be `user` from now on, without the login form (which has tests of its own).

        What the test has made until now is committed. The log-in lasts for ever: tests stop the
        clock where they like.
        """
        account_id, token = user if isinstance(user, int) else user.id, secrets.token_hex(16)
        row = insert(LoginSession.__table__).values(
            token_hash=digest_of(token), account_id=account_id, address="", browser="",
            needs_password=False, began_at=BEGINNING, expires_at=END,
        )  # fmt: skip
        with nullcontext() if has_app_context() else self.application.app_context():
            db.session.execute(row)
            db.session.commit()
        with self.session_transaction() as cookie:
            cookie["_user_id"] = str(account_id)
            cookie["_fresh"] = True
            cookie[TOKEN] = token

    def log_in(self, username: str, password: str) -> TestResponse:
        """Fill in the login form."""
        return self.submit("/login/", username=username, password=password)

    def page(self, url: str, status: int = 200) -> html.HtmlElement:
        """Return the parsed page behind `url`, redirects followed, decent in every respect."""
        response = self.get(url, follow_redirects=True)
        assert response.status_code == status, (url, response.status_code)
        assert not OUTSIDE.search(response.text), (url, OUTSIDE.search(response.text))
        page = html.fromstring(response.text)
        assert len(page.xpath("//h1")) == 1, (url, "one h1")
        inline = page.xpath("//@*[starts-with(name(), 'on')] | //script[not(@src or @nonce)]")
        assert not inline, (url, inline)
        sent = "//form[@method='post'][not(@data-enter)][.//input[@name='csrf_token']]"
        unkeyed = page.xpath(f"{sent}[not(.//input[@name='form_key'])]/@action")
        assert not unkeyed, (url, unkeyed)
        assert re.search("[一-鿿]", page.findtext(".//title") or ""), (url, "title")
        return page

    def submit(self, url: str, form: str = "//form[@method]", **fields: Any) -> TestResponse:
        """Open `url`, fill the first form matching `form`, send it as it stands."""
        page = html.fromstring(self.get(url, follow_redirects=True).text)
        element = next(
            found
            for found in page.xpath(form)
            if (found.get("method") or "").lower() == "post" and "logout" not in found.action
        )
        data = {name: value for name, value in element.form_values()} | fields
        return self.post(element.action or url, data=data)

    def token(self, url: str = "/login/") -> str:
        """Return a CSRF token of this session, as `url` offers it."""
        page = html.fromstring(self.get(url, follow_redirects=True).text)
        return str(page.xpath("//*[@name='csrf_token']/@value")[0])
