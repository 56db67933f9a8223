"""A backup as one file: a ZIP of the database's copy, the attachments, the anchors and a manifest.

Nobody is believed: names come from a short list, sizes and digests stand in the manifest, and the
end of the file (the ZIP's own comment) is a seal over all that is before it.
"""

import datetime as dt
import hashlib
import json
import os
import re
import stat
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.actions.audit import Fault
from app.backup import seal
from app.backup.problems import BackupError, Damaged, Tell
from app.disk import reason_of
from app.domain.audit import Tampering
from app.models.keyring import ring
from config import ROOT

FORMAT = "banjie-backup-1"
MANIFEST, ANCHORS = "manifest.json", "audit-anchors.txt"
SHELF, PAST_LOG = "attachments/", "audit-archive/"
DATABASES = {"sqlite": "database.sqlite", "postgresql": "database.dump"}
NAMES = re.compile(
    r"(?:database\.(?:sqlite|dump)|audit-anchors\.txt|attachments/[0-9a-f]{32}"
    r"|audit-archive/audit-[0-9]{9,18}-[0-9]{9,18}\.jsonl\.gz)\Z"
)
SHELF_NAME = re.compile(r"[0-9a-f]{32}\Z")
PIECE = 1024 * 1024
# What a database is packed to at the very most; whoever claims more is no backup of ours.
MOST_PACKED = 200
MOST_MANIFEST = 256 * PIECE
MOST_FAULTS = 20  # of the log, named one by one in the manifest

CANNOT_WRITE = "不能写入备份：{reason}"
CANNOT_READ = "不能读取备份：{reason}"
BAD_NAME = "含有不该有的内容“{name}”"
BAD_MANIFEST = "清单不能识别"
PART_MISSING = "缺少“{name}”"
PART_BROKEN = "“{name}”与清单不符"
TOO_LARGE = "“{name}”大小异常"
READING = "读取备份"


@dataclass(frozen=True)
class Part:
    """One content of the archive."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Facts:
    """What a database held when it was copied: rows of every table, and the log's head."""

    schema: str
    tables: Mapping[str, int]
    audit_seq: int
    audit_hash: str


@dataclass(frozen=True)
class LogFaults:
    """What was wrong with the 审计日志 already: how much, the first of it, a digest of it all."""

    count: int = 0
    first: tuple[Fault, ...] = ()
    sha256: str = ""

    @classmethod
    def of(cls, found: Sequence[Fault]) -> "LogFaults":
        """Return what stands in the manifest of these."""
        if not found:
            return cls()
        text = "".join(f"{fault.what} {fault.seq} {fault.note}\n" for fault in found)
        digest = hashlib.sha256(text.encode()).hexdigest()
        return cls(len(found), tuple(found[:MOST_FAULTS]), digest)


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself."""

    office: str
    dialect: str
    made_at: dt.datetime
    program: str
    facts: Facts
    parts: tuple[Part, ...]
    # Attachments and 归档 whose file was gone or changed before: no backup can bring them back.
    missing: tuple[str, ...] = ()
    # What shows, by keyed hashes, with which data keys the numbers in it were sealed.
    data_keys: tuple[str, ...] = ()
    # A log that somebody has changed is evidence too: kept as it was found, and told.
    log_faults: LogFaults = LogFaults()
    # Triggers of the database that were missing; a restore puts them back.
    lost_guards: tuple[str, ...] = ()

    @property
    def database(self) -> str:
        """Return the name of the part that is the database's copy."""
        return DATABASES[self.dialect]

    @property
    def attachments(self) -> dict[str, Part]:
        """Return stored name → part of every attachment."""
        return {p.name.removeprefix(SHELF): p for p in self.parts if p.name.startswith(SHELF)}

    @property
    def past_log(self) -> dict[str, Part]:
        """Return file name → part of every 归档 file of the 审计日志."""
        found = (p for p in self.parts if p.name.startswith(PAST_LOG))
        return {part.name.removeprefix(PAST_LOG): part for part in found}

    @property
    def lost_log(self) -> list[str]:
        """Return the 归档 files that were gone or changed."""
        return [name for name in self.missing if not SHELF_NAME.match(name)]

    @property
    def lost_attachments(self) -> list[str]:
        """Return the attachments whose file was gone or changed."""
        return [name for name in self.missing if SHELF_NAME.match(name)]

    @property
    def size(self) -> int:
        """Return how many bytes lie in it unpacked."""
        return sum(part.size for part in self.parts)

    def part(self, name: str) -> Part | None:
        """Return the part of that name, if it is there."""
        return next((part for part in self.parts if part.name == name), None)


