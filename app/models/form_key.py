"""What was sent once: a form's key, and the answer its sender got."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.types import UtcDateTime


class FormKey(Model):
    """One form that was done: written in the transaction of the work itself.

    Kept are hashes of the key and of what was sent, never what was sent. `status` is None until
    the answer has gone out; a server killed in between leaves it so.
    """

    __tablename__ = "form_keys"
    __table_args__ = (Index("ix_form_keys_created", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    what: Mapped[str] = mapped_column(String(120))
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    status: Mapped[int | None]
    location: Mapped[str] = mapped_column(Text, default="")
    messages: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text, default="")
