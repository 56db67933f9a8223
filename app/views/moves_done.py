"""What the office reads after a move: the sentence of success, with the limit that follows."""

from flask_babel import gettext as _

from app.actions.facts import live_slips
from app.models import Case
from app.reports.papers.annexes import discreet
from app.views.labels import label
from app.views.messages import due_text
from app.views.scene import Scene


def plain(scene: Scene) -> str:
    """Return that the case now stands in its new state."""
    return _("Done. The matter is now: %(state)s.", state=label(_case(scene).state))


def saved(_scene: Scene) -> str:
    """Return that the entry was kept."""
    return _("Saved.")


def dispatched(scene: Scene) -> str:
    """Return the slips' numbers and the due time, and what their papers keep to themselves."""
    case = _case(scene)
    slips = live_slips(case)
    numbers = "、".join(f"NO {slip.no}" for slip in slips)
    done = _("Dispatched with slip %(numbers)s, to be finished before %(due)s.",
             numbers=numbers, due=due_text(case.due_at))  # fmt: skip
    if all(discreet(slip.content, case) == slip.content for slip in slips):
        return done
    return done + _(
        "The content names the reporter or the phone; the printed slip leaves them out."
    )


def signed(scene: Scene) -> str:
    """Return the limit of what was just signed for."""
    return _("Signed for. To be finished before %(due)s.", due=due_text(_case(scene).due_at))


def class_changed(scene: Scene) -> str:
    """Return the limit of the new class."""
    return _("Class changed. To be finished before %(due)s.", due=due_text(_case(scene).due_at))


def extended(scene: Scene) -> str:
    """Return the due time after the extension."""
    return _("Extension approved, new due time %(due)s.", due=due_text(_case(scene).due_at))


def resolved(scene: Scene) -> str:
    """Return that the result waits for its signature."""
    return _("Result submitted; it waits for the duty leader's signature.")


def _case(scene: Scene) -> Case:
    if scene.case is None:
        raise LookupError("a move needs its case")
    return scene.case
