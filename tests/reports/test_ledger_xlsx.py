"""The yearly workbook: columns, types, widths and print set-up as §3.2 has them; hostile texts."""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
from lxml import etree
from openpyxl.worksheet.worksheet import Worksheet

from app.reports.ledger_cells import COLUMNS
from app.reports.ledger_xlsx import CUT, LONGEST, Heading, heading, plain, write_ledger
from tests.factories import at

# Columns A–V of §3.2: head and width.
SPECIFIED = (
    ("序号", 5), ("台账编号", 11), ("登记日期", 11), ("值班人员", 9), ("反映人", 10),
    ("联系电话", 14), ("受理类别", 12), ("受理事项", 18), ("“办不成事”事项情况", 40),
    ("接办窗口（科室）", 16), ("交办单号", 10), ("交办时间", 16), ("办理时限", 12),
    ("应办结时间", 16), ("延期（工作日）", 8), ("办结时间", 16), ("是否按时", 8), ("办理结果", 40),
    ("是否办成", 8), ("是否满意（评价等级）", 12), ("带班领导", 9), ("备注", 20),
)  # fmt: skip
TOP = Heading(
    "2026年问题台账", "县中心“办不成事”反映窗口2026年问题台账", "县局", at("2026-11-23 10:00")
)
TIME = at("2026-10-12 09:30")
ROW: list[Any] = [
    "2026-0001", TIME, "赵小满", "郁东篱", "16000000006", "未成功受理/审批", "慢病备案", "说法不一",
    "医保科", "0001", TIME, "1个工作日", TIME + dt.timedelta(days=1), 0, TIME, "是", "已解决：已办",
    "是", "是（满意）", "程立群", "",
]  # fmt: skip
SIDES = ("left", "right", "top", "bottom")
HOSTILE = (
    "=1+1", "+8613800000000", "-5", "@SUM(A1)", "\t=1+1", "\r=1+1", " \n =1+1", "＝1+1", "＋1",
    "－1", "＠A1", "\x01=1", "\ufffe=1", "\u200b=1", "\ufeff=1", '=HYPERLINK("http://x","y")',
)  # fmt: skip


def sheet_of(rows: Sequence[Sequence[Any]], top: Heading = TOP) -> Worksheet:
    target = io.BytesIO()
    write_ledger(target, rows, top)
    return openpyxl.load_workbook(target).active


def with_text(text: str) -> list[Any]:
    return [*ROW[:7], text, *ROW[8:]]


def test_heads_and_widths_are_those_of_the_form() -> None:
    sheet = sheet_of([ROW])
    assert [cell.value for cell in sheet[3]] == [head for head, _width in SPECIFIED]
    widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[3]]
    # The file adds the five pixels that a cell keeps free.
    assert [int(width) for width in widths] == [width for _head, width in SPECIFIED]


def test_sheet_is_laid_out_for_paper() -> None:
    sheet = sheet_of([ROW, ROW])
    assert sheet.title == "2026年问题台账"
    assert sheet.freeze_panes == "A4"
    assert sheet.print_title_rows == "$1:$3"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, int(sheet.page_setup.fitToHeight)) == (1, 0)
    assert sheet.print_area == "'2026年问题台账'!$A$1:$V$5"
    margins = sheet.page_margins
    millimetres = [
        round(m * 25.4) for m in (margins.top, margins.left, margins.right, margins.bottom)
    ]
    assert millimetres == [25, 28, 20, 20]


def test_title_and_office_lie_over_all_columns() -> None:
    sheet = sheet_of([ROW])
    assert {str(found) for found in sheet.merged_cells.ranges} == {"A1:V1", "A2:V2"}
    assert sheet["A1"].value == TOP.title
    assert sheet["A2"].value == "单位：县局　　制表日期：2026年11月23日"
    assert (sheet["A1"].font.name, sheet["A1"].font.size) == ("方正小标宋简体", 22)


def test_every_cell_has_its_borders_also_under_a_merge() -> None:
    """Read from the file itself: openpyxl draws merged cells anew."""
    target = io.BytesIO()
    write_ledger(target, [ROW], TOP)
    with zipfile.ZipFile(target) as book:
        rows = etree.fromstring(book.read("xl/worksheets/sheet1.xml")).findall(".//{*}row")
        styles = etree.fromstring(book.read("xl/styles.xml"))
    looks = styles.findall(".//{*}cellXfs/{*}xf")
    borders = styles.findall(".//{*}borders/{*}border")
    assert [len(row) for row in rows] == [22] * 4
    for cell in (cell for row in rows for cell in row):
        border = borders[int(looks[int(cell.get("s"))].get("borderId"))]
        sides = [border.find(f"{{*}}{side}").get("style") for side in SIDES]
        assert sides == ["thin"] * 4, cell.get("r")


