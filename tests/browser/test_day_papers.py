"""Print a ledger, print and sign a slip: what leaves the printer, and what the record keeps."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.hands import Hands

ComeIn = Callable[..., Hands]
ITEM = "契税补贴申领"


def test_slip_is_printed_signed_and_printed_again(come_in: ComeIn) -> None:
    section = come_in("zhouzhengze", "papers-section")
    section.open_count("待交办", 1)
    section.press("交办", section.row(ITEM))
    section.tick("办理时限", "1个工作日")
    section.press("交办并打印")
    section.page.wait_for_url(re.compile("/print/slips/"))
    slips = section.page.url
    section.sees_on_paper("预览，未登记打印")
    section.press("打印", section.page.locator(".bar"))
    expect(section.page.locator("body")).not_to_contain_text("预览")
    expect(section.page.locator("body")).not_to_contain_text("补打")
    section.look_at_paper("papers-slip")

    unit = come_in("jipingchuan", "papers-unit")
    unit.press(ITEM)
    unit.press("签收")

    section.page.goto(slips)
    section.sees_on_paper("预览，未登记打印（已打印1次）", "电子签收：")
    section.press("打印", section.page.locator(".bar"))
    section.sees_on_paper("补打 第2次", "电子签收：")
    section.look_at_paper("papers-slip-again")


def test_ledger_is_printed_with_the_phone_on_demand(come_in: ComeIn) -> None:
    section = come_in("zhouzhengze", "papers-ledger")
    section.go("/in-handling/list/")
    section.open_row(ITEM)
    case = section.page.url
    section.press("打印台账")
    section.sees_on_paper("“办不成事”反映窗口", "问题台账", "****", ITEM)
    section.look_at_paper("papers-ledger")
    section.press("显示完整号码（留痕）", section.page.locator(".bar"))
    expect(section.page.locator("main")).not_to_contain_text("****")
    section.look_at_paper("papers-ledger-full")
    section.page.goto(case)
    section.sees("查看完整号码", "160****")
