"""量化考核表 on paper: its lines and its remarks cut into sheets of A4 across."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.domain.scoring import UnitScore, shown
from app.domain.words import word
from app.models import ScoreCorrection
from app.reports.paper_text import lines_needed
from app.reports.score_records import excluded_names
from app.reports.score_sheets import Sheet

LINES_A_SHEET = 14
REMARK_LINES, REMARK_CHARACTERS = 24, 38
TOTAL = "总分"


@dataclass(frozen=True)
class Remark:
    """One exclusion or correction in words: whom, what, how, why, who and when."""

    unit: str
    item: str
    change: str
    reason: str
    who: str
    when: str


@dataclass(frozen=True)
class PaperSheet:
    """One sheet: lines of units, or remarks; the last of the lines is signed."""

    lines: Sequence[tuple[int, UnitScore]] = ()
    remarks: Sequence[Remark] = ()
    is_signed: bool = False


def score_pages(sheet: Sheet) -> list[PaperSheet]:
    """Return the sheets of paper in their order."""
    parts = [
        sheet.lines[at : at + LINES_A_SHEET] for at in range(0, len(sheet.lines), LINES_A_SHEET)
    ]
    pages = [PaperSheet(lines=part, is_signed=part is parts[-1]) for part in parts]
    return pages + [PaperSheet(remarks=part) for part in _cut([*excluded(sheet), *changed(sheet)])]


def excluded(sheet: Sheet) -> list[Remark]:
    """Return what was excluded, also what was taken back again."""
    names = excluded_names(sheet.exclusions)
    found = []
    for row in sheet.exclusions:
        change = "已恢复" if row.restored_at else "已剔除"
        when = f"{row.excluded_at:%Y-%m-%d %H:%M}"
        if row.restored_at and row.restored_by:
            change += f"（{row.restored_by.name} {row.restored_at:%Y-%m-%d %H:%M}）"
        item = f"{word(row.kind)} {names[row.id]}".strip()
        found.append(Remark(row.unit.name, item, change, row.reason, row.by.name, when))
    return found


def changed(sheet: Sheet) -> list[Remark]:
    """Return every correction with the old number and the new one."""
    names = {unit.unit_id: unit.name for unit in sheet.units}
    return [_correction(row, names[row.unit_id]) for row in sheet.corrections]


def _correction(row: ScoreCorrection, name: str) -> Remark:
    item = word(row.kind) if row.kind else TOTAL
    change = f"由{shown(row.old_value)}改为{shown(row.new_value)}"
    when = f"{row.corrected_at:%Y-%m-%d %H:%M}"
    return Remark(name, item, change, row.reason, row.by.name, when)


def _cut(remarks: Iterable[Remark]) -> Iterator[list[Remark]]:
    """Yield as many remarks as a sheet holds."""
    page: list[Remark] = []
    room = REMARK_LINES
    for remark in remarks:
        lines = max(2, lines_needed(remark.reason, REMARK_CHARACTERS))
        if page and lines > room:
            yield page
            page, room = [], REMARK_LINES
        page.append(remark)
        room -= lines
    if page:
        yield page
