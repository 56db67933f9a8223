"""Files as people send them: workbooks and texts made from rows, by the template's own heads."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import openpyxl

from app.domain.import_kinds import COLUMNS, ImportKind
from app.domain.import_table import Table, table_of
from app.sheet_reader import read_sheets

XLSX = "import.xlsx"


def heads(kind: ImportKind) -> list[str]:
    """Return the heads of a template."""
    return [column.head for column in COLUMNS[kind]]


def workbook(rows: Sequence[Sequence[Any]], *, title: str = "Sheet1") -> bytes:
    """Return a workbook of these rows, by openpyxl."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def filled(kind: ImportKind, rows: Sequence[Mapping[str, Any]], *, title: str = "表") -> bytes:
    """Return a workbook with the template's heads and rows by column key."""
    keys = [column.key for column in COLUMNS[kind]]
    lines = [[row.get(key) for key in keys] for row in rows]
    return workbook([heads(kind), *lines], title=title)


def table(kind: ImportKind, rows: Sequence[Mapping[str, Any]], tmp_path: Any) -> Table:
    """Return rows as the importer gets them, through a real file."""
    path = tmp_path / XLSX
    path.write_bytes(filled(kind, rows))
    return table_of(read_sheets(path, name=XLSX), kind)


def changed_part(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook with one of its parts changed, as other programs write it."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
    return target.getvalue()
