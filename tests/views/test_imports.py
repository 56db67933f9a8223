"""导入 on screen: sixty units with three bad rows, and what must not happen on the way."""

import io
import re
import shutil
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
import time_machine
from flask import Flask
from flask_appbuilder.const import AUTH_DB, AUTH_LDAP, AUTH_OAUTH
from lxml import html
from sqlalchemy import func, select

from app.domain.import_kinds import COLUMNS, ImportKind, RunStatus
from app.domain.states import Role
from app.extensions import db
from app.files import Shelf, imports_shelf
from app.models import Account, ImportRun, Unit
from tests.client import OfficeClient
from tests.factories import Office, at, make_office
from tests.sheets import filled, heads, workbook
from tests.views.pages import english_words

Browser = Callable[..., OfficeClient]
NOW = at("2026-11-13 10:00")


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def shelf(app: Flask) -> Shelf:
    """Return the shelf of uploads, empty: the tests of a database share one folder."""
    found = imports_shelf(app.config["SETTINGS"])
    shutil.rmtree(found.folder, ignore_errors=True)
    found.folder.mkdir()
    return found


def files(shelf: Shelf) -> list[bytes]:
    return [path.read_bytes() for path in shelf.folder.iterdir()]


def sixty(**bad: dict[str, Any]) -> list[dict[str, Any]]:
    """Return sixty units; `bad` replaces cells of rows by their number in the sheet (r14=…)."""
    rows = [
        {"name": f"第{n}窗口", "unit_kind": "进驻窗口", "phone": f"0530-{4210000 + n}"}
        for n in range(1, 61)
    ]
    for place, cells in bad.items():
        rows[int(place[1:]) - 2].update(cells)
    return rows


THREE_BAD = {
    "r14": {"unit_kind": "窗户"},
    "r31": {"name": None},
    "r45": {"name": "第1窗口"},
}


def upload(browser: OfficeClient, kind: str, content: bytes, name: str = "单位.xlsx") -> Any:
    """Send a file as the form does."""
    data = {"csrf_token": browser.token("/imports/"), "file": (io.BytesIO(content), name)}
    return browser.post(f"/imports/upload/{kind}", data=data, follow_redirects=True)


def press(browser: OfficeClient, what: str, run_id: int) -> Any:
    data = {"csrf_token": browser.token("/imports/")}
    return browser.post(f"/imports/{what}/{run_id}", data=data, follow_redirects=True)


def last_run() -> ImportRun:
    db.session.rollback()
    return db.session.scalars(select(ImportRun).order_by(ImportRun.id.desc())).first()


def count(model: Any) -> int:
    db.session.rollback()
    return int(db.session.scalar(select(func.count()).select_from(model)))


def bad_rows(page: html.HtmlElement) -> list[str]:
    rows = page.xpath("//table[contains(@class, 'import-table')]/tbody/tr[@class='is-red']")
    return [" ".join(row.text_content().split()) for row in rows]


def test_sixty_units_with_three_bad_rows(hall: Office, client: Browser) -> None:
    before = count(Unit)
    browser = client(hall.sys_admin)
    sent = filled(ImportKind.UNITS, sixty(**THREE_BAD), title="单位表")
    page = html.fromstring(upload(browser, "units", sent).text)
    assert bad_rows(page) == [
        "单位表 14 错误 第13窗口 C列“单位类型” 窗户 只能填：进驻窗口、职能科室、分中心、"
        "镇街便民服务中心。".replace("C列", "B列"),
        "单位表 31 错误 进驻窗口 A列“窗口（科室）名称” （空） 必填项未填。",
        "单位表 45 错误 第1窗口 A列“窗口（科室）名称” 第1窗口 与工作表“单位表”第2行重复。",
    ]
    assert len(page.xpath("//table[contains(@class, 'import-table')]/tbody/tr")) == 60
    assert not page.xpath("//form[contains(@action, '/imports/apply/')]")
    assert not english_words(page, hall)
    run = last_run()
    assert (run.rows_new, run.rows_bad, count(Unit)) == (57, 3, before)
    only_bad = browser.page(f"/imports/run/{run.id}?show=bad")
    assert len(only_bad.xpath("//table[contains(@class, 'import-table')]/tbody/tr")) == 3

    page = html.fromstring(upload(browser, "units", filled(ImportKind.UNITS, sixty())).text)
    assert not bad_rows(page)
    (button,) = page.xpath("//form[contains(@action, '/imports/apply/')]//button")
    assert button.get("data-confirm") == "现在导入：新增60行，更新0行？"
    assert count(Unit) == before
    press(browser, "apply", last_run().id)
    assert count(Unit) == before + 60
    run = last_run()
    assert (run.status, run.stored_name, run.applied_at) == (RunStatus.APPLIED, "", NOW)
    ranks = db.session.scalars(
        select(Unit.sort_order).where(Unit.name.like("第%窗口")).order_by(Unit.id)
    ).all()
    assert ranks == sorted(set(ranks))  # in the order of the sheet


