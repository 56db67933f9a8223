"""An office back from its backup, in an empty place: whole and proved, or not there at all.

The files come first and the database last, built where no server finds it: SQLite under another
name, PostgreSQL beside a table that says it is unfinished. Whoever is killed begins again.
"""

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import Engine

from app.actions import audit
from app.actions.restores import begin_anew
from app.audit_log import guards
from app.audit_log.anchors import Anchors, anchor_file, anchors_of, heads_of
from app.audit_log.files import folder_of
from app.audit_log.words import sentence
from app.backup import past_log, seal
from app.backup.archive import (
    ANCHORS,
    Archive,
    Manifest,
    is_archive,
    open_archive,
    peek,
)
from app.backup.build_postgresql import PostgresqlPlace
from app.backup.build_sqlite import SqlitePlace
from app.backup.copies import (
    asking,
    attachment_rows,
    check_attachments,
    check_chain,
    check_facts,
    facts_of,
    strange_keys,
)
from app.backup.create import anchors_in, prefix_of, refuse_little_room, verify_backup
from app.backup.problems import BackupError, Tell
from app.backup.seal import OtherKey
from app.extensions import db
from app.files import PART, Shelf, attachments_shelf
from app.role_sync import sync_roles
from app.schema import Age, age_of
from app.unit_of_work import unit_of_work
from config import Settings

PLACES = {"sqlite": SqlitePlace, "postgresql": PostgresqlPlace}
UNPACKING, BUILDING, PROVING = "恢复附件", "恢复数据库", "核对附件"

OLD_KIND = "这是旧版的数据库备份，不含附件：请按部署文档第五节“旧版备份”恢复"
OTHER_OFFICE = {
    "banjie": "这是正式办公系统的备份：请设置 BANJIE_ENV=office",
    "demo": "这是演示数据的备份：请设置 BANJIE_ENV=demo",
}
OTHER_KIND = "备份的数据库是 {backup}，这里是 {here}：须恢复到同一种数据库"
NEWER = "备份的结构版本是 {schema}，本程序不认识：请先换上新版本的程序"
OTHER_KEY = """\
备份中的手机号码是用另一个数据密钥（编号{keys}）加密的，用这里的密钥读不出来，没有恢复。
请把备份当时的数据密钥放回 {path}，或写入环境变量 BANJIE_DATA_KEY。"""
NOT_EMPTY = "数据库里已有内容，不会覆盖：{place}"
FILES_THERE = "附件目录里有别的文件，不会覆盖：{folder}"
ANCHORS_BROKEN = "这里原有的{words}，没有恢复：请先查明原因，把文件移走：{path}"
FILES_DIFFER = "恢复后的附件与记录不符：{name}"


@dataclass
class Report:
    """What a restore found to be equal, and what somebody must know."""

    manifest: Manifest
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    files: int = 0
    entries: int = 0
    anchors: int = 0
    later_anchors: Path | None = None
    past_log: int = 0
    later_log: list[Path] = field(default_factory=list)
    upgraded_to: str = ""
    roles_changed: int = 0
    guards: list[str] = field(default_factory=list)
    was_unfinished: bool = False


def look_into(
    path: Path, settings: Settings, *, tell: Tell, is_old_taken: bool = False
) -> Manifest:
    """Return what a backup says of itself, if this office may be restored from it here and now.

    Raises BackupError; nothing has been changed then.
    """
    if not is_archive(path):
        raise BackupError(OLD_KIND)
    try:
        with open_archive(path, tell=tell, is_old_taken=is_old_taken) as archive:
            manifest = archive.manifest
    except OtherKey as error:
        _refuse_other_kind(peek(path), settings)  # what may be the reason for the other key
        facts = {"keys": error.key_id, "path": settings.data_key_path}
        raise BackupError(OTHER_KEY.format(**facts)) from error
    _refuse_other_kind(manifest, settings)
    if strange := strange_keys(manifest):
        facts = {"keys": "、".join(strange), "path": settings.data_key_path}
        raise BackupError(OTHER_KEY.format(**facts))
    place = PLACES[manifest.dialect](db.engine, settings)
    if not place.is_empty():
        raise BackupError(NOT_EMPTY.format(place=place.name))
    _refuse_other_files(attachments_shelf(settings), manifest)
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    refuse_little_room(settings.instance, manifest.size)
    return manifest


def _refuse_other_kind(manifest: Manifest, settings: Settings) -> None:
    """Let it be of this kind of office, on this kind of database, of a version that is known."""
    if manifest.office != prefix_of(settings):
        raise BackupError(OTHER_OFFICE.get(manifest.office, manifest.office))
    here = db.engine.dialect.name
    if manifest.dialect != here:
        raise BackupError(OTHER_KIND.format(backup=manifest.dialect, here=here))
    if age_of(manifest.facts.schema) is Age.UNKNOWN:
        raise BackupError(NEWER.format(schema=manifest.facts.schema))


def restore(
    path: Path, settings: Settings, *, now: dt.datetime, tell: Tell, is_old_taken: bool = False
) -> Report:
    """Restore an office from a backup into an empty place, and prove it; raises BackupError."""
    with PLACES[db.engine.dialect.name](db.engine, settings).alone():
        look_into(path, settings, tell=tell, is_old_taken=is_old_taken)
        verify_backup(path, settings, tell=tell, is_old_taken=is_old_taken)
        with open_archive(path, tell=tell, is_old_taken=is_old_taken) as archive:
            return _Restore(archive, settings, now, tell).run()


