"""Where a SQLite office is restored: built under another name, which only the last step changes."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, inspect
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from app.backup.alone import alone_in
from app.backup.archive import Archive, Part
from app.database import prepare_engine
from app.files import force_names
from config import Settings

ASIDE = ".restoring"
BESIDE = ("", "-wal", "-shm")


class SqlitePlace:
    """A file that is not there, or holds no table."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.name = engine, str(engine.url.database)
        self.instance = settings.instance
        self.path = Path(self.name)
        self.aside = self.path.with_name(self.path.name + ASIDE)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folders of the database and of the files for one restore."""
        with ExitStack() as held:
            for folder in sorted({self.path.parent.resolve(), self.instance.resolve()}):
                held.enter_context(alone_in(folder))
            yield

    def is_empty(self) -> bool:
        """Return whether nothing would be lost."""
        if not self.path.exists():
            return True
        url = f"sqlite:///{self.path.absolute().as_uri()}?mode=ro&uri=true"
        reading = create_engine(url, poolclass=NullPool)
        try:
            return inspect(reading).get_table_names() == []
        except DatabaseError:
            return self.path.stat().st_size == 0
        finally:
            reading.dispose()

    def is_unfinished(self) -> bool:
        """Return whether a restore was killed here."""
        return self.aside.exists()

    @contextmanager
    def built(self, archive: Archive, part: Part) -> Iterator[Engine]:
        """Yield an engine over the file beside; when all went well, it becomes the database."""
        _remove(self.aside)
        archive.unpack(part, self.aside)
        engine = create_engine(f"sqlite:///{self.aside}", poolclass=NullPool)
        prepare_engine(engine)
        try:
            yield engine
            with closing(sqlite3.connect(self.aside)) as connection:
                connection.execute("PRAGMA journal_mode = DELETE")  # all in one file
            engine.dispose()
            with self.aside.open("rb+") as file:
                os.fsync(file.fileno())
            self.engine.dispose()
            _remove(self.path)  # holds no table
            self.aside.rename(self.path)
            force_names(self.path.parent)
        finally:
            engine.dispose()
            _remove(self.aside)

    def appear(self) -> None:
        """Do nothing: the new name does it."""


def _remove(path: Path) -> None:
    for suffix in BESIDE:
        Path(f"{path}{suffix}").unlink(missing_ok=True)
