"""考核规则 of a site: valid from a month on, never edited, shipped empty (R45, D-27)."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.actions.people import roles_of
from app.domain.refusals import Code, Refusal
from app.domain.scoring import EMPTY, EXAMPLE, NOUGHT, Rule, Scheme
from app.domain.states import Role
from app.extensions import db
from app.models import Account, ScoreRule, ScoreScheme, ScoreSheet, Site


def month_of(day: dt.date) -> dt.date:
    """Return the first of a day's month."""
    return day.replace(day=1)


def month_after(month: dt.date) -> dt.date:
    """Return the first of the next month."""
    return month_of(month_of(month) + dt.timedelta(days=31))


def require_section(by: Account, *, site_id: int) -> None:
    """Refuse whoever is not 督办考核科 of the site."""
    if Role.SUPERVISOR not in roles_of(by):
        raise Refusal(Code.ROLE_MISSING)
    if by.site_id is not None and by.site_id != site_id:
        raise Refusal(Code.OTHER_SITE)


def hold(site_id: int) -> None:
    """Let nobody else change scores of the site until this unit of work ends."""
    db.session.execute(select(Site.id).where(Site.id == site_id).with_for_update()).scalar_one()


def frozen_sheet(*, site_id: int, month: dt.date) -> ScoreSheet | None:
    """Return the frozen sheet of a month, or None."""
    query = select(ScoreSheet).where(ScoreSheet.site_id == site_id, ScoreSheet.month == month)
    return db.session.execute(query).scalar_one_or_none()


def schemes(site_id: int) -> list[ScoreScheme]:
    """Return all that was ever set for a site, what holds latest first."""
    query = select(ScoreScheme).where(ScoreScheme.site_id == site_id)
    query = query.options(selectinload(ScoreScheme.rules))
    query = query.order_by(ScoreScheme.valid_from.desc(), ScoreScheme.id.desc())
    return list(db.session.execute(query).scalars())


def in_force(rows: Iterable[ScoreScheme], month: dt.date) -> Scheme:
    """Return what holds in a month of `schemes`: set last for it, or for the latest before it."""
    row = next((row for row in rows if row.valid_from <= month), None)
    return EMPTY if row is None else scheme_value(row)


def scheme_of(*, site_id: int, month: dt.date) -> Scheme:
    """Return the rules in force in a month; none at all for an office that has set none."""
    return in_force(schemes(site_id), month)


def frozen_months(site_id: int) -> set[dt.date]:
    """Return the months whose sheet is frozen."""
    query = select(ScoreSheet.month).where(ScoreSheet.site_id == site_id)
    return set(db.session.execute(query).scalars())


def scheme_value(row: ScoreScheme) -> Scheme:
    """Return a stored scheme as the domain's value."""
    rules = tuple(Rule(r.kind, r.points, r.cap, r.is_on) for r in row.rules)
    return Scheme(row.base, rules, row.is_floored)


def has_rules(site_id: int) -> bool:
    """Return whether the site has ever set or loaded rules."""
    query = select(ScoreScheme.id).where(ScoreScheme.site_id == site_id).limit(1)
    return db.session.execute(query).first() is not None


def set_rules(
    *,
    site_id: int,
    valid_from: dt.date,
    base: Decimal,
    rules: Sequence[Rule],
    is_floored: bool,
    by: Account,
    now: dt.datetime,
) -> ScoreScheme:
    """Set the rules from a month on; refuses a month whose sheet is frozen.

    Sheets frozen later in time keep the rules they were frozen with.
    """
    require_section(by, site_id=site_id)
    hold(site_id)
    if frozen_sheet(site_id=site_id, month=month_of(valid_from)) is not None:
        raise Refusal(Code.SHEET_FROZEN, field="valid_from")
    if base < NOUGHT:
        raise Refusal(Code.FIELD_INVALID, field="base")
    for rule in rules:
        if rule.is_on and rule.points == NOUGHT:
            raise Refusal(Code.FIELD_INVALID, field=f"points_{rule.kind.value}")
        if rule.cap is not None and rule.cap <= NOUGHT:
            raise Refusal(Code.FIELD_INVALID, field=f"cap_{rule.kind.value}")
    row = ScoreScheme(
        site_id=site_id, valid_from=month_of(valid_from), base=base, is_floored=is_floored,
        set_at=now, set_by_id=by.id,
        rules=[ScoreRule(kind=r.kind, points=r.points, cap=r.cap, is_on=r.is_on) for r in rules],
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def load_example(*, site_id: int, valid_from: dt.date, by: Account, now: dt.datetime) -> None:
    """Write domain/2.3's example with every rule switched off, where there are no rules yet."""
    require_section(by, site_id=site_id)
    hold(site_id)
    if has_rules(site_id):
        raise Refusal(Code.ALREADY_DONE)
    set_rules(
        site_id=site_id, valid_from=valid_from, base=EXAMPLE.base, rules=EXAMPLE.rules,
        is_floored=EXAMPLE.is_floored, by=by, now=now,
    )  # fmt: skip
