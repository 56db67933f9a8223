"""Passwords, locks and log-ins: what changes, and what a refusal leaves alone."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from app.actions import access
from app.domain.passwords import SessionEnd
from app.domain.refusals import Code, Refusal
from app.extensions import db
from app.models import Account, LoginSession, OldPassword, Setting
from tests.factories import Office, at

NOW = at("2026-10-12 09:00")
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
FIRST, SECOND = "First-pass-1", "Second-pass-2"


def quick(password: str) -> str:
    return generate_password_hash(password, method="pbkdf2:sha256:1")


@pytest.fixture
def person(office: Office) -> Account:
    """Return somebody with a password of his own."""
    office.clerk.password, office.clerk.password_set_at = quick(FIRST), NOW
    db.session.flush()
    return office.clerk


def begin(account: Account, token: str, *, now: dt.datetime = NOW, **rest: Any) -> LoginSession:
    facts = {"address": "10.0.0.7", "browser": "test", "by_password": True} | rest
    return access.begin_session(account, token=token, now=now, **facts)


def standing(account: Account, token: str, **rest: Any) -> LoginSession | None:
    facts = {"seen_at": rest.get("now", NOW), "address": "10.0.0.7", "now": NOW} | rest
    return access.session_of(account.id, token=token, **facts)


def wrong(account: Account, times: int, now: dt.datetime = NOW) -> None:
    for _ in range(times):
        assert access.note_attempt(account.id, is_right=False, now=now) is None


def test_right_password_lets_in_and_forgets_the_failures(person: Account) -> None:
    wrong(person, 4)
    assert access.note_attempt(person.id, is_right=True, now=NOW) is person
    assert (person.fail_login_count, person.locked_until) == (0, None)
    assert person.login_count == 1
    assert person.last_login is not None


def test_locked_account_refuses_the_right_password_until_the_time_is_up(person: Account) -> None:
    wrong(person, 5)
    assert access.note_attempt(person.id, is_right=True, now=NOW + 29 * MINUTE) is None
    assert access.note_attempt(person.id, is_right=True, now=NOW + 30 * MINUTE) is person


def test_account_switched_off_does_not_come_in_and_counts_nothing(person: Account) -> None:
    person.active = False
    assert access.note_attempt(person.id, is_right=True, now=NOW) is None
    wrong(person, 9)
    assert not person.fail_login_count


def test_only_the_security_administrator_unlocks(office: Office, person: Account) -> None:
    wrong(person, 5)
    for other in (office.sys_admin, office.officer, person):
        with pytest.raises(Refusal) as refused:
            access.unlock(person, by=other, now=NOW)
        assert refused.value.code is Code.ROLE_MISSING
    access.unlock(person, by=office.sec_admin, now=NOW)
    assert access.note_attempt(person.id, is_right=True, now=NOW) is person
    with pytest.raises(Refusal) as refused:
        access.unlock(person, by=office.sec_admin, now=NOW)
    assert refused.value.code is Code.ALREADY_DONE


# -- log-ins -----------------------------------------------------------------------------------


def test_log_in_stands_until_its_twelve_hours_are_over(person: Account) -> None:
    row = begin(person, "t")
    assert row.token_hash != "t"
    for minutes, stands in ((0, True), (719, True), (720, False)):
        now = NOW + minutes * MINUTE
        found = standing(person, "t", now=now)
        assert (found is row) is stands


def test_token_is_good_for_its_own_account_and_while_that_is_in_use(
    office: Office, person: Account
) -> None:
    begin(person, "t")
    assert standing(office.officer, "t", now=NOW) is None
    assert standing(person, "other", now=NOW) is None
    person.active = False
    db.session.flush()
    assert standing(person, "t", now=NOW) is None


def test_all_log_ins_of_one_person_end_at_once(office: Office, person: Account) -> None:
    begin(person, "a"), begin(person, "b"), begin(office.officer, "c")
    access.end_sessions(person, why=SessionEnd.LOGOUT, now=NOW)
    assert standing(person, "a", now=NOW) is None
    assert standing(person, "b", now=NOW) is None
    assert standing(office.officer, "c", now=NOW) is not None
    ended = db.session.scalars(select(LoginSession.ended_why)).all()
    assert sorted(map(str, ended)) == ["None", "logout", "logout"]


# -- passwords ---------------------------------------------------------------------------------


def change(account: Account, old: str, new: str, now: dt.datetime = NOW) -> None:
    access.change_own_password(
        account, old=old, password=new, password_hash=quick(new), now=now
    )  # fmt: skip


def test_own_password_needs_the_old_one(person: Account) -> None:
    before = person.password
    with pytest.raises(Refusal) as refused:
        change(person, "guess", SECOND)
    assert refused.value.code is Code.PASSWORD_WRONG
    assert person.password == before
    change(person, FIRST, SECOND)
    assert person.password != before


def test_the_last_five_are_not_taken_again(person: Account) -> None:
    passwords = [f"Number-{n}-xyz" for n in range(6)]
    old = FIRST
    for password in passwords:
        change(person, old, password)
        old = password
    for used in passwords[1:]:
        with pytest.raises(Refusal) as refused:
            change(person, old, used)
        assert refused.value.code is Code.PASSWORD_USED
    change(person, old, passwords[0])  # the sixth before
    assert db.session.query(OldPassword).count() == 7


def test_changed_password_ends_every_log_in(person: Account) -> None:
    begin(person, "t")
    change(person, FIRST, SECOND)
    assert standing(person, "t", now=NOW) is None


def test_reset_password_is_good_for_one_log_in(office: Office, person: Account) -> None:
    begin(person, "t")
    access.reset_password(
        person, password=SECOND, password_hash=quick(SECOND), by=office.sys_admin, now=NOW
    )
    assert standing(person, "t", now=NOW) is None
    assert begin(person, "u").needs_password
    change(person, SECOND, "Third-pass-3")
    assert not begin(person, "v").needs_password


def test_reset_leaves_a_lock_and_nobody_resets_their_own(office: Office, person: Account) -> None:
    wrong(person, 5)
    access.reset_password(
        person, password=SECOND, password_hash=quick(SECOND), by=office.sys_admin, now=NOW
    )
    assert access.note_attempt(person.id, is_right=True, now=NOW) is None
    with pytest.raises(Refusal) as refused:
        access.reset_password(
            person, password="Third-pass-3", password_hash="x", by=person, now=NOW
        )
    assert refused.value.code is Code.OWN_PASSWORD


@pytest.mark.parametrize(("days", "age", "needed"), [("90", 89, False), ("90", 90, True)])
def test_old_password_is_to_be_changed_at_the_next_log_in(
    person: Account, days: str, age: int, needed: bool
) -> None:
    db.session.add(Setting(name="password_days", text=days))
    db.session.flush()
    assert begin(person, "t", now=NOW + age * DAY).needs_password is needed


def test_who_comes_by_another_door_keeps_no_password_here(person: Account) -> None:
    person.must_change_password = True
    assert not begin(person, "t", by_password=False).needs_password
