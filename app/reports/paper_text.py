"""How much text a cell of a printed form holds, and what goes to the 附页 (domain/3 §3.2)."""

import re
import string
from dataclasses import dataclass

POINT = 25.4 / 72  # millimetres
BIGGEST, SMALLEST = 12.0, 10.5  # 小四 and 五号; nothing is printed smaller
LINE_HEIGHT = 1.5
CONTINUED = "（详见附页）"
STOPS = "。；！？，、\n"  # where a text is best cut
EM = 100  # widths are counted in hundredths of a full-width character
# A run of letters and digits stays together on its line; every other character may end one.
PIECES = re.compile(r"[!-~]+|.")
# As wide as in the widest of the fonts that offices have; what is not named is full width.
WIDTHS = {
    **dict.fromkeys(string.punctuation, 60),
    **dict.fromkeys(string.digits, 56),
    **dict.fromkeys(string.ascii_lowercase, 66),
    **dict.fromkeys(string.ascii_uppercase, 80),
    **dict.fromkeys("w&", 86),
    **dict.fromkeys("mMW%@", 105),
    " ": 50,
}


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
    """Return the lines a text takes where a line holds `per_line` full-width characters."""
    return len(_line_ends(text, per_line))


def _line_ends(text: str, per_line: int) -> list[int]:
    """Return where each line of the text ends, broken as a browser breaks it."""
    ends, start = [], 0
    for line in text.split("\n"):
        ends += [start + end for end in _breaks(line, per_line * EM)]
        start += len(line) + 1
        ends.append(start)
    ends[-1] = len(text)
    return ends


def _breaks(line: str, room: int) -> list[int]:
    """Return where a paragraph breaks: before a piece that no longer fits, or inside a long one."""
    breaks, used = [], 0
    for piece in PIECES.finditer(line):
        width = _width(piece[0])
        if used and used + width > room:
            breaks.append(piece.start())
            used = 0
        for place, character in enumerate(piece[0] if width > room else "", piece.start()):
            if used + _width(character) > room:
                breaks.append(place)
                used = 0
            used += _width(character)
        used += width if width <= room else 0
    return breaks


def _width(text: str) -> int:
    return sum(WIDTHS.get(character, EM) for character in text)


def tidy(text: str) -> str:
    """Return the text with plain line ends, without tabs and with nothing around it."""
    return "\n".join(line.rstrip().replace("\t", "　") for line in text.splitlines()).strip()


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
    ends = _line_ends(text, per_line)
    if len(ends) <= lines and not mark:
        return text, ""
    start, cut = ends[lines - 2] if lines > 1 else 0, ends[min(lines, len(ends)) - 1]
    while cut > start and _width(text[start:cut] + mark) > per_line * EM:
        cut -= 1
    cut = max(cut, 1)
    near = max(text.rfind(stop, max(0, cut - per_line), cut) for stop in STOPS)
    cut = near + 1 if near >= 0 else cut
    return text[:cut], text[cut:]


def per_line(width_mm: float, points: float) -> int:
    """Return how many full-width characters a line holds."""
    # One character less: closing marks may not begin a line and push their neighbour down.
    return int(width_mm / (points * POINT)) - 1


def _lines(height_mm: float, points: float) -> int:
    return int(height_mm / (points * POINT * LINE_HEIGHT))
