"""PostgreSQL's copies: pg_dump under a snapshot of ours, so that counts and dump see one instant.

A dump is read as text, row by row; what the checks ask is put into a small SQLite file.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Boolean, Connection, Engine, column, create_engine, insert, table, text
from sqlalchemy.pool import NullPool

from app.backup.archive import Facts
from app.backup.copies import head_of, schema_of
from app.backup.problems import BackupError, Damaged
from app.database import snapshot
from app.extensions import db
from config import Settings

# Less than the job's lease: another host must not start beside a hanging dump.
LONGEST = 50 * 60
SCHEMA = "public"
NO_TOOL = "找不到 {name}：请安装 PostgreSQL 客户端程序，或用 BANJIE_PG_DUMP 指明 pg_dump 的位置"
TOOL_FAILED = "{name} 失败：{reason}"
TOO_LONG = "{name} 超过{minutes}分钟未完成"
# What the checks look into; the rows of the other tables are counted only.
LOOKED_AT = re.compile(r"audit_\w+|case_events|attachments|alembic_version|settings\Z")
HEAD = re.compile(rb"COPY public\.(\w+) \((.*)\) FROM stdin;\n\Z")
END = b"\\.\n"
BATCH = 1000
ESCAPED = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def size_of(engine: Engine) -> int:
    """Return about how many bytes a copy takes at most."""
    with engine.connect() as connection:
        query = text("SELECT pg_database_size(current_database())")
        return int(connection.execute(query).scalar_one())


@contextmanager
def copying(engine: Engine, target: Path, settings: Settings) -> Iterator[Connection]:
    """Dump the database into a new file; yield a connection that sees what the dump holds."""
    with snapshot(engine) as connection:
        # It waits for the dump, which may take longer than the guard against frozen holders.
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        name = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        command = [
            "--format=custom",
            f"--schema={SCHEMA}",
            f"--snapshot={name}",
            f"--file={target}",
        ]
        run("pg_dump", [*command, *address_of(engine)], settings, secret_of(engine))
        target.chmod(0o600)
        yield connection


@contextmanager
def opened(path: Path, settings: Settings) -> Iterator[tuple[Engine, Facts]]:
    """Read a dump to its end; yield an engine over what the checks look into, and its facts."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        engine = create_engine(f"sqlite:///{folder}/rows.db", poolclass=NullPool)
        try:
            with engine.begin() as connection:
                db.metadata.create_all(connection)
                connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
                counts = _read(path, settings, connection)
                names = sorted(counts)
                schema = schema_of(connection, names)
                facts = Facts(schema, counts, *head_of(connection, names))
            yield engine, facts
        finally:
            engine.dispose()


def address_of(engine: Engine) -> list[str]:
    """Return the argument that names the database, without the password."""
    arguments = engine.dialect.create_connect_args(engine.url)[1]
    values = {k: str(v) for k, v in arguments.items() if k not in ("context", "password")}
    return ["--dbname=" + " ".join(f"{k}='{_quoted(v)}'" for k, v in values.items())]


def secret_of(engine: Engine) -> dict[str, str]:
    """Return the password's variable: every user of the machine may list the arguments."""
    password = engine.dialect.create_connect_args(engine.url)[1].get("password")
    return {"PGPASSWORD": str(password)} if password else {}


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def run(
    name: str, arguments: list[str], settings: Settings, secret: Mapping[str, str] | None = None
) -> str:
    """Return what the program printed; BackupError with its own last words."""
    try:
        done = subprocess.run(  # noqa: S603 # nosec B603 (a list: no shell reads it)
            [tool(name, settings), *arguments], env={**os.environ, **(secret or {})},
            capture_output=True, text=True, errors="replace", timeout=LONGEST, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise BackupError(TOO_LONG.format(name=name, minutes=LONGEST // 60)) from None
    if done.returncode:
        raise _failed(name, done.stderr, done.returncode)
    return done.stdout


def _failed(name: str, words: str, code: int) -> BackupError:
    reason = (words.strip().splitlines() or [f"{code}"])[-1]
    return BackupError(TOOL_FAILED.format(name=name, reason=reason[:200]))


def tool(name: str, settings: Settings) -> str:
    """Return the program: beside the pg_dump of the setting, else from PATH."""
    given = Path(settings.pg_dump).with_name(name) if settings.pg_dump else Path(name)
    found = shutil.which(given)
    if found is None:
        raise BackupError(NO_TOOL.format(name=name))
    return found


# -- a dump as rows ----------------------------------------------------------------------------


def _read(path: Path, settings: Settings, connection: Connection) -> dict[str, int]:
    """Count the rows of every table; keep those that are looked at."""
    command = [tool("pg_restore", settings), "--file=-", str(path)]
    with (
        tempfile.TemporaryFile() as words,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=words) as process,  # noqa: S603 # nosec B603
    ):
        counts = dict(_counted(process.stdout, connection))
        if process.wait():
            words.seek(0)
            error = _failed("pg_restore", words.read().decode(errors="replace"), process.returncode)
            raise Damaged(str(error)) from error
    return counts


def _counted(lines: IO[bytes] | None, connection: Connection) -> Counter[str]:
    counts: Counter[str] = Counter()
    for line in lines or ():
        head = HEAD.match(line)
        if head is None:
            continue
        name = head[1].decode()
        columns = [each.strip('"') for each in head[2].decode().split(", ")]
        counts[name] = 0
        keep = _Keeper(connection, name, columns) if LOOKED_AT.match(name) else None
        for row in iter(lines.readline if lines else bytes, END):
            if not row:
                break  # cut: pg_restore itself will say so
            counts[name] += 1
            if keep:
                keep.add(row)
        if keep:
            keep.flush()
    return counts


class _Keeper:
    """Puts the rows of one table into the small file."""

    def __init__(self, connection: Connection, name: str, columns: list[str]) -> None:
        self._connection, self._columns, self._rows = connection, columns, []  # type: ignore[var-annotated]
        ours = db.metadata.tables.get(name)
        known = [c for c in columns if ours is None or c in ours.columns]
        self._known = set(known)
        self._booleans = {
            c for c in known if ours is not None and isinstance(ours.columns[c].type, Boolean)
        }
        # As text: SQLite's own affinities make numbers of numbers.
        self._insert = insert(table(name, *map(column, known)))

    def add(self, line: bytes) -> None:
        values = map(_value, line.decode().removesuffix("\n").split("\t"))
        row: dict[str, Any] = {
            c: v for c, v in zip(self._columns, values, strict=True) if c in self._known
        }
        row |= {c: row[c] == "t" for c in self._booleans if row[c] is not None}
        self._rows.append(row)
        if len(self._rows) >= BATCH:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            self._connection.execute(self._insert, self._rows)
            self._rows.clear()


def _value(field: str) -> str | None:
    if field == r"\N":
        return None
    return ESCAPED.sub(_unescaped, field) if "\\" in field else field


def _unescaped(match: re.Match[str]) -> str:
    sign = match[1]
    if len(sign) == 1 and not sign.isdigit():
        return ESCAPES.get(sign, sign)
    return chr(int(sign[1:], 16) if sign[0] == "x" else int(sign, 8))
