"""A slip is printed, signed on paper, scanned and attached; the unit adds a photo by phone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import PHONE
from tests.browser.hands import Hands
from tests.files import big_pdf, jpg, pdf

ComeIn = Callable[..., Hands]
ITEM = "契税补贴申领"
NAMES = {"pdf", "jpg", "IMG"}  # of the files


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """Return the scan of the signed slip."""
    path = tmp_path / "交办单签收联.pdf"
    path.write_bytes(pdf(2))
    return path


def section_of(hands: Hands) -> Locator:
    return hands.page.locator("#attachments")


def test_slip_is_printed_signed_scanned_and_comes_back_byte_for_byte(
    come_in: ComeIn, scan: Path, tmp_path: Path
) -> None:
    section = come_in("zhouzhengze", "attachments")
    section.latin |= NAMES
    page = section.page
    section.open_count("待交办", 1)
    section.press("交办", section.row(ITEM))
    section.tick("办理时限", "1个工作日")
    section.press("交办并打印")
    section.sees_on_paper("存根", ITEM, "接办人签字")
    page.go_back()
    section.go("/in-handling/list/")
    section.open_row(ITEM)
    attachments = section_of(section)
    expect(attachments).to_contain_text("还没有上传签字材料的扫描件")

    large = tmp_path / "太大.pdf"
    large.write_bytes(big_pdf(21 * 1024 * 1024))
    section.field("备注", attachments).fill("第一联")
    page.locator("input[name=file]").set_input_files(large)
    expect(attachments.get_by_role("alert")).to_contain_text("文件超过20 MB")
    section.press("上传", attachments)
    section.refused("请选择文件")
    expect(section.field("备注")).to_have_value("第一联")

    slip = page.locator("select[name=slot] option", has_text="事项交办单 NO")
    page.locator("select[name=slot]").select_option(slip.get_attribute("value"))
    page.locator("input[name=file]").set_input_files(scan)
    section.look("attach")
    section.press("上传", section_of(section))
    section.reads("已上传到：事项交办单")
    attachments = section_of(section)
    expect(attachments).to_contain_text("附件（1）")
    section.look("attached")
    with page.expect_download() as download:
        section.press("下载", attachments)
    assert download.value.suggested_filename == scan.name
    assert Path(download.value.path()).read_bytes() == scan.read_bytes()
    expect(page.locator(".timeline")).to_contain_text("上传附件")


def test_unit_adds_a_photo_by_phone_and_takes_it_back(come_in: ComeIn, tmp_path: Path) -> None:
    unit = come_in("jipingchuan", "attachments-unit", PHONE)
    unit.latin |= NAMES
    unit.go("/in-handling/list/")
    unit.open_row(ITEM)
    attachments = section_of(unit)
    expect(attachments).to_contain_text("交办单签收联.pdf")
    photo = tmp_path / "IMG_0001.jpg"
    photo.write_bytes(jpg())
    unit.page.locator("select[name=slot]").select_option(label="其他材料")
    unit.field("或现场拍照").set_input_files(photo)
    unit.press("上传", attachments)
    unit.reads("已上传到：其他材料")
    unit.look("photo")
    row = section_of(unit).get_by_role("row").filter(has_text="其他材料")
    unit.press("作废", row)
    unit.field("理由").fill("照片不清楚，重新拍。")
    unit.look("void")
    unit.press("作废")
    unit.reads("附件已作废")
    expect(section_of(unit)).to_contain_text("作废：照片不清楚，重新拍。")


def test_ledger_scan_is_fetched_again_and_again_and_each_time_recorded(
    come_in: ComeIn, scan: Path
) -> None:
    desk = come_in("zhaoxiaoman", "attachments-desk")
    desk.go("/cases/list/?quick=all&q=契税补贴")
    desk.open_row(ITEM)
    desk.page.locator("select[name=slot]").select_option(label="问题台账")
    desk.page.locator("input[name=file]").set_input_files(scan)
    desk.press("上传", section_of(desk))
    row = section_of(desk).get_by_role("row").filter(has_text="问题台账")
    for _time in range(2):
        with desk.page.expect_download() as download:
            desk.press("下载", row, yes="含反映人姓名或电话")
        assert Path(download.value.path()).read_bytes() == scan.read_bytes()
    desk.page.reload()
    looks = desk.page.locator(".timeline li").filter(has_text="下载含反映人信息的附件")
    expect(looks).to_have_count(2)
