"""What a file is, by its bytes: every kind taken, and everything that only looks like one."""

import io
import random
import struct
import tracemalloc
import zipfile

import pytest

from app.domain.file_kinds import FileKind, recognise
from app.domain.refusals import Code, Refusal
from tests.files import (
    MACRO_WORD,
    TYPES,
    WORD,
    chunk,
    docx,
    jpg,
    office_parts,
    packed,
    pdf,
    png,
    xlsx,
)

TAKEN = {
    "pdf": (pdf(), FileKind.PDF),
    "pdf 2.0": (b"%PDF-2.0" + pdf()[8:], FileKind.PDF),
    "jpg": (jpg(), FileKind.JPG),
    "jpg with thumbnail": (jpg(thumbnail=True), FileKind.JPG),
    "jpg with what a phone adds behind": (jpg() + b"MotionPhoto_Data" * 9, FileKind.JPG),
    "png": (png(), FileKind.PNG),
    "docx": (docx(), FileKind.DOCX),
    "xlsx": (xlsx(), FileKind.XLSX),
    "docx with a workbook inside": (docx(**{"word/embeddings/a.xlsx": xlsx()}), FileKind.DOCX),
}
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOMB = {**office_parts("word/document.xml", WORD), "word/media/a.png": b"\0" * (201 * 1024 * 1024)}
HOSTILE = {
    "nothing": (b"", Code.FILE_EMPTY),
    "text": ("反映人：某某".encode(), Code.FILE_UNKNOWN),
    "gif": (b"GIF89a" + b"\0" * 40, Code.FILE_UNKNOWN),
    "heic": (b"\0\0\0\x18ftypheic" + b"\0" * 40, Code.FILE_UNKNOWN),
    "html": (b"<!doctype html><script>alert(1)</script>", Code.FILE_UNSAFE),
    "html after blanks": (b"\xef\xbb\xbf \r\n<HTML>", Code.FILE_UNSAFE),
    "html in UTF-16": ("<html>".encode("utf-16"), Code.FILE_UNSAFE),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", Code.FILE_UNSAFE),
    "svg as xml": (b"<?xml version='1.0'?><svg/>", Code.FILE_UNSAFE),
    "exe": (b"MZ\x90\0" + b"\0" * 60, Code.FILE_UNSAFE),
    "elf": (b"\x7fELF" + b"\0" * 60, Code.FILE_UNSAFE),
    "script": (b"#!/bin/sh\nrm -rf /\n", Code.FILE_UNSAFE),
    "old or locked Office": (OLD + b"\0" * 600, Code.FILE_OLD_OFFICE),
    "pdf behind a page": (b"<html>\n" + pdf(), Code.FILE_UNSAFE),
    "pdf not at the first byte": (b"\n" + pdf(), Code.FILE_UNKNOWN),
    "pdf cut off": (pdf(30)[:900], Code.FILE_DAMAGED),
    "pdf, its head only": (b"%PDF-1.7\n", Code.FILE_DAMAGED),
    "pdf and Word in one": (pdf() + docx(), Code.FILE_TWO_IN_ONE),
    "pdf and archive in one": (pdf() + packed({"a.exe": b"MZ"}), Code.FILE_TWO_IN_ONE),
    "jpg and archive in one": (jpg() + packed({"a.exe": b"MZ"}), Code.FILE_TWO_IN_ONE),
    "png and archive in one": (png() + packed({"a.exe": b"MZ"}), Code.FILE_TWO_IN_ONE),
    "jpg cut off": (jpg()[:-2], Code.FILE_DAMAGED),
    "jpg cut off, thumbnail whole": (jpg(thumbnail=True)[:-2], Code.FILE_DAMAGED),
    "jpg, its head only": (b"\xff\xd8\xff\xe0", Code.FILE_DAMAGED),
    "jpg without a picture": (b"\xff\xd8\xff\xda\0\x02\xff\xd9", Code.FILE_DAMAGED),
    "jpg, a page behind its head": (b"\xff\xd8\xff<html>", Code.FILE_DAMAGED),
    "png cut off": (png()[:-5], Code.FILE_DAMAGED),
    "png without its end": (png()[:-12], Code.FILE_DAMAGED),
    "png, its head only": (png()[:8], Code.FILE_DAMAGED),
    "png with a changed byte": (png()[:50] + b"\x7f" + png()[51:], Code.FILE_DAMAGED),
    "png without a picture": (png()[:33] + chunk(b"IEND", b""), Code.FILE_DAMAGED),
    "archive": (packed({"a.txt": b"a"}), Code.FILE_UNKNOWN),
    "jar": (packed({"META-INF/MANIFEST.MF": b"a", "A.class": b"\xca\xfe"}), Code.FILE_UNKNOWN),
    "archive without a list of types": (packed({"word/document.xml": "<x/>"}), Code.FILE_UNKNOWN),
    "document and workbook in one": (docx(**{"xl/workbook.xml": "<x/>"}), Code.FILE_UNKNOWN),
    "types say nothing of it": (
        packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"}), Code.FILE_UNKNOWN
    ),
    "docm under the name of docx": (
        packed(office_parts("word/document.xml", MACRO_WORD)), Code.FILE_MACROS
    ),
    "macros in a docx": (docx(**{"word/vbaProject.bin": b"\xd0\xcf"}), Code.FILE_MACROS),
    "macros in an xlsx, written otherwise": (xlsx(**{"xl/VBAPROJECT.BIN": b"a"}), Code.FILE_MACROS),
    "macro sheets of old": (xlsx(**{"xl/macrosheets/sheet1.xml": "<x/>"}), Code.FILE_MACROS),
    "macros, types in UTF-16": (
        packed({
            "[Content_Types].xml": TYPES.format(part="word/document.xml", kind=MACRO_WORD)
            .encode("utf-16"),
            "word/document.xml": "<x/>",
        }), Code.FILE_MACROS,
    ),
    "docx cut off": (docx()[:-30], Code.FILE_DAMAGED),
    "docx, its head only": (docx()[:4], Code.FILE_DAMAGED),
    "bomb": (packed(BOMB), Code.FILE_BOMB),
    "more parts than any file has": (
        docx(**{f"word/{n}": b"" for n in range(5001)}), Code.FILE_BOMB
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAKEN)
def test_kind_is_told_by_content(name: str) -> None:
    content, kind = TAKEN[name]
    file = io.BytesIO(content)
    file.seek(3)
    assert recognise(file) is kind
    assert file.tell() == 0


@pytest.mark.parametrize("name", HOSTILE)
def test_anything_else_is_refused_with_its_reason(name: str) -> None:
    content, code = HOSTILE[name]
    with pytest.raises(Refusal) as refused:
        recognise(io.BytesIO(content))
    assert refused.value.code is code, refused.value.code
    assert refused.value.facts["field"] == "file"


def test_damage_inside_a_part_is_found() -> None:
    whole = packed(office_parts("word/document.xml", WORD), compression=zipfile.ZIP_STORED)
    with pytest.raises(Refusal) as refused:
        recognise(io.BytesIO(whole.replace(b"<x/>", b"<y/>")))
    assert refused.value.code is Code.FILE_DAMAGED


def test_part_that_lies_about_its_size_is_refused() -> None:
    """The list says 4 bytes, the part unpacks to megabytes: it is read no further than 4."""
    whole = packed({**office_parts("word/document.xml", WORD), "word/a": b"\0" * 9_000_000})
    size = struct.pack("<I", 9_000_000)
    assert whole.count(size) == 2
    with pytest.raises(Refusal) as refused:
        recognise(io.BytesIO(whole.replace(size, struct.pack("<I", 4))))
    assert refused.value.code is Code.FILE_DAMAGED


def test_archive_with_an_endless_list_is_refused_before_it_is_read() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(40_000):
            archive.writestr(f"word/{number}", b"")
    tracemalloc.start()
    with pytest.raises(Refusal) as refused:
        recognise(file)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.value.code is Code.FILE_BOMB
    assert peak < 1_000_000


@pytest.mark.parametrize("name", TAKEN)
def test_no_change_of_bytes_ends_in_anything_but_a_refusal(name: str) -> None:
    content, _kind = TAKEN[name]
    chance = random.Random(name)
    for _time in range(150):
        bytes_ = bytearray(content)
        for _change in range(chance.randint(1, 4)):
            bytes_[chance.randrange(len(bytes_))] = chance.randrange(256)
        end = chance.randrange(1, len(bytes_)) if chance.random() < 0.3 else len(bytes_)
        try:
            recognise(io.BytesIO(bytes_[:end]))
        except Refusal as refused:
            assert refused.code.startswith("file_")  # noqa: PT017 (either end is right)
