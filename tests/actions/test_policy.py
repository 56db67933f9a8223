"""安全策略: who sets it, how weak it may get, and from where the three may come."""

import pytest

from app.actions import access
from app.actions.office import load_rules, set_rule
from app.actions.settings import change_rules
from app.domain.networks import is_inside, networks, tidy
from app.domain.refusals import Code, Refusal
from app.extensions import db
from app.models import Setting
from tests.factories import Office, at

NOW = at("2026-10-12 09:00")
LIST = "10.1.0.0/16 192.0.2.7"


@pytest.mark.parametrize(
    ("address", "inside"),
    [("10.1.255.9", True), ("192.0.2.7", True), ("::ffff:10.1.2.3", True), ("10.2.0.1", False),
     ("192.0.2.8", False), ("", False), ("unknown", False), ("::1", False)],
)  # fmt: skip
def test_address_is_on_the_list_or_not(address: str, inside: bool) -> None:
    assert is_inside(address, LIST) is inside
    assert is_inside(address, "")


def test_list_is_kept_tidy_and_refuses_what_is_no_network() -> None:
    assert tidy("10.1.0.0/16，192.0.2.7\n\n 2001:db8::/32;") == f"{LIST} 2001:db8::/32"
    for wrong in ("10.1.2.3/16", "10.1", "everywhere", "10.0.0.0/33"):
        with pytest.raises(ValueError, match=r".+"):
            networks(wrong)


def test_each_administrator_changes_his_own_settings_only(office: Office) -> None:
    for by, name in ((office.sys_admin, "lock_failures"), (office.sec_admin, "verify_days"),
                     (office.auditor, "lock_failures"), (office.clerk, "verify_days")):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            change_rules({name: "4"}, by=by, now=NOW)
        assert refused.value.code is Code.ROLE_MISSING
    assert change_rules({"lock_failures": "4"}, by=office.sec_admin, now=NOW) == ["lock_failures"]
    assert change_rules({"verify_days": "4"}, by=office.sys_admin, now=NOW) == ["verify_days"]
    # The other's, sent along unchanged, is no change.
    assert change_rules({"lock_failures": "4"}, by=office.sys_admin, now=NOW) == []


@pytest.mark.parametrize(
    ("name", "weak"),
    [("password_length", "7"), ("password_kinds", "2"), ("password_history", "2"),
     ("password_days", "0"), ("password_days", "181"), ("lock_failures", "11"),
     ("lock_minutes", "14"), ("idle_minutes", "61"), ("session_hours", "13")],
)  # fmt: skip
def test_policy_cannot_be_weaker_than_its_floor(office: Office, name: str, weak: str) -> None:
    with pytest.raises(Refusal) as refused:
        change_rules({name: weak}, by=office.sec_admin, now=NOW)
    assert refused.value.facts["field"] == name
    # Nor by an older release, or by hand in the database.
    db.session.add(Setting(name=name, text=weak))
    db.session.flush()
    assert str(getattr(load_rules(), name)) not in ("0", weak)


def test_nobody_shuts_himself_out(office: Office) -> None:
    with pytest.raises(Refusal) as refused:
        change_rules({"admin_networks": LIST}, by=office.sec_admin, address="10.2.0.1", now=NOW)
    assert refused.value.code is Code.ADDRESS_OUTSIDE
    change_rules({"admin_networks": LIST}, by=office.sec_admin, address="10.1.0.1", now=NOW)
    assert load_rules().admin_networks == LIST


def test_list_holds_the_three_and_nobody_else(office: Office) -> None:
    set_rule(name="admin_networks", text=LIST, by=office.sec_admin, now=NOW)
    for person, outside in (
        (office.sys_admin, False),
        (office.auditor, False),
        (office.clerk, True),
    ):
        for address, comes_in in (("10.1.2.3", True), ("10.9.9.9", outside), ("", outside)):
            found = access.note_attempt(person.id, is_right=True, address=address, now=NOW)
            assert (found is person) is comes_in
            access.begin_session(person, token=f"{person.id}{address}", address=address,
                                 browser="", by_password=False, now=NOW)  # fmt: skip
            row = access.session_of(person.id, token=f"{person.id}{address}", address=address,
                                    seen_at=NOW, now=NOW)  # fmt: skip
            assert (row is not None) is comes_in


def test_browser_not_seen_for_half_an_hour_is_out(office: Office) -> None:
    access.begin_session(
        office.clerk,
        token="t",
        address="",
        browser="",
        by_password=False,
        now=at("2026-10-12 08:00"),
    )
    for seen, stands in (("08:30:01", True), ("08:30", False)):
        row = access.session_of(
            office.clerk.id, token="t", address="", seen_at=at(f"2026-10-12 {seen}"), now=NOW
        )
        assert (row is not None) is stands
    set_rule(name="idle_minutes", text="10", by=office.sec_admin, now=NOW)
    assert not access.session_of(
        office.clerk.id, token="t", address="", seen_at=at("2026-10-12 08:49"), now=NOW
    )
