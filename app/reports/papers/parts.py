"""What a printed form is made of: rows of cells, each with its words and what stands in it."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from app.domain.due_words import full_time
from app.models import Account, Case, Site, Unit
from app.reports.paper_text import BIGGEST, Fitted, fit, lines_needed, millimetres, per_line, split
from app.reports.papers.titles import SHEET_MM, title_lines

WIDE_MM, HALF_MM = 120, 42  # cells of 124 and 46 mm less their padding
PADDING_MM = 2
LABEL_CHARACTERS, LABEL_LINE_MM = 7, 6.2  # of the words at 小四 in their 31 mm
SIGN_MM = 12  # §3.1: room for a signature
CONFIRMED_MM = 9  # two lines of 小五
ROWS_MM = 217  # what is left for the rows of a form between its title and its foot
TITLE_LINE_MM = 8.3  # of a form, at 小二
NUMBER_MM, SUBTITLE_MM = 9, 7  # of a form that has them
TALL_MM = 24  # rows of running text; they take what room is left
SHORT_MM = 16.0  # what they give way to, when others have more to say
ANNEX_LINES = 35
INK_LINE = "签字：　　　　年　月　日"
INK_DAY = "　　　　年　　月　　日"


@dataclass(frozen=True)
class Subject:
    """What a sheet is filled from; a record of None makes a blank one, to be filled in by hand."""

    record: Any
    case: Case | None = None
    reporter: str = ""
    phone: str = ""


Value = Callable[[Subject], str]


@dataclass(frozen=True)
class Cell:
    """Words, what stands beside them, and the line for ink where somebody signs."""

    label: str
    value: Value = lambda _subject: ""
    ink: str = ""
    confirmed: Value = lambda _subject: ""
    is_choice: bool = False


@dataclass(frozen=True)
class Row:
    """One or two cells side by side; `height` (mm) is the room when there is little to say."""

    height: float
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Form:
    """A paper: its title, its rows in order, the records of a case it is printed for.

    `is_wanted` says whether a blank one makes sense for a case that has no record yet.
    """

    key: str
    title: str
    rows: tuple[Row, ...]
    records: Callable[[Case], list[Any]] = lambda _case: []
    is_wanted: Callable[[Case], bool] = lambda _case: False
    number: Value = lambda _subject: ""
    has_number: bool = False
    subtitle: str = ""


@dataclass(frozen=True)
class FilledCell:
    """A cell as it is printed."""

    label: str
    text: Fitted
    ink: str
    confirmed: str
    is_choice: bool


Rest = tuple[str, str]  # the words of a cell, and what of it did not fit


@dataclass(frozen=True)
class Paper:
    """One printed paper: the sheet by its template, then the pages of its 附页."""

    kind: str
    title: str
    number: str
    face: Any
    annex: tuple[tuple[Rest, ...], ...] = ()

    @property
    def pages(self) -> int:
        """Return how many sheets it takes."""
        return 1 + len(self.annex)


def fill(form: Form, subject: Subject, *, site: Site) -> Paper:
    """Return the form filled from its subject; rows share the room that is left over."""
    title = title_lines(site.head, form.title, points=18)
    room = room_for_rows(form) - TITLE_LINE_MM * (len(title) - 2)
    rows = [
        (pixels(height), [_filled(cell, row, height, subject) for cell in row.cells])
        for row, height in zip(form.rows, _heights(form, subject, room), strict=True)
    ]
    number = form.number(subject)
    ledger_no = (subject.case.ledger_no or "") if subject.case is not None else ""
    face = {
        "title": title,
        "subtitle": form.subtitle,
        "number": number,
        "rows": rows,
        "ledger_no": ledger_no,
    }
    rests = [(c.label.replace("\n", ""), c.text.rest) for _height_px, cells in rows for c in cells]
    return Paper("form", form.title, number or ledger_no, face, annex_pages(rests))


def _heights(form: Form, subject: Subject, room: float) -> list[float]:
    """Return the rows' heights: first what the text needs, then the rest for the tall ones."""
    least = [least_height(row) if _is_fixed(row) else _shortest(row) for row in form.rows]
    needs = [_needed(row, subject) for row in form.rows]
    heights = grown(least, needs, room=room)
    wishes = [0.0 if _is_fixed(row) else row.height for row in form.rows]
    share = (room - sum(heights)) / (sum(wishes) or 1.0)
    return [height + wish * share for height, wish in zip(heights, wishes, strict=True)]


def grown(least: list[float], needs: list[float], *, room: float) -> list[float]:
    """Return heights grown to their needs: who needs little has it all, the others share alike."""
    heights, spare = list(least), room - sum(least)
    lacks = [max(0.0, need - height) for need, height in zip(needs, least, strict=True)]
    for left, place in enumerate(sorted(range(len(lacks)), key=lacks.__getitem__)):
        more = min(lacks[place], spare / (len(lacks) - left))
        heights[place], spare = heights[place] + more, spare - more
    return heights


def _is_fixed(row: Row) -> bool:
    """Return whether a row keeps its height: a short one."""
    return row.height < TALL_MM


