"""量化考核 as arithmetic: rules, what a unit gets for its month, ranks, corrections (R45, D-27).

Points are decimals with two places at most; nothing is rounded and nothing is a float.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from unicodedata import normalize

from app.domain.states import ScoreKind

NOUGHT = Decimal(0)
WRITTEN = re.compile(r"[+-]?[0-9]{1,4}(\.[0-9]{1,2})?")
MOST_POINTS = Decimal(1000)


@dataclass(frozen=True)
class Rule:
    """Points for each occurrence of a kind; in a month never more than `cap` either way."""

    kind: ScoreKind
    points: Decimal
    cap: Decimal | None = None
    is_on: bool = False

    def worth(self, occurrences: int) -> Decimal:
        """Return the points of a month's occurrences."""
        points = self.points * occurrences
        if self.cap is None:
            return points
        return max(-self.cap, min(self.cap, points))


@dataclass(frozen=True)
class Scheme:
    """What a site scores by in a month; `is_floored`: nobody falls below nought."""

    base: Decimal
    rules: tuple[Rule, ...] = ()
    is_floored: bool = True

    @property
    def active(self) -> tuple[Rule, ...]:
        """Return the rules in force, in the order of the columns."""
        kinds = list(ScoreKind)
        return tuple(sorted((r for r in self.rules if r.is_on), key=lambda r: kinds.index(r.kind)))

    def total(self, points: Iterable[Decimal]) -> Decimal:
        """Return the score: the base and what was earned and lost."""
        return self.floored(sum(points, self.base))

    def floored(self, total: Decimal) -> Decimal:
        """Return a total, nought for what is below it where the scheme says so."""
        return max(total, NOUGHT) if self.is_floored else total


def _rule(kind: ScoreKind, points: str, cap: str = "") -> Rule:
    return Rule(kind, Decimal(points), Decimal(cap) if cap else None)


# domain/2.3's own example; points are the centre's to decide, so every rule is off (D-27).
EXAMPLE = Scheme(
    Decimal(100),
    (
        _rule(ScoreKind.RED, "-2"),
        _rule(ScoreKind.UNSIGNED, "-0.5"),
        _rule(ScoreKind.BAD_RETURN, "-1"),
        _rule(ScoreKind.BAD_RATING, "-3"),
        _rule(ScoreKind.BAD_FIX, "-3"),
        _rule(ScoreKind.NOTICE, "-1"),
        _rule(ScoreKind.INTERVIEW, "-5"),
        _rule(ScoreKind.CIRCULAR, "-10"),
        _rule(ScoreKind.TYPICAL, "2", cap="5"),
    ),
)
EMPTY = Scheme(Decimal(100))


@dataclass(frozen=True)
class Cell:
    """What a unit got by one rule, for which records; `computed` is before any correction."""

    kind: ScoreKind
    records: tuple[int, ...]
    points: Decimal
    computed: Decimal

    @property
    def occurrences(self) -> int:
        """Return how often it happened."""
        return len(self.records)


@dataclass(frozen=True)
class UnitScore:
    """A unit's line of the sheet."""

    unit_id: int
    name: str
    sort_order: int
    cells: tuple[Cell, ...]
    total: Decimal
    computed: Decimal

    def cell(self, kind: ScoreKind) -> Cell | None:
        """Return the cell of a column, None for a kind that is not counted."""
        return next((cell for cell in self.cells if cell.kind is kind), None)


def score(
    scheme: Scheme,
    *,
    unit_id: int,
    name: str,
    sort_order: int,
    records: Mapping[ScoreKind, tuple[int, ...]],
) -> UnitScore:
    """Return the line of a unit for the records that count against it and for it."""
    cells = []
    for rule in scheme.active:
        found = records.get(rule.kind, ())
        points = rule.worth(len(found))
        cells.append(Cell(rule.kind, found, points, points))
    total = scheme.total(cell.points for cell in cells)
    return UnitScore(unit_id, name, sort_order, tuple(cells), total, total)


@dataclass(frozen=True)
class Change:
    """A correction of one rule's points, or with `kind` None of the total; the latest one last."""

    kind: ScoreKind | None
    new: Decimal


def corrected(
    scheme: Scheme, points: Mapping[ScoreKind, Decimal], changes: Iterable[Change]
) -> tuple[dict[ScoreKind, Decimal], Decimal]:
    """Return a unit's points and total after its corrections, taken in their order.

    A corrected rule moves the total by the difference, also after the total itself was corrected.
    """
    now, total = dict(points), sum(points.values(), scheme.base)
    for change in changes:
        if change.kind is None:
            total = change.new
        else:
            total += change.new - now.get(change.kind, NOUGHT)
            now[change.kind] = change.new
    return now, scheme.floored(total)


def ranked(units: Iterable[UnitScore]) -> list[tuple[int, UnitScore]]:
    """Return place and line from the highest total down; equal totals share a place.

    Units of one place stand in their official order.
    """
    found = sorted(units, key=lambda unit: (-unit.total, unit.sort_order, unit.unit_id))
    places: dict[Decimal, int] = {}
    for position, unit in enumerate(found, start=1):
        places.setdefault(unit.total, position)
    return [(places[unit.total], unit) for unit in found]


def read_points(text: str) -> Decimal:
    """Return points as somebody typed them; ValueError for what is none or has a third decimal."""
    plain = normalize("NFKC", text).strip().replace("−", "-")
    if not WRITTEN.fullmatch(plain) or abs(number := Decimal(plain)) > MOST_POINTS:
        raise ValueError(text)
    return number


def shown(points: Decimal) -> str:
    """Return points without needless noughts: 97.5, -2, 0."""
    text = f"{points:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def signed(points: Decimal) -> str:
    """Return points gained with a plus, lost with a minus."""
    return f"+{shown(points)}" if points > 0 else shown(points)
