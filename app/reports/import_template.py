"""The empty workbook of an import: heads, an example that is not read, and how to fill it in."""

import io
from typing import Any

import xlsxwriter

from app.domain.import_kinds import (
    COLUMNS,
    EXAMPLE,
    GENERAL_NOTES,
    KIND_NOTES,
    ORDINAL,
    TITLES,
    Column,
    ImportKind,
    most_rows,
)

LAST_ROW = 2_001  # as far as the choices reach
NOTES = "填写说明"
MOST_IN_LIST = 240  # characters a list of choices may have inside a workbook
_LOOKS = {"text": "@", "date": "yyyy-mm-dd", "time": "yyyy-mm-dd hh:mm", "number": "0"}


def template_xlsx(kind: ImportKind) -> bytes:
    """Return the template of a kind, to be filled in with WPS or Excel."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    _write_list(book, kind)
    _write_notes(book, kind)
    book.close()
    return target.getvalue()


def _write_list(book: Any, kind: ImportKind) -> None:
    sheet = book.add_worksheet(TITLES[kind])
    head = {"bold": True, "border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"}
    plain, needed = book.add_format(head), book.add_format({**head, "bg_color": "#FFF2CC"})
    example = book.add_format({"italic": True, "font_color": "#808080", "num_format": "@"})
    sheet.set_row(0, 34)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 6)
    sheet.write_string(0, 0, ORDINAL, plain)
    sheet.write_string(1, 0, EXAMPLE, example)
    for place, column in enumerate(COLUMNS[kind], 1):
        look = book.add_format({"num_format": _LOOKS[column.look]})
        sheet.set_column(place, place, column.width, look)
        mark = "*" if column.is_required else ""
        sheet.write_string(0, place, column.head + mark, needed if mark else plain)
        sheet.write_string(1, place, str(column.example), example)
        _offer(sheet, place, column)


def _offer(sheet: Any, place: int, column: Column) -> None:
    if column.choices and len(",".join(column.choices)) <= MOST_IN_LIST:
        rule = {"validate": "list", "source": list(column.choices), "error_type": "warning"}
        sheet.data_validation(1, place, LAST_ROW, place, rule)


def _write_notes(book: Any, kind: ImportKind) -> None:
    sheet = book.add_worksheet(NOTES)
    wrap, bold = book.add_format({"text_wrap": True, "valign": "top"}), book.add_format({"bold": 1})
    sheet.set_column(0, 0, 26, wrap)
    sheet.set_column(1, 1, 90, wrap)
    lines = [*GENERAL_NOTES, f"每次最多{most_rows(kind)}行。", *KIND_NOTES.get(kind, ())]
    for row, words in enumerate(lines):
        sheet.write_string(row, 0, f"{row + 1}.")
        sheet.write_string(row, 1, words)
    start = len(lines) + 1
    for row, column in enumerate(COLUMNS[kind], start):
        parts = ["必填。" if column.is_required else "", column.note]
        if column.choices:
            parts.append("可填：" + "、".join(column.choices) + "。")
        sheet.write_string(row, 0, column.head, bold)
        sheet.write_string(row, 1, "".join(parts))
