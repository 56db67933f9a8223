"""Tokens that other systems show at the REST interface instead of a person's password."""

import datetime as dt

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.api_tokens import ApiScope, TokenEnd, TokenKind
from app.models.org import Account
from app.models.types import UtcDateTime, by_value


class ApiToken(Model):
    """A token of one person: shown once when it is made, kept as its SHA-256 alone."""

    __tablename__ = "api_tokens"
    __table_args__ = (Index("ix_api_tokens_account_ended", "account_id", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    token_kind: Mapped[TokenKind] = mapped_column(by_value(TokenKind))
    name: Mapped[str] = mapped_column(String(60), default="")
    scope_text: Mapped[str] = mapped_column(String(120))
    issued_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    last_address: Mapped[str] = mapped_column(String(60), default="")
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    ended_why: Mapped[TokenEnd | None] = mapped_column(by_value(TokenEnd))
    account: Mapped[Account] = relationship()

    @property
    def scopes(self) -> frozenset[ApiScope]:
        """Return what it opens."""
        return frozenset(ApiScope(text) for text in self.scope_text.split())

    def is_live(self, now: dt.datetime) -> bool:
        """Return whether it still opens anything."""
        return self.ended_at is None and now < self.expires_at
