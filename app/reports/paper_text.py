"""How much text a cell of a printed form holds, and what goes to the 附页 (domain/3 §3.2)."""

from dataclasses import dataclass
from unicodedata import east_asian_width

POINT = 25.4 / 72  # millimetres
BIGGEST, SMALLEST = 12.0, 10.5  # 小四 and 五号; nothing is printed smaller
LINE_HEIGHT = 1.5
CONTINUED = "（详见附页）"
STOPS = "。；！？，、\n"  # where a text is best cut
WIDE_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZmw@%&—…")


@dataclass(frozen=True)
class Fitted:
    """Text for one cell: its size in points, what stands in it, and the rest for the 附页."""

    text: str
    points: float = BIGGEST
    rest: str = ""

    @property
    def is_continued(self) -> bool:
        """Return whether an 附页 follows."""
        return bool(self.rest)


def lines_needed(text: str, per_line: int) -> int:
    """Return the lines a text takes; half-width characters count half."""
    return sum(max(1, -(-_width(line) // (2 * per_line))) for line in text.split("\n"))


def _width(line: str) -> int:
    return sum(2 if east_asian_width(c) in "WFA" or c in WIDE_LETTERS else 1 for c in line)


def tidy(text: str) -> str:
    """Return the text with plain line ends and nothing around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def fit(text: str, *, width_mm: float, height_mm: float) -> Fitted:
    """Return the text at 小四, else 五号, else cut with “（详见附页）”; never smaller."""
    whole = tidy(text)
    if not whole:
        return Fitted("")
    for points in (BIGGEST, SMALLEST):
        if lines_needed(whole, per_line(width_mm, points)) <= _lines(height_mm, points):
            return Fitted(whole, points)
    room = max(1, _lines(height_mm, SMALLEST))
    kept, rest = split(whole, per_line(width_mm, SMALLEST), room, mark=CONTINUED)
    return Fitted(kept.rstrip() + CONTINUED, SMALLEST, rest.lstrip("\n"))


def millimetres(text: str, *, width_mm: float, points: float = SMALLEST) -> float:
    """Return the height a text takes in a cell of that width."""
    if not text:
        return 0.0
    return lines_needed(tidy(text), per_line(width_mm, points)) * points * POINT * LINE_HEIGHT


def split(text: str, per_line: int, lines: int, *, mark: str = "") -> tuple[str, str]:
    """Return the longest beginning that fits with its mark, cut at a stop if one is near.

    At least one character is kept, so that whoever loops over the rest comes to an end.
    """
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if lines_needed(text[:middle] + mark, per_line) <= lines:
            low = middle
        else:
            high = middle - 1
    cut = max(low, 1)
    if cut < len(text):
        near = max(text.rfind(stop, max(0, cut - per_line), cut) for stop in STOPS)
        cut = near + 1 if near >= 0 else cut
    return text[:cut], text[cut:]


def per_line(width_mm: float, points: float) -> int:
    """Return how many full-width characters a line holds."""
    # One character less: closing marks may not begin a line and push their neighbour down.
    return int(width_mm / (points * POINT)) - 1


def _lines(height_mm: float, points: float) -> int:
    return int(height_mm / (points * POINT * LINE_HEIGHT))
