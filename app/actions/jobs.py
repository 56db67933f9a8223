"""定时任务: what an administrator may change about a job — when it runs, and that it runs now.

Nothing runs here: whoever ticks finds the job due.
"""

import datetime as dt
import logging

from sqlalchemy import Select, select

from app.actions.calendars import site_calendars
from app.domain.refusals import Code, Refusal
from app.domain.schedules import Schedule
from app.extensions import db
from app.models import Account, JobState

log = logging.getLogger(__name__)


def change_schedule(
    *, name: str, own: Schedule, text: str, by: Account, now: dt.datetime
) -> Schedule:
    """Set when a job runs, plan its next run at once and return the schedule; blank: its own.

    Raises Refusal(SCHEDULE_INVALID). A run that is due already, or was asked for, still comes.
    """
    schedule = own.changed_to(text) if text.strip() else own
    state = db.session.scalar(_row(name).with_for_update()) or _new_row(name, now)
    # Its own times are not written down: a release that corrects them corrects them for everybody.
    state.schedule = "" if schedule == own else str(schedule)
    if state.next_run_at > now:
        calendars = () if schedule.seconds else site_calendars()
        state.next_run_at = schedule.next_run(now, calendars)
    log.info("job %s: account %s set the schedule to %s", name, by.id, schedule)
    return schedule


def ask_for_run(*, name: str, by: Account, now: dt.datetime) -> JobState:
    """Let a job run at the next tick, and remember who asked; Refusal(JOB_BUSY) while it runs."""
    if db.session.scalar(select(JobState.name).where(JobState.name == name)) is None:
        _new_row(name, now)
    # A row that is locked belongs to a runner at work.
    state = db.session.scalar(_row(name).with_for_update(skip_locked=True))
    if state is None or (state.leased_until is not None and state.leased_until > now):
        raise Refusal(Code.JOB_BUSY, job=name)
    state.next_run_at = state.asked_at = now
    state.asked_by_id = by.id
    return state


def _row(name: str) -> Select[tuple[JobState]]:
    return select(JobState).where(JobState.name == name)


def _new_row(name: str, now: dt.datetime) -> JobState:
    """Return the row of a job nobody has ticked yet; its first run is due."""
    state = JobState(name=name, next_run_at=now, schedule="")
    db.session.add(state)
    db.session.flush()
    return state
