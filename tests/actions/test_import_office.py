"""Importing units, accounts, roles, the leading group, rosters and the calendar, row by row."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.security import check_password_hash, generate_password_hash

from app.actions import importing
from app.actions.import_rows import Judged
from app.actions.importing import PlanChanged
from app.domain.import_faults import BadImport, Fault
from app.domain.import_kinds import ImportKind, Outcome
from app.domain.refusals import Code, Refusal
from app.domain.states import Half, Role
from app.extensions import db
from app.files import StoredFile
from app.models import (
    Account,
    DayOverride,
    DutyShift,
    GroupMember,
    ImportRun,
    LeaderRoster,
    Timetable,
    Unit,
)
from app.unit_of_work import unit_of_work
from tests.factories import Office, at, make_office
from tests.sheets import table

NOW = at("2026-11-13 10:00")
K = ImportKind
Rows = Sequence[Mapping[str, Any]]


@pytest.fixture
def office(session: Any) -> Office:
    office = make_office()
    db.session.commit()
    return office


@pytest.fixture
def judged(office: Office, tmp_path: Path) -> Callable[..., Judged]:
    """Return a maker of dry runs, in a transaction that is taken back."""

    def judge(kind: ImportKind, rows: Rows, *, by: Account | None = None) -> Judged:
        person = by or office.sys_admin
        with db.session.begin_nested() as point:
            found = importing.try_out(
                kind, table(kind, rows, tmp_path), site_id=office.site.id, by=person, now=NOW
            )
            point.rollback()
        return found

    return judge


@pytest.fixture
def applied(office: Office, tmp_path: Path, judged: Callable[..., Judged]) -> Callable[..., Any]:
    """Return a maker of whole imports, dry run and all."""

    def apply(kind: ImportKind, rows: Rows, *, by: Account | None = None, **given: Any) -> Judged:
        plan = judged(kind, rows, by=by)
        assert plan.is_clean, [p.error for v in plan.verdicts for p in v.problems]
        file = StoredFile("0" * 32, 1, "0" * 64)
        person_id = (by or office.sys_admin).id
        with unit_of_work():
            person = db.session.get_one(Account, person_id)
            run = importing.note_upload(
                kind, plan, file_name="表.xlsx", upload=file, verdicts=file,
                site_id=office.site.id, by=person, now=NOW,
            )  # fmt: skip
            return importing.apply(
                run, table(kind, rows, tmp_path), by=person, now=NOW,
                hashes=given.get("hashes", ()),
            )  # fmt: skip

    return apply


def outcomes(found: Judged) -> list[Outcome]:
    return [verdict.outcome for verdict in found.verdicts]


def reasons(found: Judged) -> list[tuple[int, str, Any]]:
    """Return row, column and reason of every problem."""
    return [
        (v.number, p.head, p.error.fault if isinstance(p.error, BadImport) else p.error.code)
        for v in found.verdicts
        for p in v.problems
    ]


def changes(found: Judged) -> list[tuple[str, str, str]]:
    return [(c.head, c.before, c.after) for v in found.verdicts for c in v.changes]


def unit(name: str, **given: Any) -> dict[str, Any]:
    return {"name": name, "unit_kind": "进驻窗口", **given}


# -- units, accounts ------------------------------------------------------------------------------


def test_units_are_added_changed_and_left_alone(applied: Any, judged: Any, office: Office) -> None:
    rows = [unit("社保窗口", phone=8012345, is_active="是"), unit("税务 窗口", location="二楼")]
    found = applied(K.UNITS, rows)
    assert outcomes(found) == [Outcome.NEW, Outcome.CHANGED]
    assert ("位置", "", "二楼") in changes(found)
    assert db.session.scalars(select(Unit).where(Unit.name == "社保窗口")).one().phone == "8012345"
    assert outcomes(judged(K.UNITS, rows)) == [Outcome.SAME, Outcome.SAME]
    blank = judged(K.UNITS, [unit("社保窗口")])  # a blank cell keeps what is there
    assert outcomes(blank) == [Outcome.SAME]


def test_bad_units_are_told_cell_by_cell(judged: Any) -> None:
    found = judged(K.UNITS, [
        unit("甲", unit_kind="窗户", phone="电话"), unit("乙" * 61), unit("丙", sort_order="一"),
        unit("丁"), unit(" 丁 "), unit("", location="三楼"),
    ])  # fmt: skip
    assert reasons(found) == [
        (2, "单位类型", Fault.NOT_CHOICE), (2, "电话", Fault.NOT_PHONE),
        (3, "窗口（科室）名称", Fault.TOO_LONG), (4, "排序号", Fault.NOT_NUMBER),
        (6, "窗口（科室）名称", Fault.TWICE), (7, "窗口（科室）名称", Fault.EMPTY),
    ]  # fmt: skip
    assert outcomes(found)[3] is Outcome.NEW


def test_last_row_takes_everything_back(applied: Any, office: Office, tmp_path: Path) -> None:
    """What the dry run could not know: between it and the import somebody used the last name."""
    before = db.session.scalar(select(func.count()).select_from(Unit))
    rows = [unit(f"窗口{n}") for n in range(20)]
    office.add_unit("other", "窗口19")
    file = StoredFile("0" * 32, 1, "0" * 64)
    plan = Judged([])
    db.session.commit()

    def whole() -> None:
        with unit_of_work():
            person = db.session.get_one(Account, office.sys_admin.id)
            run = importing.note_upload(
                K.UNITS, plan, file_name="表.xlsx", upload=file, verdicts=file,
                site_id=office.site.id, by=person, now=NOW,
            )  # fmt: skip
            importing.apply(run, table(K.UNITS, rows, tmp_path), by=person, now=NOW, hashes=())

    with pytest.raises(PlanChanged) as stopped:
        whole()
    assert stopped.value.judged.count(Outcome.NEW) == 19
    assert db.session.scalar(select(func.count()).select_from(Unit)) == before + 1
    assert db.session.scalar(select(func.count()).select_from(ImportRun)) == 0


def test_accounts_get_their_password_and_no_role(applied: Any, office: Office) -> None:
    hashes = [generate_password_hash("Abc12345xyz", method="pbkdf2:sha256:1")]
    rows = [{"username": "zhou.yi", "name": "周一", "unit": "税务窗口", "post": "科员"}]
    found = applied(K.ACCOUNTS, rows, hashes=hashes)
    (account,) = found.created
    assert account.unit_id == office.units["tax"].id
    assert (account.site_id, account.roles) == (office.site.id, [])
    assert check_password_hash(account.password, "Abc12345xyz")


def test_account_keeps_what_the_row_leaves_blank(applied: Any, office: Office) -> None:
    person = office.land_handler
    person.email, person.phone = "a.b@example.cn", "16000000009"
    db.session.commit()
    found = applied(K.ACCOUNTS, [{"username": person.username.upper(), "name": "改名"}])
    assert changes(found)[-1] == ("姓名", "甲land_handler", "改名")
    db.session.refresh(person)
    assert (person.email, person.phone) == ("a.b@example.cn", "16000000009")
    assert person.unit_id == office.units["land"].id


def test_bad_accounts(judged: Any, office: Office) -> None:
    other = make_office(2)
    db.session.commit()
    found = judged(K.ACCOUNTS, [
        {"username": "张三", "name": "张三"},
        {"username": "a.b", "name": "张三", "unit": "没有的窗口"},
        {"username": "system", "name": "系统"},
        {"username": other.clerk.username, "name": "别处"},
        {"username": "c.d", "name": "李四", "email": "not-an-address"},
        {"username": "C.D", "name": "李四"},
        {"username": office.sys_admin.username, "name": "自己", "is_active": "否"},
    ])  # fmt: skip
    assert reasons(found) == [
        (2, "用户名", Code.USERNAME_INVALID), (3, "窗口（科室）", Fault.UNKNOWN_UNIT),
        (4, "用户名", Code.NAME_TAKEN), (5, "用户名", Code.NAME_TAKEN),
        (6, "电子邮箱", Code.FIELD_INVALID), (7, "用户名", Fault.TWICE),
        (8, "启用", Code.OWN_ACCOUNT),
    ]  # fmt: skip


def test_roles_by_the_security_administrator(applied: Any, judged: Any, office: Office) -> None:
    roles = {"by": office.sec_admin}
    row = {"username": office.viewer.username, "roles": "值班人员、督办考核科"}
    found = applied(K.ROLES, [row], **roles)
    assert changes(found) == [("角色", "查询统计（只读）", "值班人员、督办考核科")]
    bad = judged(K.ROLES, [
        {"username": office.viewer.username, "roles": "带班领导、值班人员"},
        {"username": office.clerk.username, "roles": "督办考核科、系统管理员"},
        {"username": office.clerk2.username, "roles": "窗口（科室）经办人"},
        {"username": office.sec_admin.username, "roles": "审计员"},
        {"username": office.sys_admin.username, "roles": "审计员"},
        {"username": "nobody", "roles": "审计员"},
        {"username": office.officer.username, "roles": "值班长"},
        {"username": office.officer2.username, "name": "别人", "roles": "值班人员"},
    ], **roles)  # fmt: skip
    assert reasons(bad) == [
        (2, "角色", Code.ROLE_MIX), (3, "角色", Code.ADMIN_ROLE_MIX),
        (4, "角色", Code.UNIT_MISSING), (5, "角色", Code.OWN_ACCOUNT),
        (6, "角色", Code.LAST_ADMIN), (7, "用户名", Fault.UNKNOWN_PERSON),
        (8, "角色", Fault.NOT_CHOICE), (9, "姓名", Fault.OTHER_PERSON),
    ]  # fmt: skip


def test_administrator_gives_no_role_by_file(judged: Any, office: Office) -> None:
    for kind, person in ((K.ROLES, office.sys_admin), (K.ACCOUNTS, office.sec_admin),
                         (K.LEDGER, office.sys_admin), (K.UNITS, office.clerk)):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            judged(kind, [{"username": "a", "name": "a", "roles": "审计员", "unit_kind": "进驻窗口",
                           "ledger_no": "2025-1", "registered": "2025-1-1", "category": 1,
                           "item": "a", "narrative": "a"}], by=person)  # fmt: skip
        assert refused.value.code is Code.ROLE_MISSING


def test_leading_group(applied: Any, judged: Any, office: Office) -> None:
    new = office.add("newcomer", Role.GROUP_MEMBER, first_name="钱新")
    office.add("plain", Role.DUTY_OFFICER, first_name="孙平")
    db.session.commit()
    row = {"name": "钱新", "post": "副组长", "valid_from": "2026-11-01"}
    applied(K.GROUP, [row])
    member = db.session.scalars(select(GroupMember).where(GroupMember.account_id == new.id)).one()
    assert (member.post, member.is_head) == ("副组长", False)
    found = applied(K.GROUP, [row | {"post": "成员", "valid_to": "2026-12-31"}])
    assert changes(found) == [("领导小组职务", "副组长", "成员"), ("任期止", "", "2026-12-31")]
    bad = judged(K.GROUP, [
        row | {"valid_from": "2026-11-20"}, row | {"name": "孙平"}, row | {"name": "没有"},
        {"name": "甲leader2", "post": "组长", "is_head": "是", "valid_from": "2030-01-01"},
        row | {"valid_to": "2026-10-01"},
    ])  # fmt: skip
    assert reasons(bad)[:3] == [
        (2, "任期起", Code.OVERLAP), (3, "姓名", Code.NOT_GROUP_MEMBER),
        (4, "姓名", Fault.UNKNOWN_PERSON),
    ]  # fmt: skip
    assert (6, "任期止", Code.FIELD_INVALID) in reasons(bad)


# -- rosters, calendar ----------------------------------------------------------------------------


def test_leader_roster(applied: Any, judged: Any, office: Office) -> None:
    names = {key: getattr(office, key).name for key in ("leader", "leader2", "officer")}
    row = {"day": "2026-11-20", "leader": names["leader2"], "substitute": names["leader"],
           "is_leader_away": "否"}  # fmt: skip
    found = applied(K.LEADERS, [row], by=office.clerk)
    assert outcomes(found) == [Outcome.CHANGED]  # the office's roster had its leader on every day
    stored = db.session.scalars(
        select(LeaderRoster).where(LeaderRoster.day == at("2026-11-20").date())
    ).one()
    assert (stored.leader_id, stored.substitute_id) == (office.leader2.id, office.leader.id)
    assert outcomes(judged(K.LEADERS, [row])) == [Outcome.SAME]
    bad = judged(K.LEADERS, [
        row | {"day": "2026-11-12"}, row | {"day": "2026-11-21", "leader": names["officer"]},
        row | {"day": "2026-11-23", "substitute": names["leader2"]}, row, row,
    ])  # fmt: skip
    assert reasons(bad) == [
        (2, "日期", Code.NOT_EDITABLE), (3, "带班领导", Code.NOT_GROUP_MEMBER),
        (4, "替班领导", Code.FIELD_INVALID), (6, "日期", Fault.TWICE),
    ]  # fmt: skip


def test_duty_shifts(applied: Any, judged: Any, office: Office) -> None:
    office.officer.first_name = office.officer2.first_name = "赵同名"
    db.session.commit()
    row = {"day": "2026-11-20", "am": office.officer.username, "pm": office.officer2.username}
    applied(K.SHIFTS, [row], by=office.clerk)
    stored = db.session.scalars(select(DutyShift).order_by(DutyShift.half)).all()
    assert [(s.half, s.officer_id) for s in stored] == [
        (Half.AM, office.officer.id), (Half.PM, office.officer2.id),
    ]  # fmt: skip
    found = judged(K.SHIFTS, [{"day": "2026-11-20", "am": office.officer2.username}])
    assert outcomes(found) == [Outcome.SAME]  # of one name: nothing a person could tell apart
    bad = judged(K.SHIFTS, [{"day": "2026-11-21", "am": "赵同名"},
                            {"day": "2026-11-22", "pm": office.clerk.name},
                            {"day": "2026-11-01", "am": office.officer.username}])  # fmt: skip
    assert reasons(bad) == [
        (2, "上午值班人员", Fault.NAMESAKES), (3, "下午值班人员", Code.FIELD_INVALID),
        (4, "日期", Code.NOT_EDITABLE),
    ]  # fmt: skip


def test_business_hours_of_two_seasons_in_one_file(applied: Any, office: Office) -> None:
    """Neither season alone leaves a calendar: they are checked when both are written."""
    hours = {"am_start": "9:00", "am_end": "12:00", "ends_previous": "是"}
    found = applied(K.HOURS, [
        hours | {"name": "夏季", "valid_from": "2027-05-01", "pm_start": "14:00", "pm_end": 0.75},
        hours | {"name": "冬季", "valid_from": "2027-10-01", "pm_start": "13:00",
                 "pm_end": "17:00"},
    ])  # fmt: skip
    assert outcomes(found) == [Outcome.NEW, Outcome.NEW]
    rows = db.session.scalars(select(Timetable).order_by(Timetable.valid_from)).all()
    assert [str(row.valid_to) for row in rows] == ["2027-04-30", "2027-09-30", "None"]
    assert f"{rows[1].pm_end:%H:%M}" == "18:00"


def test_business_hours_that_contradict_are_refused(judged: Any) -> None:
    bad = judged(K.HOURS, [{"name": "夏季", "valid_from": "2027-05-01", "am_start": "9:00",
                            "am_end": "8:00"}])  # fmt: skip
    assert reasons(bad) == [(2, "", Code.CALENDAR_INVALID)]


def test_days_of_the_office(applied: Any, judged: Any, office: Office) -> None:
    row = {"day": "2026-11-20", "kind": "停办", "notice_no": "某发〔2026〕1号"}
    case = office.dispatch(office.submit(office.draft(now=at("2026-11-18 09:00")),
                                         now=at("2026-11-18 09:10")),
                           now=at("2026-11-19 09:30"))  # fmt: skip
    assert case.due_at == at("2026-11-20 17:00")
    db.session.commit()
    applied(K.DAYS, [row, row | {"day": "2026-11-21", "kind": "上班"}])
    assert db.session.scalar(select(func.count()).select_from(DayOverride)) == 2
    db.session.refresh(case)
    assert case.due_at == at("2026-11-21 17:00")  # open cases followed, once
    found = judged(K.DAYS, [row | {"kind": "仅上午"}])
    assert changes(found) == [("类型", "停办", "仅上午")]
    bad = judged(K.DAYS, [row | {"notice_no": None}, row | {"day": "2031-01-01"},
                          row | {"kind": "放假"}])  # fmt: skip
    assert reasons(bad) == [
        (2, "通知文号", Fault.EMPTY), (3, "日期", Code.CALENDAR_INVALID),
        (4, "类型", Fault.NOT_CHOICE),
    ]  # fmt: skip


def test_dry_run_writes_nothing(judged: Any, office: Office) -> None:
    judged(K.UNITS, [unit("社保窗口")])
    judged(K.DAYS, [{"day": "2026-11-20", "kind": "停办", "notice_no": "某发〔2026〕1号"}])
    assert db.session.scalars(select(Unit).where(Unit.name == "社保窗口")).first() is None
    assert db.session.scalar(select(func.count()).select_from(DayOverride)) == 0
