"""The month is exported: 督办考核科 reads its numbers, opens one, and takes both files away."""

from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
from playwright.sync_api import expect

from tests.browser.hands import Hands


def test_month_is_read_and_taken_away(come_in: Callable[..., Hands], tmp_path: Path) -> None:
    section = come_in("zhouzhengze", "section")
    page = section.page
    section.go("/monthly/")
    section.sees("月度通报", "2026年10月", "按时办结率", "存在问题")
    section.look("monthly")
    files = {}
    for name in ("通报文稿（docx）", "数据表（xlsx）"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename.startswith("2026年10月“办不成事”反映窗口情况通报.")
        ending = download.value.suggested_filename.rsplit(".")[-1]
        files[ending] = tmp_path / f"month.{ending}"
        download.value.save_as(files[ending])
    words = "\n".join(p.text for p in docx.Document(str(files["docx"])).paragraphs)
    assert "关于10月份“办不成事”反映窗口事项办理情况的通报" in words
    book = openpyxl.load_workbook(files["xlsx"])
    accepted = next(row for row in book["汇总"].iter_rows(values_only=True) if row[1] == "受理量")
    assert f"受理反映事项{accepted[2]}件" in words
    page.get_by_role("row", name="受理量").get_by_role("link").first.click()
    expect(page.get_by_role("row")).to_have_count(accepted[2] + 1)
