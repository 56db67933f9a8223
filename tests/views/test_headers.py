"""What every answer carries: a policy that loads nothing from outside, a safe cookie."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, session

from tests.client import OfficeClient
from tests.databases import make_app


def test_policy_allows_the_scripts_of_this_page_only(client: Callable[[], OfficeClient]) -> None:
    browser = client()
    first, second = (browser.get("/login/") for _ in range(2))
    policy = first.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce
    assert policy != second.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    scripts = re.findall(r"<script[^>]*>", first.text)
    assert scripts
    assert all(f'nonce="{nonce[1]}"' in tag or 'src="/' in tag for tag in scripts)


@pytest.mark.parametrize(("scheme", "is_secure"), [("http", False), ("https", True)])
def test_cookie_is_secure_whenever_the_request_was(
    client: Callable[[], OfficeClient], scheme: str, is_secure: bool
) -> None:
    response = client().get("/login/", base_url=f"{scheme}://localhost")
    cookie = response.headers["Set-Cookie"]
    assert ("Secure" in cookie) is is_secure
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("proxies", [0, 1])
@pytest.mark.parametrize("https_only", [False, True])
def test_hsts_and_secure_by_setting_whatever_the_proxy_says(
    tmp_path: Path, proxies: int, https_only: bool
) -> None:
    values = {"https_only": https_only, "proxies": proxies}
    office = make_app(f"sqlite:///{tmp_path / 'none.db'}", tmp_path, settings=values)
    office.add_url_rule("/seen", view_func=lambda: session.update(seen=1) or "x")
    browser = OfficeClient(office, office.response_class)
    plain = browser.get("/seen")
    assert ("Strict-Transport-Security" in plain.headers) is https_only
    assert ("; Secure" in plain.headers["Set-Cookie"]) is https_only
    behind = browser.get("/seen", headers={"X-Forwarded-Proto": "https"})
    assert ("; Secure" in behind.headers["Set-Cookie"]) is (https_only or bool(proxies))


def test_policy_forbids_frames_objects_and_foreign_targets(
    client: Callable[[], OfficeClient],
) -> None:
    policy = client().get("/login/").headers["Content-Security-Policy"]
    for part in ("object-src 'none'", "frame-ancestors 'none'", "base-uri 'self'",
                 "form-action 'self'"):  # fmt: skip
        assert part in policy
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in scripts


@pytest.mark.parametrize("url", ["/", "/no-such-page", "/cases/list/", "/case/1", "/exports/"])
def test_errors_and_redirects_are_not_kept_either(
    client: Callable[[], OfficeClient], url: str
) -> None:
    answer = client().get(url)
    assert answer.status_code in (302, 404)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["MAX_CONTENT_LENGTH", "MAX_FORM_MEMORY_SIZE", "MAX_FORM_PARTS"])
def test_form_above_each_limit_gets_the_chinese_page(
    client: Callable[[], OfficeClient], app: Flask, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, name, 3)
    # Only a form of parts is counted in parts.
    data = {f"field{n}": "x" for n in range(5)} | {"more": "x" * 50}
    answer = client().post("/login/", data=data, content_type="multipart/form-data")
    assert answer.status_code == 413
    assert "过大" in answer.text or "太大" in answer.text


def test_page_is_not_kept_by_the_browser_but_styles_are(
    client: Callable[[], OfficeClient],
) -> None:
    assert client().get("/login/").headers["Cache-Control"] == "no-store"
    style = client().get("/static/css/error.css")
    assert style.status_code == 200
    assert style.headers["Cache-Control"] != "no-store"


def test_cookie_is_renewed_by_pages_and_not_by_what_loads_beside_them(
    client: Callable[[], OfficeClient],
) -> None:
    assert "Set-Cookie" in client().get("/login/").headers
    assert "Set-Cookie" not in client().get("/login/", headers={"X-Lookup": "1"}).headers
    for url in ("/static/css/error.css", "/favicon.ico"):
        answer = client().get(url)
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)


def test_login_with_a_foreign_next_stays_here(app: Flask, client: Callable[..., object]) -> None:
    from flask_appbuilder.utils.base import is_safe_redirect_url

    with app.test_request_context("/", base_url="http://evil.example"):
        assert not is_safe_redirect_url("http://evil.example/cases")
        assert is_safe_redirect_url("/cases")


def test_language_is_not_changed_by_get(client: Callable[..., OfficeClient]) -> None:
    assert client().get("/lang/en").status_code == 404