def test_applied_twice_is_written_once(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    upload(browser, "units", filled(ImportKind.UNITS, sixty()))
    run_id = last_run().id
    press(browser, "apply", run_id)
    after = count(Unit)
    answer = press(browser, "apply", run_id)
    assert "该文件已处理。" in answer.text
    assert count(Unit) == after


def test_what_changed_since_the_check_is_shown_and_not_written(
    hall: Office, client: Browser
) -> None:
    browser = client(hall.sys_admin)
    upload(browser, "units", filled(ImportKind.UNITS, sixty()))
    run_id = last_run().id
    hall.add_unit("mean", "第7窗口", location="二楼")
    db.session.commit()
    before = count(Unit)
    answer = press(browser, "apply", run_id)
    assert "校验之后系统中的资料已有变化，没有导入" in answer.text
    run = last_run()
    assert (run.status, run.rows_new, run.rows_changed) == (RunStatus.WAITING, 59, 1)
    assert count(Unit) == before
    press(browser, "apply", run_id)
    assert count(Unit) == before + 59


def test_accounts_get_passwords_that_work_and_are_fetched_once(
    hall: Office, client: Browser, shelf: Shelf
) -> None:
    browser = client(hall.sys_admin)
    rows = [{"username": "zhou.yi", "name": "周一", "unit": "税务窗口"},
            {"username": "wu.er", "name": "𠅤二", "phone": 1.6e10}]  # fmt: skip
    upload(browser, "accounts", filled(ImportKind.ACCOUNTS, rows))
    run_id = last_run().id
    page = html.fromstring(press(browser, "apply", run_id).text)
    assert page.xpath("//form[contains(@action, '/imports/passwords/')]")
    answer = press(browser, "passwords", run_id)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    found = {row[0]: row[3] for row in sheet.iter_rows(min_row=3, values_only=True)}
    assert set(found) == {"zhou.yi", "wu.er"}
    again = press(browser, "passwords", run_id)
    assert "初始密码已下载过" in again.text
    visitor = client()
    answer = visitor.log_in("zhou.yi", found["zhou.yi"])
    assert (answer.status_code, "/login" in answer.location) == (302, False)
    db.session.rollback()
    account = db.session.scalars(select(Account).where(Account.username == "wu.er")).one()
    assert (account.name, account.phone, account.roles) == ("𠅤二", "16000000000", [])
    assert not [content for content in files(shelf) if content.startswith(b"PK")]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("way", [AUTH_OAUTH, AUTH_LDAP])
def test_single_sign_on_leaves_imported_accounts_without_a_password(
    app: Flask, hall: Office, client: Browser, shelf: Shelf, way: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setitem(app.config, "AUTH_TYPE", way)
    browser = client(hall.sys_admin)
    rows = [{"username": "zhou.yi", "name": "周一"}, {"username": "wu.er", "name": "吴二"}]
    upload(browser, "accounts", filled(ImportKind.ACCOUNTS, rows))
    run_id = last_run().id
    page = html.fromstring(press(browser, "apply", run_id).text)
    assert not page.xpath("//form[contains(@action, '/imports/passwords/')]")
    assert "初始密码" not in page.text_content()
    assert (last_run().status, last_run().secrets_name) == (RunStatus.APPLIED, "")
    names = [row["username"] for row in rows]
    found = list(db.session.scalars(select(Account).where(Account.username.in_(names))))
    assert [account.password for account in found] == [None, None]
    assert not [content for content in files(shelf) if content.startswith(b"PK")]
    # Also after a change back to passwords: an empty one lets nobody in.
    monkeypatch.setitem(app.config, "AUTH_TYPE", AUTH_DB)
    for password in ("", "None", "x"):
        assert "/login" in (client().log_in("zhou.yi", password).location or "/login")


@pytest.mark.sqlite_only
def test_nobody_reaches_anothers_upload(hall: Office, client: Browser) -> None:
    hall.add("second", Role.SYS_ADMIN)
    db.session.commit()
    upload(client(hall.sys_admin), "units", filled(ImportKind.UNITS, sixty()))
    run_id = last_run().id
    for person in (hall.second, hall.clerk, hall.sec_admin):
        browser = client(person)
        assert browser.get(f"/imports/run/{run_id}").status_code == 404
        for what in ("apply", "drop", "passwords"):
            assert press(browser, what, run_id).status_code == 404
    assert last_run().status is RunStatus.WAITING
    assert client(hall.sys_admin).get(f"/imports/run/{2**70}").status_code == 404


KINDS_OF = {
    "sys_admin": {"units", "accounts", "group", "leaders", "shifts", "hours", "days"},
    "sec_admin": {"roles"},
    "clerk": {"leaders", "shifts", "ledger"},
    "officer": set(), "leader": set(), "land_head": set(), "auditor": set(), "viewer": set(),
}  # fmt: skip


@pytest.mark.sqlite_only
@pytest.mark.parametrize("person", KINDS_OF)
def test_each_kind_is_for_whom_may_change_it_by_hand(
    hall: Office, client: Browser, person: str
) -> None:
    browser = client(getattr(hall, person))
    token = browser.token("/users/userinfo/")
    for kind in ImportKind:
        is_open = kind in KINDS_OF[person]
        assert (browser.get(f"/imports/template/{kind}").status_code == 200) == is_open
        data = {"csrf_token": token, "file": (io.BytesIO(b"x"), "a.csv")}
        answer = browser.post(f"/imports/upload/{kind}", data=data)
        assert answer.status_code == (422 if is_open else answer.status_code)
        assert is_open or answer.status_code in (302, 403)
    assert count(ImportRun) == 0
    if KINDS_OF[person]:
        page = browser.page("/imports/")
        assert {s.get("id") for s in page.xpath("//section[@id]")} == KINDS_OF[person]
        assert not english_words(page, hall)
        assert "还没有上传过文件。" in page.text_content()


@pytest.mark.sqlite_only
@pytest.mark.parametrize("kind", ImportKind)
def test_template_is_its_own_first_upload(hall: Office, client: Browser, kind: ImportKind) -> None:
    """The template as it comes has its heads, and its example is no row."""
    person = next(p for p, kinds in KINDS_OF.items() if kind in kinds)
    browser = client(getattr(hall, person))
    content = browser.get(f"/imports/template/{kind}").data
    book = openpyxl.load_workbook(io.BytesIO(content))
    first = [str(cell.value).rstrip("*") for cell in book.worksheets[0][1]]
    assert first == ["序号", *heads(kind)]
    assert book.worksheets[0]["A2"].value == "示例"
    answer = upload(browser, kind, content)
    assert answer.status_code == 422
    assert "文件中没有可导入的行。" in answer.text


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "文件中没有可导入的行。"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "这是旧格式的工作簿"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
         "工作簿已加密"),
        (b"PK\x03\x04broken", "文件不是工作簿"),
        (b"%PDF-1.7 ...", "文件不是工作簿"),
        (b"a,b\n1,2\n", "缺少：窗口（科室）名称、单位类型"),
        (b"\xff\xff\x81", "文本编码既不是UTF-8也不是GBK"),
    ],
)  # fmt: skip
def test_files_that_are_no_list_are_refused_in_words(
    hall: Office, client: Browser, shelf: Shelf, content: bytes, words: str
) -> None:
    answer = upload(client(hall.sys_admin), "units", content)
    assert answer.status_code == 422
    alert = html.fromstring(answer.text).xpath("//section[@id='units']//div[@role='alert']")[0]
    assert words in alert.text_content()
    assert count(ImportRun) == 0
    assert not files(shelf)


