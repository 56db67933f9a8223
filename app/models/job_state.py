"""When each job ran and when it is due again; its row is also the lock that lets it run once."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.types import UtcDateTime


class JobState(Model):
    """One job; a runner claims the row inside the transaction that does the work."""

    __tablename__ = "job_state"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    next_run_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    last_run_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    last_ok_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(Text, default="")
