"""What clients were told was done, on disk outside the server before anybody goes on."""

import json
import os
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Deed:
    """One thing done: its kind (a key of `ledger.FOUND`) and the token it is found by."""

    kind: str
    token: str


class Journal:
    """A file of lines, each forced to the disk: what was tried, and what was acknowledged."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self.tried: list[Deed] = []
        self.acknowledged: list[Deed] = []
        # Whatever else happened: unanswered, refused, server errors.
        self.answers: Counter[str] = Counter()

    def try_(self, deed: Deed) -> None:
        """Write down that a deed is about to be sent."""
        self._write("tried", deed)
        self.tried.append(deed)

    def acknowledge(self, deed: Deed) -> None:
        """Write down that the server said it is done."""
        self._write("acknowledged", deed)
        self.acknowledged.append(deed)

    def count(self, answer: str) -> None:
        """Count an answer that acknowledges nothing."""
        with self._lock:
            self.answers[answer] += 1

    def errors(self) -> int:
        """Return how often the server said that it failed, with or without words for it."""
        return self.answers["500"] + self.answers["503"]

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, what: str, deed: Deed) -> None:
        with self._lock:
            self._file.write(json.dumps([what, deed.kind, deed.token], ensure_ascii=False) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
