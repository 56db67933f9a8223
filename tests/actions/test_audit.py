"""审计日志: what is written down by itself, and what a hand in the database cannot hide."""

import json
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.actions import audit
from app.domain.audit import AuditAction, Tampering
from app.domain.states import Role
from app.extensions import db
from app.models import AuditEntry, AuditHead, CaseEvent, Setting, Unit
from app.unit_of_work import unit_of_work
from tests.factories import Office, make_office
from tests.tampering import by_hand


@pytest.fixture
def office(session: Any) -> Office:
    """Return an office whose making stands in the log."""
    with unit_of_work():
        return make_office()


def entries(action: AuditAction, kind: str = "") -> list[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
    if kind:
        query = query.where(AuditEntry.object_type == kind)
    return list(db.session.scalars(query))


def verify(**anchors: Any) -> list[tuple[int, Tampering]]:
    db.session.expire_all()
    return [(fault.seq, fault.what) for fault in audit.verify(anchors=anchors or {})]


def known(found: list[tuple[int, Tampering]]) -> set[Tampering]:
    return {what for _seq, what in found}


def test_every_change_of_the_office_is_written_down(office: Office) -> None:
    with unit_of_work():
        db.session.add(Setting(name="verify_days", text="2"))
    with unit_of_work():
        db.session.get(Setting, "verify_days").text = "3"
    with unit_of_work():
        db.session.delete(db.session.get(Setting, "verify_days"))
    created, changed, deleted = (
        entries(action, "settings")[-1]
        for action in (AuditAction.CREATED, AuditAction.CHANGED, AuditAction.DELETED)
    )
    assert json.loads(created.after) == {"name": "verify_days", "text": "2"}
    assert (json.loads(changed.before), json.loads(changed.after)) == (
        {"text": "2"}, {"text": "3"},
    )  # fmt: skip
    assert (json.loads(deleted.before)["text"], deleted.after) == ("3", "")
    assert created.account_name == "系统"
    assert verify() == []


def test_roles_are_written_down_by_name_and_passwords_never(office: Office) -> None:
    account = office.clerk
    with unit_of_work():
        account = db.session.merge(account)
        account.password = "secret-hash"
        account.roles = [db.session.merge(office.roles[Role.AUDITOR])]
    entry = entries(AuditAction.CHANGED, "ab_user")[-1]
    assert "secret-hash" not in entry.after
    assert json.loads(entry.before)["roles"] == "督办考核科"
    assert json.loads(entry.after)["roles"] == "审计员"


def test_what_is_rolled_back_is_not_written_down(office: Office) -> None:
    before = db.session.scalar(select(func.count(AuditEntry.id)))

    def fail() -> None:
        with unit_of_work():
            db.session.add(Setting(name="verify_days", text="2"))
            db.session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with unit_of_work():
        pass
    assert db.session.scalar(select(func.count(AuditEntry.id))) == before


def test_events_of_a_case_stand_in_the_chain(office: Office) -> None:
    with unit_of_work():
        case = office.dispatch(office.submit(office.draft()))
        key = case.id
    events = db.session.scalars(select(CaseEvent.id).where(CaseEvent.case_id == key)).all()
    noted = {int(entry.object_id) for entry in entries(AuditAction.CASE_EVENT)}
    assert set(events) <= noted
    assert verify() == []


@pytest.fixture
def log(office: Office) -> int:
    """Return how many entries there are after a case was handed over."""
    with unit_of_work():
        office.dispatch(office.submit(office.draft()))
    return audit.head().seq


def test_database_itself_refuses_to_change_the_log(log: int) -> None:
    for sql in (
        "UPDATE audit_entries SET account_name = 'x' WHERE id = 1",
        "DELETE FROM audit_entries WHERE id = 1",
        "UPDATE case_events SET summary = 'x'",
        "DELETE FROM case_events",
    ):
        with pytest.raises(DBAPIError, match="never changed"), db.engine.begin() as connection:
            connection.execute(text(sql))
    assert verify() == []


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("UPDATE audit_entries SET account_name = 'x' WHERE id = 3", Tampering.EDITED),
        ("UPDATE audit_entries SET at = '2026-01-01 00:00:00' WHERE id = 3", Tampering.EDITED),
        ("DELETE FROM audit_entries WHERE id = 3", Tampering.MISSING),
        ("DELETE FROM audit_entries WHERE id > 3", Tampering.CUT),
    ],
)
def test_hand_in_the_log_is_found(log: int, sql: str, what: Tampering) -> None:
    by_hand(sql)
    assert what in known(verify())


def test_swapped_entries_are_found(log: int) -> None:
    by_hand("UPDATE audit_entries SET id = -2 WHERE id = 2")
    by_hand("UPDATE audit_entries SET id = 2 WHERE id = 3")
    by_hand("UPDATE audit_entries SET id = 3 WHERE id = -2")
    assert Tampering.OUT_OF_ORDER in known(verify())


def test_cut_tail_with_a_reset_head_is_found_by_its_anchor(log: int) -> None:
    anchors = {log: audit.head().hash}
    kept = db.session.get(AuditEntry, 3).hash
    by_hand("DELETE FROM audit_entries WHERE id > 3")
    by_hand(f"UPDATE audit_head SET seq = 3, hash = '{kept}'")  # noqa: S608
    found = [fault.what for fault in audit.verify(anchors=anchors)]
    assert Tampering.CUT not in found
    assert Tampering.ANCHOR in found


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("UPDATE case_events SET summary = 'x' WHERE id = 1", Tampering.EVENT_EDITED),
        ("UPDATE case_events SET by_id = by_id + 1 WHERE id = 1", Tampering.EVENT_EDITED),
        ("DELETE FROM case_events WHERE id = 1", Tampering.EVENT_MISSING),
    ],
)
def test_hand_in_the_events_is_found(log: int, sql: str, what: Tampering) -> None:
    by_hand(sql)
    assert known(verify()) == {what}


def test_writers_do_not_break_the_chain(office: Office) -> None:
    for n in range(5):
        with unit_of_work():
            db.session.add_all(
                Unit(site_id=office.site.id, name=f"新窗口{n}-{m}", unit_kind="window")
                for m in range(3)
            )
    assert verify() == []
    assert audit.head().seq == db.session.scalar(select(func.count(AuditEntry.id)))
    assert db.session.scalar(select(func.count(AuditHead.id))) == 1
