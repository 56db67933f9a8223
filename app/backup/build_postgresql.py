"""Where a PostgreSQL office is restored: beside a table that says it is not finished yet."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from app.backup.alone import alone_at, alone_in
from app.backup.archive import Archive, Part
from app.backup.copy_postgresql import address_of, run, secret_of
from app.extensions import db
from app.schema import UNFINISHED
from config import Settings

# An empty database has its schema already; who may do what is the new place's own.
NOT_RESTORED = re.compile(r"^\d+; \d+ \d+ (?:SCHEMA|COMMENT - SCHEMA|ACL) .*\n", re.MULTILINE)
# What we made ourselves: the schema may be another's.
EMPTY = """
    DO $$ DECLARE found record; BEGIN
        FOR found IN SELECT tablename FROM pg_tables
            WHERE schemaname = 'public' AND tableowner = current_user
        LOOP EXECUTE 'DROP TABLE IF EXISTS public.' || quote_ident(found.tablename) || ' CASCADE';
        END LOOP;
        FOR found IN SELECT oid::regprocedure AS name FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace AND proowner = current_user::regrole
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
        LOOP EXECUTE 'DROP FUNCTION IF EXISTS ' || found.name || ' CASCADE'; END LOOP;
    END $$
"""
BEGIN = f"CREATE TABLE {UNFINISHED} (begun_at timestamptz DEFAULT now())"
OPTIONS = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")


class PostgresqlPlace:
    """A database without tables, or with what a killed restore has left."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.settings = engine, settings
        self.name = engine.url.render_as_string(hide_password=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the database and the folder of the files for one restore."""
        with alone_in(self.settings.instance), alone_at(self.engine):
            yield

    def is_empty(self) -> bool:
        """Return whether nothing would be lost."""
        return self.is_unfinished() or inspect(self.engine).get_table_names() == []

    def is_unfinished(self) -> bool:
        """Return whether a restore was killed here; no server has started on it since."""
        return inspect(self.engine).has_table(UNFINISHED)

    @contextmanager
    def built(self, archive: Archive, part: Part) -> Iterator[Engine]:
        """Load all in one transaction and yield the engine; `appear` is said at the end."""
        if self.is_unfinished():
            self._run(EMPTY)
        self._run(BEGIN)
        try:
            self._load(archive, part)
            self._run("ANALYZE")
            yield self.engine
        except Exception:
            db.session.rollback()
            self._run(EMPTY)
            raise

    def _load(self, archive: Archive, part: Part) -> None:
        with tempfile.TemporaryDirectory(dir=self.settings.instance) as folder:
            dump, wanted = Path(folder) / "dump", Path(folder) / "wanted"
            archive.unpack(part, dump)
            listed = run("pg_restore", ["--list", str(dump)], self.settings)
            wanted.write_text(NOT_RESTORED.sub("", listed), encoding="utf-8")
            command = [*OPTIONS, f"--use-list={wanted}", *address_of(self.engine), str(dump)]
            run("pg_restore", command, self.settings, secret_of(self.engine))

    def _run(self, statement: str) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql(statement)

    def appear(self) -> None:
        """Say, in the transaction that ends the restore, that it is finished."""
        db.session.execute(text(f"DROP TABLE {UNFINISHED}"))
