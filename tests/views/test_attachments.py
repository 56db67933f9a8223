"""附件 on the pages: what is taken and refused, who fetches what, what a file tells the browser."""

import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select, update
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.cli_attachments import commands
from app.domain.states import Action, Category, ComplaintAbout, ConductType, State
from app.extensions import db
from app.models import Attachment, Case, CaseEvent
from app.views.attachments import ALONE
from tests.client import OfficeClient
from tests.factories import Office, at
from tests.files import big_pdf, docx, jpg, pdf, png, xlsx
from tests.views.pages import english_words

Browser = Callable[..., OfficeClient]
NOON = at("2026-10-12 11:00")
MB = 1024 * 1024
OFFICE = "application/vnd.openxmlformats-officedocument."
FORM = "//form[contains(@class, 'attach-form')]"


@pytest.fixture(autouse=True)
def _noon(freeze: Callable[..., None]) -> None:
    freeze(NOON)


@pytest.fixture
def case(hall: Office) -> Case:
    """Return a case in the hands of 不动产登记窗口."""
    found = hall.case_in(State.HANDLING)
    db.session.commit()
    return found


@pytest.fixture
def folder(app: Flask) -> Path:
    """Return where the files lie, empty."""
    path = app.config["SETTINGS"].instance / "attachments"
    path.mkdir(exist_ok=True)
    for name in os.listdir(path):
        (path / name).unlink()
    return path


def slip_key(case: Case) -> str:
    return f"slip-{case.slips[0].id}"


def send(
    browser: OfficeClient, case_id: int, content: bytes = b"", name: str = "扫描.pdf", **fields: Any
) -> Any:
    """Fill the form on the case page and send it with a file."""
    page = browser.page(f"/case/{case_id}")
    values = dict(page.xpath(FORM)[0].form_values()) | fields
    if content or name:
        values["file"] = sent_file(content, name)
    # Written here: the client's own writer leaves a large request open.
    boundary, body = encode_multipart(values)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return browser.post(f"/case/{case_id}/attachments", data=body, content_type=kind)


def sent_file(content: bytes, name: str) -> FileStorage:
    return FileStorage(io.BytesIO(content), name, content_type="application/octet-stream")


def row() -> Attachment:
    return db.session.execute(select(Attachment).order_by(Attachment.id.desc())).scalars().first()


def text(response: Any) -> str:
    return " ".join(html.fromstring(response.text).text_content().split())


KINDS = [
    (pdf(), "pdf", "application/pdf"), (jpg(), "jpg", "image/jpeg"), (png(), "png", "image/png"),
    (docx(), "docx", f"{OFFICE}wordprocessingml.document"),
    (xlsx(), "xlsx", f"{OFFICE}spreadsheetml.sheet"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "kind", "media"), KINDS)
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


# -- who sees and fetches what ---------------------------------------------------------------------


def attach_all(hall: Office, client: Browser, case: Case) -> dict[str, int]:
    """Let the section attach to ledger and slip; return the ids."""
    browser = client(hall.clerk)
    found = {}
    for key in ("ledger-0", slip_key(case), "other-0"):
        assert send(browser, case.id, pdf(mark=key), f"{key}.pdf", slot=key).status_code == 302
        found[key.split("-")[0]] = row().id
    return found


