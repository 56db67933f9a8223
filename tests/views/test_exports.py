"""导出台账 from the lists and 我的导出: filters, roles, small at once, large by the job, whose."""

import datetime as dt
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select

from app.domain.exports import ExportStatus
from app.domain.states import Category, Role, State
from app.extensions import db
from app.jobs import scheduler, write_exports
from app.models import Account, ExportRequest
from app.views import case_exports
from tests.client import OfficeClient
from tests.factories import NAME, PHONE, Office, at
from tests.views.lists import ledger_numbers, notes
from tests.views.pages import english_words, text_of

# Pages: what they rest on is tried on both databases.
pytestmark = pytest.mark.sqlite_only
Browser = Callable[..., OfficeClient]
NOW = at("2026-10-20 10:00")
LIST = "/cases/list/?quick=all"


@pytest.fixture(autouse=True)
def _stage(app: Flask, tmp_path: Path, freeze: Callable[[dt.datetime], None]) -> Iterator[None]:
    """Stop the clock and give the files a folder of their own."""
    freeze(NOW)
    given = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(given, instance_dir=str(tmp_path))
    yield
    app.config["SETTINGS"] = given


@pytest.fixture
def cases(hall: Office) -> Office:
    """Return an office with cases in several states."""
    for state in (State.TO_DISPATCH, State.HANDLING, State.TO_EVALUATE, State.ARCHIVED):
        hall.case_in(state)
    hall.case_in(State.HANDLING, category=Category.MANY_VISITS, visits_count=3)
    hall.draft()
    db.session.commit()
    return hall


def export(browser: OfficeClient, url: str = LIST, *, method: str = "export") -> Any:
    """Press the button on a list and return what comes, redirects followed."""
    page = browser.page(url)
    (form,) = page.xpath(f"//form[contains(@action, '/{method}?')]")
    return browser.post(form.action, data=dict(form.form_values()), follow_redirects=True)


def sheet_in(response: Any) -> Any:
    assert response.status_code == 200
    assert "attachment" in response.headers["Content-Disposition"], notes_in(response)
    return openpyxl.load_workbook(io.BytesIO(response.data)).active


def notes_in(response: Any) -> list[str]:
    return notes(html.fromstring(response.text)) if "html" in response.mimetype else []


def numbers(sheet: Any) -> list[str]:
    return [cell.value for cell in sheet["B"][3:]]


def records() -> list[ExportRequest]:
    db.session.expire_all()
    return list(db.session.scalars(select(ExportRequest).order_by(ExportRequest.id)))


FILTERS = (
    "quick=all", "quick=month", "quick=overdue", "quick=all&state=handling", "quick=all&unit=1",
    "quick=all&category=2", "quick=all&q=慢病", "quick=all&q=0006", "quick=all&year=2026",
    "quick=all&figure=accepted", "quick=all&state=nonsense&unit=99",
)  # fmt: skip


@pytest.mark.parametrize("query", FILTERS)
def test_the_file_holds_what_the_list_shows(cases: Office, client: Browser, query: str) -> None:
    browser = client(cases.clerk)
    shown = {n for n in ledger_numbers(browser.page(f"/cases/list/?{query}")) if n.startswith("2")}
    assert shown
    found = numbers(sheet_in(export(browser, f"/cases/list/?{query}")))
    assert found == sorted(shown)


@pytest.mark.parametrize("url", ["/to-dispatch/list/", "/in-handling/list/", "/call-backs/list/"])
def test_working_lists_are_exported_too(cases: Office, client: Browser, url: str) -> None:
    browser = client(cases.clerk)
    shown = ledger_numbers(browser.page(url))
    answer = export(browser, url)
    if shown:
        assert numbers(sheet_in(answer)) == sorted(shown)
    else:
        assert notes_in(answer) == ["此筛选条件下没有已编号的事项，没有可导出的内容。"]


