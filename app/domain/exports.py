"""Where a file that somebody asked for stands, from the question until it is fetched or swept."""

import enum


class ExportStatus(enum.StrEnum):
    """What became of an export; its record outlives the file, as the log of who took what."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # swept after `export_keep_days`
    REMOVED = "removed"  # by the person who asked


UNFINISHED = (ExportStatus.QUEUED, ExportStatus.RUNNING)
