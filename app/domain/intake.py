"""What a 接待登记 must hold before it may leave the desk (R05–R17, T3)."""

import re
import unicodedata
from collections.abc import Mapping

from app.domain.refusals import Code, Refusal
from app.domain.states import Category, ReporterType
from app.domain.workflow import is_blank

MIN_NARRATIVE = 10  # characters (T3)

# The fields each category needs (R07–R10).
CATEGORY_FIELDS: dict[Category, tuple[str, ...]] = {
    Category.NOT_ACCEPTED: ("item_kind", "apply_mode", "stuck_stage"),
    Category.MANY_VISITS: ("item_kind", "visits_count"),
    Category.CONDUCT: ("conduct_type", "complaint_about", "occurred_at"),
    Category.SUGGESTION: ("suggestion_type",),
}


def required_fields(values: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names of the fields this intake needs, from its category and reporter."""
    names = ["category", "item_name", "narrative", "is_informed"]
    category = values.get("category")
    if isinstance(category, Category):
        names += CATEGORY_FIELDS[category]
    if not values.get("is_anonymous"):
        names += ["reporter_name", "phone"]
        if values.get("reporter_type") is ReporterType.ENTERPRISE:
            names.append("company_name")
    return tuple(names)


def check_intake(values: Mapping[str, object]) -> None:
    """Refuse an intake that may not be handed in yet; says every empty field at once."""
    # D-21: anonymous reports are for categories 3 and 4 only.
    anonymous_allowed = (Category.CONDUCT, Category.SUGGESTION)
    if values.get("is_anonymous") and values.get("category") not in anonymous_allowed:
        raise Refusal(Code.ANONYMOUS_NOT_ALLOWED, field="is_anonymous")
    empty = [n for n in required_fields(values) if is_blank(values.get(n)) or values[n] is False]
    if empty:
        raise Refusal(Code.FIELDS_MISSING, fields=empty)
    if len(str(values["narrative"]).strip()) < MIN_NARRATIVE:
        raise Refusal(Code.TEXT_TOO_SHORT, field="narrative", least=MIN_NARRATIVE)


def is_phone(text: str) -> bool:
    """Return whether a text can be a Chinese mobile or landline number."""
    digits = text.replace("-", "").replace(" ", "")
    return digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 12


# 131 0000 2222, +86 131 0000 2222, 0539 123 4567: one number, though it is several words.
_SPACED = re.compile(
    r"(?<![\w-])(?:(?:\+|00)86[ -]*)?"
    r"(?:1\d{2}(?:[ -]*\d){8}|0\d{2,3}[ -]+\d{3,4}[ -]*\d{4})(?![\w-])"
)


def words_with_numbers(text: str) -> list[str]:
    """Return the words of a search, a telephone number written in groups as one of them."""
    return _SPACED.sub(lambda found: phone_digits(found[0]), " ".join(text.split())).split()


def phone_digits(text: str) -> str:
    """Return a number as it is compared: digits alone, also of +86 160-0000-0006.

    Empty for what is no number, a masked one for instance.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    for sign in " -()‐‑–—−":
        plain = plain.replace(sign, "")
    if plain.startswith(("+86", "0086")):
        plain = plain[plain.index("86") + 2 :]
    return plain if plain.isascii() and plain.isdigit() else ""
