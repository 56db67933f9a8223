"""APScheduler's memory store made safe against a clock that is put back."""

import datetime as dt
from typing import Any

from apscheduler.jobstores.memory import MemoryJobStore


class SteadyStore(MemoryJobStore):  # type: ignore[misc]
    """Jobs by interval whose next turn never lies further ahead than their interval.

    APScheduler plans by the wall clock: put back an hour, it would sleep for an hour.
    """

    def get_due_jobs(self, now: dt.datetime) -> list[Any]:
        """Return what is due, with turns that were planned by a later clock due now."""
        for job in self.get_all_jobs():
            if job.next_run_time - now > job.trigger.interval:
                job.modify(next_run_time=now)
        due: list[Any] = super().get_due_jobs(now)
        return due
