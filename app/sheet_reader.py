"""Workbooks and text tables as plain values, whoever saved them; hostile files are refused.

xlsx by openpyxl (of Excel, WPS, LibreOffice), CSV in UTF-8, UTF-16 or GB18030. Nothing is
computed, no link is followed, no macro is looked at.
"""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import openpyxl

from app.domain.import_faults import BadImport, Fault
from app.domain.import_table import Cell, Sheet
from app.domain.import_values import Unread

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 100 * 1024 * 1024
MOST_COLUMNS = 64
LAST_ROW = 1_048_576  # of any sheet; a file may claim more and have the reader count for ever
MOST_LINES = 10_000  # not blank, per file; the template's own limit is lower
MOST_LENGTH = 40_000  # characters of a text; a workbook holds 32,767
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The stream that only an encrypted workbook has, as its folder names it.
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
DOCTYPE = tuple("<!DOCTYPE".encode(code) for code in ("ascii", "utf-16-le", "utf-16-be"))
FORMULA = re.compile(rb"<(\w+:)?f[ />]")
CHUNK = 1 << 20
DELIMITERS = ",;\t"
DIALECT_LINE = re.compile(r"sep=(.)\r?\n", re.I)


def read_sheets(path: Path, *, name: str) -> list[Sheet]:
    """Return the visible sheets of a file, told by what it holds; raises BadImport.

    `name` names the only sheet of a text table.
    """
    if path.stat().st_size > MOST_BYTES:
        raise BadImport(Fault.TOO_LARGE, most=MOST_BYTES // (1024 * 1024))
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK\x03\x04"):
        return _workbook(path)
    data = path.read_bytes()
    if start == OLE:
        raise BadImport(Fault.ENCRYPTED if ENCRYPTED in data else Fault.OLD_FORMAT)
    return [Sheet(name, _text_rows(_decoded(data)))]


# -- xlsx -----------------------------------------------------------------------------------------


def _workbook(path: Path) -> list[Sheet]:
    try:
        has_formulas = _look_through(path)
        with _unworried(), closing(_opened(path, values=True)) as shown:
            left = [MOST_LINES]
            sheets = [
                (sheet.title, dict(_rows(sheet, left)))
                for sheet in shown.worksheets
                if sheet.sheet_state == "visible"
            ]
        if has_formulas:
            with _unworried():
                _mark_uncomputed(path, sheets)
    except BadImport:
        raise
    # Whatever a broken file makes the library raise, it is the file that is broken.
    except Exception as error:
        raise BadImport(Fault.NOT_READABLE) from error
    return [Sheet(name, sorted(rows.items())) for name, rows in sheets]


@contextmanager
def _unworried() -> Iterator[None]:
    """Leave out the library's warnings about parts of other programs that nobody reads here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _look_through(path: Path) -> bool:
    """Unpack every part once, counting, and return whether there are formulas.

    A document type is refused: it could define what grows without end.
    """
    unpacked, has_formulas = 0, False
    with zipfile.ZipFile(path) as package:
        if "xl/workbook.xml" not in package.namelist():
            raise BadImport(Fault.NOT_READABLE)
        for part in package.infolist():
            tail = b""
            with package.open(part) as file:
                while chunk := file.read(CHUNK):
                    unpacked += len(chunk)
                    seen = tail + chunk
                    if unpacked > MOST_UNPACKED or any(mark in seen for mark in DOCTYPE):
                        raise BadImport(Fault.HOSTILE)
                    has_formulas = has_formulas or FORMULA.search(seen) is not None
                    tail = chunk[-20:]
    return has_formulas


def _opened(path: Path, *, values: bool = False) -> Any:
    # Not by its path: stored files have no suffix, and the library wants one.
    content = io.BytesIO(path.read_bytes())
    return openpyxl.load_workbook(content, read_only=True, data_only=values, keep_links=False)


def _rows(sheet: Any, left: list[int]) -> Iterator[tuple[int, list[Cell]]]:
    """Yield the rows that are not blank; refuses more than are left for the file."""
    sheet.reset_dimensions()  # WPS and others write a range the sheet does not have
    reach = {"max_col": MOST_COLUMNS, "max_row": LAST_ROW}
    for number, cells in enumerate(sheet.iter_rows(values_only=True, **reach), 1):
        if cells.count(None) == len(cells) or all(cell in (None, "") for cell in cells):
            continue
        left[0] -= 1
        if left[0] < 0:
            raise BadImport(Fault.TOO_MANY_ROWS, most=MOST_LINES, rows=f"{MOST_LINES}+")
        if any(isinstance(cell, str) and len(cell) > MOST_LENGTH for cell in cells):
            raise BadImport(Fault.HOSTILE)
        yield number, list(cells)


def _mark_uncomputed(path: Path, sheets: list[tuple[str, dict[int, list[Cell]]]]) -> None:
    """Put a mark where a formula stands that was never computed: it shows nothing to read."""
    with closing(_opened(path)) as written:
        for name, rows in sheets:
            sheet = written[name]
            sheet.reset_dimensions()
            for cells in sheet.iter_rows(max_col=MOST_COLUMNS, max_row=LAST_ROW):
                for place, cell in enumerate(cells):
                    if cell.data_type != "f":
                        continue
                    row = rows.setdefault(cell.row, [None] * len(cells))
                    row += [None] * (place + 1 - len(row))
                    if row[place] is None:
                        row[place] = Unread.FORMULA


# -- text -----------------------------------------------------------------------------------------


def _decoded(data: bytes) -> str:
    if not data.strip():
        raise BadImport(Fault.NO_ROWS)
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for code in ("utf-16",) if is_wide else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(code)
        except UnicodeDecodeError:
            continue
        # Texts have no zero bytes: this is some other program's file.
        if "\0" in text or text.startswith(("%PDF", "<?xml", "<html", "{\\rtf")):
            raise BadImport(Fault.NOT_READABLE)
        return text
    raise BadImport(Fault.ENCODING)


def _text_rows(text: str) -> list[tuple[int, Sequence[Cell]]]:
    told = DIALECT_LINE.match(text)
    delimiter = told.group(1) if told else _delimiter(text)
    rows: list[tuple[int, Sequence[Cell]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader, 1):
            if any(cell.strip() for cell in cells) and not (told and number == 1):
                rows.append((number, [cell or None for cell in cells[:MOST_COLUMNS]]))
            if len(rows) > MOST_LINES:
                raise BadImport(Fault.TOO_MANY_ROWS, most=MOST_LINES, rows=f"{MOST_LINES}+")
    except csv.Error:
        raise BadImport(Fault.NOT_READABLE) from None
    return rows


def _delimiter(text: str) -> str:
    """Return what parts the columns: the sign that stands most often in the first lines."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.splitlines()[:20]]
    counts = {sign: max((line.count(sign) for line in lines), default=0) for sign in DELIMITERS}
    return max(counts, key=lambda sign: counts[sign])
