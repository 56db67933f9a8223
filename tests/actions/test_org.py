"""基础信息: what units, members and words must not be."""

import datetime as dt

import pytest

from app.actions import org
from app.actions.setup import ensure_dictionaries
from app.domain.refusals import Code, Refusal
from app.domain.states import DictKind, UnitKind
from app.extensions import db
from app.models import DictEntry, GroupMember, Site, Unit
from tests.factories import Office, at

NOW = at("2026-10-12 09:00")


def unit_values(office: Office, **values: object) -> dict[str, object]:
    return {"site": office.site, "name": " 医保窗口 ", "unit_kind": UnitKind.WINDOW} | values


def member_values(office: Office, **values: object) -> dict[str, object]:
    return {
        "site": office.site, "account": office.clerk, "post": "副主任", "is_head": False,
        "valid_from": dt.date(2026, 10, 1), "valid_to": None,
    } | values  # fmt: skip


def test_unit_is_saved_with_a_trimmed_name(office: Office) -> None:
    unit = org.save(Unit(), unit_values(office), by=office.sys_admin, now=NOW)
    assert (unit.name, unit.unit_kind, unit.site_id) == ("医保窗口", UnitKind.WINDOW, 1)


def test_second_unit_of_one_name_is_refused_beside_the_name(office: Office) -> None:
    with pytest.raises(Refusal) as refused:
        org.save(Unit(), unit_values(office, name="税务窗口"), by=office.sys_admin, now=NOW)
    assert (refused.value.code, refused.value.facts["field"]) == (Code.NAME_TAKEN, "name")


def test_unit_keeps_its_own_name_and_may_share_it_with_another_site(office: Office) -> None:
    tax = office.units["tax"]
    org.save(tax, {"name": "税务窗口", "phone": "1"}, by=office.sys_admin, now=NOW)
    other = Site(id=2, name="分中心")
    db.session.add(other)
    db.session.flush()
    values = unit_values(office, site=other, name="税务窗口")
    assert org.save(Unit(), values, by=office.sys_admin, now=NOW).id


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"valid_to": dt.date(2026, 9, 1)}, "valid_to"),
        ({"is_head": True}, "is_head"),
    ],
)
def test_member_that_contradicts_the_group_is_refused(
    office: Office, values: dict[str, object], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        org.save(GroupMember(), member_values(office, **values), by=office.sys_admin, now=NOW)
    assert refused.value.facts["field"] == field


def test_member_cannot_sit_twice_at_a_time_but_may_come_back(office: Office) -> None:
    first = office.members["m1"]
    values = member_values(office, account=office.m1)
    with pytest.raises(Refusal) as refused:
        org.save(GroupMember(), values, by=office.sys_admin, now=NOW)
    assert refused.value.code is Code.OVERLAP
    first.valid_to = dt.date(2026, 9, 30)
    db.session.flush()
    assert org.save(GroupMember(), values, by=office.sys_admin, now=NOW).id


def test_new_head_follows_the_old_one(office: Office) -> None:
    office.members["chief"].valid_to = dt.date(2026, 9, 30)
    db.session.flush()
    values = member_values(office, is_head=True)
    assert org.save(GroupMember(), values, by=office.sys_admin, now=NOW).is_head


def word(office: Office, kind: DictKind, name: str, parent: DictEntry | None = None) -> DictEntry:
    values = {"kind": kind.value, "name": name, "parent": parent}
    return org.save(DictEntry(), values, by=office.sys_admin, now=NOW)


def test_causes_have_two_levels_and_no_more(office: Office) -> None:
    upper = word(office, DictKind.CAUSE, "其他类")
    lower = word(office, DictKind.CAUSE, "其他原因", upper)
    assert lower.full_name == "其他类—其他原因"
    for kind, parent in ((DictKind.CAUSE, lower), (DictKind.GROUND, upper)):
        with pytest.raises(Refusal) as refused:
            word(office, kind, "第三级", parent)
        assert refused.value.code is Code.TWO_LEVELS_ONLY
    with pytest.raises(Refusal):
        org.save(upper, {"parent": office.cause}, by=office.sys_admin, now=NOW)


def test_standard_words_are_added_once(office: Office) -> None:
    assert ensure_dictionaries() > 40
    assert ensure_dictionaries() == 0
