"""What is in a copy of the database: counted, its log verified, its attachments held against it."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

from flask import current_app
from sqlalchemy import Connection, Engine, func, inspect, select, table, text
from sqlalchemy.orm import Session

from app.actions.audit_chain import faults_in
from app.audit_log.anchors import Anchors
from app.audit_log.files import kept, links_of
from app.audit_log.words import sentence
from app.backup.archive import Facts, LogFaults, Manifest, Part
from app.backup.problems import Damaged
from app.domain.audit import BEGINNING
from app.extensions import db
from app.models.keyring import ID_LENGTH, ring
from app.schema import UNFINISHED

COUNTS_DIFFER = "表“{table}”应有{expected}行，实有{found}行"
HEAD_DIFFERS = "审计日志末尾或结构版本与清单不符"
CHAIN_DIFFERS = "审计日志有{count}处不符（{first}），清单记有{expected}处"
FILE_MISSING = "附件记录{name}没有文件，或文件不符"
FILE_UNKNOWN = "文件{name}没有附件记录"


@contextmanager
def asking(engine: Engine | Connection) -> Iterator[None]:
    """Let whatever asks db.session inside ask this database instead of the office's own."""
    with current_app.app_context():
        db.session.registry.set(Session(bind=engine))
        try:
            yield
        finally:
            db.session.remove()


def facts_of(connection: Connection) -> Facts:
    """Count every table, and read where schema and log stand, in one transaction."""
    names = sorted({*inspect(connection).get_table_names()} - {UNFINISHED})
    counts = {
        name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
        for name in names
    }
    return Facts(schema_of(connection, names), counts, *head_of(connection, names))


def schema_of(connection: Connection, names: list[str]) -> str:
    """Return the migration a database stands at; blank for none."""
    if "alembic_version" not in names:
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def head_of(connection: Connection, names: list[str]) -> tuple[int, str]:
    """Return the last number and digest of the log; of a database older than the log, none."""
    if "audit_head" not in names:
        return 0, BEGINNING
    row = connection.execute(text("SELECT seq, hash FROM audit_head")).first()
    return (row.seq, row.hash) if row else (0, BEGINNING)


def data_keys_of(connection: Connection) -> tuple[str, ...]:
    """Return what shows with which keys the numbers of a copy were sealed; of an old one, none."""
    if "data_keys" not in inspect(connection).get_table_names():
        return ()
    query = text("SELECT check_value FROM data_keys WHERE retired_at IS NULL ORDER BY key_id")
    return tuple(row.check_value for row in connection.execute(query))


def attachment_rows(connection: Connection) -> dict[str, Part]:
    """Return stored name → what the record says of the file."""
    if "attachments" not in inspect(connection).get_table_names():
        return {}
    query = text("SELECT stored_name, file_size, sha256 FROM attachments ORDER BY id")
    return {row.stored_name: Part(*row) for row in connection.execute(query)}


# -- held against the manifest -----------------------------------------------------------------


def check_facts(found: Facts, expected: Facts) -> None:
    """Raise Damaged for the first thing that differs."""
    for name in sorted({*found.tables, *expected.tables}):
        counts = expected.tables.get(name), found.tables.get(name)
        if counts[0] != counts[1]:
            facts = {"table": name, "expected": counts[0] or 0, "found": counts[1] or 0}
            raise Damaged(COUNTS_DIFFER.format(**facts))
    if found != expected:
        raise Damaged(HEAD_DIFFERS)


def strange_keys(manifest: Manifest) -> list[str]:
    """Return the names of the data keys that sealed the backup's numbers and are not here."""
    keys = ring()
    found = {check: keys.find(check[:ID_LENGTH]) for check in manifest.data_keys}
    return [check[:ID_LENGTH] for check, key in found.items() if key is None or key.check != check]


def check_attachments(connection: Connection, manifest: Manifest) -> None:
    """Every record has its file, whole, and every file its record."""
    rows, held = attachment_rows(connection), manifest.attachments
    for name, row in rows.items():
        part = held.get(name)
        is_known_lost = part is None and name in manifest.missing
        if not is_known_lost and (part is None or _content(part) != _content(row)):
            raise Damaged(FILE_MISSING.format(name=name))
    for name in held:
        if name not in rows:
            raise Damaged(FILE_UNKNOWN.format(name=name))


def _content(part: Part) -> tuple[int, str]:
    return part.size, part.sha256


def log_faults(
    connection: Connection, anchors: Anchors, folder: Path, lost: Collection[str] = ()
) -> LogFaults:
    """Read a log across the 归档 in a folder, as far as none is lost, and hold it to anchors."""
    with asking(connection):
        rows = takewhile(lambda row: row.file_name not in lost, kept())
        found = faults_in(connection, anchors=anchors.heads, archived=links_of(folder, rows))
    return LogFaults.of([*anchors.faults, *found])


def check_chain(engine: Engine, anchors: Anchors, folder: Path, manifest: Manifest) -> None:
    """The copy's log is as whole, or as broken, as it was when the backup was made."""
    with engine.connect() as connection:
        found = log_faults(connection, anchors, folder, manifest.missing)
    expected = manifest.log_faults
    if found != expected:
        first = sentence(found.first[0]) if found.first else ""
        told = {"count": found.count, "first": first, "expected": expected.count}
        raise Damaged(CHAIN_DIFFERS.format(**told))
