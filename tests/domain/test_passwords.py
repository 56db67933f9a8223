"""What a password must be, when it is too old, and when an account is locked."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.passwords import Attempts, check_password, is_expired, is_strong
from app.domain.refusals import Code, Refusal
from app.domain.rules import Rules

RULES = Rules()
NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
MINUTE = dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    "password", ["Abcdef12", "abcd-1234", "ABCD-1234", "口令Ab1-xyz", "Aa1-Aa1-"]
)
def test_three_kinds_are_strong(password: str) -> None:
    assert is_strong(password)


@pytest.mark.parametrize(
    "password", ["", "Abc-123", "abcdefgh1", "ABCDEFGH", "12345678", "abcd1234", "Aa1-" * 33]
)
def test_short_simple_or_endless_is_weak(password: str) -> None:
    assert not is_strong(password)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("Abc-123", Code.PASSWORD_WEAK),
        ("abcdefgh12", Code.PASSWORD_WEAK),
        ("Aa1-" * 33, Code.PASSWORD_LONG),
        ("ZhouZhengZe-9", Code.PASSWORD_TELLS),
        ("x-EzgnEhzuohz-9", Code.PASSWORD_TELLS),  # backwards
        ("Ab-16000000006", Code.PASSWORD_TELLS),
        ("Ab-60000000061", Code.PASSWORD_TELLS),
        ("ＺｈｏｕＺｈｅｎｇＺｅ-9a", Code.PASSWORD_TELLS),  # full width
    ],
)
def test_password_is_refused_with_its_reason(password: str, code: Code) -> None:
    with pytest.raises(Refusal) as refused:
        check_password(password, rules=RULES, username="zhouzhengze", phone="16000000006")
    assert refused.value.code is code


@pytest.mark.parametrize("password", ["Ab-05391234567", "Ab-76543219350", "Ab-0539-1234567"])
def test_phone_with_a_dash_is_found_without_it(password: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_password(password, rules=RULES, username="nobody", phone="0539-1234567")
    assert refused.value.code is Code.PASSWORD_TELLS


def test_a_short_user_name_may_stand_in_a_password() -> None:
    check_password("Liberty-42", rules=RULES, username="li", phone="")


def test_an_office_may_ask_for_more() -> None:
    stricter = replace(RULES, password_length=12, password_kinds=4)
    check_password("Abcdef-12345", rules=stricter, username="nobody")
    for weak in ("Abcdef-1234", "Abcdef123456"):
        with pytest.raises(Refusal):
            check_password(weak, rules=stricter, username="nobody")


@pytest.mark.parametrize(
    ("days", "age", "expired"),
    [(90, 89.999, False), (90, 90, True), (90, 400, True), (180, 179, False)],
)
def test_password_grows_old(days: int, age: float, expired: bool) -> None:
    rules = replace(RULES, password_days=days)
    assert is_expired(NOW - dt.timedelta(days=age), rules=rules, now=NOW) is expired


def test_password_of_unknown_age_is_old() -> None:
    assert is_expired(None, rules=RULES, now=NOW)


def fail(times: int, attempts: Attempts = Attempts(), now: dt.datetime = NOW) -> Attempts:  # noqa: B008
    for _ in range(times):
        attempts = attempts.failed(rules=RULES, now=now)
    return attempts


def test_the_fifth_failure_locks_for_half_an_hour() -> None:
    assert not fail(4).is_locked(NOW)
    locked = fail(5)
    assert locked.locked_until == NOW + 30 * MINUTE
    assert locked.is_locked(NOW + 30 * MINUTE - dt.timedelta(microseconds=1))
    assert not locked.is_locked(NOW + 30 * MINUTE)


def test_failures_while_locked_do_not_lengthen_the_lock() -> None:
    assert fail(100, fail(5), NOW + MINUTE).locked_until == NOW + 30 * MINUTE


def test_after_a_lock_five_more_are_free() -> None:
    later = NOW + 31 * MINUTE
    again = fail(4, fail(5), later)
    assert (again.failures, again.is_locked(later)) == (4, False)
    assert fail(1, again, later).locked_until == later + 30 * MINUTE


@given(st.lists(st.integers(0, 90), max_size=40))
def test_never_more_than_five_tries_in_half_an_hour(minutes: list[int]) -> None:
    """However guesses are spread, any 30 minutes hold at most the failures of two counts."""
    attempts, tried = Attempts(), []
    for minute in sorted(minutes):
        now = NOW + minute * MINUTE
        if not attempts.is_locked(now):
            tried.append(minute)
        attempts = attempts.failed(rules=RULES, now=now)
    for first in tried:
        assert sum(first <= minute < first + 30 for minute in tried) <= 9
