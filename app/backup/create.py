"""A whole copy of the office while people work: made aside, checked to its end, then named.

First the database, then the files its rows name: a file is on the shelf before its row, and
neither is ever changed, so that every row of the copy has its file.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import OperationalError

from app.actions import audit
from app.actions.office import load_rules
from app.actions.restores import ABOUT
from app.audit_log import guards
from app.audit_log.anchors import Anchors, anchor_file, anchors_of
from app.audit_log.files import folder_of as past_log_folder
from app.audit_log.words import sentence
from app.backup import copy_postgresql, copy_sqlite, past_log
from app.backup.archive import (
    ANCHORS,
    CANNOT_READ,
    CANNOT_WRITE,
    DATABASES,
    PIECE,
    SHELF,
    Archive,
    Facts,
    LogFaults,
    Manifest,
    Source,
    is_archive,
    open_archive,
    write_archive,
)
from app.backup.copies import (
    attachment_rows,
    check_attachments,
    check_chain,
    check_facts,
    data_keys_of,
    facts_of,
    log_faults,
)
from app.backup.problems import BackupError, Damaged, Tell
from app.disk import reason_of
from app.domain.audit import AuditAction, AuditResult
from app.extensions import db
from app.files import NotWhole, Shelf, attachments_shelf, force_names, pieces
from app.models import Attachment
from app.reports.backup_files import Backup, backup_name, backups_in
from app.schema import Age, age_of
from config import Settings

COPIES = {"sqlite": copy_sqlite, "postgresql": copy_postgresql}
# What a backup of an earlier version is: the database alone.
SINGLE = {b"SQLite format 3\0": "sqlite", b"PGDMP": "postgresql"}
TABLES = ("ab_user", "case_events", "cases", "evaluations", "results", "slips")
DAY = 24 * 3600
SPARE = 64 * PIECE

EXISTS = "文件已存在，不会覆盖：{path}"
NO_FOLDER = "目录不存在：{path}"
UNKNOWN = "不是备份文件：{path}"
TABLE_MISSING = "备份中没有表：{table}"
NO_ROOM = "磁盘空间不足：备份约需{need}MB，“{folder}”只剩{free}MB"
NOT_COPIED = "副本未能写入“{folder}”：{reason}"
FILES_LOST = "有{count}个附件的文件丢失或内容已改变，备份中没有：请运行 attachments verify"
LOG_LOST = "审计日志归档有{count}个文件缺失或内容已改变，备份中没有：请运行 audit verify"
LOG_BROKEN = "审计日志有{count}处不符（{first}），照样保存在备份中：请运行 audit verify"
GUARDS_LOST = "有{count}个防改动触发器缺失或被改动（{first}等）：请运行 audit verify"
COPYING, PACKING = "复制数据库", "写入附件"


@dataclass(frozen=True)
class Made:
    """A backup that was made and checked; `alarms`: what somebody must look after nevertheless."""

    backup: Backup
    manifest: Manifest
    alarms: tuple[str, ...] = ()


def silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def folder_of(settings: Settings) -> Path:
    """Return where the backups of this installation lie."""
    return settings.instance / "backups"


def prefix_of(settings: Settings) -> str:
    """Return how the names of its backups begin: the demo's never stand for the office's."""
    return "demo" if settings.is_demo else "banjie"


def create_backup(settings: Settings, *, now: datetime, tell: Tell = silent) -> Made | None:
    """Add a checked backup to the folder and remove all but the newest the office keeps.

    None when a second run at the same instant finds it made.
    """
    keep = load_rules().backup_keep
    folder, prefix = folder_of(settings), prefix_of(settings)
    target = folder / backup_name(prefix, now)
    with _told():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        Shelf(folder).sweep(before=now.timestamp() - DAY)
        if target.exists():
            return None
    manifest = write_backup(target, settings, now=now, tell=tell)
    with _told():
        rotate(folder, prefix, keep)
    alarms = alarms_of(manifest)
    if settings.backup_copy_dir:
        alarms += copy_away(target, Path(settings.backup_copy_dir), prefix, keep)
    return Made(Backup(target, now, target.stat().st_size), manifest, tuple(alarms))


def alarms_of(manifest: Manifest) -> list[str]:
    """Return what was wrong before and no backup can put right, for people."""
    found = ((FILES_LOST, manifest.lost_attachments), (LOG_LOST, manifest.lost_log))
    told = [words.format(count=len(names)) for words, names in found if names]
    if names := manifest.lost_guards:
        told.append(GUARDS_LOST.format(count=len(names), first=names[0]))
    if manifest.log_faults.count:
        log = manifest.log_faults
        told.append(LOG_BROKEN.format(count=log.count, first=sentence(log.first[0])))
    return told


def write_backup(target: Path, settings: Settings, *, now: datetime, tell: Tell) -> Manifest:
    """Write one checked backup to `target`, which appears only when it is whole."""
    # No transaction stays open meanwhile: PostgreSQL would end it, SQLite not shorten its log.
    db.session.rollback()
    if target.exists():
        raise BackupError(EXISTS.format(path=target))
    if not target.parent.is_dir():
        raise BackupError(NO_FOLDER.format(path=target.parent))
    with _told(), Shelf(target.parent).workplace() as folder:
        _refuse_little_room(target.parent, settings)
        part = folder / "archive"
        manifest = _write(part, folder, settings, now, tell)
        _check_archive(part, folder, settings, tell)
        _give_name(part, target)
    return manifest


def note_made(made: Made) -> None:
    """Leave in the 审计日志 that a backup was made, with what it holds; inside a unit of work."""
    facts = made.manifest.facts
    audit.note(
        AuditAction.BACKED_UP, about=about(made.backup.path),
        after={
            "file_size": made.backup.size, "attachments": len(made.manifest.attachments),
            "past_log": len(made.manifest.past_log),
            "audit_seq": facts.audit_seq, "alarms": list(made.alarms),
        },
    )  # fmt: skip


def note_checked(path: Path, reason: str) -> None:
    """Leave in the 审计日志 that a backup was read again, and what was wrong with it."""
    result = AuditResult.REFUSED if reason else AuditResult.DONE
    after = {"reason": reason} if reason else None
    audit.note(AuditAction.BACKUP_CHECKED, about=about(path), after=after, result=result)


def about(path: Path) -> tuple[str, str, str]:
    """Return how the 审计日志 names a backup."""
    return ABOUT, path.name[:40], str(path)


def _write(part: Path, folder: Path, settings: Settings, now: datetime, tell: Tell) -> Manifest:
    dialect = db.engine.dialect.name
    copy = folder / DATABASES[dialect]
    tell(COPYING, 0, 1)
    # Read first: an anchor of later is no anchor of this copy.
    anchors = anchor_file(settings).read_bytes() if anchor_file(settings).exists() else b""
    with COPIES[dialect].copying(db.engine, copy, settings) as connection:
        tell(COPYING, 1, 1)
        missing: list[str] = []
        sources = partial(_sources, copy, anchors, connection, settings, missing, tell)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.close(descriptor)  # made for its owner alone
        facts: Facts = facts_of(connection)
        log = partial(_log_faults, connection, facts, anchors, settings, missing)
        manifest = write_archive(
            part, sources(), office=prefix_of(settings), dialect=dialect, made_at=now,
            facts=facts, missing=missing, data_keys=data_keys_of(connection), log_faults=log,
            lost_guards=guards.missing(connection) if _is_ours(facts) else (),
        )  # fmt: skip
    copy.unlink()
    return manifest


def _log_faults(
    connection: Connection, facts: Facts, anchors: bytes, settings: Settings, missing: list[str]
) -> LogFaults:
    """Return what is wrong with the log that is being copied; another version's is not read."""
    if not _is_ours(facts):
        return LogFaults()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / ANCHORS
        file.write_bytes(anchors)
        return log_faults(connection, anchors_of(file), past_log_folder(settings), missing)