def _shortest(row: Row) -> float:
    """Return what a row of running text keeps at the least: its words and the lines for ink."""
    ink = max(SIGN_MM * (cell.ink.count("\n") + 1) if cell.ink else 0 for cell in row.cells)
    return max(SHORT_MM, _label_mm(row), ink + CONFIRMED_MM + PADDING_MM if ink else 0.0)


def pixels(millimetre: float) -> int:
    """Return CSS pixels: the height attribute of a cell knows no other unit."""
    return round(millimetre * 96 / 25.4)


def _width(row: Row) -> int:
    return WIDE_MM if len(row.cells) == 1 else HALF_MM


def _below_mm(cell: Cell, subject: Subject) -> float:
    """Return what is kept free below the text: lines for ink, else the electronic confirmation."""
    if cell.ink:
        return SIGN_MM * (cell.ink.count("\n") + 1)
    return CONFIRMED_MM if cell.confirmed(subject) else 0


def room_for_rows(form: Form) -> float:
    """Return the millimetres of a sheet that its rows may take."""
    return ROWS_MM - (NUMBER_MM if form.has_number else 0) - (SUBTITLE_MM if form.subtitle else 0)


def least_height(row: Row) -> float:
    """Return the height of an empty row: never less than its words need."""
    return max(row.height, _label_mm(row))


def _label_mm(row: Row) -> float:
    lines = max(lines_needed(cell.label, LABEL_CHARACTERS) for cell in row.cells)
    return lines * LABEL_LINE_MM + PADDING_MM


def _needed(row: Row, subject: Subject) -> float:
    """Return what the row's fullest cell needs at its smallest."""
    texts = [
        millimetres(cell.value(subject), width_mm=_width(row)) + _below_mm(cell, subject)
        for cell in row.cells
    ]
    return max(texts) + PADDING_MM + 0.1


def _filled(cell: Cell, row: Row, height: float, subject: Subject) -> FilledCell:
    room = height - PADDING_MM - _below_mm(cell, subject)
    text = fit(cell.value(subject), width_mm=_width(row), height_mm=room)
    return FilledCell(cell.label, text, cell.ink, cell.confirmed(subject), cell.is_choice)


def annex_pages(rests: Iterable[Rest]) -> tuple[tuple[Rest, ...], ...]:
    """Return the pages of the 附页: what did not fit, under the words of its cell."""
    pages: list[list[Rest]] = []
    line, left = per_line(SHEET_MM, BIGGEST), 0
    for label, text in rests:
        rest = text
        while rest:
            if left < 4:  # the words of the cell, a gap, and two lines at least
                pages.append([])
                left = ANNEX_LINES
            part, rest = split(rest, line, left - 2)
            pages[-1].append((label, part.strip("\n")))
            left -= 2 + lines_needed(part, line)
    return tuple(tuple(page) for page in pages)


# -- what a cell is told: of the record, of the case, of a closed set ------------------------------


def own(label: str, value: Callable[[Any], str], **more: Any) -> Cell:
    """Return a cell that says something of the record, and nothing on a blank form."""
    return Cell(label, lambda s: "" if s.record is None else value(s.record), **more)


def about(label: str, value: Callable[[Case], str], **more: Any) -> Cell:
    """Return a cell that says something of the case."""
    return Cell(label, lambda s: "" if s.case is None else value(s.case), **more)


def blank(label: str, **more: Any) -> Cell:
    """Return a cell that is always for ink."""
    return Cell(label, **more)


def choice(label: str, words: Collection[str], chosen: Value, *, of: Value | None = None) -> Cell:
    """Return a cell of boxes, the chosen ones ticked; `of` adds a text below them."""

    def value(subject: Subject) -> str:
        below = of(subject) if of else ""
        return boxes(words, chosen(subject)) + (f"\n{below}" if below else "")

    return Cell(label, value, is_choice=True)


def boxes(words: Iterable[str], chosen: str) -> str:
    """Return ☑ before the words that are among the chosen ones (joined by 、), □ before others."""
    ticked = chosen.split("、")
    return "　".join(f"{'☑' if word in ticked else '□'}{word}" for word in words)


def row(height: float, *cells: Cell) -> Row:
    """Return a row of one or two cells."""
    return Row(height, cells)


# -- how things are written ------------------------------------------------------------------------


def day(value: dt.date | None) -> str:
    """Return 2026年11月20日, or the gaps for it."""
    return f"{value.year}年{value.month}月{value.day}日" if value else INK_DAY


def instant(value: dt.datetime | None) -> str:
    """Return 2026年10月15日17时, or nothing."""
    return full_time(value) if value else ""


def name(who: Account | Unit | None) -> str:
    """Return the name of a person or unit, or nothing."""
    return who.name if who is not None else ""


def confirmed(person: Account | None, at: dt.datetime | None) -> str:
    """Return 电子确认：姓名 时间, an internal confirmation beside the ink (D-17)."""
    return f"电子确认：{person.name}\n{at:%Y-%m-%d %H:%M}" if person is not None and at else ""
