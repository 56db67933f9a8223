"""A reporter's telephone number: encrypted in its column, found by marks of it and of its end."""

import datetime as dt
from typing import Any

from sqlalchemy import Connection, String, event, inspect
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from app.domain.intake import phone_digits
from app.models.keyring import MARK_LENGTH, Key, ring
from app.models.types import Sealed, UtcDateTime

TAIL = 4


class WithPhone:
    """What records of a reporter share. The marks follow the number by themselves at the flush.

    `masked_at`: name and number were made unreadable for good when their time was over (§4.2).
    """

    phone: Mapped[str] = mapped_column(Sealed, default="")
    phone_mark: Mapped[str] = mapped_column(String(MARK_LENGTH), default="")
    phone_tail_mark: Mapped[str] = mapped_column(String(MARK_LENGTH), default="")
    masked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


def marked(phone: str, key: Key | None = None) -> dict[str, str]:
    """Return the marks of a number, by column, as they are written now; a masked one has none."""
    digits = phone_digits(phone)
    if not digits:
        return {"phone_mark": "", "phone_tail_mark": ""}
    key = key or ring().active
    return {"phone_mark": key.mark("phone", digits), "phone_tail_mark": tail_mark(digits, key)}


def tail_mark(digits: str, key: Key) -> str:
    """Return the mark of the last four digits."""
    return key.mark("tail", digits[-TAIL:])


def phone_marks(phone: str) -> list[str]:
    """Return the marks under which a number may stand: one of every key."""
    digits = phone_digits(phone)
    return [key.mark("phone", digits) for key in ring().keys] if digits else []


def tail_marks(phone: str) -> list[str]:
    """Return the marks under which the end of a number may stand."""
    digits = phone_digits(phone)
    return [tail_mark(digits, key) for key in ring().keys] if len(digits) >= TAIL else []


@event.listens_for(WithPhone, "before_insert", propagate=True)
@event.listens_for(WithPhone, "before_update", propagate=True)
def _mark(_mapper: Mapper[Any], _connection: Connection, target: Any) -> None:
    if inspect(target).attrs.phone.history.has_changes():
        for name, mark in marked(target.phone or "").items():
            setattr(target, name, mark)