def test_each_role_fetches_what_it_may_know(
    case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    ids = attach_all(hall, client, case)
    expected = {
        # GET of ledger (by POST only), slip, other; POST of the ledger
        "clerk": (405, 200, 200, 200), "officer": (405, 200, 200, 200),
        "leader": (405, 200, 200, 200), "m1": (404, 200, 200, 404),
        "land_head": (405, 200, 404, 200), "land_handler": (405, 200, 404, 200),
        "build_head": (404, 404, 404, 404), "tax_handler": (404, 404, 404, 404),
        "viewer": (403, 403, 403, 403), "sys_admin": (403, 403, 403, 403),
        "auditor": (403, 403, 403, 403),
    }  # fmt: skip
    for who, codes in expected.items():
        browser = client(hall.people[who])
        token = {"csrf_token": browser.token("/users/userinfo/")}
        urls = [f"/case/{case.id}/attachments/{ids[key]}" for key in ("ledger", "slip", "other")]
        answers = [browser.get(url).status_code for url in urls]
        answers.append(browser.post(urls[0], data=token).status_code)
        assert tuple(answers) == codes, who


def test_download_with_the_reporter_stands_in_the_timeline(
    case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    ids = attach_all(hall, client, case)
    browser = client(hall.land_head)
    page = browser.page(f"/case/{case.id}")
    button = page.xpath(f"//form[@action='/case/{case.id}/attachments/{ids['ledger']}']")[0]
    answer = browser.post(button.action, data=dict(button.form_values()))
    assert answer.data == pdf(mark="ledger-0")
    looks = db.session.query(CaseEvent).filter_by(action=Action.REVEAL_PHONE).all()
    assert [(e.by_id, e.at) for e in looks] == [(hall.land_head.id, NOON)]
    assert "下载含反映人信息的附件：问题台账" in text(browser.get(f"/case/{case.id}"))


def test_attachment_is_fetched_through_its_own_case_only(
    case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    ids = attach_all(hall, client, case)
    other = hall.dispatch(hall.submit(hall.draft(item_name="另一件")), lead="tax")
    db.session.commit()
    assert (
        client(hall.tax_head).get(f"/case/{other.id}/attachments/{ids['slip']}").status_code == 404
    )
    assert client(hall.clerk).get(f"/case/{other.id}/attachments/{ids['slip']}").status_code == 404
    assert client(hall.clerk).get(f"/case/{case.id}/attachments/{2**70}").status_code == 404
    assert client().get(f"/case/{case.id}/attachments/{ids['slip']}").status_code == 302


def test_confidential_case_shows_a_unit_no_scan_with_the_reporter(
    hall: Office, client: Browser, folder: Path
) -> None:
    case = hall.dispatch(hall.submit(hall.draft(
        category=Category.CONDUCT, conduct_type=ConductType.RUDE, is_confidential=True,
        complaint_about=ComplaintAbout.UNIT, occurred_at=at("2026-10-09 11:40"),
    )))  # fmt: skip
    db.session.commit()
    ids = attach_all(hall, client, case)
    page = client(hall.land_head).page(f"/case/{case.id}")
    names = page.xpath("//*[@id='attachments']//td[contains(@class, 'file-name')]")
    assert [name.text_content().split()[0] for name in names] == [f"{slip_key(case)}.pdf"]
    for browser in (client(hall.land_head), client(hall.land_handler)):
        assert browser.get(f"/case/{case.id}/attachments/{ids['ledger']}").status_code == 404
        token = {"csrf_token": browser.token("/users/userinfo/")}
        url = f"/case/{case.id}/attachments/{ids['ledger']}"
        assert browser.post(url, data=token).status_code == 404


def test_unit_is_offered_its_own_records_and_cannot_name_others(
    case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    browser = client(hall.land_handler)
    options = browser.page(f"/case/{case.id}").xpath(f"{FORM}//select[@name='slot']/option/@value")
    assert options == ["", slip_key(case), "other-0"]
    assert send(browser, case.id, pdf(), slot="ledger-0").status_code == 422
    for who in (hall.viewer, hall.m1, hall.sys_admin):
        stranger = client(who)
        data = {"csrf_token": stranger.token("/users/userinfo/"), "slot": "ledger-0",
                "file": (io.BytesIO(pdf()), "a.pdf")}  # fmt: skip
        assert stranger.post(f"/case/{case.id}/attachments", data=data).status_code == 403
        assert not stranger.get(f"/case/{case.id}").text.count("attach-form")
    outsider = client(hall.tax_head)
    data = {"csrf_token": outsider.token("/users/userinfo/"), "slot": slip_key(case),
            "file": (io.BytesIO(pdf()), "a.pdf")}  # fmt: skip
    assert outsider.post(f"/case/{case.id}/attachments", data=data).status_code == 404
    assert os.listdir(folder) == []


# -- void, damaged, left over ----------------------------------------------------------------------


def test_void_needs_a_reason_and_stays_in_the_list(
    case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    browser = client(hall.clerk)
    send(browser, case.id, pdf(), "错.pdf", slot="other-0")
    url = f"/case/{case.id}/attachments/{row().id}/void"
    form = "//form[contains(@class, 'office-form')]"
    assert browser.submit(url, form=form, reason=" ").status_code == 422
    assert browser.submit(url, form=form, reason="长" * 201).status_code == 422
    assert browser.submit(url, form=form, reason="传错事项").location.endswith("#attachments")
    page = text(browser.get(f"/case/{case.id}"))
    assert "附件（0）" in page
    assert "作废：传错事项" in page
    assert os.listdir(folder) == [row().stored_name]
    again = browser.submit(url, form=form, reason="再次")
    assert again.status_code == 409


def test_unit_cannot_void_what_the_office_added(
    case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    ids = attach_all(hall, client, case)
    browser = client(hall.land_head)
    page = browser.page(f"/case/{case.id}")
    assert not page.xpath("//*[@id='attachments']//a[contains(@href, '/void')]")
    data = {"csrf_token": browser.token("/users/userinfo/"), "reason": "不要了"}
    url = f"/case/{case.id}/attachments/{ids['slip']}/void"
    assert browser.post(url, data=data).status_code == 403


def test_changed_or_missing_file_is_never_sent_and_verify_finds_it(
    app: Flask, case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    browser, shell = client(hall.clerk), app.test_cli_runner()
    send(browser, case.id, pdf(), slot=slip_key(case))
    whole = shell.invoke(commands, ["verify"])
    assert (whole.exit_code, whole.output) == (0, "附件完好：共 1 个。\n")
    path = folder / row().stored_name
    for damage in (lambda: path.write_bytes(pdf(2)), path.unlink):
        damage()
        answer = browser.get(f"/case/{case.id}/attachments/{row().id}")
        assert answer.status_code == 410
        assert "与上传时不一致" in text(answer)
        assert b"%PDF" not in answer.data
        found = shell.invoke(commands, ["verify"])
        assert found.exit_code == 1
        assert f"事项 {case.ledger_no} 附件 {row().id}（事项交办单）" in found.output


def test_refused_record_leaves_no_file_and_a_killed_one_is_swept(
    app: Flask, case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    browser, shell = client(hall.clerk), app.test_cli_runner()
    send(browser, case.id, pdf(), slot="ledger-0")
    values = dict(browser.page(f"/case/{case.id}").xpath(FORM)[0].form_values())
    data = values | {"slot": "ledger-0", "file": (io.BytesIO(pdf()), "a.pdf")}
    assert browser.post(f"/case/{case.id}/attachments", data=data).status_code == 422
    assert len(os.listdir(folder)) == 1
    left = folder / ("0" * 32)
    left.write_bytes(b"left by a process that was killed")
    os.utime(left, (NOON.timestamp() - 90000,) * 2)
    assert "没有登记的文件" in shell.invoke(commands, ["verify"]).output
    assert left.name in shell.invoke(commands, ["sweep", "--dry-run"]).output
    assert left.exists()
    assert "已清理 1 个" in shell.invoke(commands, ["sweep"]).output
    assert os.listdir(folder) == [row().stored_name]


def test_upload_over_a_changed_table_of_rights_is_refused_whole(
    case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    """The case went to another unit while the person looked for the file."""
    browser = client(hall.land_handler)
    values = dict(browser.page(f"/case/{case.id}").xpath(FORM)[0].form_values())
    db.session.execute(update(Case).values(is_confidential=True))
    db.session.commit()
    data = values | {"slot": slip_key(case), "file": (io.BytesIO(pdf()), "a.pdf")}
    assert browser.post(f"/case/{case.id}/attachments", data=data).status_code == 404
    assert os.listdir(folder) == []
    assert row() is None


@pytest.mark.sqlite_only
def test_section_and_pages_are_chinese_and_count_what_counts(
    case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    attach_all(hall, client, case)
    browser = client(hall.clerk)
    for url in (f"/case/{case.id}/attachments", f"/case/{case.id}/attachments/{row().id}/void"):
        words = english_words(browser.page(url), hall)
        assert words <= {"ledger", "slip", "other", "pdf"}, url
    assert "附件（3）" in text(browser.get(f"/case/{case.id}"))
    assert "附件（2）" in text(client(hall.land_head).get(f"/case/{case.id}"))


def test_folder_names_each_scan_after_its_paper_with_day_and_pages(
    case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    browser = client(hall.clerk)
    send(browser, case.id, pdf(3), slot=slip_key(case))
    send(browser, case.id, docx(), "与省厅往来函件.docx", slot="other-0")
    send(browser, case.id, pdf(), "传错.pdf", slot="other-0")
    token = {"csrf_token": browser.token("/users/userinfo/"), "reason": "传错"}
    browser.post(f"/case/{case.id}/attachments/{row().id}/void", data=token)
    lines = browser.page(f"/print/folder/{case.id}").xpath(
        "//table[contains(@class, 'listed')]//tr"
    )
    cells = [["".join(td.text_content().split()) for td in line.xpath("td")] for line in lines[1:]]
    first, second = db.session.query(Attachment.id).order_by(Attachment.id).limit(2)
    assert cells[1][1] == "事项交办单（存根）"
    assert cells[2] == ["3", "事项交办单（扫描件）", "2026年10月12日", "3", f"电子附件{first[0]}"]
    assert cells[-1][1:] == ["与省厅往来函件", "2026年10月12日", "", f"电子附件{second[0]}"]
