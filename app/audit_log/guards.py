"""The triggers that let nobody change or delete what is evidence: are they there, as migrated?

Whoever owns the tables can drop one, switch it off or put an idle one in its place. The texts are
those that the migrations leave behind; a test holds the two together.
"""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, text

from app.actions.audit import Fault
from app.domain.audit import Tampering

DRAFT = (
    "EXISTS (SELECT 1 FROM cases WHERE id = OLD.case_id AND state = 'draft' AND ledger_no IS NULL)"
)
ARCHIVED = "EXISTS (SELECT 1 FROM audit_archives WHERE last_seq >= OLD.id)"
# Trigger → table, before what, under which condition it refuses.
SQLITE_REFUSALS: Mapping[str, tuple[str, str, str]] = {
    "audit_archives_no_delete": ("audit_archives", "DELETE", "WHEN 1 "),
    "audit_archives_no_update": ("audit_archives", "UPDATE", "WHEN 1 "),
    "audit_entries_no_delete": (
        "audit_entries", "DELETE",
        f"WHEN NOT (OLD.at < datetime('now', '-183 days') AND {ARCHIVED}) ",
    ),
    "audit_entries_no_replace": (
        "audit_entries", "INSERT", "WHEN NEW.id <= (SELECT max(seq) FROM audit_head) ",
    ),
    "audit_entries_no_update": ("audit_entries", "UPDATE", ""),
    "audit_head_no_delete": ("audit_head", "DELETE", "WHEN 1 "),
    "audit_head_no_replace": (
        "audit_head", "INSERT", "WHEN EXISTS (SELECT 1 FROM audit_head) ",
    ),
    "audit_head_no_way_back": (
        "audit_head", "UPDATE", "WHEN NEW.seq <= OLD.seq OR NEW.id <> OLD.id ",
    ),
    "case_events_no_delete": ("case_events", "DELETE", f"WHEN NOT {DRAFT} "),
    "case_events_no_replace": (
        "case_events", "INSERT",
        "WHEN EXISTS (SELECT 1 FROM case_events WHERE id = NEW.id) ",
    ),
    "case_events_no_update": ("case_events", "UPDATE", ""),
    "cases_keep_number": (
        "cases", "UPDATE OF ledger_no",
        "WHEN OLD.ledger_no IS NOT NULL AND NEW.ledger_no IS NOT OLD.ledger_no ",
    ),
    "cases_no_delete": (
        "cases", "DELETE", "WHEN OLD.state <> 'draft' OR OLD.ledger_no IS NOT NULL ",
    ),
}  # fmt: skip
SQLITE: Mapping[str, str] = {
    name: f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {condition}"
    f"BEGIN SELECT RAISE(ABORT, '{table}: rows are never changed'); END"
    for name, (table, verb, condition) in SQLITE_REFUSALS.items()
} | {
    "cases_take_events": "CREATE TRIGGER cases_take_events BEFORE DELETE ON cases "
    "BEGIN DELETE FROM case_events WHERE case_id = OLD.id; END"
}
GUARDED = ("audit_archives", "audit_entries", "audit_head", "case_events")
# Function → what else it is declared with, and its body.
FUNCTIONS: Mapping[str, tuple[str, str]] = {
    "refuse_change": ("", f"""
    BEGIN
        IF TG_TABLE_NAME = 'case_events' AND TG_OP = 'DELETE' THEN
            IF {DRAFT} THEN RETURN OLD; END IF;
        END IF;
        IF TG_TABLE_NAME = 'audit_entries' AND TG_OP = 'DELETE' THEN
            IF OLD.at < (now() AT TIME ZONE 'UTC') - interval '183 days' AND {ARCHIVED}
            THEN RETURN OLD; END IF;
        END IF;
        IF TG_TABLE_NAME = 'audit_head' AND TG_OP = 'UPDATE' THEN
            IF NEW.seq > OLD.seq AND NEW.id = OLD.id THEN RETURN NEW; END IF;
        END IF;
        RAISE EXCEPTION '%: rows are never changed', TG_TABLE_NAME;
    END """),
    "keep_cases": ("SECURITY DEFINER SET search_path FROM CURRENT", """
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF OLD.ledger_no IS NULL OR NEW.ledger_no IS NOT DISTINCT FROM OLD.ledger_no
            THEN RETURN NEW; END IF;
        ELSIF OLD.state = 'draft' AND OLD.ledger_no IS NULL THEN
            DELETE FROM case_events WHERE case_id = OLD.id;
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'cases: rows are never changed';
    END """),
}  # fmt: skip
# As pg_get_triggerdef() prints them, the name of the schema left out.
POSTGRESQL: Mapping[str, str] = {
    f"{table}_{name}": f"CREATE TRIGGER {table}_{name} BEFORE {verb} ON {table} "
    f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
    for table in GUARDED
    for name, verb, each in (
        ("fixed", "DELETE OR UPDATE", "ROW"),
        ("kept", "TRUNCATE", "STATEMENT"),
    )
} | {
    "cases_kept": "CREATE TRIGGER cases_kept BEFORE DELETE OR UPDATE OF ledger_no ON cases "
    "FOR EACH ROW EXECUTE FUNCTION keep_cases()"
}
SQLITE_FOUND = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
# One that is switched off, or only works on a replica, is none.
POSTGRESQL_FOUND = """
    SELECT tgname AS name, replace(pg_get_triggerdef(pg_trigger.oid), ' ON public.', ' ON ') AS sql
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace = 'public'::regnamespace AND tgenabled IN ('O', 'A')
        AND NOT tgisinternal
    UNION ALL SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


def faults(connection: Connection) -> list[Fault]:
    """Return every guard that is missing, switched off, or another than the migrations make."""
    return [Fault(0, Tampering.GUARD, name) for name in missing(connection)]


def missing(connection: Connection) -> list[str]:
    """Return the names of those guards."""
    is_sqlite = connection.dialect.name == "sqlite"
    rows = connection.execute(text(SQLITE_FOUND if is_sqlite else POSTGRESQL_FOUND))
    found = {row.name: _plain(row.sql) for row in rows}
    bodies = {} if is_sqlite else {name: body for name, (_more, body) in FUNCTIONS.items()}
    expected = {**bodies, **(SQLITE if is_sqlite else POSTGRESQL)}
    return [name for name, sql in expected.items() if found.get(name) != _plain(sql)]


def put_back(connection: Connection) -> list[str]:
    """Make what is missing as the migrations do, as the owner of the tables; return the names."""
    names = missing(connection)
    for statement in _statements(names, connection.dialect.name):
        connection.execute(text(statement))
    return names


def _statements(names: list[str], dialect: str) -> Iterator[str]:
    for name in names:
        if dialect == "sqlite":
            yield f"DROP TRIGGER IF EXISTS {name}"
            yield SQLITE[name]
        elif name in FUNCTIONS:
            more, body = FUNCTIONS[name]
            head = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {more}"
            yield f"{head} AS $${body}$$"
        else:
            table = name.rpartition("_")[0]
            yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
            yield POSTGRESQL[name]


def _plain(sql: str) -> str:
    return " ".join(sql.split())
