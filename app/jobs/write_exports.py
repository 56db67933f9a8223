"""导出: writes the files people asked for, one a turn, and takes away what is too old."""

import datetime as dt

from flask import current_app

from app.actions.exports import claim, expire
from app.actions.office import load_rules
from app.domain.exports import ExportStatus
from app.domain.schedules import Schedule
from app.exporting import write_export
from app.files import exports_shelf
from app.jobs.job import Job, JobResult, Lane
from app.unit_of_work import unit_of_work

NAME = "write-exports"
DAY = dt.timedelta(days=1)
NOTES = {
    ExportStatus.DONE: "生成{rows}行台账",
    ExportStatus.FAILED: "1件未生成，原因见申请人的“我的导出”",
    None: "1件已被取消",
}


def run(now: dt.datetime) -> JobResult:
    """Write the export that waits longest; is_partial while more may wait."""
    shelf = exports_shelf(current_app.config["SETTINGS"])
    with unit_of_work():
        row = claim(now=now)
        found = (row.id, row.lease, row.status, row.rows_total) if row else None
    if found is None:
        return JobResult(done=_sweep(now))
    export_id, lease, status, rows = found
    outcome: ExportStatus | None = status
    if status is ExportStatus.RUNNING:
        outcome = write_export(export_id, lease, shelf=shelf, now=now)
    # What could not be written is told to whoever asked; the job itself is well.
    return JobResult(
        done=1, note=NOTES.get(outcome, "").format(rows=rows), is_partial=True
    )  # fmt: skip


def _sweep(now: dt.datetime) -> int:
    """Take away the files that were kept long enough, and what a killed writer left."""
    shelf = exports_shelf(current_app.config["SETTINGS"])
    with unit_of_work():
        names = expire(keep_days=load_rules().export_keep_days, now=now)
    for name in names:
        shelf.remove(name)
    if shelf.folder.is_dir():
        shelf.sweep(before=(now - DAY).timestamp())
    return len(names)


# Shorter than a long export takes: a writer that was killed is replaced soon, and a second one
# beside a living writer finds the export's own lease held and passes by.
JOB = Job(NAME, run, Schedule(seconds=5), Lane.EXPORT, dt.timedelta(minutes=2))