def test_values_have_the_types_of_the_form() -> None:
    sheet = sheet_of([ROW])
    assert (sheet["A4"].value, sheet["A4"].data_type) == (1, "n")
    assert (sheet["C4"].value, sheet["C4"].number_format) == (
        dt.datetime.fromisoformat("2026-10-12"),
        "yyyy-mm-dd",
    )
    assert (sheet["F4"].value, sheet["F4"].data_type) == ("16000000006", "s")
    assert sheet["F4"].number_format == "@"
    for place, text in (("L4", "2026-10-12 09:30"), ("N4", "2026-10-13 09:30")):
        assert sheet[place].is_date
        assert sheet[place].value == dt.datetime.fromisoformat(text)
        assert sheet[place].number_format == "yyyy-mm-dd hh:mm"
    assert (sheet["O4"].value, sheet["O4"].data_type) == (0, "n")
    assert sheet["V4"].value is None
    for place in ("I4", "R4", "V4"):
        assert sheet[place].alignment.wrap_text
    assert {sheet[f"{letter}4"].font.name for letter in "ABCFILR"} == {"仿宋_GB2312"}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_never_becomes_a_formula_not_even_by_way_of_csv(text: str) -> None:
    sheet = sheet_of([[text if isinstance(value, str) else value for value in ROW]])
    for cell in sheet[4]:
        if cell.column_letter not in "ACLNOP":
            assert cell.data_type == "s", cell.coordinate
            assert str(cell.value).startswith("'"), cell.coordinate
    saved = io.StringIO()
    csv.writer(saved).writerow([cell.value for cell in sheet[4]])
    saved.seek(0)
    again = next(csv.reader(saved))
    assert not any(value.lstrip().startswith(("=", "+", "-", "@", "＝", "＋")) for value in again)
    # Still readable: what can be seen of the text follows the apostrophe.
    assert str(sheet["H4"].value)[1:].strip("\u200b\ufeff \t\n") == text.strip(
        "\x01\ufffe\u200b\ufeff \t\r\n"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("办\x00成\x07事\x1b", "办成事"),
        ("一\r\n二\r三", "一\n二\n三"),
        ("𠅤氏", "𠅤氏"),
        ("<r><t>x</t></r>", "'<r><t>x</t></r>"),
        ("<b>&amp;\"'", "<b>&amp;\"'"),
        ("_x0041_", "_x0041_"),
        ("http://example.cn/x", "http://example.cn/x"),
        ("  空格  ", "  空格  "),
        ("价格1-2万", "价格1-2万"),
    ],
)
def test_strange_texts_come_back_as_they_can_be_read(text: str, shown: str) -> None:
    sheet = sheet_of([with_text(text)])
    # openpyxl does not undo the escape that WPS and Excel undo.
    assert str(sheet["I4"].value).replace("_x005F_", "_") == shown
    assert sheet["I4"].hyperlink is None


@pytest.mark.parametrize("sign", ["长", "𠅤"])
def test_what_no_cell_holds_is_cut_and_says_so(sign: str) -> None:
    whole, cut = sign * (LONGEST // len(sign.encode("utf-16-le")) * 2), plain(sign * (LONGEST + 1))
    assert plain(whole) == whole
    assert cut.endswith(CUT)
    assert LONGEST - 2 <= len(cut.encode("utf-16-le")) // 2 <= LONGEST
    assert set(cut.removesuffix(CUT)) == {sign}
    assert sheet_of([with_text(sign * (LONGEST + 1))])["I4"].value == cut


def test_an_empty_ledger_is_a_sheet_with_heads() -> None:
    sheet = sheet_of([])
    assert sheet.max_row == 3


def test_years_name_the_sheet() -> None:
    facts = {"office": "县局", "site": "县中心", "at": TIME}
    assert heading(("2026", "2026"), **facts).sheet == "2026年问题台账"
    several = heading(("2025", "2026"), **facts)
    assert several.sheet == "2025—2026年问题台账"
    assert several.title == "县中心“办不成事”反映窗口2025—2026年问题台账"


def test_columns_are_b_to_v() -> None:
    assert len(COLUMNS) == 21
