"""The head of the 审计日志 written outside the database, so that a cut log is found out.

One line a day or an anchoring: instant, number, digest. An office may put the folder on another
machine (BANJIE_ANCHOR_DIR): whoever can write both can forge both.
"""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from app.actions.audit import Fault
from app.domain.audit import Head, Tampering
from config import Settings

FILE = "audit-anchors.txt"


class AnchorError(ValueError):
    """A line of the file is none of ours, or says two things of one number."""


class Anchors(NamedTuple):
    """The heads that a file holds, number → digest, and what is wrong with the file itself."""

    heads: Mapping[int, str]
    faults: tuple[Fault, ...] = ()


def anchor_file(settings: Settings) -> Path:
    """Return where the heads of this installation are kept."""
    return settings.anchors / FILE


def add_anchor(settings: Settings, head: Head, *, now: dt.datetime) -> None:
    """Add the head of now; the file is only ever added to."""
    path = anchor_file(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as file:
        file.write(f"{now.isoformat(timespec='seconds')} {head.seq} {head.hash}\n")


def heads_of(text: str, *, until: int) -> str:
    """Return the lines of a file that speak of no number beyond `until`."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if int(line.split()[1]) <= until)


def read_anchors(path: Path) -> dict[int, str]:
    """Return number → digest of every anchoring; raises AnchorError for a line that is none."""
    found: dict[int, str] = {}
    if not path.exists():
        return found
    # Bytes that are no text are a line that is none, not an end of the reading.
    text = path.read_text(encoding="ascii", errors="replace")
    for place, line in enumerate(text.splitlines(), start=1):
        try:
            at, seq, digest = line.split()
            dt.datetime.fromisoformat(at)
            number = int(seq)
        except ValueError as error:
            raise AnchorError(f"{path}:{place}") from error
        if len(digest) != 64 or found.setdefault(number, digest) != digest:
            raise AnchorError(f"{path}:{place}")
    found.pop(0, None)  # an empty log
    return found


def anchors_of(path: Path) -> Anchors:
    """Return what a file holds; a file with a broken line anchors nothing, and is a fault."""
    try:
        return Anchors(read_anchors(path))
    except AnchorError as error:
        line = str(error).rpartition(":")[2]
        return Anchors({}, (Fault(0, Tampering.ANCHOR_FILE, line),))
