"""The OpenAPI document, from the descriptions that the interface itself reads and answers by."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apispec import APISpec
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.fab.api_arguments import Argument, Schema

VERSION = "3.0.3"
JSON = "application/json"
TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
KEY: Schema = {"type": "integer", "minimum": 1}
TRUTH: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time", "example": "2026-10-15T17:00:00+08:00"}
DAY: Schema = {"type": "string", "format": "date", "example": "2026-10-15"}
ERROR = "Error"
ANSWERS: dict[int, Any] = {
    200: _l("Done"),
    201: _l("Made"),
    204: _l("Done, nothing to tell"),
    400: _l("The request was not understood"),
    401: _l("No valid token"),
    403: _l("Not open to this token or this person"),
    404: _l("Not found, or not for this person"),
    405: _l("Another method"),
    409: _l("Changed meanwhile, or not possible in this state"),
    413: _l("Too large"),
    415: _l("No JSON"),
    422: _l("Refused by the rules, or a value that does not fit"),
    429: _l("Too many requests"),
    500: _l("Something went wrong"),
    503: _l("The database does not answer"),
    507: _l("No room left on the server's disk"),
}


def error_schema() -> Schema:
    """Return what every refusal looks like."""
    problem = {
        "type": "object", "required": ["field", "message"], "additionalProperties": False,
        "properties": {"field": TEXT, "message": TEXT},
    }  # fmt: skip
    properties = {
        "code": TEXT | {"description": _("Reason, for the program"), "example": "stale"},
        "message": TEXT | {"description": _("Reason, for the person")},
        "field": TEXT | {"description": _("Field or argument it belongs to")},
        "reference": TEXT | {"description": _("Number of a fault, to tell the administrator")},
        "errors": {"type": "array", "description": _("One reason a field"), "items": problem},
    }
    return {
        "type": "object", "required": ["code", "message"], "additionalProperties": False,
        "properties": properties,
    }  # fmt: skip


def maybe(schema: Schema) -> Schema:
    """Return the schema of a value that may be missing (null)."""
    made = schema | {"nullable": True}
    return made | {"enum": [*schema["enum"], None]} if "enum" in schema else made


@dataclass(frozen=True)
class Column:
    """One column of an answer: nothing is given out that is not described here."""

    name: str
    words: Any
    schema: Schema
    read: Callable[[Any], Any] | None = None

    def value(self, row: Any) -> Any:
        """Return what stands in it, as JSON has it."""
        found = self.read(row) if self.read else getattr(row, self.name)
        return found.isoformat() if hasattr(found, "isoformat") else found


def shaped(columns: Iterable[Column], row: Any) -> dict[str, Any]:
    """Return a row as the answer has it."""
    return {column.name: column.value(row) for column in columns}


def object_of(columns: Sequence[Column]) -> Schema:
    """Return the schema of such a row."""
    return {
        "type": "object",
        "required": [column.name for column in columns],
        "additionalProperties": False,
        "properties": {c.name: c.schema | {"description": str(c.words)} for c in columns},
    }


def list_of(schema: Schema) -> Schema:
    """Return the schema of a page of rows."""
    whole = {"type": "integer", "minimum": 0}
    names = ["count", "page", "page_size", "result"]
    properties = {"count": whole, "page": KEY, "page_size": KEY}
    return {
        "type": "object", "required": names, "additionalProperties": False,
        "properties": properties | {"result": {"type": "array", "items": schema}},
    }  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """What one address and method take, answer and refuse; `keys` are the parts of the address.

    `body` and `answer` may be functions, for what only the running application knows.
    """

    summary: Any
    answer: Any = None
    status: int = 200
    scope: str = ""
    parameters: tuple[Argument, ...] = ()
    keys: tuple[str, ...] = ()
    headers: tuple[dict[str, Any], ...] = ()
    body: Any = None
    example: Mapping[str, Any] | None = None
    refusals: tuple[int, ...] = ()
    is_open: bool = False
    more: Any = field(default="")

    def document(self, name: str) -> dict[str, Any]:
        """Return the operation as OpenAPI writes it."""
        keys = [
            {"name": key, "in": "path", "required": True, "schema": KEY} for key in self.keys
        ]  # fmt: skip
        found: dict[str, Any] = {
            "operationId": name,
            "summary": str(self.summary),
            "parameters": [*keys, *(a.document() for a in self.parameters), *self._headers()],
            "responses": {str(code): self._response(code) for code in self.statuses()},
        }
        found["security"] = [] if self.is_open else [{"token": []}]
        words = [
            str(self.more),
            _("Scope of the token: %(scope)s", scope=self.scope) if self.scope else "",
        ]
        found["description"] = "\n\n".join(word for word in words if word)
        if self.body is not None:
            content: dict[str, Any] = {"schema": _made(self.body)}
            if self.example:
                content["example"] = dict(self.example)
            found["requestBody"] = {"required": True, "content": {JSON: content}}
        return found

    def _headers(self) -> list[dict[str, Any]]:
        """Return the headers it takes; whatever has a body may be sent again under its key."""
        if self.body is None or self.is_open:
            return list(self.headers)
        words = _("Sent again under the same key, it is answered again and done once (two days).")
        key = {
            "name": "Idempotency-Key", "in": "header", "required": False, "description": words,
            "schema": TEXT | {"pattern": "^[!-~]{16,128}$", "example": "9f2c6d1e0b7a4835"},
        }  # fmt: skip
        return [*self.headers, key]

    def statuses(self) -> list[int]:
        """Return every status this operation may answer."""
        found = {self.status, 400, 405, 429, 500, 503, 507, *self.refusals}
        if not self.is_open:
            found |= {401, 403}
        if self.keys:
            found.add(404)
        if self.body is not None:
            found |= {409, 413, 415, 422}
        return sorted(found)

    def _response(self, code: int) -> dict[str, Any]:
        if code != self.status:
            return {"$ref": f"#/components/responses/{code}"}
        response: dict[str, Any] = {"description": str(ANSWERS[code])}
        schema = _made(self.answer)
        if schema is not None:
            response["content"] = {JSON: {"schema": schema}}
        return response


def ref(name: str) -> Schema:
    """Return a reference to a schema that stands in the document once."""
    return {"$ref": f"#/components/schemas/{name}"}


def _made(schema: Any) -> Any:
    return schema() if callable(schema) else schema


def document(
    apis: Iterable[Any], *, title: str, description: str, schemas: Mapping[str, Schema]
) -> dict[str, Any]:
    """Return the document of these resources; `schemas` stand in it once, by name."""
    spec = APISpec(
        title=title, version="v1", openapi_version=VERSION, info={"description": description},
        servers=[{"url": "/"}],
    )  # fmt: skip
    for name, schema in {**schemas, ERROR: error_schema()}.items():
        spec.components.schema(name, schema)
    for code in ANSWERS:
        if code >= 400:
            content = {JSON: {"schema": ref(ERROR)}}
            spec.components.response(
                str(code), {"description": str(ANSWERS[code]), "content": content}
            )
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for api in apis:
        api.add_api_spec(spec)
    found: dict[str, Any] = spec.to_dict()
    return found
