"""The archive of a backup: one byte changed anywhere is found, and nothing hostile is unpacked."""

import datetime as dt
import hashlib
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from app.archive import (
    SEAL,
    BackupError,
    Damaged,
    Facts,
    Source,
    is_archive,
    open_archive,
    write_archive,
)

NIGHT = dt.datetime(2026, 10, 13, 2, tzinfo=dt.UTC)
DATABASE, SCAN = b"SQLite format 3\0" + bytes(200), b"%PDF-1.4 " + bytes(range(90))
SCAN_NAME = "attachments/" + "a" * 32
Change = Callable[[zipfile.ZipFile], None]


def silent(_what: str, _done: int, _total: int) -> None:
    pass


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return a small whole archive."""
    path = tmp_path / "office.zip"
    sources = [
        Source("database.sqlite", len(DATABASE), [DATABASE], is_packed=True),
        Source(SCAN_NAME, len(SCAN), [SCAN[:10], SCAN[10:]]),
    ]
    facts = Facts("0016", {"cases": 3}, 5, "f" * 64)
    write_archive(path, sources, office="banjie", dialect="sqlite", made_at=NIGHT, facts=facts)
    return path


def read(path: Path) -> None:
    """Read all that is in it."""
    with open_archive(path, tell=silent) as found:
        found.check_parts(silent)
        for part in found.manifest.parts:
            for _piece in found.pieces(part):
                pass


def seal(path: Path) -> None:
    """Put the right digest at the end, as a forger would."""
    content = path.read_bytes()[:-SEAL]
    path.write_bytes(content + hashlib.sha256(content).hexdigest().encode())


def forged(path: Path, change: Change, *, without: str = "") -> Path:
    """Return another archive with the parts of this one and a change, sealed anew."""
    target = path.with_name("forged.zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as out:
        for entry in source.infolist():
            if entry.filename != without:
                out.writestr(entry, source.read(entry))
        change(out)
        out.comment = b"0" * SEAL
    seal(target)
    return target


def test_whole_archive_says_what_it_holds(archive: Path) -> None:
    read(archive)
    assert stat.S_IMODE(archive.stat().st_mode) & 0o400
    with open_archive(archive, tell=silent) as found:
        assert found.manifest.facts.tables == {"cases": 3}
        assert list(found.manifest.attachments) == ["a" * 32]
        assert b"".join(found.pieces(found.manifest.parts[1])) == SCAN
    read(forged(archive, lambda out: None))


def test_a_changed_byte_is_found_wherever_it_is(archive: Path) -> None:
    content = archive.read_bytes()
    unnoticed = []
    for place in range(len(content)):
        archive.write_bytes(content[:place] + bytes([content[place] ^ 0x20]) + content[place + 1 :])
        try:
            read(archive)
        except BackupError:
            continue
        unnoticed.append(place)
    assert unnoticed == []


def test_a_cut_file_is_found(archive: Path) -> None:
    content = archive.read_bytes()
    for length in range(0, len(content), 13):
        archive.write_bytes(content[:length])
        with pytest.raises(Damaged, match="已损坏"):
            read(archive)


def add(name: str, content: bytes = b"x", *, mode: int = stat.S_IFREG | 0o600) -> Change:
    def change(out: zipfile.ZipFile) -> None:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        out.writestr(entry, content)

    return change


def bomb(out: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("audit-anchors.txt")
    entry.compress_type = zipfile.ZIP_DEFLATED
    with out.open(entry, "w") as file:
        for _ in range(210):
            file.write(bytes(1 << 20))


HOSTILE = {
    "way up": add("../outside"),
    "way up inside": add("attachments/../../outside"),
    "absolute": add("/etc/outside"),
    "drive": add("C:\\outside"),
    "folder": add("attachments/"),
    "link": add("attachments/" + "b" * 32, b"/etc/passwd", mode=stat.S_IFLNK | 0o777),
    "stranger": add("attachments/" + "b" * 32),
    "other file": add("readme.txt"),
    "bomb": bomb,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_content_is_refused_though_sealed(archive: Path, name: str) -> None:
    before = set(archive.parent.iterdir())
    path = forged(archive, HOSTILE[name])
    with pytest.raises(Damaged, match="已损坏"):
        read(path)
    assert set(archive.parent.iterdir()) == before | {path}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_refused(archive: Path) -> None:
    with pytest.raises(Damaged, match="不该有"):
        read(forged(archive, add(SCAN_NAME, SCAN)))


@pytest.mark.parametrize("name", ["manifest.json", "database.sqlite", SCAN_NAME])
def test_a_missing_part_is_named(archive: Path, name: str) -> None:
    with pytest.raises(Damaged, match="缺少"):
        read(forged(archive, lambda out: None, without=name))


def test_another_content_under_the_name_is_refused(archive: Path) -> None:
    other = SCAN[:-1] + b"!"
    with pytest.raises(Damaged, match="不符"):
        read(forged(archive, add(SCAN_NAME, other), without=SCAN_NAME))


@pytest.mark.parametrize(
    "text", ["", "[]", "{", json.dumps({"format": "other"}), '{"format": "banjie-backup-1"}']
)
def test_a_manifest_that_is_none_is_refused(archive: Path, text: str) -> None:
    change = add("manifest.json", text.encode())
    with pytest.raises(Damaged, match="清单"):
        read(forged(archive, change, without="manifest.json"))


def test_what_is_no_archive_is_told_from_one(archive: Path, tmp_path: Path) -> None:
    assert is_archive(archive)
    (tmp_path / "other").write_bytes(b"SQLite format 3\0")
    assert not is_archive(tmp_path / "other")
    with pytest.raises(BackupError, match="不存在"):
        is_archive(tmp_path / "none")
