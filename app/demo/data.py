"""The demo office's files: times of 2026, and Chinese words as members of the closed sets."""

import csv
import datetime as dt
import enum
import json
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from app.clock import OFFICE_ZONE
from app.domain.words import WORDS

FOLDER = Path(__file__).parent
YEAR = 2026
Member = TypeVar("Member", bound=enum.StrEnum)


@cache
def read_json(name: str) -> Any:
    """Return what a JSON file of this folder holds; not to be changed."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file of this folder."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def moment(text: str) -> dt.datetime:
    """Return the office's time of “09-22 15:30” (of 2026) or of a full ISO time without a zone."""
    full = text if text[:4].isdigit() else f"{YEAR}-{text}"
    return dt.datetime.fromisoformat(full).replace(tzinfo=OFFICE_ZONE)


def member_of(kind: type[Member], text: str) -> Member:
    """Return the member of a closed set by its Chinese word."""
    return next(member for member in kind if WORDS[kind, member.value] == text)
