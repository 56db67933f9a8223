"""The words of the to-do lists and of the five figures."""

from typing import Any

from flask_babel import gettext as _

from app.reports.figures import COHORTS


def waiting_word(key: str) -> str:
    """Return the name of a to-do list."""
    words = {
        "drafts": _("Drafts not submitted"),
        "to_rate": _("To be rated"),
        "to_call": _("To be called"),
        "to_archive": _("To be archived"),
        "to_dispatch": _("To dispatch"),
        "returns": _("Returns to decide"),
        "class_asked": _("Class changes to decide"),
        "to_check": _("Results to check"),
        "bad_ratings": _("Bad ratings to verify"),
        "to_review": _("For the leading group"),
        "extensions": _("Extensions to decide"),
        "sign_offs": _("Results to sign"),
        "disputes": _("Lead unit to assign"),
        "verdicts": _("Verdicts to approve"),
        "after_redo": _("Bad again after redo"),
        "decisions": _("Decisions to confirm"),
        "to_sign": _("Slips to sign"),
        "handling": _("Being handled"),
        "redo": _("Sent back or redo"),
    }
    return words[key]


def figure_word(key: str) -> str:
    """Return the name of one of the five figures."""
    words = {
        "accepted": _("Acceptances"),
        "same_day": _("Same-day dispatch rate"),
        "on_time": _("On-time rate"),
        "achieved": _("Achievement rate"),
        "satisfied": _("Satisfaction rate"),
    }
    return words[key]


def figure_choices(rows: type[Any]) -> list[tuple[str, str]]:
    """Return the counted sets of this month over one table: all of a figure, good and not good."""
    found = []
    for key, cohort in COHORTS.items():
        if cohort.rows is rows:
            found.append((key, _("%(figure)s: all counted", figure=figure_word(key))))
            if cohort.hit is not cohort.all:
                found.append((f"{key}-hit", _("%(figure)s: yes", figure=figure_word(key))))
                found.append((f"{key}-miss", _("%(figure)s: no", figure=figure_word(key))))
    return found
