"""What is in a copy of the database: counted, its log verified, its attachments held against it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flask import current_app
from sqlalchemy import Connection, Engine, func, inspect, select, table, text
from sqlalchemy.orm import Session

from app.actions import audit
from app.audit_log.files import kept, links_of
from app.backup.archive import Damaged, Facts, Manifest, Part
from app.domain.audit import BEGINNING
from app.extensions import db
from app.models.keyring import ID_LENGTH, ring
from app.schema import UNFINISHED

COUNTS_DIFFER = "表“{table}”应有{expected}行，实有{found}行"
HEAD_DIFFERS = "审计日志末尾或结构版本与清单不符"
CHAIN_BROKEN = "审计日志有{count}处不符（第一处在第{seq}条）"
FILE_MISSING = "附件记录{name}没有文件，或文件不符"
FILE_UNKNOWN = "文件{name}没有附件记录"


@contextmanager
def asking(engine: Engine) -> Iterator[None]:
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


def check_chain(engine: Engine, anchors: Mapping[int, str], folder: Path) -> None:
    """Verify the copy's audit log across the 归档 in a folder, with the anchors it must know of."""
    with asking(engine):
        faults = audit.verify(anchors=anchors, archived=links_of(folder, kept()))
    if faults:
        raise Damaged(CHAIN_BROKEN.format(count=len(faults), seq=faults[0].seq))
