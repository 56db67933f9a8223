"""What leaves the printer is counted: a slip printed again says so (domain/3 §3.3)."""

import datetime as dt

from sqlalchemy import select, update

from app.actions.people import roles_of
from app.domain.refusals import Code, Refusal
from app.domain.states import Action, Role
from app.extensions import db
from app.models import Account, Slip

MOST_PRINTED = 50  # papers in one go: what a tray holds and a browser lays out quickly
MAY_PRINT_SLIPS = frozenset(
    {Role.SUPERVISOR, Role.DUTY_LEADER, Role.GROUP_HEAD, Role.UNIT_HEAD, Role.UNIT_HANDLER}
)


def count_print(slips: list[Slip], *, by: Account, now: dt.datetime) -> int:
    """Count one printing of each slip; return how often the most printed one now was."""
    if not roles_of(by) & MAY_PRINT_SLIPS:
        raise Refusal(Code.ROLE_MISSING, action=Action.DISPATCH)
    keys = sorted(slip.id for slip in slips)
    # Locked in one order and counted by the database: two who print at once both count.
    locked = select(Slip.id).where(Slip.id.in_(keys)).order_by(Slip.id).with_for_update()
    db.session.execute(locked).all()
    db.session.execute(
        update(Slip).where(Slip.id.in_(keys)).values(print_count=Slip.print_count + 1),
        execution_options={"synchronize_session": False},
    )
    for slip in slips:
        db.session.refresh(slip, ["print_count"])
    return max((s.print_count for s in slips), default=0)
