"""How much text a cell of a printed form holds, and what goes to the 附页 (domain/3 §3.2)."""

from dataclasses import dataclass
from unicodedata import east_asian_width

POINT = 25.4 / 72  # millimetres
BIGGEST, SMALLEST = 12.0, 10.5  # 小四 and 五号; nothing is printed smaller
LINE_HEIGHT = 1.5
CONTINUED = "（详见附页）"


@dataclass(frozen=True)
class Fitted:
    """Text for one cell: its size in points, what stands in it, and whether a 附页 follows."""

    text: str
    points: float
    is_continued: bool = False


def lines_needed(text: str, per_line: int) -> int:
    """Return the lines a text takes; half-width characters count half."""
    return sum(max(1, -(-_width(line) // (2 * per_line))) for line in text.split("\n"))


def _width(line: str) -> int:
    return sum(2 if east_asian_width(c) in "WFA" else 1 for c in line)


def fit(text: str, *, width_mm: float, height_mm: float) -> Fitted:
    """Return the text at 小四, else 五号, else cut with “（详见附页）”; never smaller."""
    tidy = text.strip()
    for points in (BIGGEST, SMALLEST):
        if lines_needed(tidy, _per_line(width_mm, points)) <= _lines(height_mm, points):
            return Fitted(tidy, points)
    per_line, lines = _per_line(width_mm, SMALLEST), _lines(height_mm, SMALLEST)
    kept = _cut(tidy, per_line, lines)
    return Fitted(kept + CONTINUED, SMALLEST, is_continued=True)


def _per_line(width_mm: float, points: float) -> int:
    # One character less: closing marks may not begin a line and push their neighbour down.
    return int(width_mm / (points * POINT)) - 1


def _lines(height_mm: float, points: float) -> int:
    return int(height_mm / (points * POINT * LINE_HEIGHT))


def _cut(text: str, per_line: int, lines: int) -> str:
    """Return the longest beginning that leaves room for the note."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if lines_needed(text[:middle] + CONTINUED, per_line) <= lines:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip()