def _refuse_other_files(shelf: Shelf, manifest: Manifest) -> None:
    """Let nothing lie there but what an unfinished restore of this backup has left."""
    held = manifest.attachments
    for path in shelf.folder.iterdir() if shelf.folder.is_dir() else ():
        is_ours = (
            path.name in held and path.is_file() and path.stat().st_size == held[path.name].size
        )
        if not is_ours and path.suffix != PART:
            raise BackupError(FILES_THERE.format(folder=shelf.folder))


class _Restore:
    """One restore, step by step."""

    def __init__(self, archive: Archive, settings: Settings, now: dt.datetime, tell: Tell) -> None:
        self.archive, self.manifest = archive, archive.manifest
        self.settings, self.now, self.tell = settings, now, tell
        self.shelf = attachments_shelf(settings)
        self.place = PLACES[self.manifest.dialect](db.engine, settings)
        self.report = Report(self.manifest)

    def run(self) -> Report:
        """Files, anchors, database; the last step makes the office appear."""
        is_begun = self.shelf.folder.is_dir() and any(self.shelf.folder.iterdir())
        self.report.was_unfinished = is_begun or self.place.is_unfinished()
        self._place_files()
        anchors = self._place_anchors()
        self.report.later_log = past_log.put_back(self.archive, self.settings, now=self.now)
        self.report.past_log = len(self.manifest.past_log)
        self.tell(BUILDING, 0, 1)
        part = self.manifest.part(self.manifest.database)
        assert part is not None  # noqa: S101 # nosec B101 (the archive was verified)
        with self.place.built(self.archive, part) as engine:
            self.tell(BUILDING, 1, 1)
            self._prove(engine, anchors)
            self._finish(engine)
        self.report.entries = audit.head().seq
        db.session.rollback()
        return self.report

    def _place_files(self) -> None:
        """Put every attachment on the shelf that is not there yet."""
        self.shelf.sweep(before=float("inf"))
        held = self.manifest.attachments
        for count, (name, part) in enumerate(held.items(), start=1):
            if not self.shelf.holds(name, part.sha256):
                self.shelf.put(name, self.archive.pieces(part))
            self.tell(UNPACKING, count, len(held))

    def _place_anchors(self) -> Anchors:
        """Return the anchors the log must hold to: those of the backup, and those found here.

        Later ones speak of entries that no backup brings back: they are kept under another name.
        """
        file, last = anchor_file(self.settings), self.manifest.facts.audit_seq
        part = self.manifest.part(ANCHORS)
        raw = b"".join(self.archive.pieces(part)) if part else b""
        heads, faults = anchors_in(self.archive)
        if file.exists():
            found, broken = anchors_of(file)
            if broken and file.read_bytes() != raw:
                raise BackupError(ANCHORS_BROKEN.format(words=sentence(broken[0]), path=file))
            heads = {**heads, **{seq: digest for seq, digest in found.items() if seq <= last}}
            if any(seq > last for seq in found):
                kept = file.with_name(f"{file.stem}-{self.now:%Y%m%d%H%M%S}.txt")
                raw = heads_of(file.read_text(encoding="ascii"), until=last).encode()
                self.report.later_anchors = file.rename(kept)
            elif not broken:
                raw = file.read_bytes()
        if raw:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.write_bytes(raw)
        self.report.anchors = len(heads)
        return Anchors(heads, faults)

    def _prove(self, engine: Engine, anchors: Anchors) -> None:
        """Hold what was built against the manifest, the files and the anchors."""
        with engine.connect() as connection:
            found = facts_of(connection)
            check_facts(found, self.manifest.facts)
            check_attachments(connection, self.manifest)
            past_log.check(connection, self.manifest)
            rows = attachment_rows(connection)
        expected = self.manifest.facts.tables
        self.report.counts = {name: (expected[name], n) for name, n in found.tables.items()}
        for count, (name, row) in enumerate(rows.items(), start=1):
            if name not in self.manifest.missing and not self.shelf.holds(name, row.sha256):
                raise BackupError(FILES_DIFFER.format(name=name))
            self.tell(PROVING, count, len(rows))
        self.report.files = len(rows) - len(self.manifest.missing)
        if age_of(found.schema) is Age.OLDER:
            with asking(engine):
                upgrade()
                db.session.rollback()
            with engine.connect() as connection:
                self.report.upgraded_to = facts_of(connection).schema
        check_chain(engine, anchors, folder_of(self.settings), self.manifest)
        with engine.begin() as connection:
            self.report.guards = guards.put_back(connection)

    def _finish(self, engine: Engine) -> None:
        """Make it an office again: roles, no log-in of before, nothing sent twice, an entry."""
        with asking(engine):
            self.report.roles_changed = sync_roles()
            with unit_of_work():
                begin_anew(
                    backup_name=self.archive.path.name, backup_seal=_seal(self.archive.path),
                    backed_up_at=self.manifest.made_at, now=self.now,
                )  # fmt: skip
                self.place.appear()


def _seal(path: Path) -> str:
    with path.open("rb") as file:
        return seal.read(file)
