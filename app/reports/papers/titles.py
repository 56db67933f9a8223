"""The title of a paper, line by line as the plan breaks it, whatever the centre is called."""

from dataclasses import dataclass

from app.reports.paper_text import POINT

SHEET_MM = 156  # the breadth of a sheet between its margins
WINDOW = "“办不成事”反映窗口"
SIZES = (22, 18, 16, 14, 12, 10)  # points


@dataclass(frozen=True)
class TitleLine:
    """One line of a title and the size it stands at."""

    text: str
    points: int


def title_lines(head: str, title: str, *, points: int) -> list[TitleLine]:
    """Return the plan's two lines, three where the name of the centre leaves no room beside it."""
    first = head + WINDOW
    lines = [first] if len(first) <= _holds(points) else [head, WINDOW]
    return [_title_line(text, points) for text in (*lines, title)]


def slip_title(head: str) -> list[TitleLine]:
    """Return the two lines of annex 4."""
    return [_title_line(text, 18) for text in (head, f"{WINDOW}事项交办单")]


def _title_line(text: str, points: int) -> TitleLine:
    """Return the line at the size wished for, smaller if it would not be one line."""
    fitting = (size for size in SIZES if size <= points and len(text) <= _holds(size))
    return TitleLine(text, next(fitting, SIZES[-1]))


def _holds(points: int) -> int:
    return int(SHEET_MM / (points * POINT))
