"""Messages through real windows: the bell, the words of a notice, the outbox, drafted measures."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.hands import Hands

ComeIn = Callable[..., Hands]


@pytest.fixture
def admin(come_in: ComeIn) -> Hands:
    hands = come_in("fangzhiyuan", "sys-admin-messages")
    hands.latin |= {"eml", "instance", "mail", "banjie", "example"}
    return hands


def test_words_are_tried_on_a_case_refused_kept_and_taken_back(admin: Hands) -> None:
    admin.go("/notice-templates/")
    admin.look("templates")
    admin.press("修改", admin.row("红牌：{编号}已超过应办结时间"))
    admin.fill(标题="超期：{台账号}")
    admin.press("预览")
    admin.refused("“{台账号}”不是本类消息的占位符")
    expect(admin.field("标题")).to_have_value("超期：{台账号}")
    admin.look("template-refused")
    admin.fill(标题="超期：{编号}", 正文="{承办窗口}的“{事项}”已超期。")
    admin.press("预览")
    admin.sees("超期：2026-0", "已超期。", "未发送")
    admin.look("template-preview")
    admin.press("保存")
    admin.reads("已保存。")
    admin.press("修改", admin.row("超期：{编号}"))
    admin.press("恢复默认", yes="恢复默认")
    admin.reads("已恢复默认。")
    admin.sees("红牌：{编号}已超过应办结时间")


def test_outbox_says_that_nothing_leaves_without_a_mail_server(admin: Hands) -> None:
    admin.go("/outgoing/list/")
    admin.sees("尚未设置邮件服务器", "instance/mail/", "没有发出")
    for tab in ("已发送", "发送失败", "未发送", "全部"):
        admin.page.get_by_role("link", name=tab, exact=True).click()
        admin.look(f"outbox-{tab}")


def test_bell_leads_to_what_was_told_and_is_silenced(come_in: ComeIn) -> None:
    section = come_in("zhouzhengze", "section-messages")
    bell = section.page.locator(".bell")
    bell.click()
    section.sees("消息提醒", "未读", "提醒", "督办")
    section.look("notices")
    section.press("全部标为已读")
    section.sees("暂无消息。")
    expect(section.page.locator(".bell-count")).to_have_count(0)


def test_section_without_drafts_reads_so(come_in: ComeIn) -> None:
    section = come_in("zhouzhengze", "section-messages")
    section.open_count("待下发督办", 0)
    section.sees("没有待下发的督办。")
    section.look("no-drafts")
