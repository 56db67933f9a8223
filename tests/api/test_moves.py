"""Every move of the pages through the interface: same table, same actions, same words."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.domain.states import Action, State
from app.extensions import db
from app.models import AuditEntry, CaseEvent, Unit
from app.views.api.moves import ALL
from tests.api.caller import Caller, document_of
from tests.factories import INTAKE, SUBMITTED, Office
from tests.views.moves_tried import TRIED
from tests.views.moving import Try, row_of

Call = Callable[..., Caller]
# What the page fills in by itself.
STARTS = {
    Action.CONTACT: {"contacted_at": "2026-10-12 09:50", "mode": "phone", "is_reached": "True"},
    Action.CALL_BACK: {"called_at": "2026-10-13 10:50", "mode": "phone"},
    Action.EVALUATE: {"evaluated_at": "2026-10-13 10:50"},
}
# What the pages do at the desk, or beside the telephone number, stands elsewhere.
APART = {Action.REGISTER, Action.REVEAL_PHONE}


def fields_of(app: Flask, action: Action) -> dict[str, Any]:
    """Return the fields of a move's body as the document describes them."""
    path = f"/api/v1/cases/{{case_id}}/moves/{action.value}"
    operation = document_of(app)["paths"][path]["post"]
    content = operation["requestBody"]["content"]["application/json"]
    return dict(content["schema"]["properties"])


def as_json(schema: dict[str, Any], value: Any) -> Any:
    """Return what a test typed into the form as the interface takes it."""
    if isinstance(value, list):
        return [as_json(schema["items"], one) for one in value]
    if schema["type"] == "integer" and isinstance(value, str) and not value.isdigit():
        unit = db.session.query(Unit).filter(Unit.name.contains(value)).first()
        return unit.id if unit else 2
    if schema["type"] == "integer":
        return int(value)
    if schema["type"] == "boolean":
        return value in ("True", "y")
    if schema.get("format") == "date-time":
        return dt.datetime.fromisoformat(value).isoformat() + "+08:00"
    return value


@pytest.mark.parametrize("one", TRIED, ids=lambda one: one.action.value)
def test_move_of_the_pages_is_a_move_of_the_interface(
    office: Office, caller: Call, api_app: Flask, freeze: Callable[..., None], one: Try
) -> None:
    case = one.case_of(office)
    db.session.commit()
    key, version = case.id, case.version
    described = fields_of(api_app, one.action)
    fields = STARTS.get(one.action, {}) | one.fields(office)
    body = {name: as_json(described[name], value) for name, value in fields.items()}
    body["version"] = version
    address = f"/cases/{key}/moves/{one.action.value}"
    right, wrong = caller(getattr(office, one.who)), caller(getattr(office, one.wrong))
    freeze(one.when)
    before = row_of(key)
    refused = wrong.post(address, body)
    assert refused.status_code in (403, 404, 409, 422), refused.text
    stale = right.post(address, body | {"version": version + 1})
    assert (stale.status_code, stale.json["code"]) == (409, "stale")
    assert row_of(key) == before
    events = db.session.query(CaseEvent).filter_by(case_id=key).count()
    made = right.post(address, body)
    assert made.status_code == 200, made.text
    assert row_of(key)["state"] is one.state
    assert db.session.query(CaseEvent).filter_by(case_id=key).count() == events + 1
    assert one.says in made.json["message"]
    again = right.post(address, body)
    assert again.status_code in (403, 404, 409)


def test_interface_has_exactly_the_moves_of_the_table() -> None:
    assert set(ALL) == set(Action) - APART


def test_case_from_registration_to_the_section(office: Office, caller: Call) -> None:
    desk = caller(office.officer)
    facts = {name: getattr(value, "value", value) for name, value in INTAKE.items()}
    made = desk.post("/cases", facts)
    assert made.status_code == 201, made.text
    key, version = made.json["case"]["id"], made.json["case"]["version"]
    assert made.headers["Location"].endswith(f"/api/v1/cases/{key}")
    changed = desk.send("PATCH", f"/cases/{key}", json={"version": version, "item_name": "慢病"})
    assert changed.status_code == 200, changed.text
    assert row_of(key)["narrative"] == INTAKE["narrative"]
    version = changed.json["case"]["version"]
    sent = desk.post(f"/cases/{key}/moves/submit", {"version": version})
    assert sent.json["case"]["state"] == "to_dispatch", sent.text
    assert "台账编号 2026-0001" in sent.json["message"]
    late = desk.send("PATCH", f"/cases/{key}", json={"version": 3, "item_name": "别的"})
    assert late.status_code in (409, 422)


