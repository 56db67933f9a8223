"""A day of 督办考核科: hand over, decide returns, press for what is late, send back."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.hands import Hands

ComeIn = Callable[..., Hands]


@pytest.fixture
def section(come_in: ComeIn) -> Hands:
    return come_in("zhouzhengze", "section")


def test_matter_is_handed_to_two_units_and_printed(section: Hands) -> None:
    page = section.page
    section.look("home")
    section.open_count("待交办", 1)
    section.look("to-dispatch")
    section.press("交办", section.row("契税补贴申领"))
    expect(section.field("主办窗口（科室）")).to_have_value("税务窗口")
    preview = page.get_by_role("status").filter(has_text="办理时限")
    section.tick("办理时限", "1个工作日")
    expect(preview).to_contain_text(
        "办理时限：1个工作日。交办日不计入，自11月24日起算，应于2026年11月24日17时前办结。"
    )
    section.tick("办理时限", "立即办理")
    expect(preview).to_contain_text("2026年11月23日17时前办结")
    section.tick("办理时限", "3个工作日")
    expect(preview).to_contain_text("2026年11月26日17时前办结")
    section.tick("复杂情形", "涉及多部门")
    page.get_by_text("协办窗口（科室）").first.click()
    section.tick("协办窗口（科室）", "社保窗口")
    section.look("dispatch")
    section.press("交办")
    section.reads(re.compile(r"已交办，交办单NO 01\d\d、NO 01\d\d，应于2026年11月26日17时"))
    section.go("/in-handling/list/")
    section.open_row("契税补贴申领")
    section.sees("待签收", "税务窗口", "社保窗口", "3日", "多部门")
    section.look("dispatched")
    section.press("打印交办单")
    page.wait_for_url(re.compile("/print/slips/"))
    section.sees_on_paper("存根", "契税补贴申领", "办理时限", "第一联", "第二联")
    section.look_at_paper("slips")


def test_return_is_agreed_and_the_new_unit_gets_a_new_slip(section: Hands, come_in: ComeIn) -> None:
    tax = come_in("jipingchuan", "tax-head")
    tax.press("契税补贴申领")
    tax.press("申请退回")
    tax.fill(理由="补贴资金由社保窗口发放，本窗口无权办理。", 建议承办单位="社保窗口")
    tax.look("return-asked")
    tax.press("申请退回")
    section.go("/returns/list/")
    section.look("returns")
    section.press("同意改派", section.row("契税补贴申领"))
    expect(section.field("主办窗口（科室）")).to_have_value("社保窗口")
    section.look("reassign")
    section.press("同意改派")
    section.reads("已交办，交办单NO")
    section.go("/slips/list/?q=契税补贴")
    section.sees("NO 0166", "社保窗口")
    section.press("作废")
    section.sees("NO 0164", "税务窗口", "NO 0165")
    section.look("slips")


def test_notice_is_issued_on_what_is_late(section: Hands) -> None:
    section.go("/")
    section.open_count("红牌", 1)
    section.press("督办", section.row("动物防疫条件合格证"))
    section.tick("督办方式", "督办通知单")
    expect(section.field("督办事由")).to_have_value("overdue")
    section.field("督办要求").fill("已超过应办结时间，请于明日12时前办结并说明原因。")
    section.field("反馈时限").fill("2026-11-24 12:00")
    section.look("notice")
    section.press("督办")
    section.reads("已保存。")
    section.go("/supervision-notices/list/")
    section.sees("督办〔2026〕", "农林水科", "超时限")
    section.look("notices")


def test_result_without_substance_is_sent_back(section: Hands, come_in: ComeIn) -> None:
    unit = come_in("wenruyan", "social-head")
    unit.press("民办幼儿园办学许可变更")
    unit.press("提交办结")
    unit.tick("办理结果", "已解决")
    unit.tick("是否办成", "已办成")
    unit.field("办理情况").fill("已协调。")
    unit.field("答复内容").fill("已协调。")
    unit.choose("答复方式", "电话")
    unit.field("答复时间").fill("2026-11-23 09:30")
    unit.page.get_by_label("原因分类").select_option(index=1)
    unit.press("提交办结")
    unit.reads("已提交办结，待带班领导审签。")
    section.go("/")
    section.look("home-with-result")
    section.open_count("待审签核对", 1)
    section.open_row("民办幼儿园办学许可变更")
    section.press("退回补办")
    section.look("send-back")
    section.field("理由").fill("只写“已协调”，请写明消防意见如何取得、何时可办。")
    section.press("退回补办")
    section.reads("办理中")
    section.sees("退回补办")
    section.look("sent-back")
