"""Column types: instants in UTC, enums by value, encrypted texts, and the usual lengths."""

import datetime as dt
import enum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime, Enum, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from app.models.keyring import seal, unseal

OFFICE_ZONE = ZoneInfo("Asia/Shanghai")


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An instant: stored as naive UTC, read as the office's aware time; refuses naive values."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Return naive UTC, or raise ValueError for a naive time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        """Return the aware time in Asia/Shanghai."""
        return value and value.replace(tzinfo=dt.UTC).astimezone(OFFICE_ZONE)


class Sealed(TypeDecorator[str]):
    """A short text that is encrypted at rest; empty stays empty.

    The same text is stored differently every time, so it cannot be looked for: a comparison with
    anything but "" is refused, since it would find nothing and say nothing.
    """

    impl = String(255)  # 30 characters of four bytes, sealed
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[str]):
        """Lets no text be looked for; whether there is one at all may be asked."""

        def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
            """Compare with "" or with a column, or refuse."""
            if any(isinstance(value, str | list | tuple) and value != "" for value in other):
                raise TypeError("a sealed column is found by its mark")
            return super().operate(op, *other, **kwargs)

    comparator_factory = Comparator

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return it encrypted by the key in use."""
        return value and seal(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Return it readable; raises KeyProblem."""
        return value and unseal(value)


def by_value(enum_class: type[enum.Enum]) -> Enum:
    """Return a text column type that stores an enum's values, not its names."""
    return Enum(
        enum_class,
        values_callable=lambda members: [m.value for m in members],
        native_enum=False,
        length=24,
        validate_strings=True,
    )


LongText = Text
