"""From ticked rows of a list to their print page; known to lists, so it knows no other screen."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from app.actions.printing import MOST_PRINTED


def too_many() -> str:
    """Return why so many papers are not printed."""
    return _("At most %(n)s at once; tick fewer rows.", n=MOST_PRINTED)


def print_ticked(items: list[Any], endpoint: str, list_url: str) -> Any:
    """Go to the print page of the ticked rows, or say why there is none."""
    if not items:
        flash(_("None of the ticked rows has this paper."), "warning")
    elif len(items) > MOST_PRINTED:
        flash(too_many(), "warning")
    else:
        return redirect(url_for(endpoint, id=[item.id for item in items], back=list_url))
    return redirect(list_url)
