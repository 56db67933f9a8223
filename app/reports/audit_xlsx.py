"""审计日志 as a workbook: real dates, a frozen head, and no cell that is ever a formula."""

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from app.reports.ledger_xlsx import plain

WIDTHS = (8, 20, 24, 16, 16, 18, 26, 60, 8, 18, 12, 40)
TIME = 1  # the place of the time in a row
HEAD = {"bold": True, "border": 1, "bg_color": "#EEF2F7", "valign": "vcenter"}


def write_log(path: Path, title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write the rows in bounded memory; return how many they were."""
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False, "tmpdir": str(path.parent),
    }  # fmt: skip
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"title": title})
    top, time = book.add_format(HEAD), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 2)
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width)
    sheet.write_row(0, 0, head, top)
    count = 0
    for count, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            _write(sheet, count, place, value, time)
    sheet.autofilter(0, 0, max(count, 1), len(head) - 1)
    book.close()
    return count


def _write(sheet: Any, row: int, place: int, value: Any, time: Any) -> None:
    if isinstance(value, dt.datetime):
        sheet.write_datetime(row, place, value.replace(tzinfo=None), time)
    elif isinstance(value, int):
        sheet.write_number(row, place, value)
    elif value:
        sheet.write_string(row, place, plain(str(value)))
