"""The name under which a file is shown and downloaded, and how many pages it has."""

import mmap
import re
import unicodedata

from app.domain.file_kinds import FileKind

LONGEST = 60  # characters: 180 bytes in UTF-8, which every file system takes
NAMELESS = "附件"
_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}\Z")
_FORBIDDEN = re.compile(r'[<>:"|?*]')  # Windows takes none of them
_BLANK = re.compile(r"\s+")

_PAGE = re.compile(rb"/Type\s{0,8}/Page(?![A-Za-z])")
_LINEAR = re.compile(rb"/Linearized\b.{0,300}?/N\s{1,4}(\d{1,6})\b", re.DOTALL)
_NUMBER = re.compile(rb"\d{1,10}\s{1,4}\d{1,5}\s{1,4}\Z")
# Bytes: where a linear file says so, how far back a page's number stands, how long it is.
_HEAD, _BACK, _WIDTH = 2048, 4000, 32


def shown_name(name: str, kind: FileKind) -> str:
    """Return the person's own words with the extension of the content.

    Left out: folders, control, direction and invisible characters, what file systems refuse.
    """
    words = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    # Cc control, Cf direction and zero width, Cs Co Cn what no font has.
    words = "".join(" " if c.isspace() else c for c in words if c.isspace() or _is_seen(c))
    words = _EXTENSION.sub("", _BLANK.sub(" ", _FORBIDDEN.sub("_", words)).strip())
    words = words.removesuffix(f".{kind}").strip(" .")[:LONGEST].strip(" .")
    return f"{words or NAMELESS}.{kind}"


def _is_seen(character: str) -> bool:
    return not unicodedata.category(character).startswith("C")


def page_count(content: bytes | mmap.mmap, kind: FileKind) -> int | None:
    """Return the pages of a scan: one of a picture; None where it cannot be told."""
    if kind in (FileKind.JPG, FileKind.PNG):
        return 1
    if kind is not FileKind.PDF:
        return None
    linear = _LINEAR.search(content[:_HEAD])
    if linear:
        return int(linear[1]) or None
    if content.find(b"/ObjStm") >= 0:  # the pages lie packed inside other objects
        return None
    # A file that was changed holds old and new state of a page under the same number.
    return len({_number(content, found.start()) for found in _PAGE.finditer(content)}) or None


def _number(content: bytes | mmap.mmap, place: int) -> bytes:
    """Return the number of the object that holds a place; the place where there is none."""
    start = content.rfind(b"obj", max(0, place - _BACK), place)
    found = _NUMBER.search(content[max(0, start - _WIDTH) : start]) if start >= 0 else None
    return found[0] if found else str(place).encode()
