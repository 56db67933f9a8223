"""The backups that lie in a folder: a file has its name only after it was checked."""

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

from app.models.types import OFFICE_ZONE

SUFFIX = ".zip"
# Earlier versions copied the database alone: SQLite, PostgreSQL.
SUFFIXES = (SUFFIX, ".db", ".dump")
STAMP = "%Y%m%d-%H%M%S"


@dataclass(frozen=True)
class Backup:
    """One checked backup; `made_at` is what its name says."""

    path: Path
    made_at: dt.datetime
    size: int

    @property
    def megabytes(self) -> str:
        """Return the size as a person reads it: 1.4."""
        return f"{max(self.size / 1024**2, 0.1):.1f}"


def backup_name(prefix: str, made_at: dt.datetime) -> str:
    """Return the name of a backup: banjie-20261013-020000.zip."""
    return f"{prefix}-{made_at.astimezone(OFFICE_ZONE):{STAMP}}{SUFFIX}"


def backups_in(folder: Path, prefix: str) -> list[Backup]:
    """Return the backups of one office, the newest first; other files are none of ours."""
    pattern = re.compile(
        rf"{re.escape(prefix)}-(\d{{8}}-\d{{6}})({'|'.join(map(re.escape, SUFFIXES))})"
    )
    found = []
    for path in folder.glob(f"{prefix}-*") if folder.is_dir() else ():
        match = pattern.fullmatch(path.name)
        if match and path.is_file():
            made_at = dt.datetime.strptime(match.group(1), STAMP).replace(tzinfo=OFFICE_ZONE)
            found.append(Backup(path, made_at, path.stat().st_size))
    return sorted(found, key=lambda each: each.made_at, reverse=True)


def last_backup(folder: Path, prefix: str) -> Backup | None:
    """Return the newest checked backup on this machine."""
    return next(iter(backups_in(folder, prefix)), None)
