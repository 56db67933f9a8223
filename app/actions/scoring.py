"""量化考核表: one occurrence excluded, the month frozen, a frozen number corrected (R45, D-36).

Only 督办考核科 does any of it. What is counted is given in: the reports count.
"""

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.actions.score_rules import frozen_sheet, hold, month_after, require_section
from app.domain.refusals import Code, Refusal
from app.domain.scoring import Change, Rule, Scheme, UnitScore, corrected
from app.domain.states import ScoreKind
from app.extensions import db
from app.models import (
    Account,
    ScoreCorrection,
    ScoreExclusion,
    ScoreLine,
    ScoreSheet,
    ScoreUnit,
)


def exclusions(
    *, site_id: int, month: dt.date, standing_only: bool = False
) -> list[ScoreExclusion]:
    """Return what was excluded of a month, taken back or not, in its order."""
    query = select(ScoreExclusion).where(
        ScoreExclusion.site_id == site_id, ScoreExclusion.month == month
    )
    if standing_only:
        query = query.where(ScoreExclusion.restored_at.is_(None))
    return list(db.session.execute(query.order_by(ScoreExclusion.id)).scalars())


def exclude(
    *,
    site_id: int,
    month: dt.date,
    kind: ScoreKind,
    record_id: int,
    counted: Sequence[UnitScore],
    reason: str,
    by: Account,
    now: dt.datetime,
) -> ScoreExclusion:
    """Leave one counted occurrence out, with the reason; refuses after freezing.

    `counted` is the sheet as it stands: what is not on it cannot be excluded.
    """
    require_section(by, site_id=site_id)
    _require_draft(site_id, month)
    if not reason.strip():
        raise Refusal(Code.FIELDS_MISSING, fields=["reason"])
    owners = [
        unit.unit_id
        for unit in counted
        if (cell := unit.cell(kind)) is not None and record_id in cell.records
    ]
    if not owners:
        raise Refusal(Code.NOT_FOUND)
    row = ScoreExclusion(
        site_id=site_id, month=month, unit_id=owners[0], kind=kind, record_id=record_id,
        reason=reason.strip(), excluded_at=now, by_id=by.id,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def restore(row: ScoreExclusion, *, by: Account, now: dt.datetime) -> None:
    """Let an excluded occurrence count again; the exclusion stays to be read."""
    require_section(by, site_id=row.site_id)
    _require_draft(row.site_id, row.month)
    if row.restored_at is not None:
        raise Refusal(Code.ALREADY_DONE)
    row.restored_at, row.restored_by_id = now, by.id
    db.session.flush()


def _require_draft(site_id: int, month: dt.date) -> None:
    hold(site_id)
    if frozen_sheet(site_id=site_id, month=month) is not None:
        raise Refusal(Code.SHEET_FROZEN)


def require_freezable(
    *, site_id: int, month: dt.date, scheme: Scheme, by: Account, now: dt.datetime
) -> None:
    """Refuse anybody else, a second time, a month that runs, and a scheme without a rule on."""
    require_section(by, site_id=site_id)
    if frozen_sheet(site_id=site_id, month=month) is not None:
        raise Refusal(Code.ALREADY_DONE)
    if now.date() < month_after(month):
        raise Refusal(Code.MONTH_NOT_OVER, day=month_after(month).isoformat())
    if not scheme.active:
        raise Refusal(Code.NO_RULE_ON)


def freeze(
    *,
    site_id: int,
    month: dt.date,
    scheme: Scheme,
    counted: Sequence[UnitScore],
    by: Account,
    now: dt.datetime,
) -> ScoreSheet:
    """Store the month's sheet for good: rules, units, numbers and the records behind them.

    To be called under `hold`, with what was counted under it.
    """
    require_freezable(site_id=site_id, month=month, scheme=scheme, by=by, now=now)
    sheet = ScoreSheet(
        site_id=site_id, month=month, rules_json=_scheme_json(scheme), frozen_at=now,
        frozen_by_id=by.id,
    )  # fmt: skip
    for unit in counted:
        lines = [
            ScoreLine(
                kind=cell.kind, occurrences=cell.occurrences, points=cell.points,
                records_json=json.dumps(cell.records),
            )
            for cell in unit.cells
        ]  # fmt: skip
        sheet.units.append(
            ScoreUnit(
                unit_id=unit.unit_id, unit_name=unit.name, sort_order=unit.sort_order,
                total=unit.total, lines=lines,
            )
        )  # fmt: skip
    db.session.add(sheet)
    db.session.flush()
    return sheet


def correct_score(
    sheet: ScoreSheet | None,
    *,
    unit_id: int,
    kind: ScoreKind | None,
    seen: Decimal,
    new: Decimal,
    reason: str,
    by: Account,
    now: dt.datetime,
) -> ScoreCorrection:
    """Put a frozen number right, of one rule or of the total; the old one stays beside it.

    `seen` is the number the person had before their eyes: refuses when it is no more.
    """
    if sheet is None:
        raise Refusal(Code.SHEET_NOT_FROZEN)
    require_section(by, site_id=sheet.site_id)
    hold(sheet.site_id)
    db.session.refresh(sheet, ["corrections"])
    old = _standing_value(sheet, unit_id, kind)
    if old != seen:
        raise Refusal(Code.STALE)
    if not reason.strip():
        raise Refusal(Code.FIELDS_MISSING, fields=["reason"])
    if new == old or (kind is None and new != frozen_scheme(sheet).floored(new)):
        raise Refusal(Code.FIELD_INVALID, field="points")
    row = ScoreCorrection(
        sheet=sheet, unit_id=unit_id, kind=kind, old_value=old, new_value=new,
        reason=reason.strip(), corrected_at=now, by_id=by.id,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def _standing_value(sheet: ScoreSheet, unit_id: int, kind: ScoreKind | None) -> Decimal:
    """Return the number that a correction would replace; refuses one that is not on the sheet."""
    unit = next((unit for unit in sheet.units if unit.unit_id == unit_id), None)
    if unit is None:
        raise Refusal(Code.NOT_FOUND)
    points, total = standing_values(sheet, unit)
    if kind is not None and kind not in points:
        raise Refusal(Code.NOT_FOUND)
    return total if kind is None else points[kind]


def standing_values(sheet: ScoreSheet, unit: ScoreUnit) -> tuple[dict[ScoreKind, Decimal], Decimal]:
    """Return a unit's points and total as its corrections have left them."""
    changes = [Change(c.kind, c.new_value) for c in sheet.corrections if c.unit_id == unit.unit_id]
    frozen = {line.kind: line.points for line in unit.lines}
    return corrected(frozen_scheme(sheet), frozen, changes)


def _scheme_json(scheme: Scheme) -> str:
    rules = [
        {
            "kind": r.kind.value,
            "points": str(r.points),
            "cap": None if r.cap is None else str(r.cap),
        }
        for r in scheme.active
    ]
    facts = {"base": str(scheme.base), "is_floored": scheme.is_floored, "rules": rules}
    return json.dumps(facts, ensure_ascii=False)


def frozen_scheme(sheet: ScoreSheet) -> Scheme:
    """Return the rules a sheet was frozen with."""
    facts: dict[str, Any] = json.loads(sheet.rules_json)
    rules = tuple(
        Rule(ScoreKind(r["kind"]), Decimal(r["points"]), r["cap"] and Decimal(r["cap"]), is_on=True)
        for r in facts["rules"]
    )
    return Scheme(Decimal(facts["base"]), rules, facts["is_floored"])