@pytest.mark.sqlite_only
def test_file_that_is_too_large_is_not_kept(
    hall: Office, client: Browser, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.views.imports.MOST_BYTES", 4000)
    answer = upload(client(hall.sys_admin), "units", b"x" * 4001)
    assert (answer.status_code, "文件超过" in answer.text) == (422, True)
    assert not files(shelf)


@pytest.mark.sqlite_only
def test_without_a_file_one_is_asked_for(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    data = {"csrf_token": browser.token("/imports/")}
    answer = browser.post("/imports/upload/units", data=data)
    assert (answer.status_code, "请先选择文件。" in answer.text) == (422, True)


@pytest.mark.sqlite_only
def test_stale_uploads_are_swept_by_the_next_one(
    hall: Office, client: Browser, shelf: Shelf
) -> None:
    browser = client(hall.sys_admin)
    upload(browser, "units", filled(ImportKind.UNITS, sixty()))
    first = last_run().id
    with time_machine.travel(at("2026-11-14 10:01"), tick=False):
        browser = client(hall.sys_admin)
        upload(browser, "units", filled(ImportKind.UNITS, sixty()))
        db.session.rollback()
        run = db.session.get(ImportRun, first)
        assert (run.status, run.stored_name, run.verdicts_name) == (RunStatus.EXPIRED, "", "")
        page = browser.page(f"/imports/run/{first}")
        assert "超过24小时未导入" in page.text_content()
    assert len(files(shelf)) == 2


@pytest.mark.sqlite_only
def test_upload_given_up_leaves_nothing(hall: Office, client: Browser, shelf: Shelf) -> None:
    browser = client(hall.sys_admin)
    upload(browser, "units", filled(ImportKind.UNITS, sixty()))
    answer = press(browser, "drop", last_run().id)
    assert "已放弃本次上传" in answer.text
    assert last_run().status is RunStatus.DROPPED
    assert not files(shelf)


@pytest.mark.sqlite_only
def test_hostile_words_stay_words(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    evil = "<script>alert(1)</script>"
    rows = [{"name": evil, "unit_kind": evil}, {"name": "=1+1|cmd", "unit_kind": "进驻窗口"},
            {"name": "../../../etc/passwd", "unit_kind": "进驻窗口"}]  # fmt: skip
    sent = workbook([heads(ImportKind.UNITS), *([r["name"], r["unit_kind"]] for r in rows)])
    answer = upload(browser, "units", sent, name="../../<b>x</b>.xlsx")
    assert evil not in answer.text
    assert "单元格是公式且没有结果" in answer.text
    assert "<b>x</b>" not in answer.text
    assert last_run().file_name == "b>.xlsx"
    assert re.fullmatch("[0-9a-f]{32}", last_run().stored_name)


@pytest.mark.sqlite_only
def test_pages_of_many_verdicts(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    rows = [{"name": f"窗口{n}", "unit_kind": "进驻窗口"} for n in range(250)]
    page = html.fromstring(upload(browser, "units", filled(ImportKind.UNITS, rows)).text)
    table = "//table[contains(@class, 'import-table')]/tbody/tr"
    assert len(page.xpath(table)) == 100
    third = browser.page(f"/imports/run/{last_run().id}?page_rows=2")
    assert len(third.xpath(table)) == 50


@pytest.mark.sqlite_only
def test_other_sites_are_out_of_reach(hall: Office, client: Browser) -> None:
    other = make_office(2)
    db.session.commit()
    browser = client(hall.sys_admin)
    data = {"csrf_token": browser.token("/imports/"), "site": str(other.site.id),
            "file": (io.BytesIO(filled(ImportKind.UNITS, sixty())), "a.xlsx")}  # fmt: skip
    assert browser.post("/imports/upload/units", data=data).status_code == 404


def test_every_column_is_named_once() -> None:
    for kind, columns in COLUMNS.items():
        keys = [column.key for column in columns]
        assert len(set(keys)) == len(keys), kind
