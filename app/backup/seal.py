"""The end of a backup: which data key it was sealed with, and the HMAC-SHA256 of all before.

Whoever has no data key can change a backup, but not seal it again. Earlier versions sealed with a
plain SHA-256, which anybody can: such a file is taken only when somebody says that he knows.
"""

import hashlib
import hmac
import os
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from app.backup.problems import BackupError, Damaged, Tell
from app.models.keyring import ID_LENGTH, Key, ring

SEAL = 64  # characters
PIECE = 1024 * 1024
COMMENT = ID_LENGTH + SEAL  # the ZIP's own, whose length stands in two bytes before it
CHECKING = "核对文件"
SEAL_BROKEN = "内容与文件末尾的校验值不符"
NOT_ZIP = "文件不完整"
STRANGE_KEY = """\
备份是用另一个数据密钥（编号{key}）加的校验值，这里没有这个密钥，不能核对。
请把备份当时的数据密钥放回原处，或写入环境变量 BANJIE_DATA_KEY。"""
PLAIN = """\
这是未加密钥的旧备份：它的校验值谁都能重算，只能证明没有损坏，不能证明没有被改过。
确知来历的，加上 --old-seal 再运行。"""


class OtherKey(BackupError):
    """The file was sealed with a data key that is not here."""

    def __init__(self, key_id: str) -> None:
        super().__init__(STRANGE_KEY.format(key=key_id))
        self.key_id = key_id


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


def blank(key: Key) -> bytes:
    """Return the comment that holds the place of the seal."""
    return key.id.encode() + b"0" * SEAL


def put(file: BinaryIO, key: Key) -> None:
    """Write the seal over its place, and force the file to disk."""
    seal = _digest(file, _keyed(key))
    file.seek(-SEAL, os.SEEK_END)
    file.write(seal)
    file.flush()
    os.fsync(file.fileno())  # a power cut must not leave an empty file under the name


def read(file: BinaryIO) -> str:
    """Return the seal as it stands there."""
    file.seek(-SEAL, os.SEEK_END)
    return file.read().decode("ascii")


def check(file: BinaryIO, tell: Tell, *, is_old_taken: bool) -> None:
    """Raise Damaged or OtherKey unless the seal holds; BackupError for an old one not asked for."""
    total = file.seek(0, os.SEEK_END)
    file.seek(-min(total, COMMENT + 2), os.SEEK_END)
    end = file.read()
    if old := _is_old(end):
        digest: Any = hashlib.sha256()
    elif end[:2] == COMMENT.to_bytes(2, "little"):
        key_id = end[2:-SEAL].decode("ascii", "replace")
        key = ring().find(key_id)
        if key is None:
            raise OtherKey(key_id)
        digest = _keyed(key)
    else:
        raise Damaged(NOT_ZIP)
    if not hmac.compare_digest(_digest(file, digest, tell), end[-SEAL:]):
        raise Damaged(SEAL_BROKEN)
    if old and not is_old_taken:
        raise BackupError(PLAIN)


def is_old(path: Path) -> bool:
    """Return whether a file has the seal of earlier versions."""
    with path.open("rb") as file:
        file.seek(-min(file.seek(0, os.SEEK_END), SEAL + 2), os.SEEK_END)
        return _is_old(file.read())


def _is_old(end: bytes) -> bool:
    return end[-SEAL - 2 : -SEAL] == SEAL.to_bytes(2, "little")


def _keyed(key: Key) -> _Digest:
    return hmac.new(key.sealer, digestmod="sha256")


def _digest(file: BinaryIO, digest: _Digest, tell: Tell | None = None) -> bytes:
    """Return the digest, in hex, of all but the last 64 bytes."""
    left = total = max(file.seek(0, os.SEEK_END) - SEAL, 0)
    file.seek(0)
    while left and (piece := file.read(min(PIECE, left))):
        digest.update(piece)
        left -= len(piece)
        if tell:
            tell(CHECKING, total - left, total)
    return digest.hexdigest().encode()
