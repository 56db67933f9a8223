"""Files beside the database: written aside, forced to disk, then named at random.

A file's name on disk says nothing of what it holds; the record that knows it keeps its SHA-256.
"""

import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from config import Settings

NAME = re.compile(r"[0-9a-f]{32}\Z")
PART = ".part"


class TooLarge(ValueError):
    """More bytes came than the shelf takes; nothing was kept."""


@dataclass(frozen=True)
class StoredFile:
    """What lies on a shelf: its random name, its size in bytes, its SHA-256 in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Shelf:
    """A folder of stored files; nothing in it is ever changed, only added and taken away."""

    folder: Path

    def add(self, chunks: Iterable[bytes], *, limit: int | None = None) -> StoredFile:
        """Keep these bytes whole or not at all; raises TooLarge beyond `limit` bytes."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, aside = tempfile.mkstemp(suffix=PART, dir=self.folder)
        digest, size = hashlib.sha256(), 0
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in chunks:
                    size += len(chunk)
                    if limit is not None and size > limit:
                        raise TooLarge
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            name = secrets.token_hex(16)
            Path(aside).rename(self.folder / name)
        finally:
            Path(aside).unlink(missing_ok=True)
        return StoredFile(name, size, digest.hexdigest())

    def path(self, name: str) -> Path:
        """Return where a stored file lies; raises FileNotFoundError, also for a strange name."""
        path = self.folder / name
        if not NAME.match(name) or not path.is_file():
            raise FileNotFoundError(name)
        return path

    def remove(self, name: str) -> None:
        """Take a file away; one that is gone already is no error."""
        if NAME.match(name):
            (self.folder / name).unlink(missing_ok=True)


def attachments_shelf(settings: Settings) -> Shelf:
    """Return where scans of signed papers lie: part of the record, kept for good."""
    return Shelf(settings.instance / "attachments")


def exports_shelf(settings: Settings) -> Shelf:
    """Return where written exports wait to be fetched: they may be made again at any time."""
    return Shelf(settings.instance / "exports")


def imports_shelf(settings: Settings) -> Shelf:
    """Return where uploads wait between dry run and import: swept a day later at the latest."""
    return Shelf(settings.instance / "imports")
