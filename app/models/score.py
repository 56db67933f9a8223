"""量化考核: a site's rules, its frozen monthly sheets, and what was said of single numbers."""

import datetime as dt
import json
from decimal import Decimal

from flask_appbuilder import Model
from sqlalchemy import (
    Boolean,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import Mapped, Mapper, mapped_column, object_session, relationship
from sqlalchemy.types import TypeDecorator

from app.domain.states import ScoreKind
from app.models.org import Account, Site, Unit
from app.models.types import UtcDateTime, by_value

HUNDREDTHS = 100


class Points(TypeDecorator[Decimal]):
    """Points to two decimals, stored as whole hundredths: SQLite keeps decimals as floats."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Return hundredths, or raise ValueError for a third decimal."""
        if value is None:
            return None
        hundredths = value * HUNDREDTHS
        if hundredths != int(hundredths):
            raise ValueError(value)
        return int(hundredths)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Return the points."""
        return None if value is None else Decimal(value) / HUNDREDTHS


class ScoreScheme(Model):
    """考核规则 of a site from a month on; a later row for the same month takes its place.

    Never edited: what was in force when stays to be read.
    """

    __tablename__ = "score_schemes"
    __table_args__ = (Index("ix_score_schemes_site_from", "site_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    valid_from: Mapped[dt.date]  # the first of a month
    base: Mapped[Decimal] = mapped_column(Points)
    is_floored: Mapped[bool] = mapped_column(Boolean, default=True)
    set_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    set_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    site: Mapped[Site] = relationship()
    set_by: Mapped[Account] = relationship()
    rules: Mapped[list["ScoreRule"]] = relationship(
        back_populates="scheme", order_by="ScoreRule.id", cascade="all, delete-orphan"
    )


class ScoreRule(Model):
    """Points an occurrence of one kind, at most so many a month."""

    __tablename__ = "score_rules"
    __table_args__ = (UniqueConstraint("scheme_id", "kind", name="uq_score_rules_scheme_kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("score_schemes.id"))
    kind: Mapped[ScoreKind] = mapped_column(by_value(ScoreKind))
    points: Mapped[Decimal] = mapped_column(Points)
    cap: Mapped[Decimal | None] = mapped_column(Points)
    is_on: Mapped[bool] = mapped_column(Boolean, default=False)
    scheme: Mapped[ScoreScheme] = relationship(back_populates="rules")


class ScoreSheet(Model):
    """量化考核表 of a month, frozen: with the rules, names and numbers of that moment."""

    __tablename__ = "score_sheets"
    __table_args__ = (UniqueConstraint("site_id", "month", name="uq_score_sheets_site_month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    month: Mapped[dt.date]  # its first day
    rules_json: Mapped[str] = mapped_column(Text)
    frozen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    frozen_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    site: Mapped[Site] = relationship()
    frozen_by: Mapped[Account] = relationship()
    units: Mapped[list["ScoreUnit"]] = relationship(back_populates="sheet", order_by="ScoreUnit.id")
    corrections: Mapped[list["ScoreCorrection"]] = relationship(
        back_populates="sheet", order_by="ScoreCorrection.id"
    )


class ScoreUnit(Model):
    """A unit on a frozen sheet, under the name and rank of order that it had."""

    __tablename__ = "score_units"
    __table_args__ = (UniqueConstraint("sheet_id", "unit_id", name="uq_score_units_sheet_unit"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("score_sheets.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    unit_name: Mapped[str] = mapped_column(String(60))
    sort_order: Mapped[int] = mapped_column(default=0)
    total: Mapped[Decimal] = mapped_column(Points)
    sheet: Mapped[ScoreSheet] = relationship(back_populates="units")
    unit: Mapped[Unit] = relationship()
    lines: Mapped[list["ScoreLine"]] = relationship(back_populates="unit", order_by="ScoreLine.id")


class ScoreLine(Model):
    """What a unit got by one rule: how often, how many points, for which records."""

    __tablename__ = "score_lines"
    __table_args__ = (UniqueConstraint("score_unit_id", "kind", name="uq_score_lines_unit_kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    score_unit_id: Mapped[int] = mapped_column(ForeignKey("score_units.id"))
    kind: Mapped[ScoreKind] = mapped_column(by_value(ScoreKind))
    occurrences: Mapped[int]
    points: Mapped[Decimal] = mapped_column(Points)
    records_json: Mapped[str] = mapped_column(Text, default="[]")
    unit: Mapped[ScoreUnit] = relationship(back_populates="lines")

    @property
    def records(self) -> tuple[int, ...]:
        """Return the ids of the counted records."""
        return tuple(json.loads(self.records_json))


class ScoreExclusion(Model):
    """One occurrence that shall not count, and why; taken back before freezing, it stays to read.

    `record_id` is a row of the table that its kind counts.
    """

    __tablename__ = "score_exclusions"
    __table_args__ = (
        Index(
            "uq_score_exclusions_standing", "site_id", "month", "kind", "record_id",
            unique=True,
            sqlite_where=text("restored_at IS NULL"),
            postgresql_where=text("restored_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    month: Mapped[dt.date]
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[ScoreKind] = mapped_column(by_value(ScoreKind))
    record_id: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    excluded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    restored_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    restored_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    unit: Mapped[Unit] = relationship()
    by: Mapped[Account] = relationship(foreign_keys=[by_id])
    restored_by: Mapped[Account | None] = relationship(foreign_keys=[restored_by_id])


class ScoreCorrection(Model):
    """更正 of a frozen number: of one rule, or with `kind` None of the total (D-36)."""

    __tablename__ = "score_corrections"
    __table_args__ = (Index("ix_score_corrections_sheet", "sheet_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("score_sheets.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[ScoreKind | None] = mapped_column(by_value(ScoreKind))
    old_value: Mapped[Decimal] = mapped_column(Points)
    new_value: Mapped[Decimal] = mapped_column(Points)
    reason: Mapped[str] = mapped_column(Text)
    corrected_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    sheet: Mapped[ScoreSheet] = relationship(back_populates="corrections")
    unit: Mapped[Unit] = relationship()
    by: Mapped[Account] = relationship()


class SheetIsFrozen(Exception):
    """Somebody tried to edit or delete what a frozen sheet says."""


def _refuse_change(_mapper: Mapper[Model], _connection: Connection, target: Model) -> None:
    # A correction added to its sheet makes the sheet dirty, but changes nothing of it.
    session = object_session(target)
    if session is not None and session.is_modified(target, include_collections=False):
        raise SheetIsFrozen


def _refuse(_mapper: Mapper[Model], _connection: Connection, _target: Model) -> None:
    raise SheetIsFrozen


for _table in (ScoreSheet, ScoreUnit, ScoreLine, ScoreCorrection):
    event.listen(_table, "before_update", _refuse_change)
    event.listen(_table, "before_delete", _refuse)
