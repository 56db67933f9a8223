"""Which kind of file somebody brings, told by its content: the name may say anything.

A file is read in pieces from its beginning and never kept in memory whole.
"""

import enum
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from app.domain.refusals import Code, Refusal


class FileKind(enum.StrEnum):
    """What may be attached to a record; the value is the extension of the name shown."""

    PDF = "pdf"
    JPG = "jpg"
    PNG = "png"
    DOCX = "docx"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        """Return what a browser is told it is, whatever the sender called it."""
        return _MEDIA_TYPES[self]


_OFFICE = "application/vnd.openxmlformats-officedocument."
_MEDIA_TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.JPG: "image/jpeg",
    FileKind.PNG: "image/png",
    FileKind.DOCX: f"{_OFFICE}wordprocessingml.document",
    FileKind.XLSX: f"{_OFFICE}spreadsheetml.sheet",
}

PIECE = 64 * 1024
TAIL = 1024  # ISO 32000: readers look for %%EOF in the last 1024 bytes
PDF_HEADS = (b"%PDF-1.", b"%PDF-2.")
JPG_HEAD, JPG_END = b"\xff\xd8\xff", b"\xff\xd9"
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
ZIP_HEAD = b"PK\x03\x04"
OLD_OFFICE_HEAD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # doc, xls, and whatever has a password
PROGRAM_HEADS = (
    b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe",
)  # fmt: skip
BYTE_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# What a 20 MB file of an office never unpacks to; a bomb does.
MOST_UNPACKED, MOST_PARTS, MOST_CHUNKS = 200 * 1024 * 1024, 5000, 50_000
MOST_TYPES = 1024 * 1024  # bytes of [Content_Types].xml
MOST_LISTED = 2 * 1024 * 1024  # bytes of an archive's own list, which is read whole
ZIP_LIST_END, ZIP_LONG_LIST = b"PK\x05\x06", b"PK\x06\x07"
LIST_END_SIZE, LONGEST_REMARK = 22, 65535
CONTENT_TYPES = "[Content_Types].xml"
# kind → its main part, and how [Content_Types].xml calls it; a file with macros is called otherwise
MAIN_PARTS = {
    FileKind.DOCX: ("word/document.xml", b"wordprocessingml.document.main+xml"),
    FileKind.XLSX: ("xl/workbook.xml", b"spreadsheetml.sheet.main+xml"),
}
MACRO_PARTS = ("vbaproject.bin", "vbadata.xml")
MACRO_FOLDERS = ("xl/macrosheets/", "word/activex/", "xl/activex/")


def recognise(file: BinaryIO) -> FileKind:
    """Return the kind of a file by its content; `file` can be read and sought.

    Raises Refusal: empty, none of the kinds, a page or program under another name, an old or
    locked Office file, with macros, too big when unpacked, two files in one, cut off or damaged.
    """
    file.seek(0)
    head = file.read(512)
    if not head:
        raise _refused(Code.FILE_EMPTY)
    read = next((act for heads, act in _READERS if head.startswith(heads)), None)
    if read is None:
        raise _refused(_why_unknown(head))
    try:
        kind = read(file)
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        ValueError,
        RuntimeError,
    ) as error:
        raise _refused(Code.FILE_DAMAGED) from error
    file.seek(0)
    return kind


def _refused(code: Code) -> Refusal:
    return Refusal(code, field="file")


def _why_unknown(head: bytes) -> Code:
    if head.startswith(OLD_OFFICE_HEAD):
        return Code.FILE_OLD_OFFICE
    for mark in BYTE_MARKS:
        head = head.removeprefix(mark)
    is_page = head.replace(b"\0", b"").lstrip().startswith(b"<")
    return Code.FILE_UNSAFE if is_page or head.startswith(PROGRAM_HEADS) else Code.FILE_UNKNOWN


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _refuse_two_in_one(file: BinaryIO) -> None:
    """Refuse a file that is an archive too: whoever unpacks it finds something else."""
    if zipfile.is_zipfile(file):
        raise _refused(Code.FILE_TWO_IN_ONE)


# -- PDF: the header stands at the very first byte, though old readers searched 1024 for it --------


def _pdf(file: BinaryIO) -> FileKind:
    size = file.seek(0, 2)
    file.seek(max(0, size - TAIL))
    tail = file.read()
    if b"%%EOF" not in tail or b"startxref" not in tail:
        raise _refused(Code.FILE_DAMAGED)
    _refuse_two_in_one(file)
    return FileKind.PDF


# -- JPEG: the segments up to the picture, then its end mark; a camera may add more behind it ------


def _jpg(file: BinaryIO) -> FileKind:
    file.seek(2)
    has_frame = False
    while (marker := _next_marker(file)) != 0xDA:
        has_frame = has_frame or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC))
        length = struct.unpack(">H", file.read(2))[0]
        if length < 2 or len(file.read(length - 2)) < length - 2:
            raise _refused(Code.FILE_DAMAGED)
    if not has_frame or not _holds(file, JPG_END):
        raise _refused(Code.FILE_DAMAGED)
    _refuse_two_in_one(file)
    return FileKind.JPG


