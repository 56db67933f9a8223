"""Renew the pictures of the README: the demo office at its own time, in a headless Chromium."""

import csv
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

import time_machine
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
]
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
MOST_BYTES = 200 * 1024
START_SECONDS = 300

# File, role that looks, address, window. `today` is the leader of the day, `{case}` one case.
PICTURES = (
    ("home", "督办考核科", "/", DESK),
    ("list", "督办考核科", "/cases/list/?quick=all", DESK),
    ("case", "today", "/case/{case}", DESK),
    ("print", "督办考核科", "/print/slips/{case}", DESK),
    ("phone", "today", "/", PHONE),
)


def main() -> None:
    """Serve a fresh demo office, take the pictures, stop it."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        office = subprocess.Popen(  # noqa: S603 (this very file)
            [sys.executable, __file__, "serve"],
            cwd=ROOT,
            env=os.environ
            | {
                "BANJIE_ENV": "demo",
                "BANJIE_INSTANCE_DIR": folder,
                "BANJIE_PORT": str(port),
                "BANJIE_SCHEDULER": "false",
                "PYTHONPATH": str(ROOT),
            },
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, office)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                _take_all(browser, url, Path(folder))
        finally:
            office.terminate()
            office.wait(20)


def serve() -> None:
    """Serve the demo office as if it were the last moment of its story."""
    from app import create_app
    from app.web import server
    from config import Settings

    story = json.loads((ROOT / "app/demo/sample_cases.json").read_text(encoding="utf-8"))
    # Naive times of the file are the office's own.
    with time_machine.travel(story["now"] + "+08:00"):
        settings = Settings.read()
        server.serve(create_app(settings), settings)


def _wait(url: str, office: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and office.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/login/", timeout=5).close()  # noqa: S310 (loopback)
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
        else:
            return
    raise RuntimeError("the demo office did not start")


def _take_all(browser: Browser, url: str, folder: Path) -> None:
    with (folder / "demo-accounts.csv").open(encoding="utf-8-sig") as source:
        people = list(csv.DictReader(source))
    section = _login(browser, url, _who(people, "role", "督办考核科"), DESK)
    case = _case_id(section, url, "2026-0122")
    leader = _who(people, "name", _leader_of_today(section, url))
    for name, role, address, window in PICTURES:
        row = leader if role == "today" else _who(people, "role", role)
        page = _login(browser, url, row, window)
        page.goto(url + address.format(case=case))
        _keep(page, name)


def _who(people: list[dict[str, str]], column: str, word: str) -> dict[str, str]:
    return next(row for row in people if word in row[column])


def _case_id(page: Page, url: str, number: str) -> str:
    page.goto(f"{url}/cases/list/?quick=all&q={number}")
    href = page.locator("main table a[href*='/case/']").first.get_attribute("href") or ""
    return href.split("/case/")[1].split("?")[0].split("/")[0]


def _leader_of_today(page: Page, url: str) -> str:
    page.goto(url)
    return page.locator(".duty span").first.inner_text().split()[1]


def _login(browser: Browser, url: str, row: dict[str, str], window: dict[str, int]) -> Page:
    page = browser.new_context(
        viewport=window, locale="zh-CN", timezone_id="Asia/Shanghai"
    ).new_page()
    page.goto(f"{url}/login/")
    page.fill("input[name=username]", row["username"])
    page.fill("input[name=password]", row["password"])
    page.locator("form:has(input[name=password]) [type=submit]").click()
    page.wait_for_url(lambda address: "/login" not in address)
    return page


def _keep(page: Page, name: str) -> None:
    path = HERE / f"{name}.png"
    page.screenshot(path=path)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)} {size} bytes")
    if size > MOST_BYTES:
        raise RuntimeError(f"{path.name} is larger than {MOST_BYTES} bytes")


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["serve"] else main()
