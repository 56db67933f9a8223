"""The interface as a whole: shut by default, no cookie, every address behind a token."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from app.domain.states import Role
from app.security import SCREENS
from app.views.api.base import SCREENS as SCOPES
from tests.api.caller import Caller, document_of
from tests.client import OfficeClient
from tests.factories import Office

pytestmark = pytest.mark.sqlite_only
ADDRESSES = ("/api/v1/cases", "/api/v1/cases/1", "/api/v1/token", "/api/v1/openapi.json",
             "/api/v1/security/login", "/api/v1/menu/", "/api/v1/_openapi", "/swagger/v1",
             "/swaggerview/v1", "/my-tokens/", "/my-tokens/description")  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_shut_interface_has_no_address(
    office: Office, app: Flask, client: Callable[..., OfficeClient], method: str
) -> None:
    browser = client(office.clerk)
    headers = {"X-CSRFToken": browser.token("/users/userinfo/"), "Authorization": "Bearer x"}
    codes = {browser.open(a, method=method, headers=headers).status_code for a in ADDRESSES}
    assert codes <= {404, 405}
    assert not [r for r in app.url_map.iter_rules() if r.rule.startswith("/api/")]
    assert browser.get("/api/v1/cases").mimetype == "application/json"


def test_no_other_api_of_the_framework_opens_with_it(api_app: Flask) -> None:
    rules = {r.rule for r in api_app.url_map.iter_rules() if r.rule.startswith("/api/")}
    described = {re.sub(r"\{(\w+)\}", r"<int:\1>", path) for path in document_of(api_app)["paths"]}
    generic = "/api/v1/cases/<int:case_id>/moves/<action>"
    assert rules == {path for path in described if "/moves/" not in path} | {generic}


def test_every_address_needs_a_token_and_takes_no_cookie(
    office: Office, api_app: Flask, caller: Callable[..., Caller]
) -> None:
    browser = OfficeClient(api_app, api_app.response_class)
    browser.sign_in(office.clerk)
    csrf = browser.token("/users/userinfo/")
    open_ones = set()
    for path, operations in document_of(api_app)["paths"].items():
        address = re.sub(r"\{\w+\}", "1", path)
        for method in operations:
            for headers in ({}, {"X-CSRFToken": csrf}, {"Authorization": "Bearer wrong"},
                            {"Authorization": "Basic eDp5"}):  # fmt: skip
                answer = browser.open(address, method=method, headers=headers, json={})
                if answer.status_code != 401:
                    open_ones.add((method, path))
                else:
                    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert open_ones == {("post", "/api/v1/token")}


def test_wrong_method_names_the_right_ones(office: Office, caller: Callable[..., Caller]) -> None:
    answer = caller(office.clerk).send("PUT", "/cases")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    assert caller(office.clerk).get("/nothing").status_code == 404
    assert caller(office.clerk).get("//cases").status_code == 404


def test_language_of_the_browser_changes_nothing(
    office: Office, caller: Callable[..., Caller]
) -> None:
    answer = caller().get("/cases", headers={"Accept-Language": "en"})
    assert answer.json["message"].startswith("没有有效的令牌")


def test_administrators_reach_nothing(office: Office) -> None:
    trio = {Role.SYS_ADMIN, Role.SEC_ADMIN, Role.AUDITOR}
    for permission, screen in SCOPES.values():
        assert not SCREENS[screen][permission] & trio


def test_document_is_in_chinese_and_names_every_refusal(api_app: Flask) -> None:
    document = document_of(api_app)
    for operations in document["paths"].values():
        for operation in operations.values():
            assert re.search("[一-鿿]", operation["summary"])
            assert {"400", "405", "429", "500"} <= set(operation["responses"])
    assert set(document["components"]["securitySchemes"]) == {"token"}


def test_page_of_the_document_loads_nothing_from_outside(office: Office, api_app: Flask) -> None:
    browser = OfficeClient(api_app, api_app.response_class)
    browser.sign_in(office.clerk)
    page = browser.page("/my-tokens/description")
    for address in page.xpath("//script/@src | //link[@rel='stylesheet']/@href"):
        assert browser.get(address).status_code == 200, address
    assert browser.get("/my-tokens/openapi.json").json == document_of(api_app)
    assert browser.get("/my-tokens/viewer/index.html").status_code == 404
    stranger = OfficeClient(api_app, api_app.response_class)
    for path in ("/my-tokens/description", "/my-tokens/openapi.json"):
        assert "/login" in stranger.get(path).location
