"""A demo office served by `python run.py` and a real Chromium in front of it.

Its clock starts on a Monday morning: the demo's open cases and rosters have dates of their own.
"""

import csv
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from config import ROOT
from tests.browser.hands import DESK, PHONE, Hands, keep_picture

__all__ = ["DESK", "PHONE"]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 180
PATIENCE_MS = 10_000
# The first working day after the demo's last entry; 程立群 leads, 赵小满 sits at the desk.
MONDAY = "2026-11-23T10:00:00+08:00"


@dataclass(frozen=True)
class Office:
    """A running demo office: where it is and who may enter."""

    url: str
    accounts: dict[str, dict[str, str]]

    def username_of(self, role: str) -> str:
        """Return the first account that has the role, by its Chinese name."""
        return next(name for name, row in self.accounts.items() if role in row["role"])


@contextmanager
def serve(instance: Path) -> Iterator[str]:
    """Serve the demo office of `instance` on a free port; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "BANJIE_ENV": "demo",
        "BANJIE_INSTANCE_DIR": str(instance),
        "BANJIE_PORT": str(port),
        # Jobs act by the clock of the wall; the demo's cases have a course of their own.
        "BANJIE_SCHEDULER": "false",
    }
    log = instance / "server.log"
    with log.open("ab") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.served", MONDAY],
            env=os.environ | settings,
            stdout=output,
            stderr=output,
            cwd=ROOT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, server, log)
            yield url
        finally:
            server.terminate()
            server.wait(20)


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/login/", timeout=5).close()  # noqa: S310 (loopback)
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"the demo office did not start: {log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a freshly loaded demo office; loading it takes a while."""
    folder = tmp_path_factory.mktemp("prepared")
    with serve(folder):
        return folder


@pytest.fixture(scope="module")
def office(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Serve a copy of its own to every test file: the tests of a file are one day, in order."""
    folder = tmp_path_factory.mktemp("office")
    shutil.copytree(prepared, folder, dirs_exist_ok=True)
    with (folder / "demo-accounts.csv").open(encoding="utf-8-sig") as source:
        accounts = {row["username"]: row for row in csv.DictReader(source)}
    with serve(folder) as url:
        yield Office(url, accounts)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium once, with an empty profile and no network of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, office: Office) -> Iterator[Callable[..., Page]]:
    """Return a maker of fresh windows; each fails the test on a script error or outside request."""
    troubles: list[str] = []
    contexts = []

    def make(viewport: dict[str, int] | None = None, **kept: Any) -> Page:
        context = chromium.new_context(
            base_url=office.url,
            viewport=viewport or DESK,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **kept,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.clock.set_fixed_time(MONDAY)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
        page.on("console", lambda line: _note(troubles, line.type, line.text))
        page.on("request", lambda request: _note_outside(troubles, request.url, office.url))
        return page

    yield make
    for context in contexts:
        context.close()
    assert not troubles


def _note(troubles: list[str], kind: str, text: str) -> None:
    # A refused move answers 4xx on purpose; Chromium reports that as an error of loading.
    if kind == "error" and "Failed to load resource" not in text:
        troubles.append(f"console: {text}")


def _note_outside(troubles: list[str], url: str, home: str) -> None:
    if not url.startswith((home, "data:", "blob:")):
        troubles.append(f"outside: {url}")


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """Return one window of the size most offices have."""
    return open_page()


@pytest.fixture
def login(office: Office) -> Callable[[Page, str], Page]:
    """Return a function that signs a window in under a username."""

    def sign_in(page: Page, username: str) -> Page:
        page.goto("/login/")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", office.accounts[username]["password"])
        page.locator("form:has(input[name=password]) [type=submit]").click()
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    return sign_in


@pytest.fixture(scope="module")
def tickets() -> dict[str, Any]:
    """Hold the sessions of those who logged in before in this file; a log-in is slow on purpose."""
    return {}


@pytest.fixture
def come_in(
    office: Office,
    open_page: Callable[..., Page],
    login: Callable[[Page, str], Page],
    tickets: dict[str, Any],
) -> Callable[..., Hands]:
    """Return a function that signs a person in, in a window of their own, at the workbench."""

    def come(username: str, who: str, viewport: dict[str, int] | None = None) -> Hands:
        if username in tickets:
            page = open_page(viewport, storage_state=tickets[username])
            page.goto("/")
        else:
            page = login(open_page(viewport), username)
            tickets[username] = page.context.storage_state()
        return Hands(page, who, office.accounts)

    return come


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """Return a function that keeps a picture of the whole page under build/screenshots/."""
    return keep_picture
