"""A day of 带班领导 at the window, on a phone: sign in, decide, sign, hand on; others only read."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.hands import PHONE, Hands
from tests.browser.others import ask_for_days, case_path, dispatch, resolve, sign

ComeIn = Callable[..., Hands]
FARM, SCHOOL, TAX = "动物防疫条件合格证", "民办幼儿园办学许可变更", "契税补贴申领"


@pytest.fixture
def leader(come_in: ComeIn) -> Hands:
    return come_in("chengliqun", "leader", PHONE)


@pytest.fixture
def school_head(come_in: ComeIn) -> Hands:
    return come_in("wenruyan", "leader-unit")


def test_leader_signs_in_and_writes_what_was_seen(leader: Hands) -> None:
    leader.look("home")
    leader.press("到岗签到（上午）")
    leader.reads("已到岗签到。")
    leader.field("巡查情况").fill("窗口秩序正常，值班人员在岗。")
    leader.field("现场解决").fill("协调踏勘时间1件。")
    leader.look("visit")
    leader.press("保存")
    leader.reads("已保存。")
    leader.go("/")
    leader.sees("上午已到岗签到 10:0", "下午尚未签到")
    leader.go("/leader-visits/list/")
    leader.sees("协调踏勘时间1件。")
    leader.look("visits")


def test_extension_is_granted_for_fewer_days_from_the_list(leader: Hands) -> None:
    leader.open_count("延期待批", 1)
    leader.look("extensions")
    leader.press("调整天数", leader.row(FARM))
    leader.sees("申请延期", "5个工作日")
    leader.tick("延期（工作日）", "3")
    expect(leader.page.get_by_text("延期后应办结时间：2026年11月25日17时")).to_be_visible()
    leader.look("fewer-days")
    leader.field("意见").fill("同意延期3个工作日，抓紧复核。")
    leader.press("同意延期")
    leader.reads("已同意延期，应办结时间延至2026年11月25日17时")
    leader.look("extension-granted")


def test_extension_is_refused_then_granted_on_the_case_page(
    leader: Hands, school_head: Hands
) -> None:
    ask_for_days(school_head, SCHOOL, 5)
    leader.go("/")
    leader.press(SCHOOL)
    leader.look("case-with-extension")
    leader.press("不同意延期")
    leader.press("不同意延期")
    leader.sees("必填项")
    leader.field("意见").fill("消防意见今日可出，不需延期。")
    leader.press("不同意延期")
    leader.reads("已保存。")
    leader.sees("不同意", "消防意见今日可出")
    ask_for_days(school_head, SCHOOL, 5)
    leader.go("/")
    leader.press(SCHOOL)
    leader.press("同意延期")
    leader.tick("延期（工作日）", "2")
    leader.press("同意延期")
    leader.reads("已同意延期，应办结时间延至2026年11月25日17时")
    leader.sees("已延期2日")
    leader.look("case-extended")


def test_results_are_read_and_signed_together(
    leader: Hands, school_head: Hands, come_in: ComeIn
) -> None:
    resolve(school_head, SCHOOL)
    resolve(come_in("yuechanghe", "leader-unit"), FARM)
    leader.go("/")
    leader.look("home-with-results")
    leader.open_count("待签字办结", 2)
    leader.sees("已解决，已办成", "问题已查清并办好。", "已办好，请放心。")
    leader.look("to-sign")
    leader.page.get_by_label("全选").first.check()
    leader.press("确认办结", leader.page.locator("form.bulk"), yes="确认已勾选的事项办结并签字？")
    leader.reads("已确认办结：2 件")
    leader.look("signed")


def test_matter_is_put_before_the_group_with_a_reason(leader: Hands, come_in: ComeIn) -> None:
    dispatch(come_in("zhouzhengze", "leader-section"), TAX)
    sign(come_in("jianyinuo", "leader-unit"), TAX)
    leader.go("/in-handling/list/")
    leader.open_row(TAX)
    leader.look("case-in-handling")
    leader.press("提交领导小组")
    leader.field("理由").fill("涉及两级平台数据，窗口无法自行解决。")
    leader.look("escalate")
    leader.press("提交领导小组", yes="提交领导小组集体研究吗？")
    leader.reads("领导小组研究")
    leader.look("escalated")


def test_another_leader_only_reads_today(leader: Hands, come_in: ComeIn) -> None:
    leader.go("/in-handling/list/")
    leader.open_row(TAX)
    path = case_path(leader)
    other = come_in("duchunhui", "other-leader", PHONE)
    other.sees("今日带班", "程立群", "您可查看全部事项")
    other.look("home")
    other.go(path)
    other.sees("今日带班：程立群")
    other.not_offered("同意延期", "确认办结", "提交领导小组")
    other.look("case")
    other.go(f"{path}/move/escalate")
    other.not_offered("提交领导小组")
    other.look("not-now")
