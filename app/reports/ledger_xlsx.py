"""The workbook of the yearly 问题台账 (domain/3 §3.2): written row by row, kept nowhere."""

import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from app.reports.ledger_cells import COLUMNS

HEAD_ROWS = 3
LAST = len(COLUMNS)  # the column V
MOST_ROWS = 1_000_000  # a sheet ends at 1,048,576
LONGEST = 32_767  # characters of a cell, counted in UTF-16 as the programs do
CUT = "……（内容过长，此处未完，全文见系统）"
# A text that begins so is taken for a formula once it is saved as CSV; what nobody sees is skipped.
FORMULA = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]")
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
BREAK = re.compile(r"\r\n?")

# Names only: the office's computers have them.
TITLE_FONT, HEAD_FONT, BODY_FONT = "方正小标宋简体", "黑体", "仿宋_GB2312"
_CELL = {"font_name": BODY_FONT, "font_size": 10.5, "valign": "vcenter", "border": 1}
_MIDDLE = _CELL | {"align": "center", "text_wrap": True}
_FORMATS: dict[str, dict[str, Any]] = {
    "title": _CELL | {"font_name": TITLE_FONT, "font_size": 22, "align": "center"},
    "note": _CELL | {"font_size": 14},
    "head": _MIDDLE | {"font_name": HEAD_FONT},
    # Excel shows no more than 255 characters of a cell that is set to be text: short ones only.
    "digits": _MIDDLE | {"num_format": "@"},
    "text": _MIDDLE,
    "number": _MIDDLE,
    "wrap": _CELL | {"text_wrap": True},
    "date": _MIDDLE | {"num_format": "yyyy-mm-dd"},
    "time": _MIDDLE | {"num_format": "yyyy-mm-dd hh:mm"},
}
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
MM = 1 / 25.4
LINE, PADDING, HIGHEST = 14.25, 4, 409  # points; no program takes a higher row


@dataclass(frozen=True)
class Heading:
    """What stands above the rows: the sheet's name, the title, the office, the day."""

    sheet: str
    title: str
    office: str
    written_at: dt.datetime
    more: str = ""

    @property
    def note(self) -> str:
        """Return the second row."""
        at = self.written_at
        day = f"制表日期：{at.year}年{at.month}月{at.day}日"
        return "　　".join(part for part in (f"单位：{self.office}", self.more, day) if part)


def heading(years: tuple[str, str], *, office: str, site: str, at: dt.datetime) -> Heading:
    """Return the heading of one year's ledger, or of several: 2025—2026年问题台账."""
    first, last = years
    name = first if first == last else f"{first}—{last}"
    title = f"{site}“办不成事”反映窗口{name}年问题台账"
    return Heading(f"{name}年问题台账", title, office, at)


def write_ledger(target: str | io.BytesIO, rows: Iterable[Sequence[Any]], top: Heading) -> int:
    """Write the rows (B–V each) into a new workbook and return how many they were."""
    options = OPTIONS if isinstance(target, io.BytesIO) else OPTIONS | {"tmpdir": _folder(target)}
    book = xlsxwriter.Workbook(target, options)
    book.set_properties({"title": top.title, "created": top.written_at.replace(tzinfo=None)})
    looks = {name: book.add_format(look) for name, look in _FORMATS.items()}
    sheet = book.add_worksheet(top.sheet)
    _lay_out(sheet)
    _set_columns(book, sheet)
    _write_head(sheet, top, looks)
    count, shown = 0, [looks[column.look] for column in COLUMNS]
    for count, row in enumerate(rows, 1):
        number = HEAD_ROWS + count - 1
        sheet.set_row(number, height(row))
        sheet.write_number(number, 0, count, looks["number"])
        for place, value in enumerate(row, 1):
            _write(sheet, number, place, value, shown[place - 1])
    sheet.print_area(0, 0, HEAD_ROWS + count - 1, LAST)
    book.close()
    return count


def height(row: Sequence[Any]) -> float:
    """Return how high a row must be for its longest text, in points, as far as a row goes.

    Not every program measures rows of a file that it opens.
    """
    lines = [_lines(value, column.width) for value, column in zip(row, COLUMNS, strict=True)]
    return min(max(lines) * LINE + PADDING, HIGHEST)


def _lines(value: Any, width: int) -> int:
    """Return the lines a text takes; a sign of full width is two bytes of this encoding."""
    if not isinstance(value, str) or (2 * len(value) <= width and "\n" not in value):
        return 1
    parts = value.encode("gb18030", "replace").split(b"\n")
    return sum(max(1, -(-len(part) // (width - 1))) for part in parts)


def _folder(target: str) -> str:
    """Return where the pieces of the workbook lie meanwhile: they hold names too."""
    return target.rpartition("/")[0] or "."


def _lay_out(sheet: Any) -> None:
    """A4 across, one page wide, the head on every page and always in sight."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    # §3.1: the binding side keeps its 28 mm.
    sheet.set_margins(left=28 * MM, right=20 * MM, top=25 * MM, bottom=20 * MM)
    sheet.set_footer("&C&10第 &P 页  共 &N 页")
    sheet.repeat_rows(0, HEAD_ROWS - 1)
    sheet.freeze_panes(HEAD_ROWS, 0)


def _set_columns(book: Any, sheet: Any) -> None:
    """Give each column its width, and its kind to whatever the office writes below."""
    sheet.set_column(0, 0, 5)
    for place, column in enumerate(COLUMNS, 1):
        kind = book.add_format({"num_format": _FORMATS[column.look].get("num_format", "")})
        sheet.set_column(place, place, column.width, kind)


def _write_head(sheet: Any, top: Heading, looks: dict[str, Any]) -> None:
    """Write the title, the line below it and the heads, each row in its turn."""
    sheet.set_row(0, 36)
    sheet.merge_range(0, 0, 0, LAST, plain(top.title), looks["title"])
    sheet.set_row(1, 24)
    sheet.merge_range(1, 0, 1, LAST, plain(top.note), looks["note"])
    sheet.set_row(2, 32)
    for place, head in enumerate(("序号", *(column.head for column in COLUMNS))):
        sheet.write_string(2, place, head, looks["head"])


def _write(sheet: Any, row: int, place: int, value: Any, look: Any) -> None:
    if isinstance(value, str) and value:
        sheet.write_string(row, place, plain(value), look)
    elif isinstance(value, dt.datetime):
        if look.num_format == "yyyy-mm-dd":
            value = value.date()
        sheet.write_datetime(row, place, _naive(value), look)
    elif isinstance(value, int):
        sheet.write_number(row, place, value, look)
    else:
        sheet.write_blank(row, place, None, look)


def _naive(value: dt.date) -> dt.date:
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value


def writable(text: str) -> str:
    """Return text without what XML forbids: with it no file of Office opens."""
    return ILLEGAL.sub("", BREAK.sub("\n", text))


def plain(text: str) -> str:
    """Return text as a cell may hold it: no formula, nothing XML forbids, and not too long.

    What would be a formula gets an apostrophe in front, which stays when it is saved as CSV.
    """
    text = writable(text)
    if FORMULA.match(text) or text.startswith(("\t", "<r>")):  # xlsxwriter takes <r>…</r> for XML
        text = f"'{text}"
    return shortened(text)


def shortened(text: str) -> str:
    """Return the text, cut with a word about it where a cell could not hold it."""
    if 2 * len(text) <= LONGEST or _units(text) <= LONGEST:
        return text
    kept = text.encode("utf-16-le")[: 2 * (LONGEST - len(CUT))].decode("utf-16-le", "ignore")
    return kept + CUT


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
