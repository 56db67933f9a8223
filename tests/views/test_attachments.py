"""附件 come in: what is taken and refused, under which name, what a file tells the browser."""

import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import html

from app.extensions import db
from app.models import Attachment, Case
from app.views.attachments import ALONE
from tests.client import OfficeClient
from tests.factories import Office
from tests.files import big_pdf, docx, jpg, pdf, png, xlsx
from tests.views.attaching import (
    FORM,
    case,
    folder,
    noon,
    row,
    send,
    sent_file,
    slip_key,
    text,
)
from tests.views.pages import english_words

__all__ = ["case", "folder", "noon"]
# Every page's queries are tried on both databases in test_every_page.py.
pytestmark = [pytest.mark.usefixtures("noon"), pytest.mark.sqlite_only]
Browser = Callable[..., OfficeClient]
MB = 1024 * 1024
OFFICE = "application/vnd.openxmlformats-officedocument."


KINDS = [
    (pdf(), "pdf", "application/pdf"), (jpg(), "jpg", "image/jpeg"), (png(), "png", "image/png"),
    (docx(), "docx", f"{OFFICE}wordprocessingml.document"),
    (xlsx(), "xlsx", f"{OFFICE}spreadsheetml.sheet"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "kind", "media"), KINDS, ids=[k[1] for k in KINDS])
def test_file_comes_back_byte_for_byte_under_its_own_name(
    case: Case, hall: Office, client: Browser, folder: Path, content: bytes, kind: str, media: str
) -> None:
    browser = client(hall.clerk)
    answer = send(browser, case.id, content, "签收 联.html", slot=slip_key(case), remark="第一联")
    assert answer.location == f"/case/{case.id}#attachments", text(answer)
    found = row()
    assert (found.name, found.note) == (f"签收 联.{kind}", "第一联")
    assert [found.stored_name] == os.listdir(folder)
    sent = browser.get(f"/case/{case.id}/attachments/{found.id}")
    assert sent.data == content
    assert hashlib.sha256(sent.data).hexdigest() == found.sha256
    head = sent.headers
    assert head["Content-Type"] == media
    assert head["Content-Disposition"].startswith("attachment; filename=")
    assert unquote(head["Content-Disposition"]).endswith(f"filename*=UTF-8''签收 联.{kind}")
    assert head["X-Content-Type-Options"] == "nosniff"
    assert head["Content-Security-Policy"] == ALONE
    assert head["Cache-Control"] == "no-store"
    assert int(head["Content-Length"]) == len(content)


REFUSED = {
    "nothing": (b"", "", "请选择文件"),
    "empty": (b"", "a.pdf", "文件是空的"),
    "html": (b"<html><script>alert(1)</script>", "a.pdf", "网页、带代码的图形或程序"),
    "svg": (b"<svg onload='alert(1)'/>", "a.png", "网页、带代码的图形或程序"),
    "exe": (b"MZ" + b"\0" * 99, "a.docx", "网页、带代码的图形或程序"),
    "text": ("说明".encode(), "a.pdf", "只收PDF、图片（JPG、PNG）、Word（docx）、Excel（xlsx）"),
    "old": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "a.docx", "另存为不加密码的docx"),
    "macros": (docx(**{"word/vbaProject.bin": b"a"}), "a.docx", "文件中有宏"),
    "cut": (pdf()[:200], "a.pdf", "文件已损坏或不完整"),
    "too large": (big_pdf(20 * MB + 1), "a.pdf", "文件超过20 MB"),
}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", REFUSED)
def test_refused_file_says_why_and_keeps_what_was_typed(
    case: Case, hall: Office, client: Browser, folder: Path, name: str
) -> None:
    content, called, reason = REFUSED[name]
    answer = send(
        client(hall.clerk), case.id, content, called, slot=slip_key(case), remark="第一联，已签字"
    )
    assert answer.status_code == 422
    assert reason in text(answer)
    form = html.fromstring(answer.text).xpath(FORM)[0]
    values = dict(form.form_values())
    assert (values["slot"], values["remark"]) == (slip_key(case), "第一联，已签字")
    assert row() is None
    assert os.listdir(folder) == []
    assert english_words(html.fromstring(answer.text), hall) <= {"Office", "doc", "xls"}


def test_twenty_megabytes_are_taken_to_the_byte(
    case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    answer = send(client(hall.clerk), case.id, big_pdf(20 * MB), slot="ledger-0")
    assert answer.status_code == 302, text(answer)
    assert row().file_size == 20 * MB


@pytest.mark.sqlite_only
def test_request_far_too_large_is_answered_in_chinese_with_the_way_back(
    case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    answer = send(client(hall.clerk), case.id, b"%PDF-1.4" + b"\0" * (41 * MB), slot="ledger-0")
    assert answer.status_code == 413
    assert "请上传较小的附件" in text(answer)
    assert f"/case/{case.id}/attachments" in html.fromstring(answer.text).xpath("//a/@href")
    assert row() is None


def test_form_sent_twice_is_one_attachment_and_the_same_file_again_is_refused(
    case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    browser = client(hall.clerk)
    values = dict(browser.page(f"/case/{case.id}").xpath(FORM)[0].form_values())
    for _time in range(2):
        data = values | {"slot": "ledger-0", "file": (io.BytesIO(pdf()), "a.pdf")}
        answer = browser.post(f"/case/{case.id}/attachments", data=data)
        assert answer.status_code == 302
    assert db.session.query(Attachment).count() == 1
    again = send(browser, case.id, pdf(), "b.pdf", slot="ledger-0")
    assert "同一文件已上传到这份材料：“a.pdf”，2026年10月12日11时" in text(again)
    assert len(os.listdir(folder)) == 1


def test_hostile_name_never_reaches_disk_header_or_page(
    case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    browser = client(hall.clerk)
    name = '../../x\u202e"><script>alert(1)</script>\r\nX-Evil: 1.pdf'
    assert send(browser, case.id, pdf(), name, slot=slip_key(case)).status_code == 302
    assert os.listdir(folder) == [row().stored_name]
    page = browser.get(f"/case/{case.id}").text
    assert "<script>alert" not in page
    assert "\u202e" not in page
    sent = browser.get(f"/case/{case.id}/attachments/{row().id}")
    assert "X-Evil" not in sent.headers
    assert "\n" not in sent.headers["Content-Disposition"]


def test_photo_is_taken_like_a_file_but_not_beside_one(
    case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    browser = client(hall.land_handler)
    page = browser.page(f"/case/{case.id}")
    photo = page.xpath(f"{FORM}//input[@name='photo']")[0]
    assert (photo.get("capture"), photo.get("accept")) == ("environment", "image/jpeg,image/png")
    accepted = page.xpath(f"{FORM}//input[@name='file']/@accept")[0]
    assert {".pdf", ".jpg", ".png", ".docx", ".xlsx", "image/jpeg"} <= set(accepted.split(","))
    both = send(browser, case.id, pdf(), slot=slip_key(case), photo=sent_file(jpg(), "p.jpg"))
    assert "一次只能上传一个" in text(both)
    taken = send(browser, case.id, b"", "", slot=slip_key(case), photo=sent_file(jpg(), "p.jpg"))
    assert taken.status_code == 302
    assert (row().kind, row().pages) == ("jpg", 1)