def test_a_short_ledger_comes_down_at_once_under_its_chinese_name(
    cases: Office, client: Browser
) -> None:
    answer = export(client(cases.clerk))
    name = unquote(answer.headers["Content-Disposition"].partition("filename*=UTF-8''")[2])
    assert name == "2026年问题台账（2026-10-20）.xlsx"
    assert answer.headers["Cache-Control"] == "no-store"
    (row,) = records()
    assert (row.status, row.rows_done, row.is_full) == (ExportStatus.DONE, 5, False)
    assert (row.by_id, row.listing, row.query) == (cases.clerk.id, "cases", "quick=all")


# Who may export at all, and who may have full numbers.
MAY = {
    "officer": (True, True), "clerk": (True, True), "leader": (True, True), "chief": (True, True),
    "land_head": (True, True), "land_handler": (True, True), "m1": (True, False),
    "viewer": (True, False),
}  # fmt: skip


@pytest.mark.parametrize("who", MAY)
def test_buttons_and_files_are_for_whom_they_may_be(
    cases: Office, client: Browser, who: str
) -> None:
    browser = client(cases.people[who])
    page = browser.page(LIST)
    has_full = bool(page.xpath("//form[contains(@action, '/export-full?')]"))
    assert (bool(page.xpath("//form[contains(@action, '/export?')]")), has_full) == MAY[who]
    everything = " ".join(str(c.value) for row in sheet_in(export(browser)).rows for c in row)
    assert NAME not in everything
    assert PHONE not in everything
    token = {"csrf_token": browser.token(LIST)}
    answer = browser.post("/cases/export-full?quick=all", data=token, follow_redirects=True)
    if has_full:
        everything = " ".join(str(c.value) for row in sheet_in(answer).rows for c in row)
        assert NAME in everything
        assert PHONE in everything
        assert records()[-1].is_full
        assert records()[-1].case_ids
    else:
        assert "attachment" not in answer.headers.get("Content-Disposition", "")
        assert not any(row.is_full for row in records())


@pytest.mark.parametrize("who", ["sys_admin", "sec_admin", "auditor"])
def test_administrators_export_nothing(cases: Office, client: Browser, who: str) -> None:
    browser = client(cases.people[who])
    token = {"csrf_token": browser.token("/users/userinfo/")}
    answer = browser.post("/cases/export?quick=all", data=token)
    assert "attachment" not in answer.headers.get("Content-Disposition", "")
    assert records() == []


def test_a_unit_exports_its_own_cases_only(cases: Office, client: Browser) -> None:
    other = cases.submit(cases.draft())
    cases.dispatch(other, lead="tax")
    db.session.commit()
    found = numbers(sheet_in(export(client(cases.tax_head))))
    assert found == [other.ledger_no]


def test_two_clicks_are_one_export(cases: Office, client: Browser) -> None:
    browser = client(cases.clerk)
    first, second = export(browser), export(browser)
    assert first.data == second.data
    assert len(records()) == 1


def test_nothing_to_export_says_so_and_leaves_no_record(hall: Office, client: Browser) -> None:
    answer = export(client(hall.clerk))
    assert notes_in(answer) == ["此筛选条件下没有已编号的事项，没有可导出的内容。"]
    assert records() == []


