"""系统参数: defaults of the register, what an office may change, and what it may not."""

import datetime as dt

import pytest

from app.actions.office import load_rules, set_rule
from app.domain.refusals import Code
from app.domain.rules import Rules
from app.extensions import db
from tests.actions.watch import refused
from tests.factories import REGISTERED, Office


def put(office: Office, name: str, value: str) -> Rules:
    set_rule(name=name, text=value, by=office.sys_admin, now=REGISTERED)
    db.session.flush()
    return load_rules()


def test_the_defaults_are_those_of_the_register(office: Office) -> None:
    rules = load_rules()
    assert rules == Rules()
    assert (rules.extension_cap_days, rules.max_extensions) == (7, 1)  # R31, D-10
    assert (rules.same_day_cutoff_minutes, rules.carry_over_time) == (30, dt.time(12))  # D-02
    assert (rules.verify_days, rules.redo_days, rules.max_rounds) == (1, 5, 2)  # D-26
    assert (rules.evaluation_window_days, rules.repeat_days) == (5, 30)  # D-28, D-25


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("same_day_cutoff_minutes", " 0 ", 0),
        ("carry_over_time", "11:30", dt.time(11, 30)),
        ("quorum", "two_thirds", "two_thirds"),
        ("limit_starts_at", "sign", "sign"),
        ("extension_basis", "issue", "issue"),
        ("max_extensions", "3", 3),
        ("extension_cap_days", "5", 5),
    ],
)
def test_a_setting_is_changed_and_taken_back(
    office: Office, name: str, value: str, expected: object
) -> None:
    assert getattr(put(office, name, value), name) == expected
    assert put(office, name, " ") == Rules()
    assert put(office, name, "") == Rules()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("extension_cap_days", "8"), ("extension_cap_days", "0"),  # R31: seven, and some
        ("max_extensions", "4"), ("max_extensions", "0"),  # D-10: one to three
        ("quorum", "half"), ("limit_starts_at", "later"), ("extension_basis", "ISSUE"),
        ("redo_days", "-1"), ("redo_days", "5.5"), ("redo_days", "五"), ("redo_days", "1001"),
        ("carry_over_time", "25:00"), ("carry_over_time", "noon"),
        ("simplified_admins", "yes"),
    ],
)  # fmt: skip
def test_nonsense_is_refused(office: Office, name: str, value: str) -> None:
    with refused(Code.FIELD_INVALID, field=name):
        put(office, name, value)


def test_an_unknown_setting_is_refused(office: Office) -> None:
    with refused(Code.NOT_FOUND, field="calendar_stamp"):
        put(office, "calendar_stamp", "1")
