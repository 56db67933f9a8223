"""What a row, or all ticked rows, can do at once: sign, confirm, archive unrated."""

from collections.abc import Callable
from typing import Any

from flask import flash, g
from flask_appbuilder.actions import action
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm.exc import StaleDataError

from app import clock
from app.actions.closing import confirm
from app.actions.evaluation import close_unrated
from app.actions.handling import sign, sign_co
from app.actions.moves import lock_case
from app.domain.refusals import Code, Refusal
from app.models import Case
from app.unit_of_work import unit_of_work
from app.views.discreet import in_list
from app.views.messages import sentence

Move = Callable[..., Any]


def move_each(cases: Case | list[Case], move: Move, done: str) -> None:
    """Make the move on each case, each in its own unit of work; say what was refused and why."""
    rows = cases if isinstance(cases, list) else [cases]
    names = {case.id: case.ledger_no or in_list(case.item_name, case) for case in rows}
    refused = []
    for case_id, name in names.items():
        problem = _move_one(case_id, move)
        if problem:
            refused.append(_("%(case)s was left as it is: %(why)s", case=name, why=problem))
    moved = len(names) - len(refused)
    if moved:
        flash(_("%(what)s: %(n)s", what=done, n=moved) if len(names) > 1 else done, "success")
    for words in refused:
        flash(words, "warning")


def _move_one(case_id: int, move: Move) -> str:
    """Return why the move was refused; '' when it was made."""
    try:
        with unit_of_work():
            move(lock_case(case_id), by=g.user, now=clock.now())
    except Refusal as refusal:
        return sentence(refusal)
    except StaleDataError:
        return sentence(Refusal(Code.ALREADY_DONE))
    return ""


def sign_own(case: Case, **who: Any) -> Any:
    """Sign for the slip of the person's unit, be it the lead's or another's."""
    move = sign if case.lead_unit_id == who["by"].unit_id else sign_co
    return move(case, **who)


class CaseRowMoves:
    """Mixin: the actions of a list of cases; every row comes through the view's scope."""

    @action("sign", _l("Sign for slip"), "", "fa-pen")
    def sign(self, cases: Any) -> Any:
        """Sign for the slips (T8)."""
        move_each(cases, sign_own, _("Slip signed"))
        return self.after_action()

    @action(
        "confirm", _l("Confirm and sign"), _l("Confirm and sign the ticked results?"), "fa-check"
    )
    def confirm(self, cases: Any) -> Any:
        """Confirm results as today's leader (T22)."""
        move_each(cases, confirm, _("Confirmed and signed"))
        return self.after_action()

    @action("close_unrated", _l("Archive unrated"), "", "fa-box-archive", multiple=False)
    def close_unrated(self, case: Any) -> Any:
        """Archive a case that nobody rated (T23)."""
        move_each(case, close_unrated, _("Archived as not rated"))
        return self.after_action()
