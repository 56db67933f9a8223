"""A request sent again under its key is done once and answered alike (ADR 0035)."""

from collections.abc import Callable

import pytest

from app.extensions import db
from app.models import Case, CaseEvent
from tests.api.caller import Caller
from tests.factories import INTAKE, Office

Call = Callable[..., Caller]
KEY = {"Idempotency-Key": "9f2c6d1e0b7a4835"}
FACTS = {name: getattr(value, "value", value) for name, value in INTAKE.items()}


def rows(model: type) -> int:
    db.session.rollback()
    return db.session.query(model).count()


def test_case_sent_twice_is_one_case(office: Office, caller: Call) -> None:
    desk = caller(office.officer)
    first = desk.post("/cases", FACTS, headers=KEY)
    again = desk.post("/cases", FACTS, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201), again.text
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"]
    assert (again.headers["Idempotent-Replayed"], rows(Case)) == ("true", 1)
    without = desk.post("/cases", FACTS)
    assert (without.status_code, rows(Case)) == (201, 2)


def test_move_sent_twice_is_one_move(office: Office, caller: Call) -> None:
    case = office.dispatch(office.submit(office.draft()))
    db.session.commit()
    head, address, version = caller(office.land_head), f"/cases/{case.id}/moves/sign", case.version
    first = head.post(address, {"version": version}, headers=KEY)
    events = rows(CaseEvent)
    again = head.post(address, {"version": version}, headers=KEY)
    assert (first.status_code, again.status_code) == (200, 200), again.text
    assert again.json == first.json
    assert rows(CaseEvent) == events
    # Under a new key it is another request, and comes too late.
    other = head.post(address, {"version": version}, headers={"Idempotency-Key": "k" * 20})
    assert other.status_code == 409


def test_key_belongs_to_one_request_of_one_person(office: Office, caller: Call) -> None:
    desk = caller(office.officer)
    assert desk.post("/cases", FACTS, headers=KEY).status_code == 201
    changed = desk.post("/cases", FACTS | {"item_name": "别的事项"}, headers=KEY)
    assert (changed.status_code, changed.json["code"]) == (409, "key_used")
    foreign = caller(office.officer2).post("/cases", FACTS, headers=KEY)
    assert (foreign.status_code, foreign.json["code"], rows(Case)) == (409, "key_used", 1)


@pytest.mark.parametrize("key", ["", "short", "k" * 129, "空" * 20, "with blank in the key"])
def test_key_that_is_none_is_refused(office: Office, caller: Call, key: str) -> None:
    headers = {"Idempotency-Key": key.encode().decode("latin-1")}
    answer = caller(office.officer).post("/cases", FACTS, headers=headers)
    assert (answer.status_code, answer.json["field"]) == (400, "Idempotency-Key"), answer.text
    assert rows(Case) == 0


def test_refused_request_leaves_its_key_free(office: Office, caller: Call) -> None:
    desk = caller(office.officer)
    refused = desk.post("/cases", FACTS | {"item_name": "长" * 200}, headers=KEY)
    assert refused.status_code == 422, refused.text
    assert desk.post("/cases", FACTS, headers=KEY).status_code == 201
