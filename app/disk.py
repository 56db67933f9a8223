"""A full disk, whoever notices it first: Python, SQLite or PostgreSQL."""

import errno
import sqlite3

from app.causes import behind

# Also a quota, and a limit on the size of files.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
SQLITE_FULL = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_SHMSIZE,
    }
)
POSTGRESQL_FULL = "53100"
NO_ROOM = "磁盘空间不足"
WORDS = {
    errno.EACCES: "没有写入权限",
    errno.EROFS: "磁盘只读",
    errno.ENOENT: "文件或目录不存在",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.EISDIR: "是目录，不是文件",
    errno.EEXIST: "文件已存在",
    errno.EIO: "磁盘读写出错",
}


def is_full(error: BaseException | None) -> bool:
    """Return whether there was no room left, somewhere behind this error."""
    return any(_says_full(each) for each in behind(error))


def reason_of(error: BaseException) -> str:
    """Return why a file could not be read or written, in the office's words where there are."""
    if is_full(error):
        return NO_ROOM
    number = getattr(error, "errno", None)
    return WORDS.get(number or 0) or str(getattr(error, "strerror", None) or error)


def _says_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in FULL
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) in SQLITE_FULL
    return getattr(error, "sqlstate", None) == POSTGRESQL_FULL
