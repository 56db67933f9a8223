"""到期脱敏: names and numbers whose time is over are masked for good, a batch a unit of work."""

import datetime as dt

from flask import current_app

from app.actions.retention import mask_some
from app.domain.schedules import Schedule
from app.files import exports_shelf
from app.jobs.job import Job, JobResult, Lane
from app.unit_of_work import unit_of_work

NAME = "mask-records"
BATCHES = 20  # a turn; the next one follows at once


def run(now: dt.datetime) -> JobResult:
    """Mask what is due; run twice or by two at once, each record is masked once."""
    shelf = exports_shelf(current_app.config["SETTINGS"])
    cases = visits = 0
    for _turn in range(BATCHES):
        with unit_of_work():
            done = mask_some(now=now)
        for name in done.files:
            shelf.remove(name)
        cases, visits = cases + done.cases, visits + done.visits
        if not done.rows:
            break
    note = f"脱敏事项{cases}件、接待和不予受理{visits}件" if cases + visits else ""
    return JobResult(done=cases + visits, note=note, is_partial=bool(done.rows))


JOB = Job(NAME, run, Schedule(times=(dt.time(2, 40),)), Lane.LONG, dt.timedelta(minutes=30))