@dataclass(frozen=True)
class Source:
    """What goes into an archive under a name; `is_packed`: it is worth compressing."""

    name: str
    size: int
    chunks: Iterable[bytes]
    is_packed: bool = False


def program_version() -> str:
    """Return the version of this program."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


# -- written -----------------------------------------------------------------------------------


def write_archive(
    path: Path, sources: Iterable[Source], *, office: str, dialect: str, made_at: dt.datetime,
    facts: Facts, missing: Sequence[str] = (), data_keys: Sequence[str] = (),
    log_faults: Callable[[], LogFaults] = LogFaults, lost_guards: Sequence[str] = (),
) -> Manifest:  # fmt: skip
    """Write an archive into an empty file, piece by piece, forced to disk and sealed.

    `missing` and `log_faults` are asked last: the sources may add to the one as they are taken.
    """
    with zipfile.ZipFile(path, "w", allowZip64=True) as archive:
        parts = tuple(_add(archive, source) for source in sources)
        told = (office, dialect, made_at, program_version(), facts)
        manifest = Manifest(
            *told, parts, tuple(missing), tuple(data_keys), log_faults(), tuple(lost_guards)
        )
        text = json.dumps(_plain(manifest), ensure_ascii=False, indent=1)
        archive.writestr(_entry(MANIFEST, is_packed=True), text)
        key = ring().active
        archive.comment = seal.blank(key)
    with path.open("rb+") as file:
        seal.put(file, key)
    return manifest


def _add(archive: zipfile.ZipFile, source: Source) -> Part:
    digest, size = hashlib.sha256(), 0
    entry = _entry(source.name, is_packed=source.is_packed)
    entry.file_size = source.size
    with archive.open(entry, "w", force_zip64=source.size > 1 << 30) as out:
        for chunk in source.chunks:
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
    return Part(source.name, size, digest.hexdigest())


def _entry(name: str, *, is_packed: bool) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
    entry.external_attr = (stat.S_IFREG | 0o600) << 16
    return entry


def _plain(manifest: Manifest) -> dict[str, Any]:
    return {"format": FORMAT} | asdict(manifest) | {"made_at": manifest.made_at.isoformat()}


# -- read --------------------------------------------------------------------------------------


class Archive:
    """An archive that is open for reading; its seal holds and its contents are those it lists."""

    def __init__(self, path: Path, file: zipfile.ZipFile) -> None:
        self.path, self._file = path, file
        self._entries = _known_entries(file, path.stat().st_size)
        self.manifest = self._read_manifest()

    def check_parts(self, tell: Tell) -> None:
        """Read every attachment and the anchors to the end; the database is its caller's."""
        parts = [p for p in self.manifest.parts if p.name != self.manifest.database]
        total, done = sum(part.size for part in parts), 0
        for part in parts:
            for piece in self.pieces(part):
                done += len(piece)
                tell(READING, done, total)

    def pieces(self, part: Part) -> Iterator[bytes]:
        """Yield a part to its end; raises Damaged when it was not what the manifest says."""
        digest, size = hashlib.sha256(), 0
        try:
            with self._file.open(self._entries[part.name]) as content:
                while piece := content.read(PIECE):
                    size += len(piece)
                    if size > part.size:
                        break
                    digest.update(piece)
                    yield piece
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
            raise Damaged(PART_BROKEN.format(name=part.name)) from error
        if (size, digest.hexdigest()) != (part.size, part.sha256):
            raise Damaged(PART_BROKEN.format(name=part.name))

    def unpack(self, part: Part, target: Path) -> None:
        """Write a part into a new private file of the caller's choosing, forced to disk."""
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            for piece in self.pieces(part):
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())

    def _read_manifest(self) -> Manifest:
        entry = self._entries.pop(MANIFEST, None)
        if entry is None:
            raise Damaged(PART_MISSING.format(name=MANIFEST))
        if entry.file_size > MOST_MANIFEST:
            raise Damaged(TOO_LARGE.format(name=MANIFEST))
        try:
            manifest = _manifest_of(json.loads(self._file.read(entry)))
        except (zipfile.BadZipFile, KeyError, TypeError, ValueError, AttributeError) as error:
            raise Damaged(BAD_MANIFEST) from error
        listed = {part.name: part.size for part in manifest.parts}
        for name in (manifest.database, *listed):
            if name not in self._entries:
                raise Damaged(PART_MISSING.format(name=name))
        for name, entry in self._entries.items():
            if listed.get(name) != entry.file_size:
                raise Damaged(PART_BROKEN.format(name=name))
        return manifest


