"""One matter from the desk to 已归档 through everybody's hands, each in a window of their own."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.hands import PHONE, Hands
from tests.browser.others import case_path, resolve, sign

ComeIn = Callable[..., Hands]
ITEM = "农产品加工厂取水许可变更"
NARRATIVE = "取水许可变更材料交了三次，农林水科要水务窗口先出意见，水务窗口要先看受理单。"
LATER = "预约挂号系统停用未告知"


def test_matter_goes_from_the_desk_to_the_archive(come_in: ComeIn) -> None:
    desk = come_in("zhaoxiaoman", "journey-desk")
    section = come_in("zhouzhengze", "journey-section")
    handler = come_in("maisuining", "journey-handler")
    head = come_in("yuechanghe", "journey-head")
    other = come_in("quanxiaoxi", "journey-co-unit")
    leader = come_in("chengliqun", "journey-leader", PHONE)
    path = _register(desk)
    _dispatch(section)
    _handle(handler, other)
    _ask_for_time(head, section, leader)
    resolve(head, ITEM, "水务窗口出具意见，取水许可变更已办结。")
    _sign(leader)
    _rate(desk, path)
    _read(head, leader, path)
    desk.go(path)
    desk.sees("已归档", "满意", "岳长河", "程立群")
    for step in (
        "登记", "提交督办考核科", "交办", "签收", "协办签收", "联系反映人", "填写问题处理说明",
        "协办回复", "申请延期", "同意延期", "提交办结", "确认办结", "回访", "登记评价", "已阅评价",
    ):  # fmt: skip
        expect(desk.page.get_by_role("complementary")).to_contain_text(step)
    desk.look("archived")
    desk.press("打印台账")
    desk.sees_on_paper("问题台账", "水务窗口出具意见", "☑已办结", "☑满意")
    desk.look_at_paper("ledger")


def _register(desk: Hands) -> str:
    desk.press("接待登记")
    desk.fill(反映人="何清源", 联系电话="16000000601", 受理事项=ITEM)
    desk.sees("该号码近30日反映过")
    desk.tick("受理类别", "未成功受理/审批")
    desk.choose("申请方式", "线下")
    desk.choose("受阻环节", "未成功受理")
    desk.field("涉及窗口（科室）").fill("农林水科")
    desk.field("“办不成事”事项情况").fill(NARRATIVE)
    desk.press("提交督办考核科")
    desk.reads("已提交督办考核科")
    return case_path(desk)


def _dispatch(section: Hands) -> None:
    section.go("/")
    section.press("交办", section.row(ITEM))
    section.tick("办理时限", "3个工作日")
    section.tick("复杂情形", "涉及多部门")
    section.page.get_by_text("协办窗口（科室）").first.click()
    section.tick("协办窗口（科室）", "水务窗口")
    section.press("交办")
    section.reads("应于2026年11月26日17时前办结")


def _handle(handler: Hands, other: Hands) -> None:
    sign(handler, ITEM)
    handler.press(ITEM)
    handler.press("联系反映人")
    handler.tick("联系方式", "电话")
    handler.field("情况说明").fill("已致歉，约定明日带原许可证来窗口。")
    handler.press("联系反映人")
    handler.reads("已保存。")
    handler.press("填写问题处理说明")
    handler.fill(基本情况="取水量变化，须变更许可。", 核查经过="与水务窗口核对受理条件。")
    handler.field("政策依据（名称、文号、条款）").fill("《取水许可管理办法》")
    handler.fill(难点及原因="两个窗口互为前置。")
    handler.field("处理意见（拟办措施）").fill("凭本说明先受理，水务窗口并联出具意见。")
    handler.field("预计办结时间").fill("2026-11-27")
    handler.press("填写问题处理说明")
    handler.reads("已保存。")
    other.go("/")
    other.press("协办签收", other.row(ITEM))
    other.press(ITEM)
    other.look("co-unit")
    other.press("协办回复")
    other.field("协办情况").fill("已出具水资源论证意见。")
    other.press("协办回复")
    other.reads("已保存。")


def _ask_for_time(head: Hands, section: Hands, leader: Hands) -> None:
    head.go("/")
    head.press(ITEM)
    head.press("申请延期")
    head.tick("延期（工作日）", "2")
    head.fill(理由="现场核验须待雨停。", 已开展工作="已受理并取得水务意见。")
    head.press("申请延期")
    head.reads("已保存。")
    section.go("/extensions/list/")
    section.open_row(ITEM)
    section.not_offered("同意延期")
    leader.go("/")
    leader.press(ITEM)
    leader.press("同意延期")
    leader.tick("延期（工作日）", "1")
    leader.press("同意延期")
    leader.reads("应办结时间延至2026年11月27日17时")


def _sign(leader: Hands) -> None:
    leader.go("/")
    leader.press(ITEM)
    leader.look("result")
    leader.press("确认办结", yes="确认该事项办结吗？")
    leader.reads("已办结（待评价）")


def _rate(desk: Hands, path: str) -> None:
    desk.go("/")
    desk.look("home-to-rate")
    desk.go(path)
    desk.press("回访")
    desk.sees("您好，这里是县政务服务中心“办不成事”反映窗口", ITEM)
    desk.tick("回访结果", "接通")
    desk.tick("承办单位是否联系过", "是")
    desk.tick("问题是否解决", "已解决")
    desk.field("反映人意见").fill("这次办得快。")
    desk.look("call-back")
    desk.press("回访")
    desk.reads("已保存。")
    desk.press("登记评价")
    expect(desk.field("反映人意见")).to_have_value("这次办得快。")  # heard in the call
    desk.look("rating-empty")
    desk.press("登记评价")
    desk.sees("尚未保存")  # nobody is taken for satisfied
    desk.page.get_by_role("radio", name="满意", exact=True).check()
    desk.look("rating")
    desk.press("登记评价")
    desk.reads("已归档")


def _read(head: Hands, leader: Hands, path: str) -> None:
    for person in (head, leader):
        person.go("/")
        person.sees("新的评价结果待阅")
        person.press("去查看")
        person.look("ratings")
        person.press("标为已阅", person.row(ITEM))
        person.reads("已")
        person.go(path)
        person.not_offered("已阅评价")


@pytest.fixture
def bad(come_in: ComeIn) -> Callable[[str, str], Hands]:
    return lambda username, who: come_in(username, f"redo-{who}")


def test_bad_rating_is_verified_and_the_matter_done_again(bad: Callable[..., Hands]) -> None:
    desk, section = bad("zhaoxiaoman", "desk"), bad("zhouzhengze", "section")
    desk.go("/intake/new")
    desk.fill(反映人="冯再来", 联系电话="16000000602", 受理事项=LATER)
    desk.sees("该号码近30日反映过")
    desk.tick("受理类别", "多次来中心未解决")
    desk.field("已来中心次数").fill("2")
    desk.field("涉及窗口（科室）").fill("社保窗口")
    desk.field("“办不成事”事项情况").fill("两次来办社保业务，预约系统停用无人告知，白跑两趟。")
    desk.press("提交督办考核科")
    path = case_path(desk)
    section.go("/")
    section.press("交办", section.row(LATER))
    section.tick("办理时限", "1个工作日")
    section.press("交办")
    head, leader = bad("jiyian", "head"), bad("chengliqun", "leader")
    sign(head, LATER)
    resolve(head, LATER)
    leader.go(path)
    leader.press("确认办结", yes="确认该事项办结吗？")
    desk.go(path)
    desk.press("登记评价")
    desk.page.get_by_role("radio", name="不满意", exact=True).check()
    desk.tick("问题是否解决", "未解决")
    desk.choose("评价方式", "电话回访")
    desk.page.get_by_role("group", name="不满意原因").get_by_role("checkbox").first.check()
    desk.look("bad-rating")
    desk.press("登记评价")
    desk.sees("不满意")
    _verify_and_redo(section, head, path)


def _verify_and_redo(section: Hands, head: Hands, path: str) -> None:
    section.go("/")
    section.open_count("差评待核实", 1)
    section.look("to-verify")
    section.open_row(LATER)
    section.press("差评核实")
    section.tick("核实结论", "属实")
    section.field("核实情况").fill("系统停用未公告，反映属实。")
    section.look("verify")
    section.press("差评核实")
    section.reads("重办中")
    head.go("/")
    head.look("home-redo")
    head.press(LATER)
    head.sees("重办中", "重办（第2轮）")
    head.look("redo")
    head.go("/bad-ratings/list/")
    head.press("重办中")
    head.sees(LATER, "属实")
    head.look("bad-ratings")
    assert head.status(path) == 200
