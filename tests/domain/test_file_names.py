"""The name shown keeps the person's words, and nothing that deceives or breaks out."""

import mmap
from pathlib import Path

import pytest

from app.domain.file_kinds import FileKind
from app.domain.file_names import LONGEST, page_count, shown_name
from tests.files import docx, jpg, pdf, png

NAMES = [
    ("交办单 NO 0001 签收.pdf", "交办单 NO 0001 签收.pdf"),
    ("扫描件.PDF", "扫描件.pdf"),
    ("扫描件", "扫描件.pdf"),
    ("扫描件.jpg", "扫描件.pdf"),
    ("扫描件.pdf.exe", "扫描件.pdf"),
    ("第3.5版.pdf", "第3.5版.pdf"),
    ("第3.5版", "第3.5版.pdf"),
    ("../../etc/passwd", "passwd.pdf"),
    ("..\\..\\windows\\win.ini", "win.pdf"),
    ("C:\\用户\\桌面\\台账.pdf", "台账.pdf"),
    ("/", "附件.pdf"),
    ("", "附件.pdf"),
    ("...", "附件.pdf"),
    (".htaccess", "htaccess.pdf"),
    ("a\x00b\r\nSet-Cookie: x=1.pdf", "ab Set-Cookie_ x=1.pdf"),
    ("账单\u202efdp.exe", "账单fdp.pdf"),
    ("\u2066隐藏\u2069\u200b名\ufeff.pdf", "隐藏名.pdf"),
    ('<img src=x onerror="a">.pdf', "_img src=x onerror=_a__.pdf"),
    ("慢病　备案\t材料.pdf", "慢病 备案 材料.pdf"),
    ("𠅤记.pdf", "𠅤记.pdf"),
    ("e\u0301tude.pdf", "\u00e9tude.pdf"),
    ("长" * 300 + ".pdf", "长" * LONGEST + ".pdf"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "shown"), NAMES)
def test_name_keeps_the_words_and_gets_the_extension_of_its_content(given: str, shown: str) -> None:
    assert shown_name(given, FileKind.PDF) == shown


def test_name_fits_every_file_system() -> None:
    longest = shown_name("长" * 300, FileKind.DOCX)
    assert len(longest.encode()) < 255
    assert len(longest) <= 80


@pytest.mark.parametrize("pages", [1, 3, 60])
def test_pages_of_a_pdf_are_counted(pages: int) -> None:
    assert page_count(pdf(pages), FileKind.PDF) == pages


def test_pages_changed_since_are_counted_once(tmp_path: Path) -> None:
    changed = b"3 0 obj\n<< /Type/Page /Parent 2 0 R /Rotate 90 >>\nendobj\n"
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(2) + changed + b"startxref\n0\n%%EOF\n")
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        assert page_count(content, FileKind.PDF) == 2


def test_pages_that_lie_packed_are_not_guessed() -> None:
    packed = pdf(2).replace(b"endobj", b"endobj\n9 0 obj <</Type /ObjStm>> endobj", 1)
    assert page_count(packed, FileKind.PDF) is None
    linear = packed.replace(b"1 0 obj", b"8 0 obj <</Linearized 1 /L 999 /N 12>> endobj\n1 0 obj")
    assert page_count(linear, FileKind.PDF) == 12


def test_picture_is_one_page_and_a_document_has_none_of_its_own() -> None:
    assert page_count(jpg(), FileKind.JPG) == 1
    assert page_count(png(), FileKind.PNG) == 1
    assert page_count(docx(), FileKind.DOCX) is None
