"""量化考核表 of a site and month: counted live until it is frozen, then as it was stored."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.actions.score_rules import in_force, scheme_of, schemes
from app.actions.scoring import exclusions, frozen_scheme, standing_values
from app.domain.scoring import Cell, Rule, Scheme, UnitScore, ranked, score
from app.domain.states import ScoreKind
from app.extensions import db
from app.models import ScoreCorrection, ScoreExclusion, ScoreSheet, ScoreUnit, Site, Unit
from app.reports.period import Period
from app.reports.score_counts import Found, count, less


@dataclass(frozen=True)
class Sheet:
    """The sheet as it is shown, printed and written; `frozen` is None for a draft."""

    site: Site
    period: Period
    scheme: Scheme
    lines: Sequence[tuple[int, UnitScore]]
    exclusions: Sequence[ScoreExclusion]
    frozen: ScoreSheet | None = None
    corrections: Sequence[ScoreCorrection] = ()

    @property
    def month(self) -> dt.date:
        """Return the first day of the month."""
        return self.period.start.date()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the rules behind the columns."""
        return self.scheme.active

    @property
    def units(self) -> list[UnitScore]:
        """Return the lines without their places."""
        return [unit for _place, unit in self.lines]

    @property
    def mark(self) -> str:
        """Return a short word that is another one when any number is."""
        facts = [
            (u.unit_id, str(u.total), [(c.kind.value, c.records) for c in u.cells])
            for u in self.units
        ]
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]

    def unit(self, unit_id: int) -> UnitScore | None:
        """Return the line of a unit."""
        return next((unit for unit in self.units if unit.unit_id == unit_id), None)

    def of_unit(self, unit_id: int | None) -> "Sheet":
        """Return the same with nothing on it but one unit's own."""
        return replace(
            self,
            lines=[(place, unit) for place, unit in self.lines if unit.unit_id == unit_id],
            exclusions=[e for e in self.exclusions if e.unit_id == unit_id],
            corrections=[c for c in self.corrections if c.unit_id == unit_id],
        )


def sheet_of(site: Site, *, period: Period) -> Sheet:
    """Return the stored sheet of a month, or the draft as of `period.now`."""
    query = select(ScoreSheet).where(
        ScoreSheet.site_id == site.id, ScoreSheet.month == period.start.date()
    )
    query = query.options(
        selectinload(ScoreSheet.units).selectinload(ScoreUnit.lines),
        selectinload(ScoreSheet.corrections),
    )
    row = db.session.execute(query).scalar_one_or_none()
    return draft(site, period=period) if row is None else _stored(row, period)


def draft(site: Site, *, period: Period) -> Sheet:
    """Return the sheet counted at this moment, by the month's rules, less what was excluded."""
    month = period.start.date()
    scheme = scheme_of(site_id=site.id, month=month)
    rows = exclusions(site_id=site.id, month=month)
    out = [(e.kind, e.record_id) for e in rows if e.restored_at is None]
    found = less(_counted(scheme, site, period), out)
    lines = [
        score(
            scheme, unit_id=unit.id, name=unit.name, sort_order=unit.sort_order,
            records={kind: units.get(unit.id, ()) for kind, units in found.items()},
        )
        for unit in _units(site, found)
    ]  # fmt: skip
    return Sheet(site, period, scheme, ranked(lines), rows)


def _counted(scheme: Scheme, site: Site, period: Period) -> dict[ScoreKind, Found]:
    return count((rule.kind for rule in scheme.active), site_id=site.id, period=period)


def _units(site: Site, found: Mapping[ScoreKind, Found]) -> list[Unit]:
    """Return the units in use, and any other that something was counted of."""
    met = {unit_id for units in found.values() for unit_id in units}
    query = select(Unit).where(Unit.site_id == site.id).order_by(Unit.sort_order, Unit.id)
    return [u for u in db.session.execute(query).scalars() if u.is_active or u.id in met]


def _stored(row: ScoreSheet, period: Period) -> Sheet:
    lines = [_line(row, unit) for unit in row.units]
    rows = exclusions(site_id=row.site_id, month=row.month)
    return Sheet(row.site, period, frozen_scheme(row), ranked(lines), rows, row, row.corrections)


def _line(row: ScoreSheet, unit: ScoreUnit) -> UnitScore:
    points, total = standing_values(row, unit)
    cells = tuple(Cell(x.kind, x.records, points[x.kind], x.points) for x in unit.lines)
    return UnitScore(unit.unit_id, unit.unit_name, unit.sort_order, cells, total, unit.total)


@dataclass(frozen=True)
class Difference:
    """A cell that would be counted otherwise now: the records gone, and those come since."""

    unit_id: int
    unit_name: str
    kind: ScoreKind
    gone: tuple[int, ...]
    come: tuple[int, ...]


def differences(sheet: Sheet) -> list[Difference]:
    """Return where a frozen sheet and the records as they stand now no longer agree."""
    if sheet.frozen is None:
        return []
    out = [(e.kind, e.record_id) for e in sheet.exclusions if e.restored_at is None]
    found = less(_counted(sheet.scheme, sheet.site, sheet.period), out)
    names = {unit.unit_id: unit.name for unit in sheet.units}
    names |= {u.id: u.name for u in _units(sheet.site, found) if u.id not in names}
    return [
        Difference(unit_id, name, rule.kind, gone, come)
        for unit_id, name in names.items()
        for rule in sheet.rules
        for gone, come in [_changed(sheet, found, unit_id, rule.kind)]
        if gone or come
    ]


def _changed(
    sheet: Sheet, found: Mapping[ScoreKind, Found], unit_id: int, kind: ScoreKind
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    unit = sheet.unit(unit_id)
    cell = unit.cell(kind) if unit else None
    before = cell.records if cell else ()
    after = found[kind].get(unit_id, ())
    gone = tuple(key for key in before if key not in after)
    return gone, tuple(key for key in after if key not in before)


@dataclass(frozen=True)
class Month:
    """A line of the list of months."""

    period: Period
    frozen: ScoreSheet | None
    rules_on: int


def months(site: Site, *, periods: Sequence[Period]) -> list[Month]:
    """Return the months asked for and older ones that are frozen, the latest first."""
    query = select(ScoreSheet).where(ScoreSheet.site_id == site.id)
    query = query.options(selectinload(ScoreSheet.corrections))
    sheets = {row.month: row for row in db.session.execute(query).scalars()}
    asked = {period.start.date(): period for period in periods}
    first = periods[0]
    for month in sheets.keys() - asked.keys():
        back = (month.year - first.start.year) * 12 + month.month - first.start.month
        asked[month] = first.shifted(back)
    rules, found = schemes(site.id), []
    for month in sorted(asked, reverse=True):
        row = sheets.get(month)
        scheme = frozen_scheme(row) if row else in_force(rules, month)
        found.append(Month(asked[month], row, len(scheme.active)))
    return found
