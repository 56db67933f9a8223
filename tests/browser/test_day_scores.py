"""量化考核 on the 1st: rules, one record left out, the month frozen, one figure corrected after."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.hands import Hands

ComeIn = Callable[..., Hands]
SHEET = "/scores/1/2026-10"


@pytest.fixture
def section(come_in: ComeIn) -> Hands:
    return come_in("zhouzhengze", "section")


def test_score_sheet_is_frozen_and_one_figure_corrected_afterwards(
    section: Hands, come_in: ComeIn
) -> None:
    set_rules(section)
    leave_one_out(section)
    section.go(SHEET)
    section.press("定稿", yes="定稿后不能撤销")
    section.reads("2026年10月量化考核表已定稿。")
    section.not_offered("定稿", "剔除")
    expect(section.row("公积金窗口").first).to_contain_text("90")
    section.press("更正", section.row("公积金窗口").first)
    section.choose("更正项目", "红牌（现为-2分）")
    section.fill(更正后分值="-0.5", 理由="系统派单时间有误，酌情扣分。")
    section.look("score-correct")
    section.press("更正分值")
    section.reads("已更正，原值保留。")
    expect(section.row("公积金窗口").first).to_contain_text("91.5")
    section.sees("定稿后更正", "系统派单时间有误", "剔除记录", "该通知单下发有误")
    section.look("score-frozen")
    take_away(section)
    leader = come_in("chengliqun", "leader")
    leader.go(SHEET)
    leader.sees("91.5", "系统派单时间有误")
    leader.not_offered("更正")


def set_rules(section: Hands) -> None:
    """Load the example, change one number and switch five rules on."""
    section.go("/scores/")
    section.sees("没有启用的考核规则", "2026年10月", "无启用规则")
    section.press("载入示例（停用）")
    section.reads("已载入示例，各项规则均为停用。")
    section.choose("有效期起", "2026年10月")
    for kind in ("红牌", "差评属实", "督办", "约谈", "办成典型案例"):
        section.page.get_by_label(f"{kind}：启用").check()
    section.page.get_by_label("督办：每次分值").fill("-1.5")
    section.look("score-rules")
    section.press("保存")
    section.reads("已保存。")


def leave_one_out(section: Hands) -> None:
    """Open a number and leave its record out, once the reason is given."""
    section.go(SHEET)
    fund = section.row("公积金窗口")
    expect(fund).to_contain_text("88.5")  # 100 − 2 − 3 − 1.5 − 5
    section.look("score-draft")
    fund.get_by_role("link", name="1次").nth(2).click()
    section.sees("公积金窗口：督办", "督办通知单")
    section.press("剔除")
    section.press("剔除")
    section.refused("必填")
    section.field("理由").fill("该通知单下发有误，已收回。")
    section.look("score-leave-out")
    section.press("剔除")
    section.reads("已剔除，不再计分。")


def take_away(section: Hands) -> None:
    """Fetch the workbook and look at the paper."""
    page = section.page
    with page.expect_download() as download:
        section.button("导出表格").click()
    assert download.value.suggested_filename == "量化考核表2026-10.xlsx"
    section.press("打印")
    page.wait_for_url(re.compile("/print$"))
    section.sees_on_paper("2026年10月量化考核表", "考核结果运用", "由-2改为-0.5")
    section.look_at_paper("score-paper")
