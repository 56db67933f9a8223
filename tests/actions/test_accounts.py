"""用户账号: which roles one person may hold, and that somebody is left to give them (D-35)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.actions.accounts import Person, add_account, change_account, set_roles
from app.actions.office import set_rule
from app.actions.people import roles_of
from app.actions.settings import change_rules
from app.actions.setup import role_record
from app.domain.refusals import Code, Refusal
from app.domain.states import Role
from app.extensions import db
from app.models import Account
from tests.factories import Office, at

NOW = at("2026-10-12 09:00")
R = Role


def give(office: Office, account: Account, *roles: Role) -> frozenset[Role]:
    records = [role_record(role) for role in roles]
    set_roles(account, records=records, by=office.sec_admin, now=NOW)
    return roles_of(account)


def somebody(office: Office, unit: str = "", **values: object) -> Account:
    unit_id = office.units[unit].id if unit else None
    person = Person(username="xin.ren", name="新人", site_id=office.site.id, unit_id=unit_id)
    person = replace(person, **values)
    return add_account(person, password_hash="x", by=office.sys_admin, now=NOW)


def test_new_account_has_no_role_and_a_hidden_address(office: Office) -> None:
    account = somebody(office)
    assert (account.name, account.email, account.roles) == ("新人", "xin.ren@local.invalid", [])


@pytest.mark.parametrize(
    "roles",
    [
        {R.DUTY_OFFICER, R.SUPERVISOR},
        {R.GROUP_HEAD, R.DUTY_LEADER},
        {R.DUTY_LEADER, R.GROUP_MEMBER},
        {R.UNIT_HANDLER, R.UNIT_HEAD},
        {R.COUNTY_VIEWER},
        set(),
    ],
)
def test_roles_that_go_together_are_given(office: Office, roles: set[Role]) -> None:
    assert give(office, somebody(office, unit="land"), *roles) == roles


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        ({R.UNIT_HEAD, R.DUTY_LEADER}, Code.ROLE_MIX),
        ({R.UNIT_HANDLER, R.GROUP_HEAD}, Code.ROLE_MIX),
        ({R.UNIT_HANDLER, R.DUTY_OFFICER}, Code.ROLE_MIX),
        ({R.UNIT_HEAD, R.SUPERVISOR}, Code.ROLE_MIX),
        ({R.DUTY_LEADER, R.DUTY_OFFICER}, Code.ROLE_MIX),
        ({R.SYS_ADMIN, R.DUTY_OFFICER}, Code.ADMIN_ROLE_MIX),
        ({R.AUDITOR, R.COUNTY_VIEWER}, Code.ADMIN_ROLE_MIX),
        ({R.SYS_ADMIN, R.SEC_ADMIN}, Code.ADMINS_TOGETHER),
        ({R.SYS_ADMIN, R.AUDITOR}, Code.ADMINS_TOGETHER),
    ],
)
def test_roles_that_must_be_apart_are_refused(office: Office, roles: set[Role], code: Code) -> None:
    account = somebody(office, unit="land")
    with pytest.raises(Refusal) as refused:
        give(office, account, *roles)
    assert (refused.value.code, refused.value.facts["field"]) == (code, "roles")
    assert not account.roles


def test_simplified_mode_joins_system_and_security_but_not_audit(office: Office) -> None:
    set_rule(name="simplified_admins", text="1", by=office.sys_admin, now=NOW)
    account = somebody(office)
    assert give(office, account, R.SYS_ADMIN, R.SEC_ADMIN) == {R.SYS_ADMIN, R.SEC_ADMIN}
    with pytest.raises(Refusal):
        give(office, account, R.SYS_ADMIN, R.SEC_ADMIN, R.AUDITOR)
    with pytest.raises(Refusal) as refused:
        change_rules({"simplified_admins": "0"}, by=office.sec_admin, now=NOW)
    assert refused.value.code is Code.ADMINS_JOINED
    assert refused.value.facts["names"] == account.name


def test_unit_person_needs_a_unit(office: Office) -> None:
    account = somebody(office)
    with pytest.raises(Refusal) as refused:
        give(office, account, R.UNIT_HANDLER)
    assert refused.value.code is Code.UNIT_MISSING


def test_unit_cannot_be_taken_from_a_unit_person(office: Office) -> None:
    person = Person(username="abc", name="某人", site_id=office.site.id)
    with pytest.raises(Refusal) as refused:
        change_account(office.land_head, person, by=office.sys_admin, now=NOW)
    assert refused.value.code is Code.UNIT_MISSING


def test_unit_brings_its_site_and_refuses_another(office: Office) -> None:
    land = office.units["land"]
    account = somebody(office, unit="land", site_id=None)
    assert account.site_id == land.site_id
    with pytest.raises(Refusal) as refused:
        somebody(office, unit="land", username="xin.ren2", site_id=land.site_id + 1)
    assert refused.value.code is Code.OTHER_SITE


@pytest.mark.parametrize("username", ["", "a", "有 空格", "汉字", "-x1", "a" * 65])
def test_username_is_letters_digits_dots_and_dashes(office: Office, username: str) -> None:
    with pytest.raises(Refusal) as refused:
        somebody(office, username=username)
    assert refused.value.facts["field"] == "username"


@pytest.mark.parametrize("typed", [str.upper, str.title])
def test_name_that_differs_in_capitals_only_is_taken(
    office: Office, typed: Callable[[str], str]
) -> None:
    """Who logs in is asked without capitals: two such accounts would lock each other out."""
    name = str(office.clerk.username)
    person = Person(username=typed(name), name="某人", site_id=office.site.id)
    with pytest.raises(Refusal) as refused:
        add_account(person, password_hash="x", by=office.sys_admin, now=NOW)
    assert (refused.value.code, refused.value.facts["field"]) == (Code.NAME_TAKEN, "username")
    own = Person(username=typed(name), name="某人", site_id=office.site.id)
    change_account(office.clerk, own, by=office.sys_admin, now=NOW)
    assert office.clerk.username == typed(name)


def test_nobody_gives_themselves_a_role(office: Office) -> None:
    with pytest.raises(Refusal) as refused:
        give(office, office.sec_admin, R.SEC_ADMIN)
    assert refused.value.code is Code.OWN_ACCOUNT


@pytest.mark.parametrize("role", ["sys_admin", "sec_admin", "auditor"])
def test_last_administrator_stays(office: Office, role: str) -> None:
    last = office.people[role]
    with pytest.raises(Refusal) as refused:
        set_roles(last, records=[], by=office.clerk, now=NOW)
    assert refused.value.code is Code.LAST_ADMIN
    person = Person(username="admin9", name="某人", site_id=office.site.id, is_active=False)
    with pytest.raises(Refusal) as refused:
        change_account(last, person, by=office.clerk, now=NOW)
    assert refused.value.code is Code.LAST_ADMIN
    give(office, somebody(office), Role(role))
    db.session.flush()
    change_account(last, person, by=office.clerk, now=NOW)
    assert not last.active


def test_nobody_switches_themselves_off(office: Office) -> None:
    person = Person(username="sys1", name="某人", site_id=office.site.id, is_active=False)
    with pytest.raises(Refusal) as refused:
        change_account(office.sys_admin, person, by=office.sys_admin, now=NOW)
    assert refused.value.code is Code.OWN_ACCOUNT
