"""附件 behind the case's door: who fetches what, what is void, damaged or left over."""

import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from app.cli.attachments import commands
from app.domain.states import Action, Category, ComplaintAbout, ConductType
from app.extensions import db
from app.models import Attachment, Case, CaseEvent
from tests.client import OfficeClient
from tests.factories import Office, at
from tests.files import docx, pdf
from tests.views.attaching import FORM, NOON, case, folder, noon, row, send, slip_key, text
from tests.views.pages import english_words

__all__ = ["case", "folder", "noon"]
# Every page's queries are tried on both databases in test_every_page.py.
pytestmark = [pytest.mark.usefixtures("noon"), pytest.mark.sqlite_only]
Browser = Callable[..., OfficeClient]


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


def test_same_form_sent_by_two_threads_at_once_is_one_attachment(
    case: Case, hall: Office, client: Browser, folder: Path
) -> None:
    browsers = [client(hall.clerk) for _time in range(4)]
    values = dict(browsers[0].page(f"/case/{case.id}").xpath(FORM)[0].form_values())
    tokens = [browser.token(f"/case/{case.id}") for browser in browsers]
    url = f"/case/{case.id}/attachments"

    def post(browser: OfficeClient, token: str) -> int:
        data = values | {"csrf_token": token, "slot": "ledger-0"}
        answer = browser.post(url, data=data | {"file": (io.BytesIO(pdf()), "a.pdf")})
        return int(answer.status_code)

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(post, browsers, tokens)) == {302}
    db.session.rollback()
    assert db.session.query(Attachment).count() == len(os.listdir(folder)) == 1
