"""Who is on duty: the desk's shifts, the leaders' roster and their visits to the window."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import Half
from app.models.case import Case
from app.models.org import Account, Site
from app.models.types import UtcDateTime, by_value


class DutyShift(Model):
    """值班排班: who sits at the window on a half-day (R13)."""

    __tablename__ = "duty_shifts"
    __table_args__ = (
        UniqueConstraint("site_id", "day", "half", "officer_id", name="uq_duty_shifts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    day: Mapped[dt.date]
    half: Mapped[Half] = mapped_column(by_value(Half))
    officer_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    site: Mapped[Site] = relationship()
    officer: Mapped[Account] = relationship()


class LeaderRoster(Model):
    """领导带班排班: the leader of a day and who stands in (R33, D-34)."""

    __tablename__ = "leader_roster"
    __table_args__ = (UniqueConstraint("site_id", "day", name="uq_leader_roster_site_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    day: Mapped[dt.date]
    leader_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_leader_away: Mapped[bool] = mapped_column(default=False)
    remark: Mapped[str] = mapped_column(String(120), default="")
    site: Mapped[Site] = relationship()
    leader: Mapped[Account] = relationship(foreign_keys=[leader_id])
    substitute: Mapped[Account | None] = relationship(foreign_keys=[substitute_id])


class LeaderVisit(Model):
    """带班签到（日志）: a leader at the window on a half-day (R34)."""

    __tablename__ = "leader_visits"
    __table_args__ = (
        UniqueConstraint("site_id", "day", "half", "leader_id", name="uq_leader_visits"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    day: Mapped[dt.date]
    half: Mapped[Half] = mapped_column(by_value(Half))
    leader_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    arrived_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    seen: Mapped[str] = mapped_column(Text, default="")
    solved: Mapped[str] = mapped_column(Text, default="")
    problems: Mapped[str] = mapped_column(Text, default="")
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    site: Mapped[Site] = relationship()
    leader: Mapped[Account] = relationship()
    case: Mapped[Case | None] = relationship()
