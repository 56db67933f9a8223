"""The working calendar of the office: years, official days, local overrides and timetables."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import Boolean, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.calendar_parts import DayKind
from app.models.org import Account, Site
from app.models.types import UtcDateTime, by_value


class CalendarYear(Model):
    """A year's 节假日安排: published with its notice number, or not yet (D-29)."""

    __tablename__ = "calendar_years"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    is_published: Mapped[bool] = mapped_column(Boolean, default=False)
    notice_no: Mapped[str] = mapped_column(String(60), default="")
    imported_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class OfficialDay(Model):
    """One day of the national notice: off (放假) or work (调休上班)."""

    __tablename__ = "official_days"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind] = mapped_column(by_value(DayKind))
    name: Mapped[str] = mapped_column(String(40), default="")


class DayOverride(Model):
    """A site's own day: closed, open, morning_only or afternoon_only, with the paper behind it."""

    __tablename__ = "day_overrides"
    __table_args__ = (UniqueConstraint("site_id", "day", name="uq_day_overrides_site_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    day: Mapped[dt.date]
    kind: Mapped[DayKind] = mapped_column(by_value(DayKind))
    notice_no: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(String(120), default="")
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    set_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    site: Mapped[Site] = relationship()
    set_by: Mapped[Account | None] = relationship()


class Timetable(Model):
    """办公时间: one or two spans a day for some weekdays, valid from a date on (D-30)."""

    __tablename__ = "timetables"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    name: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]
    weekdays: Mapped[str] = mapped_column(String(7), default="1234567")
    am_start: Mapped[dt.time | None]
    am_end: Mapped[dt.time | None]
    pm_start: Mapped[dt.time | None]
    pm_end: Mapped[dt.time | None]
    site: Mapped[Site] = relationship()

    def __repr__(self) -> str:
        return self.name
