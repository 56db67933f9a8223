"""A whole copy of the database while people work: made aside, checked, then given its name."""

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.actions.office import load_rules
from app.extensions import db
from app.reports.backup_files import Backup, backup_name, backups_in
from config import Settings

# What an office lives on; none of them shrinks but the cases, by a draft thrown away.
TABLES = ("ab_user", "case_events", "cases", "evaluations", "results", "slips")
SQLITE_MARK, POSTGRESQL_MARK = b"SQLite format 3\0", b"PGDMP"
# Less than the job's lease: another host must not start beside a hanging dump.
LONGEST = 50 * 60
DAY = 24 * 3600
PART = ".part"

EXISTS = "文件已存在，不会覆盖：{path}"
NO_TOOL = "找不到 {name}：请安装 PostgreSQL 客户端程序，或用 BANJIE_PG_DUMP 指明 pg_dump 的位置"
TOOL_FAILED = "{name} 失败：{reason}"
TOO_LONG = "{name} 超过{minutes}分钟未完成"
UNKNOWN = "不是数据库备份文件：{path}"
DAMAGED = "备份文件已损坏：{reason}"
ROWS_DIFFER = "备份与数据库不一致：{table} 备份{copied}行，数据库{found}行"
TABLE_MISSING = "备份中没有表：{table}"
CANNOT_WRITE = "不能写入备份：{reason}"


class BackupError(Exception):
    """Why there is no backup, in Chinese for the jobs page and the terminal."""


def folder_of(settings: Settings) -> Path:
    """Return where the backups of this installation lie."""
    return settings.instance / "backups"


def prefix_of(settings: Settings) -> str:
    """Return how the names of its backups begin: the demo's never stand for the office's."""
    return "demo" if settings.is_demo else "banjie"


def create_backup(settings: Settings, *, now: datetime) -> Backup:
    """Add a checked backup to the folder and remove all but the newest the office keeps."""
    keep = load_rules().backup_keep
    # No transaction stays open meanwhile: PostgreSQL would end it, SQLite not shorten its log.
    db.session.rollback()
    folder, prefix = folder_of(settings), prefix_of(settings)
    suffix = ".db" if db.engine.dialect.name == "sqlite" else ".dump"
    target = folder / backup_name(prefix, now, suffix)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(folder, now)
        if not target.exists():  # a second run at the same instant finds it made
            write_backup(target, settings)
        for old in backups_in(folder, prefix)[keep:]:
            old.path.unlink()
    except OSError as error:
        raise BackupError(CANNOT_WRITE.format(reason=error.strerror or error)) from error
    return Backup(target, now, target.stat().st_size)


def write_backup(target: Path, settings: Settings) -> None:
    """Write one checked copy to `target`, which appears only when it is whole."""
    with _aside(target) as part:
        if db.engine.dialect.name == "sqlite":
            _copy_sqlite(db.engine, part)
        else:
            _dump_postgresql(db.engine, part, settings)
        with part.open("rb+") as whole:
            os.fsync(whole.fileno())  # a power cut must not leave an empty file under the name
        part.replace(target)


def verify_backup(path: Path, settings: Settings) -> None:
    """Read a backup to its end; raises BackupError when it is damaged or none at all."""
    try:
        with path.open("rb") as file:
            mark = file.read(len(SQLITE_MARK))
    except OSError as error:
        raise BackupError(CANNOT_WRITE.format(reason=error.strerror or error)) from error
    if mark == SQLITE_MARK:
        _count_copy(path)
    elif mark.startswith(POSTGRESQL_MARK):
        _read_dump(path, settings)
    else:
        raise BackupError(UNKNOWN.format(path=path))


@contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """Yield an empty private file beside the target; whatever is left of it goes."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}-", suffix=PART, dir=target.parent)
    os.close(descriptor)  # made for its owner alone
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _sweep(folder: Path, now: datetime) -> None:
    """Remove what a killed run left half-written a day ago or longer."""
    for path in folder.glob(f".*{PART}"):
        if path.stat().st_mtime < now.timestamp() - DAY:
            path.unlink(missing_ok=True)


# -- SQLite ------------------------------------------------------------------------------------


def _copy_sqlite(engine: Engine, target: Path) -> None:
    """VACUUM INTO reads one state; a copied file may be torn."""
    try:
        with engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            before = _counts(driver)
            # Outside any transaction of ours; it fills a file that is empty.
            driver.execute("VACUUM INTO ?", (str(target),))
            after = _counts(driver)
    except sqlite3.Error as error:
        raise BackupError(CANNOT_WRITE.format(reason=error)) from error
    copied = _count_copy(target)
    for table, count in copied.items():
        # People work meanwhile: the copy stands somewhere between before and after.
        low, high = sorted((before[table], after[table]))
        if not low <= count <= high:
            facts = {"table": table, "copied": count, "found": before[table]}
            raise BackupError(ROWS_DIFFER.format(**facts))


def _count_copy(path: Path) -> dict[str, int]:
    """Return the rows of a copy, after looking at every page of it."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            (answer,) = copy.execute("PRAGMA integrity_check").fetchone()
            if answer != "ok":
                raise BackupError(DAMAGED.format(reason=answer))
            return _counts(copy)
    except sqlite3.Error as error:
        raise BackupError(DAMAGED.format(reason=error)) from error


def _counts(connection: Any) -> dict[str, int]:
    counted = {}
    for table in TABLES:
        (counted[table],) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    return counted


# -- PostgreSQL --------------------------------------------------------------------------------


def _dump_postgresql(engine: Engine, target: Path, settings: Settings) -> None:
    arguments = engine.dialect.create_connect_args(engine.url)[1]
    values = {k: str(v) for k, v in arguments.items() if k not in ("context", "password")}
    address = " ".join(f"{k}='{_quoted(v)}'" for k, v in values.items())
    # Not among the arguments, which every user of the machine may list.
    secret = {"PGPASSWORD": str(arguments["password"])} if arguments.get("password") else {}
    command = ["--format=custom", f"--file={target}", f"--dbname={address}"]
    _run(_tool("pg_dump", settings), command, secret)
    _read_dump(target, settings)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def _read_dump(path: Path, settings: Settings) -> None:
    """List what a dump holds, then unpack it into nowhere: a list alone is read from its head."""
    tool = _tool("pg_restore", settings)
    held = set(re.findall(r" TABLE DATA \S+ (\S+) ", _run(tool, ["--list", str(path)])))
    for table in TABLES:
        if table not in held:
            raise BackupError(TABLE_MISSING.format(table=table))
    _run(tool, [f"--file={os.devnull}", str(path)])


def _tool(name: str, settings: Settings) -> str:
    """Return the program: beside the pg_dump of the setting, else from PATH."""
    given = Path(settings.pg_dump).with_name(name) if settings.pg_dump else Path(name)
    found = shutil.which(given)
    if found is None:
        raise BackupError(NO_TOOL.format(name=name))
    return found


def _run(tool: str, arguments: list[str], secret: Mapping[str, str] | None = None) -> str:
    """Return what the program printed; BackupError with its own last words."""
    name = Path(tool).name
    try:
        done = subprocess.run(  # noqa: S603 (arguments are a list, no shell reads them)
            [tool, *arguments], env={**os.environ, **(secret or {})}, capture_output=True,
            text=True, errors="replace", timeout=LONGEST, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise BackupError(TOO_LONG.format(name=name, minutes=LONGEST // 60)) from None
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"{done.returncode}"])[-1]
        raise BackupError(TOOL_FAILED.format(name=name, reason=reason[:200]))
    return done.stdout
