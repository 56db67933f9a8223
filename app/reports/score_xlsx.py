"""量化考核表 as a workbook: A4 across, numbers as values, what people typed as text only."""

import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter

from app.domain.scoring import UnitScore, shown, signed
from app.domain.words import word
from app.domain.workdays import office_time
from app.reports.ledger_xlsx import plain
from app.reports.score_paper import TOTAL, Remark, changed, excluded
from app.reports.score_sheets import Sheet

# What a clerk typed must never become a formula or a link.
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
SHEET, REMARKS = "量化考核表", "剔除与更正"
HEAD_ROWS = 4
_FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 18, "align": "center", "valign": "vcenter"},
    "head": {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1},
    "text": {"valign": "vcenter", "border": 1, "text_wrap": True},
    "count": {"valign": "vcenter", "border": 1, "align": "center", "num_format": "0"},
    "points": {"valign": "vcenter", "border": 1, "align": "center", "num_format": "General"},
    "plain": {},
}


def score_title(sheet: Sheet) -> str:
    """Return the title: 某中心2026年10月量化考核表."""
    start, site = sheet.period.start, sheet.site
    return f"{site.name}{start.year}年{start.month}月{SHEET}"


def score_state(sheet: Sheet) -> str:
    """Return whether the sheet is frozen, by whom and when."""
    if sheet.frozen is None:
        return "（草稿，未定稿）"
    at = office_time(sheet.frozen.frozen_at)
    return f"{at:%Y-%m-%d %H:%M}由{sheet.frozen.frozen_by.name}定稿"


def score_xlsx(sheet: Sheet, *, now: dt.datetime) -> bytes:
    """Return the workbook; `now` is when it is written."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, OPTIONS)
    formats = {name: book.add_format(look) for name, look in _FORMATS.items()}
    _write_scores(book.add_worksheet(SHEET), sheet, formats, now)
    _write_remarks(book.add_worksheet(REMARKS), sheet, formats)
    book.close()
    return target.getvalue()


def _write_scores(page: Any, sheet: Sheet, formats: dict[str, Any], now: dt.datetime) -> None:
    last = 2 + 2 * len(sheet.rules)
    _lay_out(page, HEAD_ROWS)
    page.set_column(0, 0, 6)
    page.set_column(1, 1, 24)
    page.set_column(2, last, 6.5)
    page.set_default_row(19)
    page.merge_range(0, 0, 0, last, plain(score_title(sheet)), formats["title"])
    note = f"基础分{shown(sheet.scheme.base)}分　{score_state(sheet)}　{_written(now)}"
    page.write_string(1, 0, note, formats["plain"])
    page.merge_range(2, 0, 3, 0, "名次", formats["head"])
    page.merge_range(2, 1, 3, 1, "窗口（科室）", formats["head"])
    for number, rule in enumerate(sheet.rules):
        cap = "" if rule.cap is None else f"，每月最多{shown(rule.cap)}"
        head = f"{word(rule.kind)}\n（{signed(rule.points)}/次{cap}）"
        page.merge_range(2, 2 + 2 * number, 2, 3 + 2 * number, head, formats["head"])
        page.write_string(3, 2 + 2 * number, "次数", formats["head"])
        page.write_string(3, 3 + 2 * number, "分值", formats["head"])
    page.merge_range(2, last, 3, last, TOTAL, formats["head"])
    page.set_row(2, 48)
    for number, (place, unit) in enumerate(sheet.lines):
        _write_unit(page, HEAD_ROWS + number, place, unit, formats)
    end = HEAD_ROWS + len(sheet.lines)
    page.write_string(end, 0, "考核结果运用：", formats["plain"])
    sign = "督办考核科（签字）：　　　　　　　　分管领导（签字）：　　　　　　　　年　　月　　日"
    page.write_string(end + 2, 0, sign, formats["plain"])


def _write_unit(page: Any, row: int, place: int, unit: UnitScore, formats: dict[str, Any]) -> None:
    page.write_number(row, 0, place, formats["count"])
    page.write_string(row, 1, plain(unit.name), formats["text"])
    for number, cell in enumerate(unit.cells):
        page.write_number(row, 2 + 2 * number, cell.occurrences, formats["count"])
        _points(page, row, 3 + 2 * number, cell.points, formats)
    _points(page, row, 2 + 2 * len(unit.cells), unit.total, formats)


def _points(page: Any, row: int, column: int, points: Decimal, formats: dict[str, Any]) -> None:
    """Write points; whatever number format an office has, hundredths survive as they are."""
    page.write_number(row, column, float(points), formats["points"])


def _write_remarks(page: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    _lay_out(page, 1)
    for column, width in enumerate((20, 24, 26, 44, 10, 17)):
        page.set_column(column, column, width)
    row = _table(page, 0, "剔除情况", excluded(sheet), formats)
    _table(page, row + 1, "定稿后更正", changed(sheet), formats)


def _table(
    page: Any, row: int, title: str, remarks: Sequence[Remark], formats: dict[str, Any]
) -> int:
    """Write one table under its title; return the row after it."""
    heads = ("窗口（科室）", "项目", title, "理由", "经办人", "时间")
    for column, head in enumerate(heads):
        page.write_string(row, column, head, formats["head"])
    for each in remarks:
        row += 1
        texts = (each.unit, each.item, each.change, each.reason, each.who, each.when)
        for column, text in enumerate(texts):
            page.write_string(row, column, plain(text), formats["text"])
    if not remarks:
        row += 1
        page.merge_range(row, 0, row, len(heads) - 1, "无", formats["text"])
    return row + 1


def _lay_out(page: Any, head_rows: int) -> None:
    """A4 across, one page wide, the head on every page and always in sight."""
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, head_rows - 1)
    page.freeze_panes(head_rows, 0)
    page.set_footer("&C第 &P 页　共 &N 页")


def _written(now: dt.datetime) -> str:
    return f"生成时间 {office_time(now):%Y-%m-%d %H:%M}"
