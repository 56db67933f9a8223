"""What every answer carries: a policy that loads nothing from outside, a safe cookie."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.client import OfficeClient


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
