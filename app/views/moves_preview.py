"""The sentence beside a form for what it says now: the due time it leads to, or the quorum."""

from typing import Any

from flask_babel import gettext as _

from app.actions.dispatch import dispatch_preview
from app.actions.extensions import check_days
from app.domain.deadlines import due_at
from app.domain.due_words import preview_sentence, reason_sentence
from app.domain.quorum import has_quorum
from app.domain.refusals import Refusal
from app.domain.states import LimitClass
from app.views.messages import due_text, sentence
from app.views.scene import Scene


def dispatch(scene: Scene, form: Any) -> str:
    """Return the due time of a slip issued now, with its reason (§5.6)."""
    limit = form.limit_class.data
    if limit is None:
        return ""
    return dispatch_preview(site_id=scene.site_id, limit_class=limit, now=scene.now)


def reassign(scene: Scene, _form: Any) -> str:
    """Return the due time of the new slip: the same class, from now."""
    limit = scene.case.limit_class if scene.case else None
    if limit is None:
        return ""
    return dispatch_preview(site_id=scene.site_id, limit_class=limit, now=scene.now)


def change_class(scene: Scene, _form: Any) -> str:
    """Return the due time of 3 days from the original issue."""
    start = scene.case.due_from_at if scene.case else None
    if start is None:
        return ""
    return preview_sentence(due_at(scene.calendar, start, LimitClass.THREE_DAYS.days, scene.rules))


def extension(scene: Scene, form: Any) -> str:
    """Return the due time that so many days more would give, holidays named."""
    days = form.days.data
    if days is None:
        return ""
    try:
        due = check_days(scene.as_move, days)
    except Refusal as refusal:
        return sentence(refusal)
    return _(
        "Due after the extension: %(due)s. %(reason)s.",
        due=due_text(due.at),
        reason=reason_sentence(due, "原时限届满"),
    )


def quorum(scene: Scene, form: Any) -> str:
    """Return the lamp of the meeting: how many of how many, and whether that is enough."""
    present = len(form.attendee_ids.data or [])
    members = len(scene.members)
    facts = {"present": present, "members": members}
    if has_quorum(present, members, scene.rules):
        return "✓ " + _("%(present)s of %(members)s members present: a quorum.", **facts)
    return "✗ " + _("%(present)s of %(members)s members present: no quorum yet.", **facts)
