"""What other people do meanwhile, in a few strokes, so that the day of one role can go on."""

import re

from tests.browser.hands import Hands


def dispatch(section: Hands, item: str, *, limit: str = "1个工作日") -> None:
    """交办 to the unit involved."""
    section.go("/to-dispatch/list/")
    section.press("交办", section.row(item))
    section.tick("办理时限", limit)
    if limit == "3个工作日":
        section.tick("复杂情形", "流程复杂")
    section.press("交办")
    section.reads("已交办")


def sign(unit: Hands, item: str) -> None:
    """签收."""
    unit.go("/")
    unit.press("签收", unit.row(item))
    unit.reads("已签收")


def ask_for_days(head: Hands, item: str, days: int) -> None:
    """申请延期."""
    head.go("/")
    head.press(item)
    head.press("申请延期")
    head.tick("延期（工作日）", str(days))
    head.fill(理由="须等待上级部门答复。", 已开展工作="已现场核查并发函。")
    head.press("申请延期")
    head.reads("已保存。")


def resolve(head: Hands, item: str, note: str = "问题已查清并办好。") -> None:
    """提交办结: 已解决、已办成."""
    head.go("/")
    head.press(item)
    head.press("提交办结")
    head.tick("办理结果", "已解决")
    head.tick("是否办成", "已办成")
    head.fill(办理情况=note, 答复内容="已办好，请放心。")
    head.choose("答复方式", "电话")
    head.field("原因分类").select_option(index=1)
    head.press("提交办结")
    head.reads("已提交办结，待带班领导审签。")


def case_path(person: Hands) -> str:
    """Return the address of the case on the page."""
    found = re.search(r"/case/\d+", person.page.url)
    assert found, person.page.url
    return found[0]
