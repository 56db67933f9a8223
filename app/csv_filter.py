"""CSV in, CSV out, row by row: a bad row gets its message, the rest is still answered."""

import csv
import io
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO

# A quoted cell may hold line breaks; a quote that is never closed must not swallow the file.
MOST_LINES_A_ROW = 20
NO_HEADER = "首行不是列名"

Answer = Callable[..., Sequence[object]]


class BadRow(Exception):
    """A row that cannot be answered; its text is the message in the column `error`."""


def answer_rows(
    source: BinaryIO,
    target: BinaryIO,
    columns: Sequence[str],
    results: Sequence[str],
    answer: Answer,
) -> bool:
    """Answer each row of `source` into `target`; return whether all could be answered.

    `answer` takes the cells of `columns` as text and returns the cells of `results`. Bytes that
    are not UTF-8 come back as they were, so that an id in another encoding keeps its meaning.
    """
    reading = io.TextIOWrapper(source, "utf-8-sig", errors="surrogateescape", newline="")
    writing = io.TextIOWrapper(target, "utf-8", errors="surrogateescape", newline="")
    writer = csv.writer(writing, lineterminator="\n")
    writer.writerow(["id", *results, "error"])
    rows = _rows(reading)
    first_id, header = next(rows, ("", list(columns)))
    id_place, *places = _places(header or [], ("id", *columns))
    blanks = [""] * len(results)
    complete = any(place < sys.maxsize for place in places)
    if not complete:
        # A file that begins with data: its first row must not pass for a header unanswered.
        writer.writerow([first_id, *blanks, NO_HEADER])
    for row_id, cells in rows:
        if cells and id_place < len(cells):
            row_id = cells[id_place]
        try:
            writer.writerow([row_id, *answer(*_picked(cells, columns, places)), ""])
        except BadRow as bad:
            complete = False
            writer.writerow([row_id, *blanks, str(bad)])
    writing.flush()
    # Detached, or the wrappers would close streams that are not theirs.
    writing.detach()
    reading.detach()
    return complete


def _places(header: list[str], columns: Sequence[str]) -> list[int]:
    """Return where each column stands; beyond any row where the header lacks it."""
    names = [name.strip().lower() for name in header]
    return [names.index(name) if name in names else sys.maxsize for name in columns]


def _picked(cells: list[str] | None, columns: Sequence[str], places: list[int]) -> list[str]:
    """Return the cells asked for; refuses a row that lacks one of them."""
    if cells is None:
        raise BadRow("引号不成对，无法识别该行")
    try:
        return [cells[place].strip() for place in places]
    except IndexError:
        lacking = [name for name, place in zip(columns, places, strict=True) if place >= len(cells)]
        raise BadRow(f"缺少列：{'、'.join(lacking)}") from None


def _rows(lines: Iterable[str]) -> Iterator[tuple[str, list[str] | None]]:
    """Yield each row's first words and its cells, None where its quotes do not match."""
    coming = iter(lines)
    ahead: deque[str] = deque()
    while (line := ahead.popleft() if ahead else next(coming, None)) is not None:
        if line.strip():
            yield line.split(",", 1)[0].strip().strip('"'), _cells(line, ahead, coming)


def _cells(line: str, ahead: deque[str], coming: Iterator[str]) -> list[str] | None:
    """Return the cells of the row that begins with `line`, taking from `ahead` what belongs to it.

    Lines looked at in vain stay in `ahead`: they are rows of their own.
    """
    if '"' not in line:
        return line.rstrip("\r\n").split(",")
    text = line
    for taken in range(MOST_LINES_A_ROW):
        try:
            cells = next(csv.reader([text], strict=True))
        except csv.Error:
            if text.count('"') % 2 == 0:
                return None
        else:
            for _ in range(taken):
                ahead.popleft()
            return cells
        if taken == len(ahead):
            following = next(coming, None)
            if following is None:
                return None
            ahead.append(following)
        text += ahead[taken]
    return None
