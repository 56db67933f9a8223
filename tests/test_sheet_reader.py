"""Files of other programs, and files that mean harm."""

import io
import time
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from app.domain.import_faults import BadImport, Fault
from app.domain.import_kinds import ImportKind
from app.domain.import_table import Table, read_line, table_of
from app.domain.import_values import Unread
from app.sheet_reader import read_sheets
from tests.sheets import changed_part, filled, heads, workbook

FILES = Path(__file__).parent / "files"
SHEET = "xl/worksheets/sheet1.xml"
ROWS = [{"name": "社保窗口", "unit_kind": "进驻窗口"}, {"name": "𠅤窗口", "unit_kind": "职能科室"}]
UNITS = ImportKind.UNITS
HEAD = ["窗口（科室）名称", "单位类型"]


def read(tmp_path: Path, content: bytes | str, kind: ImportKind = UNITS) -> Table:
    path = tmp_path / "0123"  # stored files have no suffix
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return table_of(read_sheets(path, name="表.csv"), kind)


def names(table: Table) -> list[Any]:
    return [line.cells.get("name") for line in table.lines if not line.is_left_out]


def fault_of(tmp_path: Path, content: bytes | str) -> Fault:
    with pytest.raises(BadImport) as refused:
        read(tmp_path, content)
    return refused.value.fault


# -- workbooks of several programs ----------------------------------------------------------------


def test_openpyxl_and_xlsxwriter(tmp_path: Path) -> None:
    assert names(read(tmp_path, filled(UNITS, ROWS))) == ["社保窗口", "𠅤窗口"]
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("名单")
    for number, row in enumerate([heads(UNITS), ["社保窗口", "进驻窗口"], ["𠅤窗口", "职能科室"]]):
        sheet.write_row(number, 0, row)
    book.close()
    assert names(read(tmp_path, target.getvalue())) == ["社保窗口", "𠅤窗口"]


def test_saved_by_libreoffice(tmp_path: Path) -> None:
    """A merged title, a formula with its result, a hidden sheet, a sum below: one list of two."""
    table = read(tmp_path, (FILES / "units-by-libreoffice.xlsx").read_bytes())
    assert names(table) == ["社保窗口", "医保窗口"]
    assert [line.cells["location"] for line in table.lines[:2]] == ["一楼", "社保窗口"]
    assert [line.is_left_out for line in table.lines] == [False, False, True]
    assert {line.sheet for line in table.lines} == {"单位"}
    assert table.lines[0].number == 3
    assert table.lines[0].letters["name"] == "B"


def test_old_format_is_refused(tmp_path: Path) -> None:
    assert fault_of(tmp_path, (FILES / "units-old-format.xls").read_bytes()) is Fault.OLD_FORMAT


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<sheetData>", b'<dimension ref="A1"/><sheetData>'),  # a range of one cell
        (b'<dimension ref="A1:G3" />', b""),
    ],
)
def test_range_that_the_sheet_does_not_have(tmp_path: Path, old: bytes, new: bytes) -> None:
    content = filled(UNITS, ROWS)
    content = changed_part(content, SHEET, lambda data: data.replace(old, new, 1))
    assert "社保窗口" in names(read(tmp_path, content))


def test_wps_puts_its_own_parts_and_styles(tmp_path: Path) -> None:
    def dressed(data: bytes) -> bytes:
        start = b'<sheetPr codeName="Sheet1"><tabColor rgb="FFFF0000"/></sheetPr>'
        tail = b'<extLst><ext uri="wps" xmlns:wps="http://www.wps.cn"><wps:x/></ext></extLst>'
        data = data.replace(b"</worksheet>", tail + b"</worksheet>")
        head, _mark, rest = data.partition(b"<sheetPr>")
        body = rest.partition(b"</sheetPr>")[2] if _mark else ""
        return head + start + body if _mark else data

    content = changed_part(filled(UNITS, ROWS), SHEET, dressed)
    assert names(read(tmp_path, content)) == ["社保窗口", "𠅤窗口"]


def test_head_over_two_rows_and_notes_around(tmp_path: Path) -> None:
    content = workbook([
        ["各窗口（科室）名单"], ["填报单位：某某中心"],
        ["序号", "基本情况", None, "联系"],
        [None, "窗口（科室）\n名称 *", "单位类型（必填）", "电话"],
        [1, "社保窗口", "进驻窗口", 5394210001], [2, None, None, None],
        ["合计", 1], ["制表人：张三"],
    ])  # fmt: skip
    table = read(tmp_path, content)
    assert names(table) == ["社保窗口"]
    assert [line.is_left_out for line in table.lines] == [False, True, True]
    assert read_line(table.lines[0], UNITS).values["phone"] == "5394210001"


def test_formula_without_a_result_is_told(tmp_path: Path) -> None:
    table = read(tmp_path, workbook([HEAD, ["=A9", "进驻窗口"], ["甲", "进驻窗口"]]))
    assert names(table) == [Unread.FORMULA, "甲"]
    (problem,) = read_line(table.lines[0], UNITS).problems
    assert isinstance(problem.error, BadImport)
    assert problem.error.fault is Fault.FORMULA


