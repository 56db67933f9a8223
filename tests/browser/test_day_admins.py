"""Days of 系统管理员, 安全管理员, 审计员 and 查询统计: all is kept in order, no case is seen."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import Hands
from tests.browser.others import case_path, dispatch

ComeIn = Callable[..., Hands]
PASSWORD = "Xinren-2026"  # noqa: S105 (typed into the account made below)


@pytest.fixture
def admin(come_in: ComeIn) -> Hands:
    return come_in("fangzhiyuan", "sys-admin")


@pytest.fixture
def security(come_in: ComeIn) -> Hands:
    return come_in("zhuosiqi", "sec-admin")


def test_account_is_made_and_gets_only_roles_that_go_together(
    admin: Hands, security: Hands
) -> None:
    admin.look("home")
    admin.go("/users/list/")
    admin.look("accounts")
    admin.press("新增")
    admin.fill(姓名="易新人", 用户名="易新人", 职务="窗口工作人员", 密码="123456", 确认密码="12345")
    admin.press("保存")
    admin.sees("尚未保存")
    expect(admin.field("姓名")).to_have_value("易新人")
    admin.look("account-refused")
    admin.fill(用户名="yixinren", 密码=PASSWORD, 确认密码=PASSWORD)
    admin.choose("服务场所", "县政务服务中心")
    admin.press("保存")
    admin.reads("已保存。")
    security.look("home")
    security.go("/users/list/?quick=bare")
    security.press("分配角色", security.row("易新人"))
    security.tick("角色", "值班人员", "系统管理员")
    security.press("保存")
    security.sees("不得兼任")
    security.look("roles-refused")
    security.page.get_by_label("系统管理员", exact=True).uncheck()
    security.press("保存")
    security.reads("已保存。")


def test_new_person_gets_in_and_changes_the_password(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/login/")
    page.get_by_label("用户名").fill("yixinren")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    new = Hands(page, "new-person", {"yixinren"})
    new.sees("请先设置自己的新密码")
    new.look("first-password")
    new.go("/cases/list/")
    new.sees("修改密码")  # nothing else opens
    new.fill(当前密码="wrong", 新密码=PASSWORD + "x", 确认密码=PASSWORD + "x")
    new.press("保存")
    new.sees("当前密码不正确")
    new.fill(当前密码=PASSWORD, 新密码=PASSWORD + "x", 确认密码=PASSWORD + "x")
    new.press("保存")
    new.reads("密码已修改")
    new.offered("接待登记")
    new.go("/users/userinfo/")
    new.look("own-account")
    assert new.status("/users/list/") == 403


def test_unit_is_switched_off_and_gets_nothing_more(admin: Hands, come_in: ComeIn) -> None:
    admin.go("/units/list/")
    admin.look("units")
    admin.press("编辑", admin.row("燃气便民窗口"))
    admin.field("启用").uncheck()
    admin.look("unit")
    admin.press("保存")
    admin.reads("已保存。")
    admin.misses("燃气便民窗口")
    section = come_in("zhouzhengze", "admin-section")
    section.press("交办", section.row("契税补贴申领"))
    section.field("主办窗口（科室）").fill("燃气便民窗口")
    section.press("交办")
    section.sees("尚未保存")
    expect(section.field("主办窗口（科室）")).to_have_value("燃气便民窗口")


def test_day_is_closed_and_open_cases_are_computed_anew(admin: Hands, come_in: ComeIn) -> None:
    section = come_in("zhouzhengze", "admin-section")
    dispatch(section, "契税补贴申领", limit="3个工作日")
    admin.go("/calendar/")
    admin.look("calendar")
    admin.page.get_by_role("link", name=re.compile(r"^24$")).nth(10).click()
    admin.sees("2026-11-24 周二（现为工作日）")
    admin.tick("本日安排", "临时停办")
    admin.press("保存")
    admin.sees("必填项")
    admin.look("day-refused")
    admin.fill(通知文号="平政管办发〔2026〕9号", 备注="大厅线路检修")
    admin.press("保存")
    admin.reads("已保存。重新计算了 1 件在办事项。")
    admin.look("calendar-closed")
    section.go("/in-handling/list/")
    section.open_row("契税补贴申领")
    section.sees("2026年11月27日17时", "2026年11月26日17时", "平政管办发〔2026〕9号")
    section.look("recomputed")


def test_hole_in_the_roster_is_shown_and_filled(admin: Hands) -> None:
    admin.go("/leader-roster/")
    admin.look("roster")
    admin.go("/leader-roster/day/form?day=2026-11-25&site=1")
    admin.field("带班领导").select_option(index=0)
    admin.field("替班领导").select_option(index=0)
    admin.press("保存")
    admin.reads("已保存。")
    admin.go("/health/")
    admin.sees("未排班 2026-11-25 周三 带班领导")
    admin.look("health-hole")
    admin.go("/leader-roster/?month=2026-11")
    admin.sees("本月还有 1 个工作日未排带班领导。")
    admin.press("按排名轮排", yes="依次排班")
    admin.reads("已排班 1 天。")
    admin.go("/duty-week/")
    admin.look("duty-week")


def test_administrators_and_auditor_see_no_case(
    admin: Hands, security: Hands, come_in: ComeIn
) -> None:
    section = come_in("zhouzhengze", "admin-section")
    section.go("/in-handling/list/")
    section.open_row("契税补贴申领")
    path = case_path(section)
    auditor = come_in("zhenshenyan", "auditor")
    auditor.look("home")
    auditor.go("/roles/")
    auditor.look("permissions")
    for person in (admin, security, auditor):
        for page in (path, "/cases/list/", "/receptions/list/", "/slips/list/", "/intake/new"):
            assert person.status(page) in (403, 404), f"{person.who} {page}"
        person.go(path)
        person.misses("契税补贴", "陶然")
    auditor.look("no-case")


def test_viewer_counts_and_sees_masked_rows_only(come_in: ComeIn) -> None:
    viewer = come_in("qianzhiwei", "viewer")
    viewer.look("home")
    viewer.open_count("在办")
    viewer.look("in-handling")
    viewer.go("/cases/list/?quick=all")
    viewer.sees("2026-0124", "陶*")
    viewer.misses("陶然", "16000000024", "160****0024")
    viewer.look("ledger")
    expect(viewer.page.locator("td a.row-link")).to_have_count(0)
    viewer.not_offered("交办", "督办", "确认办结")
