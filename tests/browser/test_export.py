"""A clerk exports the ledger: narrow the list, press, open the file, come back to it later."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Office
from tests.browser.hands import Hands

ComeIn = Callable[..., Hands]
TITLE = "2026年问题台账"


def fetched(hands: Hands, folder: Path, name: str, *, yes: str = "") -> Any:
    """Press what brings a file down and open it as an office does."""
    with hands.page.expect_download() as coming:
        hands.press(name, yes=yes)
    target = folder / coming.value.suggested_filename
    coming.value.save_as(target)
    assert target.name.startswith(f"{TITLE}（2026-11-23）")
    return openpyxl.load_workbook(target).active


def numbers(sheet: Any) -> list[str]:
    return [cell.value for cell in sheet["B"][3:]]


def test_export_what_the_list_shows_and_come_back_to_it(
    office: Office, come_in: ComeIn, tmp_path: Path
) -> None:
    clerk = come_in(office.username_of("督办考核科"), "督办考核科")
    clerk.go("/cases/list/?quick=all")
    clerk.page.get_by_label("全部年度").select_option(label="2026年")
    clerk.page.wait_for_url(lambda url: "year=2026" in url)
    total = clerk.page.locator(".total").first.inner_text()
    sheet = fetched(clerk, tmp_path, "导出台账")
    assert f"共 {len(numbers(sheet))} 条" in total
    assert numbers(sheet) == sorted(numbers(sheet))
    assert all("*" in str(cell.value) for cell in sheet["F"][3:] if cell.value)
    full = fetched(clerk, tmp_path, "导出台账（完整电话）", yes="均留记录")
    assert not any("*" in str(cell.value) for cell in full["F"][3:] if cell.value)
    clerk.go("/exports/")
    rows = clerk.page.locator(".exports-table tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("全部；2026年")
    expect(rows.first).to_contain_text("完整")
    again = fetched(clerk, tmp_path, "下载")
    assert numbers(again) == numbers(full)
    clerk.press("删除", rows.first, yes="导出记录仍予保留")
    expect(rows).to_have_count(1)


def test_it_fits_a_phone(office: Office, come_in: ComeIn) -> None:
    clerk = come_in(office.username_of("督办考核科"), "督办考核科", PHONE)
    for path in ("/exports/", "/cases/list/?quick=all"):
        clerk.go(path)
        assert clerk.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
