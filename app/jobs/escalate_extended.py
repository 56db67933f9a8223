"""延期届满仍未办结: cases whose extension ran out go to the leading group (R32, D-38)."""

import datetime as dt
import logging

from sqlalchemy import select

from app.actions.group import escalate
from app.actions.moves import lock_case
from app.actions.people import system_account
from app.domain.refusals import Code, Refusal
from app.domain.states import DueBasis, State
from app.extensions import db
from app.jobs.job import Job, JobResult
from app.models import Case

log = logging.getLogger(__name__)


def run(now: dt.datetime) -> JobResult:
    """Escalate what is due; a case that fails stays as it was and does not stop the others."""
    done, failed = 0, 0
    for key in _run_out(now):
        try:
            with db.session.begin_nested():
                escalate(lock_case(key), by=system_account(), now=now)
        except Exception as error:
            if _waits_for_approver(error):
                continue
            log.exception("case %s was not escalated", key)
            failed += 1
        else:
            done += 1
    return JobResult(done, failed, f"{failed} cases were not escalated" if failed else "")


def _run_out(now: dt.datetime) -> list[int]:
    """Return the ids of the cases in work whose extended due time has passed, oldest first."""
    query = (
        select(Case.id)
        .where(Case.state == State.HANDLING)
        .where(Case.due_basis == DueBasis.EXTENSION, Case.due_at < now)
        .order_by(Case.due_at, Case.id)
    )
    return list(db.session.execute(query).scalars())


# D-11: what was asked in time waits for its approver, and the unit does not suffer from it.
def _waits_for_approver(error: Exception) -> bool:
    return isinstance(error, Refusal) and error.code is Code.EXTENSION_NOT_RUN_OUT


JOB = Job("escalate-extended", run, dt.timedelta(minutes=1))
