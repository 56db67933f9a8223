"""The rights of the application's own account on PostgreSQL: it adds to the log and no more.

Tables belong to whoever runs the migrations; the application logs in under another name, which
can therefore switch no trigger off.
"""

import re

from flask_appbuilder import Model
from sqlalchemy import text

from app.extensions import db

ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
SCHEMA = "public"
# Tables that are only ever added to; the head is moved on, its trigger sees which way.
ADDED_TO = ("audit_archives", "audit_entries", "case_events")
HEAD = "audit_head"
VERSION = "alembic_version"


class BadRole(ValueError):
    """No name of a role that needs no quoting."""


def statements(role: str) -> list[str]:
    """Return the SQL that gives the role what the application needs, and takes the rest away."""
    if not ROLE.fullmatch(role):
        raise BadRole(role)
    tables = sorted(set(Model.metadata.tables) - {*ADDED_TO, HEAD})
    return [
        f"REVOKE CREATE ON SCHEMA {SCHEMA} FROM PUBLIC",
        f"REVOKE ALL ON SCHEMA {SCHEMA} FROM {role}",
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {role}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(tables)} TO {role}",
        f"GRANT SELECT, INSERT ON {', '.join(ADDED_TO)} TO {role}",
        f"GRANT SELECT, UPDATE ON {HEAD} TO {role}",
        f"GRANT SELECT ON {VERSION} TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO {role}",
    ]


def grant(role: str) -> None:
    """Run them, all or none, as the owner of the tables."""
    with db.engine.begin() as connection:
        for statement in statements(role):
            connection.execute(text(statement))


def may_tamper() -> bool:
    """Return whether the account of this connection could change the log past its guards."""
    if db.engine.dialect.name != "postgresql":
        return True
    with db.engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT bool_or(pg_catalog.pg_has_role(current_user, tableowner, 'USAGE'))"
                " FROM pg_tables WHERE tablename = 'audit_entries'"
            )
        )
        return bool(found.scalar())