@pytest.fixture
def long_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let five rows be too many for a request."""
    monkeypatch.setattr(case_exports, "SMALL", 3)


@pytest.mark.usefixtures("long_ones")
def test_a_long_ledger_waits_for_the_job_and_can_be_come_back_to(
    cases: Office, client: Browser
) -> None:
    browser = client(cases.clerk)
    answer = export(browser)
    assert notes_in(answer) == ["正在生成台账，可离开本页，稍后再来下载。"]
    page = browser.page("/exports/")
    assert page.xpath("//meta[@http-equiv='refresh']")
    (bar,) = page.xpath("//progress")
    assert (bar.get("value"), bar.get("max")) == ("0", "5")
    for words in ("排队中", "已写0行，共5行", "问题台账", "全部", "已隐去"):
        assert words in text_of(page)
    assert notes_in(export(browser)) == ["相同的导出已在进行，请勿重复操作。"]
    scheduler.tick(NOW, [write_exports.JOB])
    page = browser.page("/exports/")
    assert not page.xpath("//meta[@http-equiv='refresh']")
    (link,) = page.xpath("//a[contains(@href, '/exports/download/')]/@href")
    assert len(numbers(sheet_in(browser.get(link)))) == 5


@pytest.mark.usefixtures("long_ones")
def test_cancelled_failed_again_and_deleted(cases: Office, client: Browser) -> None:
    browser = client(cases.clerk)
    export(browser)
    token = {"csrf_token": browser.token("/exports/")}
    answer = browser.post("/exports/cancel/1", data=token, follow_redirects=True)
    assert notes_in(answer) == ["已取消导出。"]
    browser.post("/exports/again/1", data=token)
    row = records()[-1]
    row.status, row.error = ExportStatus.FAILED, "服务器磁盘空间不足，请联系系统管理员。"
    db.session.commit()
    assert "服务器磁盘空间不足" in text_of(browser.page("/exports/"))
    browser.post("/exports/again/2", data=token)
    scheduler.tick(NOW, [write_exports.JOB])
    stored = records()[-1].stored_name
    assert stored
    browser.post("/exports/remove/3", data=token)
    assert records()[-1].status is ExportStatus.REMOVED  # the record stays
    assert browser.get("/exports/download/3").status_code == 404
    assert [row.id for row in records()] == [1, 2, 3]


def test_nobody_else_reaches_a_file(cases: Office, client: Browser) -> None:
    export(client(cases.clerk))
    for who in ("clerk2", "leader", "chief", "land_head", "viewer"):
        browser = client(cases.people[who])
        token = {"csrf_token": browser.token("/exports/")}
        assert browser.get("/exports/download/1").status_code == 404
        for what in ("cancel", "remove", "again"):
            assert browser.post(f"/exports/{what}/1", data=token).status_code == 404
        assert "还没有导出过台账" in text_of(browser.page("/exports/"))
    assert records()[0].status is ExportStatus.DONE


def moved(office: Office) -> Account:
    office.land_head.unit = office.units["tax"]
    return office.land_head


def other_role(office: Office) -> Account:
    office.land_head.roles = [office.roles[Role.UNIT_HANDLER]]
    return office.land_head


@pytest.mark.parametrize("happens", [moved, other_role])
def test_whose_place_has_changed_does_not_fetch_the_old_file(
    cases: Office, client: Browser, happens: Callable[[Office], Account]
) -> None:
    browser = client(cases.land_head)
    export(browser)
    happens(cases)
    db.session.commit()
    answer = browser.get("/exports/download/1", follow_redirects=True)
    assert notes_in(answer) == [
        "文件生成后您的角色或所属窗口（科室）已变更，不能下载，请重新导出。"
    ]


def test_a_disabled_account_fetches_nothing(cases: Office, client: Browser) -> None:
    browser = client(cases.clerk)
    export(browser)
    cases.clerk.active = False
    db.session.commit()
    answer = browser.get("/exports/download/1")
    assert answer.status_code == 302
    assert "/login" in answer.location


def test_the_page_is_in_chinese_and_says_what_is_kept(cases: Office, client: Browser) -> None:
    browser = client(cases.clerk)
    export(browser, "/cases/list/?quick=all&q=慢病&year=2026")
    page = browser.page("/exports/")
    assert english_words(page, cases) == set()
    text = text_of(page)
    for words in ("1000行以内的台账即时下载", "文件保留7天", "2026年问题台账", "检索“慢病”"):
        assert words in text


def test_a_swept_file_is_no_download(cases: Office, client: Browser, tmp_path: Path) -> None:
    browser = client(cases.clerk)
    export(browser)
    (tmp_path / "exports" / records()[0].stored_name).unlink()
    answer = browser.get("/exports/download/1", follow_redirects=True)
    assert notes_in(answer) == ["此项导出没有可下载的文件。"]