@contextmanager
def open_archive(path: Path, *, tell: Tell, is_old_taken: bool = False) -> Iterator[Archive]:
    """Open an archive whose seal holds; raises Damaged or BackupError."""
    try:
        with path.open("rb") as file:
            seal.check(file, tell, is_old_taken=is_old_taken)
            with zipfile.ZipFile(file) as archive:
                yield Archive(path, archive)
    except zipfile.BadZipFile as error:
        raise Damaged(seal.NOT_ZIP) from error


def peek(path: Path) -> Manifest:
    """Return what an archive claims of itself whoever sealed it: to say what is in the way."""
    try:
        with zipfile.ZipFile(path) as archive:
            return Archive(path, archive).manifest
    except zipfile.BadZipFile as error:
        raise Damaged(seal.NOT_ZIP) from error


def is_archive(path: Path) -> bool:
    """Return whether a file looks like one of these; raises BackupError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError as error:
        raise BackupError(CANNOT_READ.format(reason=reason_of(error))) from error


def _known_entries(archive: zipfile.ZipFile, file_size: int) -> dict[str, zipfile.ZipInfo]:
    """Return the entries by name, if they are those of a backup: no paths, links, bombs, twins."""
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        kind = stat.S_IFMT(entry.external_attr >> 16)
        is_ours = entry.filename == MANIFEST or NAMES.match(entry.filename)
        if not is_ours or kind not in (0, stat.S_IFREG) or entry.filename in found:
            raise Damaged(BAD_NAME.format(name=entry.filename[:60]))
        if entry.file_size > MOST_PACKED * max(entry.compress_size, PIECE):
            raise Damaged(TOO_LARGE.format(name=entry.filename))
        found[entry.filename] = entry
    if sum(entry.compress_size for entry in found.values()) > file_size:
        raise Damaged(seal.NOT_ZIP)  # contents that lie over each other
    return found


def _manifest_of(plain: Mapping[str, Any]) -> Manifest:
    if plain["format"] != FORMAT or plain["dialect"] not in DATABASES:
        raise ValueError(FORMAT)
    facts, log = plain["facts"], plain.get("log_faults")  # an earlier version made none of such
    return Manifest(
        str(plain["office"]), plain["dialect"], dt.datetime.fromisoformat(plain["made_at"]),
        str(plain["program"]),
        Facts(
            str(facts["schema"]), {str(k): int(v) for k, v in facts["tables"].items()},
            int(facts["audit_seq"]), str(facts["audit_hash"]),
        ),
        tuple(Part(str(p["name"]), int(p["size"]), str(p["sha256"])) for p in plain["parts"]),
        tuple(str(name) for name in plain["missing"]),
        tuple(str(check) for check in plain["data_keys"]),
        _log_faults_of(log) if log else LogFaults(),
        tuple(str(name) for name in plain.get("lost_guards", ())),
    )  # fmt: skip


def _log_faults_of(plain: Mapping[str, Any]) -> LogFaults:
    first = (Fault(int(f["seq"]), Tampering(f["what"]), str(f["note"])) for f in plain["first"])
    return LogFaults(int(plain["count"]), tuple(first), str(plain["sha256"]))