def _is_ours(facts: Facts) -> bool:
    """Return whether the tables are this version's."""
    return age_of(facts.schema) is Age.SAME


def _sources(
    copy: Path, anchors: bytes, connection: Connection, settings: Settings, missing: list[str],
    tell: Tell,
) -> Iterator[Source]:  # fmt: skip
    """Yield what goes into the archive, the database first."""
    with copy.open("rb") as file:
        is_packed = copy.name == DATABASES["sqlite"]  # a dump is packed already
        yield Source(copy.name, copy.stat().st_size, pieces(file), is_packed)
    if anchors:
        yield Source(ANCHORS, len(anchors), [anchors], is_packed=True)
    yield from past_log.sources(connection, settings, missing)
    shelf, rows = attachments_shelf(settings), attachment_rows(connection)
    for count, (name, row) in enumerate(rows.items(), start=1):
        try:
            with shelf.open_whole(name, row.sha256) as file:
                yield Source(SHELF + name, row.size, pieces(file))
        except NotWhole:
            missing.append(name)
        tell(PACKING, count, len(rows))


def _give_name(part: Path, target: Path) -> None:
    """Name the whole file, never over another one."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise BackupError(EXISTS.format(path=target)) from None
    except OSError:  # a file system without links
        part.rename(target)
    force_names(target.parent)


def _refuse_little_room(folder: Path, settings: Settings) -> None:
    """Refuse what would not fit: the copy of the database, its archive, the files."""
    size = COPIES[db.engine.dialect.name].size_of(db.engine)
    files = db.session.scalar(select(func.coalesce(func.sum(Attachment.file_size), 0))) or 0
    db.session.rollback()
    refuse_little_room(folder, 2 * size + int(files) + past_log.size_of(settings))


def refuse_little_room(folder: Path, need: int) -> None:
    """Raise BackupError unless so many bytes and some to spare are free."""
    free = shutil.disk_usage(folder).free
    if free < need + SPARE:
        facts = {"need": (need + SPARE) // PIECE + 1, "free": free // PIECE, "folder": folder}
        raise BackupError(NO_ROOM.format(**facts))


@contextmanager
def _told() -> Iterator[None]:
    """Let a disk that refuses be told in the office's words."""
    try:
        yield
    except OSError as error:
        raise BackupError(CANNOT_WRITE.format(reason=reason_of(error))) from error


