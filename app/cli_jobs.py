"""`flask --app run jobs …`: look at the jobs, or run what is due once."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.clock import now
from app.extensions import db
from app.jobs.registry import JOBS
from app.jobs.scheduler import tick
from app.models.job_state import JobState

commands = AppGroup("jobs", help="Scheduled jobs.")


@commands.command("list")
def list_jobs() -> None:
    """Print each job with its last run, next run and last error."""
    states = {state.name: state for state in db.session.scalars(select(JobState))}
    for job in JOBS:
        state = states.get(job.name)
        last = state.last_ok_at.isoformat(timespec="seconds") if state and state.last_ok_at else "-"
        following = state.next_run_at.isoformat(timespec="seconds") if state else "-"
        click.echo(f"{job.name}\t{last}\t{following}\t{state.last_error if state else ''}")


@commands.command("run")
def run_due() -> None:
    """Run every job that is due now; for a system timer where the scheduler is switched off."""
    for name, result in tick(now()).items():
        click.echo(f"{name}\t{result.done}\t{result.failed}\t{result.note}")
