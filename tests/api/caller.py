"""Another system: a token, JSON, no cookies; every answer is held against the document."""

import contextvars
import re
from functools import cache
from typing import Any

import jsonschema
from flask import Flask, has_app_context
from werkzeug.test import TestResponse

from app.extensions import db
from app.views.api.document import api_document

KEY = re.compile(r"/\d+")
CHINESE = re.compile("[一-鿿]")


class Caller:
    """Sends requests in an empty context, as a server gets them."""

    def __init__(self, app: Flask, token: str) -> None:
        self.app, self.token = app, token

    def send(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        """Return the answer, decent in every respect."""
        headers = dict(kwargs.pop("headers", {}))
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if has_app_context():
            db.session.rollback()
        client = self.app.test_client(use_cookies=False)
        response = contextvars.Context().run(
            client.open, f"/api/v1{path}", method=method, headers=headers, buffered=True, **kwargs
        )
        self._decent(method, path, response)
        return response

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """Ask."""
        return self.send("GET", path, **kwargs)

    def post(self, path: str, body: Any = None, **kwargs: Any) -> TestResponse:
        """Send a body as JSON."""
        return self.send("POST", path, json=body, **kwargs)

    def _decent(self, method: str, path: str, response: TestResponse) -> None:
        assert "Set-Cookie" not in response.headers
        assert not [name for name, _text in response.headers if name.startswith("Access-Control")]
        assert response.headers["Cache-Control"] == "no-store"
        assert response.status_code < 500, response.text
        if method in ("HEAD", "OPTIONS") or response.status_code == 204:
            return
        assert response.mimetype == "application/json", (path, response.text)
        if response.status_code >= 400:
            assert CHINESE.search(response.json["message"]), response.json
            schema = {"$ref": "#/components/schemas/Error"}
        else:
            schema = answer_schema(self.app, method, path.partition("?")[0])
        check(self.app, schema, response.json)


@cache
def document_of(app: Flask) -> dict[str, Any]:
    """Return the application's document, in Chinese."""
    with app.test_request_context("/api/v1/openapi.json"):
        return api_document()


def answer_schema(app: Flask, method: str, path: str) -> dict[str, Any]:
    """Return what the document says of a successful answer."""
    plain = f"/api/v1{path}"
    for known, operations in document_of(app)["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", r"\\d+", known), plain):
            for status, answer in operations[method.lower()]["responses"].items():
                if status.startswith("2"):
                    return dict(answer["content"]["application/json"]["schema"])
    raise AssertionError(f"{method} {path} is not described")


def check(app: Flask, schema: dict[str, Any], value: Any) -> None:
    """Hold a value against a schema of the document."""
    whole = _plain(schema | {"components": document_of(app)["components"]})
    jsonschema.Draft202012Validator(whole).validate(value)


def _plain(schema: Any) -> Any:
    """Return OpenAPI's `nullable` as JSON Schema says it."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _plain(part) for key, part in schema.items() if key != "nullable"}
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") is True else made
