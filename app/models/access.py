"""Who is logged in where, and the passwords somebody had before."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.passwords import SessionEnd
from app.models.org import Account
from app.models.types import UtcDateTime, by_value


class LoginSession(Model):
    """One log-in: the browser holds a token, this row its SHA-256, and the row decides.

    A copied cookie is worth nothing once the row has ended. `needs_password`: nothing but the
    form for a new password opens.
    """

    __tablename__ = "login_sessions"
    __table_args__ = (Index("ix_login_sessions_account_ended", "account_id", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    address: Mapped[str] = mapped_column(String(60), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")
    needs_password: Mapped[bool] = mapped_column(Boolean, default=False)
    began_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    ended_why: Mapped[SessionEnd | None] = mapped_column(by_value(SessionEnd))
    account: Mapped[Account] = relationship()


class EmergencyOpening(Model):
    """应急账号 taken out of its seal: why, and until when. Afterwards it is shut again."""

    __tablename__ = "emergency_openings"

    id: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    sealed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class OldPassword(Model):
    """A password somebody had, as its hash: it is not taken again for a while."""

    __tablename__ = "old_passwords"
    __table_args__ = (Index("ix_old_passwords_account", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    password_hash: Mapped[str] = mapped_column(String(256))
    replaced_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
