"""A day of a unit: 经办人 signs, calls and writes; 负责人 asks for time and submits the result."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.hands import PHONE, Hands

ComeIn = Callable[..., Hands]
ITEM = "契税补贴申领"


@pytest.fixture
def handler(come_in: ComeIn) -> Hands:
    return come_in("jianyinuo", "unit-handler")


@pytest.fixture
def head(come_in: ComeIn) -> Hands:
    return come_in("jipingchuan", "unit-head")


@pytest.fixture
def section(come_in: ComeIn) -> Hands:
    return come_in("zhouzhengze", "unit-section")


def test_slip_is_signed_with_one_click(handler: Hands, section: Hands) -> None:
    handler.sees("暂无待办事项。")
    section.press("交办", section.row(ITEM))
    section.tick("办理时限", "3个工作日")
    section.tick("复杂情形", "流程复杂")
    section.press("交办")
    handler.go("/")
    handler.look("home-to-sign")
    handler.press("签收", handler.row(ITEM))
    handler.reads("已签收")
    handler.look("home-signed")


def test_reporter_is_called_and_the_number_is_shown_on_demand(handler: Hands) -> None:
    handler.press(ITEM)
    handler.sees("160****0024")
    handler.page.locator("summary", has_text="查看完整号码").click()
    handler.choose("查看原因（将记录）", "联系反映人办理")
    handler.look("reveal-reason")
    handler.press("查看", handler.page.locator("details.reveal"))
    handler.sees("16000000024", "查看完整号码")
    handler.look("case-with-phone")
    handler.press("联系反映人")
    handler.tick("联系方式", "电话")
    handler.tick("已联系上反映人", "已联系上")
    handler.field("情况说明").fill("已了解申请时间和提交渠道，今日核对系统记录。")
    handler.look("contact")
    handler.press("联系反映人")
    handler.reads("已保存。")
    handler.sees("已了解申请时间和提交渠道")


def test_not_ours_is_asked_and_refused(head: Hands, section: Hands) -> None:
    head.look("home")
    head.press(ITEM)
    head.press("申请退回")
    head.press("申请退回")
    head.sees("尚未保存", "必填项")
    head.fill(理由="补贴资金不由本窗口发放。", 建议承办单位="社保")
    head.look("return")
    head.press("申请退回")
    head.reads("已保存。")
    head.sees("退回待审")
    section.go("/")
    section.open_count("退回待审", 1)
    section.press("不同意退回", section.row(ITEM))
    section.field("理由").fill("契税补贴由税务窗口受理审核，请继续办理。")
    section.press("不同意退回")
    section.reads("已保存。")
    head.go("/")
    head.press(ITEM)
    head.sees("契税补贴由税务窗口受理审核，请继续办理。")
    head.not_offered("申请退回")


def test_complex_matter_needs_its_explanation_before_more_time(head: Hands, handler: Hands) -> None:
    handler.press(ITEM)
    handler.press("填写问题处理说明")
    handler.field("基本情况").fill("10月28日线上提交，系统未生成受理流水。")
    handler.field("核查经过").fill("与市级平台核对接口日志。")
    handler.field("政策依据（名称、文号、条款）").fill("契税补贴实施细则第六条。")
    handler.field("难点及原因").fill("接口故障期间的申请须由上级平台补推。")
    handler.field("处理意见（拟办措施）").fill("报市级平台补推，同时线下受理。")
    handler.field("预计办结时间").fill("2026-11-27")
    handler.look("explanation")
    handler.press("填写问题处理说明")
    handler.reads("已保存。")
    head.press(ITEM)
    head.press("申请延期")
    _ask_for_more(head)


def _ask_for_more(head: Hands) -> None:
    days = head.page.get_by_role("radiogroup", name="延期（工作日）")
    expect(days.get_by_role("radio")).to_have_count(7)
    days.get_by_label("3", exact=True).check()
    expect(head.page.get_by_text("延期后应办结时间：2026年12月1日17时")).to_be_visible()
    head.fill(理由="须市级平台补推数据。", 已开展工作="已形成问题处理说明并报市级平台。")
    head.look("extension")
    # Somebody sends what the page does not offer: refused, and the text is still there.
    days.get_by_role("radio").last.evaluate("radio => { radio.value = '8'; }")
    days.get_by_role("radio").last.check()
    head.press("申请延期")
    head.refused("请从列表中选择", "延期累计不得超过7个工作日")
    expect(head.field("理由")).to_have_value("须市级平台补推数据。")
    head.look("extension-refused")
    head.tick("延期（工作日）", "3")
    head.press("申请延期")
    head.reads("已保存。")
    head.sees("延期待批")


def test_result_is_submitted_by_the_head(handler: Hands, head: Hands) -> None:
    handler.press(ITEM)
    handler.not_offered("提交办结")
    head.press("提交办结", head.row(ITEM))
    head.press("提交办结")
    head.sees("尚未保存", "必填项")
    head.tick("办理结果", "已解决")
    head.tick("是否办成", "已办成")
    head.field("办理情况").fill("市级平台已补推，申请生成受理流水，补贴已审核。")
    head.field("答复内容").fill("您的契税补贴申请已审核通过，款项五日内到账。")
    head.choose("答复方式", "电话")
    expect(head.field("答复时间")).to_have_value(re.compile("2026-11-23 10:0"))
    head.field("原因分类").select_option(index=1)
    head.look("result")
    head.press("提交办结")
    head.reads("已提交办结，待带班领导审签。")
    head.go("/")
    head.look("home-after")


def test_matter_of_another_unit_is_not_there(head: Hands, come_in: ComeIn) -> None:
    social = come_in("wenruyan", "other-unit")
    social.press("民办幼儿园办学许可变更")
    case = re.search(r"/case/(\d+)", social.page.url)
    assert case
    for path in ("", "/move/contact", "/move/resolve", "/phone"):
        assert head.status(f"/case/{case[1]}{path}") in (404, 405), path
    head.go(f"/case/{case[1]}")
    expect(head.page.locator("body")).to_contain_text("无权查看该事项。")
    head.look("another-unit")
    for path in (f"/print/ledger/{case[1]}", f"/print/slips/{case[1]}"):
        assert head.status(path) == 404, path
    head.go("/cases/list/?quick=all&q=幼儿园")
    head.misses("民办幼儿园")


def test_unit_works_on_a_phone_too(come_in: ComeIn) -> None:
    handler = come_in("jianyinuo", "unit-handler", PHONE)
    handler.go("/cases/list/?quick=all")
    handler.open_row(ITEM)
    handler.sees("待审签")
    handler.look("case")