def test_several_sheets_of_one_head_are_one_list(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for title, name in (("一季度", "甲"), ("二季度", "乙")):
        sheet = book.create_sheet(title)
        sheet.append(HEAD)
        sheet.append([name, "进驻窗口"])
    target = io.BytesIO()
    book.save(target)
    table = read(tmp_path, target.getvalue())
    assert [(line.sheet, line.cells["name"]) for line in table.lines] == [
        ("一季度", "甲"), ("二季度", "乙"),
    ]  # fmt: skip


def test_columns_in_any_order_and_strange_ones(tmp_path: Path) -> None:
    table = read(tmp_path, workbook([["单位类型", "备用", "名称"], ["进驻窗口", "x", "甲"]]))
    assert (names(table), table.ignored) == (["甲"], ("备用",))
    assert table.lines[0].letters == {"unit_kind": "A", "name": "C"}
    assert fault_of(tmp_path, workbook([[*HEAD, "名称"], ["甲", "进驻窗口", "乙"]])) is (
        Fault.COLUMN_TWICE
    )


# -- texts ----------------------------------------------------------------------------------------

TEXT = "窗口（科室）名称,单位类型\n社保窗口,进驻窗口\n"


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_encodings(tmp_path: Path, code: str) -> None:
    assert names(read(tmp_path, TEXT.encode(code))) == ["社保窗口"]


def test_rare_sign_in_gb18030(tmp_path: Path) -> None:
    assert names(read(tmp_path, TEXT.replace("社保", "𠅤").encode("gb18030"))) == ["𠅤窗口"]


@pytest.mark.parametrize("sign", [";", "\t"])
def test_other_delimiters(tmp_path: Path, sign: str) -> None:
    assert names(read(tmp_path, TEXT.replace(",", sign))) == ["社保窗口"]
    told = f"sep={sign}\r\n" + TEXT.replace(",", sign)
    assert names(read(tmp_path, told)) == ["社保窗口"]


def test_quotes_line_breaks_and_blank_lines(tmp_path: Path) -> None:
    text = '窗口（科室）名称,单位类型,位置\r\n\r\n"甲,""乙""\n窗口",进驻窗口,"一楼;A区"\r\n'
    table = read(tmp_path, text)
    read_row = read_line(table.lines[0], UNITS)
    assert read_row.values["name"] == '甲,"乙" 窗口'
    assert read_row.values["location"] == "一楼;A区"
    assert table.lines[0].sheet == "表.csv"


# -- harm -----------------------------------------------------------------------------------------


def test_entities_are_refused(tmp_path: Path) -> None:
    lol = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    content = changed_part(
        filled(UNITS, ROWS), SHEET, lambda data: data.replace(b"<worksheet", lol + b"<worksheet", 1)
    )
    assert fault_of(tmp_path, content) is Fault.HOSTILE


def test_bomb_is_refused_before_it_bursts(tmp_path: Path) -> None:
    target = io.BytesIO(filled(UNITS, ROWS))
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/x.bin", b"\0" * (101 * 1024 * 1024))
    assert len(target.getvalue()) < 1024 * 1024
    assert fault_of(tmp_path, target.getvalue()) is Fault.HOSTILE


def test_row_that_claims_to_be_the_billionth(tmp_path: Path) -> None:
    def claimed(data: bytes) -> bytes:
        data = data.replace(b'<row r="3"', b'<row r="999999999"')
        return data.replace(b'r="A3"', b'r="A999999999"')

    content = changed_part(filled(UNITS, ROWS), SHEET, claimed)
    started = time.monotonic()
    assert names(read(tmp_path, content)) == ["社保窗口"]
    assert time.monotonic() - started < 20


def test_too_many_rows_are_counted_not_read(tmp_path: Path) -> None:
    text = TEXT + "甲,进驻窗口\n" * 2_001
    assert fault_of(tmp_path, text) is Fault.TOO_MANY_ROWS
    assert fault_of(tmp_path, TEXT + "甲,进驻窗口\n" * 20_000) is Fault.TOO_MANY_ROWS


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", Fault.NO_ROWS),
        (b"PK\x03\x04" + b"x" * 50, Fault.NOT_READABLE),
        (b"\x00\x01\x02\x03" * 9, Fault.NOT_READABLE),
        ("<html><table>…", Fault.NOT_READABLE),
        (TEXT.splitlines()[0], Fault.NO_ROWS),
        ("名称,电话\n甲,1\n", Fault.NO_HEADER),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
         Fault.ENCRYPTED),
    ],
)  # fmt: skip
def test_what_is_no_list(tmp_path: Path, content: bytes | str, fault: Fault) -> None:
    assert fault_of(tmp_path, content) is fault


def test_other_packages_are_no_workbooks(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    assert fault_of(tmp_path, target.getvalue()) is Fault.NOT_READABLE
