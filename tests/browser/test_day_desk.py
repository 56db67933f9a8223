"""A day of 值班人员: what comes to the desk ends in one of four ways, and is asked about later."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.hands import Hands

NARRATIVE = "网上申请个体工商户营业执照，三次被退回，每次退回的理由都不一样，不知道怎么改。"


@pytest.fixture
def desk(come_in: Callable[..., Hands]) -> Hands:
    return come_in("zhaoxiaoman", "desk")


def test_matter_is_registered_and_submitted_by_keyboard_alone(desk: Hands) -> None:
    page, keys = desk.page, desk.page.keyboard
    desk.look("home")
    page.get_by_role("link", name="接待登记").first.focus()
    keys.press("Enter")
    expect(desk.field("反映人")).to_be_focused()
    keys.type("王建设")
    keys.press("Enter")
    keys.type("16000000501")
    keys.press("Tab")
    expect(page.get_by_text("该号码近30日反映过0件")).to_be_visible()
    expect(page.get_by_role("radio", name="群众")).to_be_focused()
    keys.press("Tab")
    keys.press("Space")  # 未成功受理/审批
    expect(desk.field("办件编号")).to_be_visible()
    desk.look("intake-category")
    _through_the_category(desk)
    keys.type("个体工商户设立登记")
    keys.press("Enter")
    keys.type("市场")
    keys.press("Enter")
    keys.type(NARRATIVE)
    keys.press("Tab")
    keys.type("一次说清楚怎么改。")
    _tab_to(desk, "提交督办考核科")
    keys.press("Enter")
    desk.reads(re.compile(r"已提交督办考核科，台账编号 2026-01\d\d，应于今日17时前交办。"))
    desk.sees("待交办", NARRATIVE, "市场准入科", "16000000501")
    desk.look("submitted")


def _through_the_category(desk: Hands) -> None:
    """Fill in 申请方式, 受阻环节 and 办件编号; 事项类型 is right as it is."""
    keys = desk.page.keyboard
    _tab_to(desk, "申请方式")
    keys.press("ArrowDown")
    keys.press("Enter")
    keys.press("ArrowDown")
    keys.press("Enter")
    keys.type("37132620261100123")
    _tab_to(desk, "受理事项")
    expect(desk.field("申请方式")).to_have_value("online")
    expect(desk.field("受阻环节")).not_to_have_value("")


def _tab_to(desk: Hands, name: str) -> None:
    """Press Tab until the named field or button has the focus; it must come soon."""
    wanted = desk.button(name).or_(desk.field(name)).first
    for _press in range(12):
        if wanted.evaluate("e => e === document.activeElement"):
            return
        desk.page.keyboard.press("Tab")
    raise AssertionError(f"{name} is too far away")


def test_refusal_keeps_what_was_typed(desk: Hands) -> None:
    desk.go("/intake/new")
    desk.fill(反映人="赵四", 受理事项="门诊报销")
    desk.tick("受理类别", "多次来中心未解决")
    desk.field("“办不成事”事项情况").fill("报不了")
    desk.press("提交督办考核科")
    desk.sees("尚未保存", "必填")
    expect(desk.field("“办不成事”事项情况")).to_have_value("报不了")
    expect(desk.field("反映人")).to_have_value("赵四")
    expect(desk.page.get_by_role("radio", name="多次来中心未解决")).to_be_checked()
    desk.look("intake-refused")
    desk.field("联系电话").fill("16000000502")
    desk.field("已来中心次数").fill("3")
    desk.press("提交督办考核科")
    desk.sees("至少填写10个字")
    expect(desk.field("“办不成事”事项情况")).to_have_value("报不了")


def test_draft_is_saved_found_on_the_workbench_and_deleted(desk: Hands) -> None:
    desk.go("/intake/new")
    desk.fill(反映人="孙草稿", 受理事项="公积金提取")
    desk.page.keyboard.press("Control+s")
    desk.reads("已保存。")
    desk.go("/")
    desk.look("home-with-draft")
    desk.press("公积金提取")
    desk.press("继续登记")
    expect(desk.field("受理事项")).to_have_value("公积金提取")
    desk.press("删除草稿", yes="删除后不能恢复")
    desk.reads("草稿已删除。")


def test_not_accepted_is_explained_and_referred(desk: Hands) -> None:
    desk.go("/intake/new")
    desk.fill(反映人="李明理", 受理事项="法院判决执行问题")
    desk.press("不予受理")
    desk.choose("不予受理原因", "涉法涉诉")
    desk.field("依据").fill("《民事诉讼法》第一百二十七条")
    desk.field("引导去向").fill("县人民法院诉讼服务中心")
    desk.page.keyboard.press("Tab")
    expect(desk.field("解释内容")).to_have_value(
        re.compile("您反映的情况我们已经了解。根据《民事诉讼法》.*县人民法院诉讼服务中心")
    )
    desk.tick("反映人意见", "理解")
    desk.look("not-accepted")
    desk.press("登记为不予受理")
    desk.reads("BY2026-0026")
    desk.look("not-accepted-done")
    desk.go("/rejections/list/")
    desk.sees("法院判决执行问题", "BY2026-0026")
    desk.look("rejections")


def test_solved_on_the_spot_waits_for_the_leader(desk: Hands) -> None:
    desk.go("/intake/new")
    desk.fill(反映人="周当场", 联系电话="16000000503", 受理事项="社保卡密码重置")
    desk.sees("该号码近30日反映过")
    desk.tick("受理类别", "多次来中心未解决")
    desk.field("已来中心次数").fill("2")
    desk.field("“办不成事”事项情况").fill("自助机上两次重置密码都不成功，窗口让找银行。")
    desk.press("当场办结")
    desk.field("主办窗口（科室）").fill("社保窗口")
    desk.field("承办人员").fill("桑晚晴")
    desk.fill(办理情况="窗口当场重置密码。", 答复内容="密码已重置，可以使用。")
    desk.page.get_by_label("原因分类").select_option(index=1)
    desk.look("on-the-spot")
    desk.press("确认当场办结")
    desk.reads(re.compile(r"已当场办结，台账编号 2026-01\d\d，待带班领导审签。"))
    desk.look("on-the-spot-done")
    desk.press("打印台账")
    desk.page.wait_for_url(re.compile("/print/"))
    desk.look_at_paper("ledger-paper")


def test_question_answered_needs_nothing_more(desk: Hands) -> None:
    desk.go("/intake/new")
    desk.field("“办不成事”事项情况").fill("残疾人证到期在哪里换？")
    desk.press("咨询已答复")
    desk.field("答复内容").fill("一楼F区3号残联窗口，带旧证和身份证。")
    desk.press("保存为咨询已答复")
    desk.reads("已保存为咨询已答复，接待编号 JD20261123-")
    desk.go("/receptions/list/")
    desk.sees("残疾人证到期在哪里换？")
    desk.look("receptions")
