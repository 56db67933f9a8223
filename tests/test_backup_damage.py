"""A backup that is not what was written is refused with words, whoever sealed it anew."""

import hashlib
import json
import stat
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app.audit_log import files as audit_files
from app.audit_log.anchors import add_anchor
from app.backup.seal import SEAL, blank, put
from app.clock import now
from app.domain.audit import Head
from app.files import attachments_shelf
from app.models.keyring import Key
from app.web.server import is_migrated
from tests.backups import NIGHT, command, fill, place, with_folder
from tests.databases import DATA_KEY, Backend

__all__ = ["place"]
pytestmark = pytest.mark.sqlite_only
DATABASE, MANIFEST = "database.sqlite", "manifest.json"
MEMBERS = (DATABASE, MANIFEST, "audit-anchors.txt", "audit-archive/", "attachments/")
Contents = dict[str, bytes]
KEY = Key.of(DATA_KEY)
MADE: list[Path] = []


@pytest.fixture
def archive(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a backup with all that a backup can hold; made once."""
    if not MADE:
        folder = tmp_path_factory.mktemp("damage")
        for office in with_folder(backend.app, folder / "office"):
            with office.app_context():
                fill(office)
                settings = office.config["SETTINGS"]
                later = now().replace(year=now().year + 1)
                assert audit_files.archive(settings, now=later) is not None
                assert command(office, "create", folder / "office.zip")[0] == 0
        MADE.append(folder / "office.zip")
    return MADE[0]


def contents_of(path: Path) -> Contents:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sealed(path: Path, contents: Contents, *extra: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    """Write a backup as somebody would who has the data key too."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (*contents.items(), *extra):
            archive.writestr(name, content)
        archive.comment = blank(KEY)
    return seal_anew(path)


def seal_anew(path: Path) -> Path:
    with path.open("rb+") as file:
        put(file, KEY)
    return path


def sealed_as_before(path: Path, contents: Contents) -> Path:
    """Write a backup with the seal of earlier versions, that needs no key."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
        archive.comment = b"0" * SEAL
    whole = path.read_bytes()[:-SEAL]
    path.write_bytes(whole + hashlib.sha256(whole).hexdigest().encode())
    return path


def member(contents: Contents, beginning: str) -> str:
    return next(name for name in contents if name.startswith(beginning))


def refused(place: Flask, path: Path) -> str:
    """Hold that neither reading nor restoring it is done; return what a person reads."""
    code, output = command(place, "verify", path)
    assert (code, "备份文件已损坏：" in output) == (1, True), output
    with place.app_context():
        code, again = command(place, "restore", path, "--yes")
        assert (code, "备份文件已损坏：" in again) == (1, True), again
        assert not is_migrated(place)
        assert not attachments_shelf(place.config["SETTINGS"]).folder.exists()
    return output


@pytest.mark.parametrize("beginning", MEMBERS)
def test_byte_changed_in_a_member_is_found(
    archive: Path, place: Flask, tmp_path: Path, beginning: str
) -> None:
    """As it lies on the disk, and in a file that was packed and sealed anew."""
    whole, contents = bytearray(archive.read_bytes()), contents_of(archive)
    name = member(contents, beginning)
    with zipfile.ZipFile(archive) as packed:
        entry = packed.getinfo(name)
    start = entry.header_offset + 30 + len(name)
    whole[start + entry.compress_size // 2] ^= 1
    (tmp_path / "flipped.zip").write_bytes(whole)
    assert "校验值" in refused(place, tmp_path / "flipped.zip")
    refused(place, seal_anew(tmp_path / "flipped.zip"))
    changed = bytearray(contents[name])
    changed[len(changed) // 2] ^= 1
    refused(place, sealed(tmp_path / "anew.zip", contents | {name: bytes(changed)}))


def test_seal_is_made_again_by_nobody_without_the_data_key(
    archive: Path, place: Flask, tmp_path: Path
) -> None:
    """Neither by another key nor by that of earlier versions, taken only by who knows the file."""
    whole = contents_of(archive)
    other = Key.of("another key that is not the office's 0123456789")
    path = sealed(tmp_path / "other.zip", whole)
    for claimed in (KEY, replace(other, id=KEY.id)):
        with path.open("rb+") as file:
            put(file, claimed)
    assert "校验值" in refused(place, path)
    raw = path.read_bytes()
    path.write_bytes(raw[: -SEAL - len(other.id)] + other.id.encode() + raw[-SEAL:])
    with path.open("rb+") as file:
        put(file, other)
    code, output = command(place, "verify", path)
    assert (code, "另一个数据密钥" in output, other.id in output) == (1, True, True), output
    old = sealed_as_before(tmp_path / "old.zip", whole)
    for words in ("verify", old), ("restore", old, "--yes"):
        with place.app_context():
            code, output = command(place, *words)
            assert (code, "未加密钥的旧备份" in output) == (1, True), output
            assert not is_migrated(place)
            code, output = command(place, *words, "--old-seal")
            assert (code, "不能证明没有被改过" in output) == (0, True), output
    with old.open("rb+") as file:
        file.seek(1000)
        file.write(b"x")
    assert "与文件末尾的校验值不符" in command(place, "verify", old)[1]


@pytest.mark.parametrize("beginning", MEMBERS)
def test_member_that_is_missing_or_renamed_is_found(
    archive: Path, place: Flask, tmp_path: Path, beginning: str
) -> None:
    contents = contents_of(archive)
    name = member(contents, beginning)
    content = contents.pop(name)
    assert name in refused(place, sealed(tmp_path / "missing.zip", contents))
    other = "audit-archive/audit-000000001-000000002.jsonl.gz"
    for new in ("attachments/" + "e" * 32, other, f"x-{name}"):
        refused(place, sealed(tmp_path / "renamed.zip", contents | {new: content}))


@pytest.mark.parametrize("left", [0.99, 0.5, 0.01])
def test_file_that_breaks_off_is_found(
    archive: Path, place: Flask, tmp_path: Path, left: float
) -> None:
    whole = archive.read_bytes()
    (tmp_path / "short.zip").write_bytes(whole[: int(len(whole) * left)])
    refused(place, tmp_path / "short.zip")
    assert "不完整" in refused(place, seal_anew(tmp_path / "short.zip"))


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd", "/etc/passwd", "attachments/../../x", "C:\\x",
        "attachments\\" + "a" * 32,
        "attachments/" + "A" * 32, "attachments/" + "a" * 32 + "\n", "audit-archive/../x.jsonl.gz",
        "audit-archive/audit-1-2.jsonl.gz", "实例/key", "attachments/",
    ],
)  # fmt: skip
def test_name_that_leads_elsewhere_is_found(
    archive: Path, place: Flask, tmp_path: Path, name: str
) -> None:
    path = sealed(tmp_path / "path.zip", contents_of(archive), (name, b"x"))
    assert "不该有的内容" in refused(place, path)


def test_bomb_is_not_unpacked(place: Flask, tmp_path: Path) -> None:
    """Neither one that says how large it is, nor one whose manifest and header lie."""
    large = b"\0" * (210 * 1024 * 1024)
    path = sealed(tmp_path / "bomb.zip", {}, ("attachments/" + "f" * 32, large))
    assert "大小异常" in refused(place, path)
    told = struct.pack("<L", len(large))
    assert path.read_bytes().count(told) == 2
    path.write_bytes(path.read_bytes().replace(told, struct.pack("<L", 10)))
    refused(place, seal_anew(path))


def test_link_twin_and_strange_manifest_are_found(
    archive: Path, place: Flask, tmp_path: Path
) -> None:
    contents = contents_of(archive)
    link = zipfile.ZipInfo("attachments/" + "d" * 32)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "不该有的内容" in refused(
        place, sealed(tmp_path / "link.zip", contents, (link, b"/etc/passwd"))
    )
    with pytest.warns(UserWarning, match="Duplicate"):
        twin = sealed(tmp_path / "twin.zip", contents, (MANIFEST, contents[MANIFEST]))
    assert "不该有的内容" in refused(place, twin)
    told = json.loads(contents[MANIFEST])
    any_word = {"office", "program", "missing", "data_keys", "lost_guards"}
    for key in set(told) - any_word:
        for value in (7, {"a": 1}):
            lie = contents | {MANIFEST: json.dumps(told | {key: value}).encode()}
            code, output = command(place, "verify", sealed(tmp_path / "lie.zip", lie))
            assert (code, "备份文件已损坏：" in output) == (1, True), (key, value, output)


@pytest.mark.parametrize(
    ("sign", "change"),
    [
        ("行", lambda told: told["facts"]["tables"].update(cases=99)),
        ("末尾", lambda told: told["facts"].update(audit_hash="0" * 64)),
        ("附件", lambda told: told["missing"].append("a" * 32)),
    ],
)
def test_manifest_that_tells_another_story_is_found(
    archive: Path, place: Flask, tmp_path: Path, sign: str, change: Callable[..., None]
) -> None:
    contents = contents_of(archive)
    told = json.loads(contents[MANIFEST])
    change(told)
    lie = contents | {MANIFEST: json.dumps(told).encode()}
    if sign == "附件":
        lie.pop(member(lie, "attachments/"))
        told["parts"] = [p for p in told["parts"] if p["name"] in lie]
        lie[MANIFEST] = json.dumps(told).encode()
    assert sign in refused(place, sealed(tmp_path / "lie.zip", lie))


def test_forged_head_in_the_anchors_is_found(archive: Path, place: Flask, tmp_path: Path) -> None:
    contents = contents_of(archive)
    settings = place.config["SETTINGS"]
    add_anchor(settings, Head(3, "a" * 64), now=NIGHT)
    forged = (settings.anchors / "audit-anchors.txt").read_bytes()
    contents["audit-anchors.txt"] = forged
    told = json.loads(contents[MANIFEST])
    part = next(p for p in told["parts"] if p["name"] == "audit-anchors.txt")
    part |= {"size": len(forged), "sha256": hashlib.sha256(forged).hexdigest()}
    contents[MANIFEST] = json.dumps(told).encode()
    assert "审计日志" in refused(place, sealed(tmp_path / "forged.zip", contents))