def rotate(folder: Path, prefix: str, keep: int) -> None:
    """Remove all but the newest of one office's backups."""
    for old in backups_in(folder, prefix)[keep:]:
        old.path.unlink(missing_ok=True)


def copy_away(made: Path, folder: Path, prefix: str, keep: int) -> list[str]:
    """Copy a backup to the second folder, read it back, rotate there; return what went wrong.

    The folder is not made: a share that is not mounted must not fill the disk underneath.
    """
    target = folder / made.name
    try:
        if not folder.is_dir():
            raise BackupError(NO_FOLDER.format(path=folder))
        with Shelf(folder).workplace() as aside:
            part = aside / "archive"
            with made.open("rb") as source, part.open("xb") as out:
                part.chmod(stat.S_IRUSR | stat.S_IWUSR)
                shutil.copyfileobj(source, out, PIECE)
                out.flush()
                os.fsync(out.fileno())
            with open_archive(part, tell=silent):  # its seal holds
                pass
            _give_name(part, target)
        rotate(folder, prefix, keep)
    except (OSError, BackupError) as error:
        return [NOT_COPIED.format(folder=folder, reason=reason_of(error))]
    return []


# -- checked -----------------------------------------------------------------------------------


def verify_backup(
    path: Path, settings: Settings, *, tell: Tell = silent, is_old_taken: bool = False
) -> Manifest | None:
    """Read a backup to its end; raises BackupError when it is damaged or none at all.

    None for a copy of the database alone, as earlier versions made.
    """
    if not is_archive(path):
        _check_single(path, settings)
        return None
    with _told(), Shelf(_workroom(path)).workplace() as folder:
        return _check_archive(path, folder, settings, tell, is_old_taken)


def _workroom(path: Path) -> Path:
    """Return where the database may be unpacked: beside the file, or where there is room."""
    return path.parent if os.access(path.parent, os.W_OK) else Path(tempfile.gettempdir())


def _check_archive(
    path: Path, folder: Path, settings: Settings, tell: Tell, is_old_taken: bool = False
) -> Manifest:
    with open_archive(path, tell=tell, is_old_taken=is_old_taken) as archive:
        archive.check_parts(tell)
        manifest = archive.manifest
        part = manifest.part(manifest.database)
        if part is None:
            raise Damaged(manifest.database)
        refuse_little_room(folder, part.size)
        copy = folder / "unpacked"
        archive.unpack(part, copy)
        try:
            with COPIES[manifest.dialect].opened(copy, settings) as (engine, facts):
                check_facts(facts, manifest.facts)
                check_records(engine, archive)
        finally:
            copy.unlink(missing_ok=True)
    return manifest


def check_records(engine: Engine, archive: Archive) -> None:
    """Hold attachments and log of an unpacked copy against the rest of its archive."""
    try:
        with engine.connect() as connection:
            check_attachments(connection, archive.manifest)
            past_log.check(connection, archive.manifest)
    except OperationalError as error:
        raise Damaged(str(error.orig)) from error
    # The log of another version is read by that version.
    if age_of(archive.manifest.facts.schema) is Age.SAME:
        with past_log.unpacked(archive) as folder:
            check_chain(engine, anchors_in(archive), folder, archive.manifest)


def anchors_in(archive: Archive) -> Anchors:
    """Return the heads that were anchored when the backup was made."""
    part = archive.manifest.part(ANCHORS)
    if part is None:
        return Anchors({})
    with tempfile.TemporaryDirectory() as folder:
        archive.unpack(part, Path(folder) / ANCHORS)
        return anchors_of(Path(folder) / ANCHORS)


def _check_single(path: Path, settings: Settings) -> None:
    try:
        with path.open("rb") as file:
            mark = file.read(max(map(len, SINGLE)))
    except OSError as error:
        raise BackupError(CANNOT_READ.format(reason=reason_of(error))) from error
    dialect = next((name for sign, name in SINGLE.items() if mark.startswith(sign)), None)
    if dialect is None:
        raise BackupError(UNKNOWN.format(path=path))
    with COPIES[dialect].opened(path, settings) as (_engine, facts):
        for name in TABLES:
            if name not in facts.tables:
                raise Damaged(TABLE_MISSING.format(table=name))
