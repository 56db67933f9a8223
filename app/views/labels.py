"""The words on the pages for enums, tags and remaining time; the one place that has them."""

import enum

from flask_babel import get_locale
from flask_babel import gettext as _

from app.domain.words import word
from app.reports.standing import Standing, Tag


def label(member: enum.StrEnum | None) -> str:
    """Return the word of an enum member: the office's Chinese one, or its English name."""
    if member is None:
        return ""
    locale = get_locale()
    if locale is None or locale.language == "zh":
        return word(member)
    return member.name.replace("_", " ").capitalize()


def choices(kind: type[enum.StrEnum], *, empty: str | None = None) -> list[tuple[str, str]]:
    """Return (value, word) pairs of a closed set for a select, with an empty first one if asked."""
    pairs = [(member.value, label(member)) for member in kind]
    return pairs if empty is None else [("", empty), *pairs]


def tag_text(tag: Tag) -> str:
    """Return the text of a mark (domain/5.3)."""
    words = {
        "immediate": _("Immediate"),
        "one_day": _("1 day"),
        "three_days": _("3 days"),
        "confidential": _("Confidential case"),
        "anonymous": _("Anonymous"),
        "extension_pending": _("Extension pending"),
        "extended": _("Extended by %(days)d days", days=tag.count),
        "return_pending": _("Return pending"),
        "class_asked": _("Class change asked"),
        "round": _("Redo (round %(round)d)", round=tag.count),
        "carried": _("Carried over"),
        "provisional": _("Provisional"),
        "repeat": _("Reported again"),
        "backfilled": _("Entered afterwards"),
        "typical": _("Typical case"),
        "common": _("Common issue"),
    }
    return words[tag.key]


def remaining_text(standing: Standing) -> str:
    """Return the countdown: “剩余 5小时20分（工作时间）”, “已超期 …”, “已研究 n 个工作日”."""
    if standing.days_in_review is not None:
        return _("Under review for %(days)d working days", days=standing.days_in_review)
    # Late since the close of business, but no business hour has passed yet: no “0 minutes”.
    if not standing.remaining and standing.is_overdue:
        return _("Overdue")
    if standing.remaining is None:
        return ""
    span = duration_text(abs(standing.remaining))
    if standing.remaining < 0:
        return _("Overdue by %(span)s (working time)", span=span)
    return _("%(span)s left (working time)", span=span)


def duration_text(seconds: int) -> str:
    """Return business seconds as hours and minutes; a part of a minute counts as one."""
    minutes = -(-seconds // 60)
    hours, rest = divmod(minutes, 60)
    if hours and rest:
        return _("%(hours)d h %(minutes)d min", hours=hours, minutes=rest)
    if hours:
        return _("%(hours)d h", hours=hours)
    return _("%(minutes)d min", minutes=rest)
