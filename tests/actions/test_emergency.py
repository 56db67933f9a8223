"""应急账号: sealed, opened for some hours, heard of by the three at every use."""

import datetime as dt

import pytest
from flask_appbuilder.security.sqla.models import Role as RoleRecord
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from app.actions import access, audit, emergency
from app.actions.accounts import Person, change_account
from app.actions.openings import open_now
from app.actions.people import EMERGENCY_USERNAME, account_named, roles_of
from app.actions.setup import ensure_emergency_account, role_record
from app.domain.audit import AuditAction
from app.domain.notice_kinds import NoticeKind
from app.domain.refusals import Code, Refusal
from app.domain.states import Role
from app.extensions import db
from app.models import Account, AuditEntry, Notice
from app.unit_of_work import unit_of_work
from tests.factories import Office, at, make_office

NOW = at("2026-10-12 09:00")
HOUR = dt.timedelta(hours=1)
HASH = generate_password_hash("Once-only-1", method="pbkdf2:sha256:1")


@pytest.fixture
def hall(session: object) -> Office:
    """Return a committed office with its sealed account."""
    with unit_of_work():
        office = make_office()
        ensure_emergency_account()
    return office


def unseal(hours: int = 2, now: dt.datetime = NOW) -> Account:
    with unit_of_work():
        emergency.unseal(reason="管理员口令遗失", hours=hours, password_hash=HASH, now=now)
    return account_named(EMERGENCY_USERNAME)


def comes_in(now: dt.datetime) -> bool:
    account = account_named(EMERGENCY_USERNAME)
    with unit_of_work():
        return access.note_attempt(account.id, is_right=True, now=now) is not None


def told() -> list[tuple[str, str]]:
    query = select(Account.username, Notice.text).join(Notice.recipient)
    query = query.where(Notice.kind == NoticeKind.EMERGENCY, Notice.channel == "site")
    return [(name, text) for name, text in db.session.execute(query.order_by(Notice.id))]


def write_roles(account_id: int, names: list[str]) -> None:
    with unit_of_work():
        records = db.session.scalars(select(RoleRecord).where(RoleRecord.name.in_(names)))
        db.session.get_one(Account, account_id).roles = list(records)


def test_account_is_made_sealed(hall: Office) -> None:
    account = account_named(EMERGENCY_USERNAME)
    assert (account.active, account.password) == (False, None)
    assert roles_of(account) == {Role.EMERGENCY}
    assert open_now(NOW) is None
    assert not comes_in(NOW)


def test_opened_account_comes_in_until_its_hours_are_over(hall: Office) -> None:
    account = unseal()
    assert comes_in(NOW)
    with unit_of_work():
        row = access.begin_session(account, token="t", address="", browser="", by_password=True,
                                   now=NOW)  # fmt: skip
        assert row.expires_at == NOW + 2 * HOUR
        assert not row.needs_password
    assert not comes_in(NOW + 2 * HOUR)
    with pytest.raises(Refusal) as refused:
        unseal(now=NOW + HOUR)
    assert refused.value.code is Code.ALREADY_DONE
    unseal(now=NOW + 3 * HOUR)  # its time ran out: it may be opened again
    assert comes_in(NOW + 4 * HOUR)


def test_sealing_ends_it_at_once(hall: Office) -> None:
    account = unseal()
    with unit_of_work():
        access.begin_session(account, token="t", address="", browser="", by_password=True, now=NOW)
        emergency.seal_up(now=NOW)
    account = account_named(EMERGENCY_USERNAME)
    assert (account.active, account.password) == (False, None)
    assert not access.session_of(account.id, token="t", seen_at=NOW, address="", now=NOW)
    assert open_now(NOW) is None
    with pytest.raises(Refusal), unit_of_work():
        emergency.seal_up(now=NOW)


@pytest.mark.parametrize(("reason", "hours"), [(" ", 2), ("演练", 0), ("演练", 25)])
def test_opening_needs_a_reason_and_an_end(hall: Office, reason: str, hours: int) -> None:
    with pytest.raises(Refusal), unit_of_work():
        emergency.unseal(reason=reason, hours=hours, password_hash=HASH, now=NOW)
    assert not account_named(EMERGENCY_USERNAME).active
    assert told() == []


def test_opening_and_every_deed_are_told_to_the_three(hall: Office) -> None:
    three = {hall.sys_admin.username, hall.sec_admin.username, hall.auditor.username}
    account = unseal()
    assert {name for name, _text in told()} == three
    assert "管理员口令遗失" in told()[0][1]
    doer = audit.as_doer(account, address="10.0.0.7")
    token = audit.doer.set(lambda: doer)
    try:
        with unit_of_work():
            person = Person("clerk-9", hall.clerk.name, site_id=hall.site.id)
            change_account(db.session.get(Account, hall.clerk.id), person, by=account, now=NOW)
        with pytest.raises(Refusal), unit_of_work():
            change_account(account, Person("x", "y"), by=account, now=NOW)
    finally:
        audit.doer.reset(token)
    later = told()[3:]
    assert {name for name, _text in later} == three
    assert len(later) == 3  # what was refused never happened
    assert "自10.0.0.7操作" in later[0][1]
    with unit_of_work():  # somebody else's deeds raise none
        change_account(
            db.session.get(Account, hall.clerk.id), Person("clerk-8", "甲", site_id=hall.site.id),
            by=hall.sys_admin, now=NOW,
        )  # fmt: skip
    assert len(told()) == 6
    actions = set(db.session.scalars(select(AuditEntry.action)))
    assert AuditAction.EMERGENCY_OPENED in actions


def test_nobody_else_gets_its_role(hall: Office) -> None:
    role = role_record(Role.EMERGENCY)
    with pytest.raises(Refusal) as refused:
        write_roles(hall.clerk.id, [role.name])
    assert refused.value.code is Code.ROLE_MISSING
