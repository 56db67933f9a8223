"""A day of 领导小组组长: what the group decides is recorded, confirmed by the head, and tracked."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.hands import Hands
from tests.browser.others import dispatch, sign

ComeIn = Callable[..., Hands]
ITEM = "契税补贴申领"


@pytest.fixture
def head(come_in: ComeIn) -> Hands:
    return come_in("shaoyanping", "group-head")


@pytest.fixture
def section(come_in: ComeIn) -> Hands:
    return come_in("zhouzhengze", "group-section")


@pytest.fixture
def unit(come_in: ComeIn) -> Hands:
    return come_in("jianyinuo", "group-unit")


def test_matter_reaches_the_group_with_a_brief(
    head: Hands, section: Hands, unit: Hands, come_in: ComeIn
) -> None:
    head.sees("暂无提交领导小组研究的事项。", "今日带班：程立群")
    dispatch(section, ITEM)
    sign(unit, ITEM)
    leader = come_in("chengliqun", "group-leader")
    leader.go("/in-handling/list/")
    leader.open_row(ITEM)
    leader.press("提交领导小组")
    leader.field("理由").fill("涉及两级平台数据，窗口无法自行解决。")
    leader.press("提交领导小组", yes="提交领导小组集体研究吗？")
    leader.reads("领导小组研究")
    head.go("/")
    head.sees(ITEM, "税务窗口", "涉及两级平台数据，窗口无法自行解决。", "已研究0个工作日")
    head.look("home")
    head.open_count("领导小组待研究", 1)
    head.look("agenda")


def test_meeting_is_recorded_by_the_section_when_it_has_a_quorum(section: Hands) -> None:
    page = section.page
    section.press("录入研究决定", section.row(ITEM))
    lamp = page.get_by_role("status").filter(has_text="应到")
    section.field("研究时间").fill("2026-11-23 10:00")
    section.field("地点").fill("三楼会议室")
    members = page.get_by_role("group", name="出席人员").get_by_role("checkbox")
    members.nth(0).check()
    members.nth(1).check()
    expect(lamp).to_contain_text("应到6人，实到2人，未达到规定人数")
    section.field("主持人").select_option(index=1)
    section.field("讨论意见").fill("一致认为申请人无过错。")
    section.tick("决定类型", "协调解决")
    section.field("研究决定").fill("由税务窗口牵头，线下受理，市级平台补推后补录。")
    section.field("主办窗口（科室）").fill("税务窗口")
    section.field("新时限").fill("2026-11-27 17:00")
    section.look("meeting")
    section.press("录入研究决定")
    section.sees("应到6人，实到2人，未达到规定人数，不能形成决定。")
    expect(section.field("讨论意见")).to_have_value("一致认为申请人无过错。")
    members.nth(2).check()
    members.nth(3).check()
    expect(lamp).to_contain_text("应到6人，实到4人，达到规定人数")
    section.press("录入研究决定")
    section.reads("已保存。")
    section.go("/group-reviews/list/")
    section.look("recorded")


def test_decision_is_confirmed_by_the_head_and_goes_back_to_work(
    head: Hands, unit: Hands, section: Hands
) -> None:
    section.go("/group-reviews/list/")
    section.open_row(ITEM)
    section.not_offered("确认研究决定")
    head.open_count("领导小组待研究", 1)
    head.open_row(ITEM)
    head.sees("一致认为申请人无过错。", "由税务窗口牵头，线下受理，市级平台补推后补录。")
    head.look("to-confirm")
    head.press("确认研究决定", yes="确认领导小组的研究决定吗？")
    head.reads("办理中")
    head.sees("2026年11月27日17时")
    head.go("/")
    head.sees("暂无提交领导小组研究的事项。")
    head.open_count("未落实决定", 1)
    head.sees(ITEM)
    head.look("decisions")
    unit.go("/")
    unit.press(ITEM)
    unit.sees("2026年11月27日17时", "由税务窗口牵头，线下受理")
    unit.not_offered("申请延期")
    unit.look("back-to-work")
