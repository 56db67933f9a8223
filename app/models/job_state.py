"""When each job ran and when it is due again; its row is also the lock that lets it run once."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import Float, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.org import Account
from app.models.types import UtcDateTime


class JobState(Model):
    """One job; a runner claims the row inside the transaction that does the work.

    `schedule` holds the administrator's own times, blank for the job's. `leased_until` is set
    while a job works outside the claiming transaction (mail, backup). `last_seconds` is how long
    the last run took; `last_error` stays when a later run went through, so that somebody can
    read it in the morning; `asked_by` is who pressed 立即运行 last.
    """

    __tablename__ = "job_state"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    schedule: Mapped[str] = mapped_column(String(80), default="")
    next_run_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    leased_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    last_run_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    last_ok_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    last_seconds: Mapped[float | None] = mapped_column(Float)
    last_done: Mapped[int] = mapped_column(default=0)
    last_failed: Mapped[int] = mapped_column(default=0)
    last_note: Mapped[str] = mapped_column(String(300), default="")
    last_worked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(Text, default="")
    last_error_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    asked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    asked_by: Mapped[Account | None] = relationship()


class Runner(Model):
    """A process that ticks, and when it last did: a stale one is an alarm."""

    __tablename__ = "runners"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    started_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
