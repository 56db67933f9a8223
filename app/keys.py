"""Where the keys of what is encrypted at rest come from: the environment, or a private file."""

import os
from collections.abc import Sequence
from pathlib import Path

from flask import Flask, current_app

from app import extensions  # noqa: F401 (how constraints are named, before there is a table)
from app.models import keyring
from app.models.keyring import KeyRing
from config import Settings, make_data_key_file

EXTENSION = "banjie_data_keys"


class KeySource:
    """The keys as they are now: the file is looked at before every use, and read when changed.

    A server that runs while the keys are changed must not seal anything by the old one.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._seen: tuple[int, int] | None = None
        self._ring: KeyRing | None = KeyRing(settings.data_keys()) if settings.data_key else None

    def __call__(self) -> KeyRing:
        """Return the keys; the demo makes its own at first use."""
        if self.settings.data_key and self._ring is not None:
            return self._ring
        try:
            status = self.settings.data_key_path.stat()
        except FileNotFoundError:
            # In an office this refuses, and says how to make one.
            if not self.settings.data_keys():
                make_data_key_file(self.settings)
            status = self.settings.data_key_path.stat()
        seen = status.st_mtime_ns, status.st_ino
        if self._ring is None or seen != self._seen:
            self._ring, self._seen = KeyRing(self.settings.data_keys()), seen
        return self._ring


def register(app: Flask, settings: Settings) -> None:
    """Refuse an office without a good key; each application of a process has its own."""
    settings.data_keys()
    app.extensions[EXTENSION] = KeySource(settings)
    keyring.use(lambda: current_app.extensions[EXTENSION]())


def write_keys(path: Path, secrets: Sequence[str]) -> None:
    """Replace the key file as a whole, readable by its owner only, and force it to disk."""
    aside = path.with_name(f"{path.name}.new")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write("".join(f"{secret}\n" for secret in secrets))
        out.flush()
        os.fsync(out.fileno())
    aside.replace(path)
