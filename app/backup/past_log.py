"""The 归档 files of the 审计日志 in a backup: taken, held against their rows, put back.

Without them the chain of a restored office would hang in the air once old entries were removed.
"""

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from app.audit_log.files import folder_of, is_whole
from app.backup.archive import PAST_LOG, Archive, Manifest, Part, Source
from app.backup.problems import Damaged
from app.files import force_names, pieces
from config import Settings

FILE_MISSING = "审计日志归档“{name}”没有文件，或文件不符"
FILE_UNKNOWN = "审计日志归档“{name}”没有记录"
ASIDE = ".restoring"


def rows_of(connection: Connection) -> dict[str, str]:
    """Return file name → SHA-256 of every file the database knows; an old one knows none."""
    if "audit_archives" not in inspect(connection).get_table_names():
        return {}
    query = text("SELECT file_name, sha256 FROM audit_archives ORDER BY last_seq")
    return {row.file_name: row.sha256 for row in connection.execute(query)}


def size_of(settings: Settings) -> int:
    """Return how many bytes the files take together."""
    return sum(path.stat().st_size for path in folder_of(settings).glob("*"))


def sources(connection: Connection, settings: Settings, missing: list[str]) -> Iterator[Source]:
    """Yield every file that is still what was written; the names of the others go to `missing`."""
    for name, sha256 in rows_of(connection).items():
        path = folder_of(settings) / name
        if not is_whole(path, sha256):
            missing.append(name)
            continue
        with path.open("rb") as file:
            yield Source(PAST_LOG + name, path.stat().st_size, pieces(file))


def check(connection: Connection, manifest: Manifest) -> None:
    """Every row has its file, whole, and every file its row."""
    rows, held = rows_of(connection), manifest.past_log
    for name, sha256 in rows.items():
        part = held.get(name)
        is_known_lost = part is None and name in manifest.missing
        if not is_known_lost and (part is None or part.sha256 != sha256):
            raise Damaged(FILE_MISSING.format(name=name))
    for name in held:
        if name not in rows:
            raise Damaged(FILE_UNKNOWN.format(name=name))


@contextmanager
def unpacked(archive: Archive) -> Iterator[Path]:
    """Yield a folder with the files, as long as the log is read across them."""
    with tempfile.TemporaryDirectory() as folder:
        for name, part in archive.manifest.past_log.items():
            archive.unpack(part, Path(folder) / name)
        yield Path(folder)


def put_back(archive: Archive, settings: Settings, *, now: dt.datetime) -> list[Path]:
    """Put the files where the log looks for them; return those of later, under another name.

    What lies there already is the same file, or speaks of entries that no backup brings back.
    """
    folder, held = folder_of(settings), archive.manifest.past_log
    later = []
    for path in folder.glob("*.gz"):
        part = held.get(path.name)
        if part is None or not is_whole(path, part.sha256):
            later.append(path.rename(path.with_name(f"{path.name}.{now:%Y%m%d%H%M%S}")))
    for name, part in held.items():
        if not (folder / name).exists():
            _put(archive, part, folder / name)
    return later


def _put(archive: Archive, part: Part, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = target.with_name(target.name + ASIDE)
    aside.unlink(missing_ok=True)  # of a restore that was killed
    archive.unpack(part, aside)
    aside.rename(target)
    force_names(target.parent)
