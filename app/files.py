"""Files beside the database: written aside, forced to disk, then named at random.

A file's name on disk says nothing of what it holds; the record that knows it keeps its SHA-256.
"""

import hashlib
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from config import Settings

NAME = re.compile(r"[0-9a-f]{32}\Z")
PART = ".part"
PIECE = 1024 * 1024


class NotWhole(Exception):
    """A stored file is gone, or no longer what was stored."""


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
        return self._keep(secrets.token_hex(16), chunks, limit)

    def put(self, name: str, chunks: Iterable[bytes]) -> StoredFile:
        """Keep these bytes under a name they had before, whole or not at all."""
        if not NAME.match(name):
            raise ValueError(name)
        return self._keep(name, chunks, None)

    def _keep(self, name: str, chunks: Iterable[bytes], limit: int | None) -> StoredFile:
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
            Path(aside).rename(self.folder / name)
            force_names(self.folder)
        finally:
            Path(aside).unlink(missing_ok=True)
        return StoredFile(name, size, digest.hexdigest())

    @contextmanager
    def adding(self, chunks: Iterable[bytes], *, limit: int | None = None) -> Iterator[StoredFile]:
        """Keep these bytes unless what is done with them fails: a refused record leaves no file."""
        stored = self.add(chunks, limit=limit)
        try:
            yield stored
        except BaseException:
            self.remove(stored.name)
            raise

    def open_whole(self, name: str, sha256: str) -> BinaryIO:
        """Open a file that is still what was stored, at its beginning; raises NotWhole."""
        try:
            file = self.path(name).open("rb")
        except OSError as error:
            raise NotWhole(name) from error
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            file.close()
            raise NotWhole(name)
        file.seek(0)
        return file

    def holds(self, name: str, sha256: str) -> bool:
        """Return whether a file is there and still what was stored; reads it to its end."""
        try:
            self.open_whole(name, sha256).close()
        except NotWhole:
            return False
        return True

    def strangers(self, known: Collection[str], *, before: float) -> list[str]:
        """Return what no record knows, changed before a moment (seconds since 1970), in order.

        Younger ones may belong to somebody who is sending them right now.
        """
        if not self.folder.is_dir():
            return []
        names = {entry.name for entry in os.scandir(self.folder) if entry.stat().st_mtime < before}
        return sorted(n for n in names - set(known) if NAME.match(n) or n.endswith(PART))

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """Yield a private folder for what is being made; it goes with all that is in it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(suffix=PART, dir=self.folder) as folder:
            yield Path(folder)

    def sweep(self, *, before: float) -> None:
        """Take away what a killed process left half-made, if it was last touched before then."""
        for path in self.folder.glob(f"*{PART}"):
            if path.stat().st_mtime < before:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def path(self, name: str) -> Path:
        """Return where a stored file lies; raises FileNotFoundError, also for a strange name."""
        path = self.folder / name
        if not NAME.match(name) or not path.is_file():
            raise FileNotFoundError(name)
        return path

    def remove(self, name: str) -> None:
        """Take a file away; one that is gone already is no error."""
        if NAME.match(name) or (name.endswith(PART) and Path(name).name == name):
            (self.folder / name).unlink(missing_ok=True)


def force_names(folder: Path) -> None:
    """Force the names in a folder to disk too, where the system can."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """Yield a file from its beginning, a piece at a time."""
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def attachments_shelf(settings: Settings) -> Shelf:
    """Return where scans of signed papers lie: part of the record, kept for good."""
    return Shelf(settings.instance / "attachments")


def exports_shelf(settings: Settings) -> Shelf:
    """Return where written exports wait to be fetched: they may be made again at any time."""
    return Shelf(settings.instance / "exports")


def imports_shelf(settings: Settings) -> Shelf:
    """Return where uploads wait between dry run and import: swept a day later at the latest."""
    return Shelf(settings.instance / "imports")