def _next_marker(file: BinaryIO) -> int:
    if file.read(1) != b"\xff":
        raise _refused(Code.FILE_DAMAGED)
    marker = b"\xff"
    while marker == b"\xff":  # any number of them may fill up
        marker = file.read(1)
    if not marker or marker in (b"\x00", b"\xd9"):
        raise _refused(Code.FILE_DAMAGED)
    return marker[0]


def _holds(file: BinaryIO, words: bytes) -> bool:
    """Return whether the rest of the file holds these bytes, also across two pieces."""
    kept = b""
    for piece in _pieces(file):
        if words in kept + piece:
            return True
        kept = piece[1 - len(words) :]
    return False


# -- PNG: every chunk with its checksum, from IHDR over IDAT to IEND -------------------------------


def _png(file: BinaryIO) -> FileKind:
    file.seek(len(PNG_HEAD))
    names: set[bytes] = set()
    for count in range(MOST_CHUNKS):
        name = _png_chunk(file)
        names.add(name)
        if (name == b"IHDR") != (count == 0):
            raise _refused(Code.FILE_DAMAGED)
        if name == b"IEND":
            break
    if not {b"IDAT", b"IEND"} <= names:
        raise _refused(Code.FILE_DAMAGED)
    _refuse_two_in_one(file)
    return FileKind.PNG


def _png_chunk(file: BinaryIO) -> bytes:
    """Return the name of the chunk, read to its end, whose checksum is right."""
    length, name = struct.unpack(">I4s", file.read(8))
    checksum = zlib.crc32(name)
    while length > 0:
        piece = file.read(min(length, PIECE))
        if not piece:
            raise _refused(Code.FILE_DAMAGED)
        checksum = zlib.crc32(piece, checksum)
        length -= len(piece)
    if struct.unpack(">I", file.read(4))[0] != checksum:
        raise _refused(Code.FILE_DAMAGED)
    return bytes(name)


# -- docx, xlsx: an archive whose parts are what its list says, none of them a macro ---------------


def _zip(file: BinaryIO) -> FileKind:
    _refuse_long_list(file)
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
            raise _refused(Code.FILE_BOMB)
        names = {part.filename for part in parts}
        if len(names) < len(parts) or not all(map(_is_plain, parts)):
            raise _refused(Code.FILE_DAMAGED)
        kind = _office_kind(archive, names)
        # Reads every part no further than its declared size, which was added up above.
        if archive.testzip() is not None:
            raise _refused(Code.FILE_DAMAGED)
    return kind


def _is_plain(part: zipfile.ZipInfo) -> bool:
    """Return whether a part is packed as the format allows, without a password."""
    is_open = not part.flag_bits & 1
    return is_open and part.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def _refuse_long_list(file: BinaryIO) -> None:
    """Refuse an archive whose list of parts alone would fill the memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - LIST_END_SIZE - LONGEST_REMARK))
    tail = file.read()
    end = tail.rfind(ZIP_LIST_END)
    if end < 0 or len(tail) < end + LIST_END_SIZE:
        raise _refused(Code.FILE_DAMAGED)
    if ZIP_LONG_LIST in tail or struct.unpack_from("<I", tail, end + 12)[0] > MOST_LISTED:
        raise _refused(Code.FILE_BOMB)


def _office_kind(archive: zipfile.ZipFile, names: set[str]) -> FileKind:
    kinds = [kind for kind, (main, _type) in MAIN_PARTS.items() if main in names]
    if len(kinds) != 1 or CONTENT_TYPES not in names:
        raise _refused(Code.FILE_UNKNOWN)
    if archive.getinfo(CONTENT_TYPES).file_size > MOST_TYPES:
        raise _refused(Code.FILE_BOMB)
    # A list of types in UTF-16 says the same with zeros between.
    types = archive.read(CONTENT_TYPES).replace(b"\0", b"")
    if b"macroEnabled" in types or b"vbaProject" in types or any(map(_is_macro, names)):
        raise _refused(Code.FILE_MACROS)
    if MAIN_PARTS[kinds[0]][1] not in types:
        raise _refused(Code.FILE_UNKNOWN)
    return kinds[0]


def _is_macro(name: str) -> bool:
    name = name.lower().replace("\\", "/")
    return name.endswith(MACRO_PARTS) or name.startswith(MACRO_FOLDERS)


_READERS: tuple[tuple[bytes | tuple[bytes, ...], Callable[[BinaryIO], FileKind]], ...] = (
    (PDF_HEADS, _pdf),
    (JPG_HEAD, _jpg),
    (PNG_HEAD, _png),
    (ZIP_HEAD, _zip),
)
