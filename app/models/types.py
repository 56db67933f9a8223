"""Column types: instants in UTC, enums by value, and the usual lengths."""

import datetime as dt
import enum
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime, Enum, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

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