def test_other_ends_of_the_desk(office: Office, caller: Call) -> None:
    desk = caller(office.officer)
    rejected, solved = office.draft(), office.draft()
    db.session.commit()
    body = {"version": rejected.version, "ground": office.ground.id, "legal_basis": "条例第三条",
            "explain_text": "已当面解释", "referred_to": "县信访局"}  # fmt: skip
    assert "BY2026-0001" in desk.post(f"/cases/{rejected.id}/moves/reject", body).json["message"]
    land = office.units["land"].id
    body = {"version": solved.version, "lead_unit_id": land, "unit_person": "甲",
            "handling_note": "当场补录", "reply_text": "已办好"}  # fmt: skip
    told = desk.post(f"/cases/{solved.id}/moves/resolve_on_spot", body)
    assert told.json["case"]["state"] == "to_confirm", told.text


def test_empty_fields_are_told_one_by_one(office: Office, caller: Call) -> None:
    case = office.case_in(State.TO_DISPATCH)
    db.session.commit()
    answer = caller(office.clerk).post(
        f"/cases/{case.id}/moves/dispatch", {"version": case.version}
    )
    assert (answer.status_code, answer.json["code"]) == (422, "fields_missing")
    assert answer.json["field"] == "lead_unit_id"
    told = [answer.json["field"], *(one["field"] for one in answer.json["errors"])]
    assert set(told) >= {"lead_unit_id", "limit_class", "content"}


@pytest.mark.parametrize(
    ("body", "field"),
    [({"lead_unit_id": "不动产登记窗口"}, "lead_unit_id"), ({"lead_unit_id": 9999}, "lead_unit_id"),
     ({"limit_class": "for_ever"}, "limit_class"), ({"content": 7}, "content"),
     ({"content": "x" * 5001}, "content"), ({"co_unit_ids": [1, 1]}, "co_unit_ids"),
     ({"co_unit_ids": {"a": 1}}, "co_unit_ids"), ({"state": "archived"}, "state"),
     ({"content": "\ud800"}, "content"), ({"version": "1"}, "version"),
     ({"version": True}, "version")],
)  # fmt: skip
def test_values_of_the_wrong_kind_are_refused_by_field(
    office: Office, caller: Call, body: dict[str, Any], field: str
) -> None:
    case = office.case_in(State.TO_DISPATCH)
    db.session.commit()
    before = row_of(case.id)
    address = f"/cases/{case.id}/moves/dispatch"
    answer = caller(office.clerk).post(address, {"version": case.version} | body)
    assert (answer.status_code, answer.json["field"]) == (422, field), answer.text
    assert row_of(case.id) == before


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [("{", "application/json", 400), ("[" * 90_000, "application/json", 400),
     ("[]", "application/json", 422), ("version=1", "application/x-www-form-urlencoded", 415),
     ("9" * 5000, "application/json", 400), ("\xff\xfe", "application/json", 422),
     ('"' + "x" * 300_000 + '"', "application/json", 413)],
)  # fmt: skip
def test_bodies_that_are_none(
    office: Office, caller: Call, data: str, kind: str, status: int
) -> None:
    case = office.case_in(State.TO_DISPATCH)
    db.session.commit()
    address = f"/cases/{case.id}/moves/dispatch"
    raw = data.encode("latin-1")
    answer = caller(office.clerk).send("POST", address, data=raw, content_type=kind)
    assert answer.status_code in ({status, 400} if status == 422 else {status}), answer.text


def test_who_did_it_stands_in_event_and_log(office: Office, caller: Call) -> None:
    case = office.case_in(State.TO_SIGN)
    db.session.commit()
    caller(office.land_head).post(f"/cases/{case.id}/moves/sign", {"version": case.version})
    event = db.session.query(CaseEvent).order_by(CaseEvent.id.desc()).first()
    assert (event.by_id, event.at) == (office.land_head.id, SUBMITTED)
    entry = db.session.query(AuditEntry).filter_by(object_type="case_event").order_by(
        AuditEntry.id.desc()).first()  # fmt: skip
    assert (entry.account_id, entry.address) == (office.land_head.id, "127.0.0.1")
