"""The timeline: one row a move, never edited, never deleted."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, String, Text, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from app.domain.states import Action, State
from app.models.case import Case
from app.models.org import Account
from app.models.types import UtcDateTime, by_value


class CaseEvent(Model):
    """Who did what to a case, when, from which state to which, and why.

    `summary` is the sentence of the timeline; `facts` is a JSON text of the changed facts.
    `recorded_at` is the clock of the record itself, where `at` is the time of the deed.
    """

    __tablename__ = "case_events"
    __table_args__ = (Index("ix_case_events_case_at", "case_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    action: Mapped[Action | None] = mapped_column(by_value(Action))
    label: Mapped[str] = mapped_column(String(40), default="")
    old_state: Mapped[State | None] = mapped_column(by_value(State))
    new_state: Mapped[State] = mapped_column(by_value(State))
    round_no: Mapped[int] = mapped_column(default=1)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    by_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    summary: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[str] = mapped_column(Text, default="{}")
    case: Mapped[Case] = relationship()
    by: Mapped[Account] = relationship()


class EventIsImmutable(Exception):
    """Somebody tried to edit or delete a row of the timeline."""


@event.listens_for(CaseEvent, "before_update")
@event.listens_for(CaseEvent, "before_delete")
def _refuse(_mapper: Mapper[CaseEvent], _conn: Connection, _target: CaseEvent) -> None:
    raise EventIsImmutable
