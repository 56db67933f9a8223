"""Small files of every kind, whole and hostile, made byte by byte."""

import io
import struct
import zipfile
import zlib

TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/'
    'package/2006/content-types"><Override PartName="/{part}" ContentType="application/{kind}"/>'
    "</Types>"
)
WORD = "vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACRO_WORD = "vnd.ms-word.document.macroEnabled.main+xml"


def pdf(pages: int = 1, *, mark: str = "") -> bytes:
    """Return a PDF of so many empty pages; `mark` makes two of them differ."""
    kids = " ".join(f"{n + 3} 0 R" for n in range(pages))
    objects = [
        "1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
        f"2 0 obj\n<< /Type /Pages /Kids [{kids}] /Count {pages} >>\nendobj\n",
        *(
            f"{n + 3} 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>\nendobj\n"
            for n in range(pages)
        ),
    ]
    text = f"%PDF-1.4\n%{mark}\n"
    places = []
    for words in objects:
        places.append(len(text.encode()))
        text += words
    start = len(text.encode())
    rows = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(objects) + 1
    text += f"xref\n0 {count}\n0000000000 65535 f \n{rows}"
    text += f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return text.encode()


def big_pdf(size: int) -> bytes:
    """Return a PDF of exactly so many bytes."""
    whole = pdf()
    head, rest = whole[:9], whole[9:]
    return head + b"%" + b" " * (size - len(whole) - 2) + b"\n" + rest


def chunk(name: bytes, content: bytes) -> bytes:
    """Return one chunk of a PNG with its checksum."""
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def png() -> bytes:
    """Return a picture of one dot."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    dots = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + dots + chunk(b"IEND", b"")


def jpg(*, thumbnail: bool = False) -> bytes:
    """Return the frame of a JPEG; a thumbnail inside has an end mark of its own."""
    inside = b"Exif\0\0\xff\xd8\xff\xdb\xff\xd9" if thumbnail else b"JFIF\0"
    segments = [
        (0xE0, inside),
        (0xC0, b"\x08\0\x01\0\x01\x01\x01\x11\0"),
        (0xDA, b"\x01\x01\0\0\x3f\0"),
    ]
    body = b"".join(
        b"\xff" + bytes([marker]) + struct.pack(">H", len(content) + 2) + content
        for marker, content in segments
    )
    return b"\xff\xd8" + body + b"\x12\x34\xff\x00\x56" + b"\xff\xd9"


def packed(parts: dict[str, bytes | str], **how: int) -> bytes:
    """Return an archive of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **{"compression": zipfile.ZIP_DEFLATED, **how}) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def office_parts(main: str, kind: str) -> dict[str, bytes | str]:
    """Return the parts of an Office file."""
    return {"[Content_Types].xml": TYPES.format(part=main, kind=kind), main: "<x/>"}


def docx(**more: bytes | str) -> bytes:
    """Return a Word file, `more` parts added."""
    return packed(office_parts("word/document.xml", WORD) | more)


def xlsx(**more: bytes | str) -> bytes:
    """Return an Excel file, `more` parts added."""
    return packed(office_parts("xl/workbook.xml", SHEET) | more)
