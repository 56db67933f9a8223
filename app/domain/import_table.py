"""Sheets as rows of a template: the head found wherever it stands, the rest told row by row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain.import_faults import BadImport, Fault
from app.domain.import_kinds import COLUMNS, EXAMPLE, ORDINAL, Column, ImportKind, most_rows
from app.domain.import_values import Raw, Unread, squeezed, tidy
from app.domain.refusals import Refusal

LEAST_HEADS = 2
HEAD_WITHIN = 20  # rows: titles and notes may stand above the head
# What stands below a list on paper and is no row of it.
BELOW = re.compile(
    r"(合计|小计|总计|共计|注[:：]|备注[:：]|说明[:：]|制表|填表|审核|打印|单位负责人)"
)
Cell = Raw | Unread


@dataclass(frozen=True)
class Sheet:
    """A visible sheet of a workbook, or a text file: (row number, cells) of rows not blank."""

    name: str
    rows: Sequence[tuple[int, Sequence[Cell]]]


@dataclass(frozen=True)
class Line:
    """A row of the template: what its cells hold, and under which letter they stand."""

    sheet: str
    number: int
    cells: Mapping[str, Cell]
    letters: Mapping[str, str]
    is_left_out: bool = False


@dataclass(frozen=True)
class Table:
    """All rows of a file, and the heads nobody asked for."""

    lines: tuple[Line, ...]
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell (or with the row, then without a letter), and the reason."""

    letter: str
    head: str
    value: str
    error: BadImport | Refusal


@dataclass
class Read:
    """A row with its cells understood; `values` has only the cells that are filled in."""

    line: Line
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def table_of(sheets: Sequence[Sheet], kind: ImportKind) -> Table:
    """Return the rows of every sheet that has the template's head; refuses a file without one."""
    columns = COLUMNS[kind]
    found: list[Line] = []
    ignored: list[str] = []
    missing: Sequence[str] = [column.head for column in columns if column.is_required]
    is_found = False
    for sheet in sheets:
        head = _head_of(sheet, columns)
        lacking = [c.head for c in columns if c.is_required and c.key not in head.places]
        # One word alone may be a note of the office, such as this template's own.
        if lacking or len(head.places) < LEAST_HEADS:
            missing = min(missing, lacking or missing, key=len)
            continue
        is_found = True
        ignored += head.unknown
        found += _lines(sheet, head, columns)
    if not is_found:
        raise BadImport(Fault.NO_HEADER, columns="、".join(missing))
    rows = [line for line in found if not line.is_left_out]
    if not rows:
        raise BadImport(Fault.NO_ROWS)
    if len(rows) > most_rows(kind):
        raise BadImport(Fault.TOO_MANY_ROWS, most=most_rows(kind), rows=len(rows))
    return Table(tuple(found), tuple(dict.fromkeys(ignored)))


@dataclass(frozen=True)
class _Head:
    places: Mapping[str, int]
    below: int = -1  # the place in `rows` from which the list goes on
    ordinal: int | None = None
    unknown: tuple[str, ...] = ()


def _head_of(sheet: Sheet, columns: Sequence[Column]) -> _Head:
    """Return the row with the most heads of the template; a head over two rows counts as one."""
    names = {
        squeezed(words): column.key
        for column in reversed(columns)
        for words in (*column.aliases, column.head)
    }
    best = _Head({})
    for place, (_number, cells) in enumerate(sheet.rows[:HEAD_WITHIN]):
        following = sheet.rows[place + 1][1] if place + 1 < len(sheet.rows) else ()
        head = _read_head(cells, following, names, place)
        if len(head.places) > len(best.places):
            best = head
    return best


def _read_head(
    cells: Sequence[Cell], following: Sequence[Cell], names: Mapping[str, str], place: int
) -> _Head:
    upper, lower = _words(cells), _words(following)
    # Merged groups (交办：单号、时间) put the words that count one row below.
    joined = any(lower.get(n) in names and upper.get(n) not in names for n in lower)
    is_double = joined and all(
        word in names or n not in upper or upper[n] not in names for n, word in lower.items()
    )
    places: dict[str, int] = {}
    unknown: list[str] = []
    ordinal = None
    for n in sorted({*upper, *(lower if is_double else ())}):
        candidates = [lower.get(n, "")] if is_double else []
        word = next((w for w in (*candidates, upper.get(n, "")) if w in names), "")
        if not word:
            seen = upper.get(n) or lower.get(n, "")
            if seen == ORDINAL:
                ordinal = n
            else:
                unknown.append(seen)
        elif names[word] in places:
            raise BadImport(Fault.COLUMN_TWICE, column=tidy_head(cells, n))
        else:
            places[names[word]] = n
    return _Head(places, place + (2 if is_double else 1), ordinal, tuple(unknown))


def tidy_head(cells: Sequence[Cell], n: int) -> str:
    """Return the head of a column as it stands in the file."""
    value = cells[n] if n < len(cells) else None
    return "" if isinstance(value, Unread) else tidy(value)


def _words(cells: Sequence[Cell]) -> dict[int, str]:
    words = {n: squeezed(tidy(c)) for n, c in enumerate(cells) if not isinstance(c, Unread)}
    return {n: word for n, word in words.items() if word}


def _lines(sheet: Sheet, head: _Head, columns: Sequence[Column]) -> Iterator[Line]:
    letters = {key: letter_of(place) for key, place in head.places.items()}
    required = {c.key for c in columns if c.is_required}
    for number, cells in sheet.rows[head.below :]:
        held = {key: cells[n] for key, n in head.places.items() if n < len(cells)}
        held = {k: c for k, c in held.items() if isinstance(c, Unread) or tidy(c)}
        first = next((tidy(c) for c in cells if not isinstance(c, Unread) and tidy(c)), "")
        ordinal = (
            cells[head.ordinal] if head.ordinal is not None and head.ordinal < len(cells) else ""
        )
        is_example = first.startswith(EXAMPLE) or squeezed(first).startswith(f"({EXAMPLE})")
        if not held and not is_example and _is_plain_number(ordinal):
            continue  # a numbered line nobody filled in
        is_below = bool(BELOW.match(squeezed(first))) and len(required & set(held)) < 2
        yield Line(sheet.name, number, held, letters, is_example or is_below)


def _is_plain_number(cell: Cell) -> bool:
    return not isinstance(cell, Unread) and (tidy(cell).isdigit() or not tidy(cell))


def letter_of(place: int) -> str:
    """Return A for 0, AA for 26: a column as the sheet calls it."""
    letters, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def read_line(line: Line, kind: ImportKind) -> Read:
    """Return what the cells of a row say; each cell that cannot be read is a problem."""
    read = Read(line)
    for column in COLUMNS[kind]:
        cell = line.cells.get(column.key)
        try:
            if isinstance(cell, Unread):
                raise BadImport(Fault.FORMULA)
            if cell is not None:
                read.values[column.key] = column.read(cell)
            elif column.is_required:
                raise BadImport(Fault.EMPTY)
        except BadImport as error:
            read.problems.append(problem_at(line, kind, column.key, error))
    return read


def problem_at(
    line: Line, kind: ImportKind, key: str | None, error: BadImport | Refusal
) -> Problem:
    """Return a problem with the column it stands in; without a key it is the row's."""
    column = next((c for c in COLUMNS[kind] if c.key == key), None)
    if column is None:
        return Problem("", "", "", error)
    cell = line.cells.get(column.key)
    shown = "" if cell is None or isinstance(cell, Unread) else tidy(cell)
    return Problem(line.letters.get(column.key, ""), column.head, shown, error)
