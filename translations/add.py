"""Add message pairs from standard input (msgid<TAB>Chinese per line) to the Chinese catalogue."""

import fcntl
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

PO = Path(__file__).parent / "zh" / "LC_MESSAGES" / "messages.po"


def add_pairs(lines: list[str]) -> int:
    """Return the number of refused lines; a changed translation is reported and kept as it was."""
    PO.parent.mkdir(parents=True, exist_ok=True)
    refused = 0
    with (PO.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        catalog = read_po(PO.open("rb"), locale="zh") if PO.exists() else Catalog(locale="zh")
        for line in filter(str.strip, lines):
            msgid, _, text = line.rstrip("\n").partition("\t")
            msgid, text = msgid.replace("\\n", "\n"), text.replace("\\n", "\n")
            old = catalog.get(msgid)
            if not text or (old and old.string and old.string != text):
                print(f"refused: {msgid!r}: {old.string if old else 'no text'!r}", file=sys.stderr)
                refused += 1
            elif old:
                old.string = text
            else:
                flags = ["python-format"] if "%(" in msgid else []
                catalog.add(msgid, text, flags=flags)
        catalog.fuzzy = False  # `pybabel compile` leaves a fuzzy catalogue out, whole
        with PO.open("wb") as out:
            write_po(out, catalog, width=0, sort_output=True, omit_header=False)
    return refused


if __name__ == "__main__":
    sys.exit(1 if add_pairs(sys.stdin.readlines()) else 0)
