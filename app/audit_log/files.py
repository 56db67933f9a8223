"""归档: the entries of past months written to files outside the database, a file a month at most.

A line an entry, as the chain sees it, compressed; the name tells the first and the last number.
They lie beside the anchors (BANJIE_ANCHOR_DIR), best on another machine.
"""

import datetime as dt
import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import Path

from sqlalchemy import delete, func, select

from app.actions import audit
from app.actions.audit_chain import stored_links
from app.actions.office import load_rules
from app.audit_log.anchors import add_anchor
from app.database import snapshot
from app.domain.audit import AuditAction, Head, Link, Tampering
from app.extensions import db
from app.models import AuditArchive, AuditEntry
from app.unit_of_work import unit_of_work
from config import Settings

FOLDER = "audit-archive"
NAME = "audit-{first:09d}-{last:09d}.jsonl.gz"


@dataclass(frozen=True)
class Written:
    """A file of entries that is whole."""

    first: int
    last: Head
    file_name: str
    sha256: str


def folder_of(settings: Settings) -> Path:
    """Return where the archives of this installation lie."""
    return settings.anchors / FOLDER


def archive(settings: Settings, *, now: dt.datetime) -> Written | None:
    """Write what was done before this month and lies in no file yet; None if there is nothing.

    The entries stay in the table too: what removes them is `remove`, and nothing else.
    """
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    until = month.astimezone(dt.UTC).isoformat(timespec="microseconds")
    after = db.session.scalar(select(func.max(AuditArchive.last_seq))) or 0
    db.session.rollback()
    with snapshot(db.engine) as connection:
        links = stored_links(connection, after=after)
        written = write(
            folder_of(settings), takewhile(lambda link: str(link.facts["at"]) < until, links)
        )
    if written is None:
        return None
    add_anchor(settings, written.last, now=now)
    with unit_of_work():
        _keep(written, now)
    return written


def _keep(written: Written, now: dt.datetime) -> None:
    row = AuditArchive(
        first_seq=written.first, last_seq=written.last.seq, last_hash=written.last.hash,
        file_name=written.file_name, sha256=written.sha256, archived_at=now,
    )  # fmt: skip
    db.session.add(row)
    after = {
        "file_name": row.file_name,
        "sha256": row.sha256,
        "count": row.last_seq + 1 - row.first_seq,
    }
    audit.note(AuditAction.ARCHIVED, about=("audit", row.last_seq, ""), after=after)


def write(folder: Path, links: Iterable[Link]) -> Written | None:
    """Write the links aside, then give the file its name; None and no file for no links."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f".{os.getpid()}.part"
    first = last = None
    try:
        with part.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
            for link in links:
                first, last = first or link, link
                file.write(json.dumps(asdict(link), ensure_ascii=False).encode() + b"\n")
        if first is None or last is None:
            return None
        name = NAME.format(first=first.seq, last=last.seq)
        with part.open("rb+") as whole:
            digest = hashlib.file_digest(whole, "sha256").hexdigest()
            os.fsync(whole.fileno())
        part.replace(folder / name)
    finally:
        part.unlink(missing_ok=True)
    return Written(first.seq, Head(last.seq, last.hash), name, digest)


def read(path: Path) -> Iterator[Link]:
    """Yield the links of a file; raises OSError, EOFError or ValueError for one that is none."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield Link(**json.loads(line))


# -- held against the table ----------------------------------------------------------------------


def kept() -> list[AuditArchive]:
    """Return every archive the table knows, in the order of the chain."""
    return list(db.session.scalars(select(AuditArchive).order_by(AuditArchive.last_seq)))


def wrong(folder: Path, rows: Iterable[AuditArchive]) -> list[audit.Fault]:
    """Return the archives whose file is gone or is not the one that was written."""
    return [
        audit.Fault(row.last_seq, Tampering.ARCHIVE, row.file_name)
        for row in rows
        if not is_whole(folder / row.file_name, row.sha256)
    ]


def is_whole(path: Path, sha256: str) -> bool:
    """Return whether a file is there and still what was written."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def links_of(folder: Path, rows: Iterable[AuditArchive]) -> Iterator[Link]:
    """Yield the chain as the files hold it, as far as they can be read."""
    for row in rows:
        try:
            yield from read(folder / row.file_name)
        except (OSError, EOFError, ValueError, TypeError):
            return


# -- removed -------------------------------------------------------------------------------------


def remove(settings: Settings, *, now: dt.datetime) -> int:
    """Delete from the table what lies in whole archives and is older than the retention.

    Return how many entries went. The application's own account may not do it where the rights of
    PostgreSQL are set (`audit grants`); the database itself refuses what is in no archive, and
    whatever is younger than six months.
    """
    before = now - dt.timedelta(days=load_rules().audit_days)
    rows = kept()
    if wrong(folder_of(settings), rows):
        return 0
    oldest_kept = db.session.scalar(
        select(func.min(AuditEntry.id)).where(AuditEntry.at >= before)
    ) or (audit.head().seq + 1)
    last = max((row.last_seq for row in rows if row.last_seq < oldest_kept), default=0)
    with unit_of_work():
        gone = db.session.execute(delete(AuditEntry).where(AuditEntry.id <= last)).rowcount
        if gone:
            audit.note(AuditAction.DELETED, about=("audit", last, ""), after={"count": gone})
    return int(gone)
