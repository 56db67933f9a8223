"""审计日志 on the page: read, narrowed and taken by 审计员 alone; refusals stand in it."""

import io
import json
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from app.domain.audit import AuditAction, AuditResult
from app.domain.states import State
from app.extensions import db
from app.models import AuditEntry
from app.unit_of_work import unit_of_work
from tests.client import OfficeClient
from tests.factories import PHONE, Office

pytestmark = pytest.mark.sqlite_only
Browser = Callable[..., OfficeClient]
OTHERS = ("sys_admin", "sec_admin", "clerk", "leader", "viewer", "officer", "land_head")


def entries(action: AuditAction) -> list[AuditEntry]:
    db.session.rollback()
    query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
    return list(db.session.scalars(query))


def after(entry: AuditEntry) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(entry.after)
    return found


@pytest.fixture
def case_id(hall: Office) -> int:
    """Return a case that 工程建设科 has nothing to do with."""
    with unit_of_work():
        found = hall.case_in(State.HANDLING)
        db.session.flush()
        return int(found.id)


def test_foreign_case_and_page_without_right_are_written_down(
    client: Browser, hall: Office, case_id: int
) -> None:
    other = client(hall.build_head)
    assert other.get(f"/case/{case_id}").status_code == 404
    assert other.get("/settings/form").status_code == 403
    assert other.post("/notices/read-all").status_code == 400  # no token
    found = entries(AuditAction.REFUSED)
    assert [after(entry)["reason"] for entry in found] == ["http_404", "http_403", "csrf"]
    assert {entry.account_id for entry in found} == {hall.build_head.id}
    assert found[0].object_id == str(case_id)
    assert all(entry.result is AuditResult.REFUSED and entry.reference for entry in found)


def test_hammering_writes_one_line(client: Browser, hall: Office, case_id: int) -> None:
    other = client(hall.build_head)
    for _n in range(10):
        other.get(f"/case/{case_id}")
    assert len(entries(AuditAction.REFUSED)) == 1


def test_refused_move_is_written_down_and_nothing_else(
    client: Browser, hall: Office, case_id: int
) -> None:
    head = client(hall.land_head)
    first = head.get(f"/case/{case_id}/move/resolve").text
    assert "resolve" in first
    token = {"X-CSRFToken": head.token("/users/userinfo/")}
    data = {"version": "999", "narrative": PHONE}
    answer = head.post(f"/case/{case_id}/move/resolve", data=data, headers=token)
    assert answer.status_code == 409
    entry = entries(AuditAction.REFUSED)[-1]
    assert "提交办结" in entry.object_name
    assert PHONE not in entry.after + entry.before + entry.object_name


REASON = {"reason": "contact"}


def test_phone_and_name_of_the_reporter_never_stand_in_the_log(
    client: Browser, hall: Office, case_id: int
) -> None:
    token = {"X-CSRFToken": (browser := client(hall.clerk)).token("/users/userinfo/")}
    assert PHONE in browser.post(f"/case/{case_id}/phone", data=REASON, headers=token).text
    assert browser.post(f"/print/folder/{case_id}", headers=token).status_code == 200
    assert entries(AuditAction.REVEALED)
    assert after(entries(AuditAction.PRINTED)[-1])["is_full"] is True
    db.session.rollback()
    for row in db.session.scalars(select(AuditEntry)):
        text = row.before + row.after + row.object_name
        assert PHONE not in text, row.action


def test_failed_log_in_tells_the_log_alone_why(client: Browser, hall: Office) -> None:
    client().log_in("Office-2026", "x")  # a password, typed into the upper box
    client().log_in("clerk-1", "x")
    found = entries(AuditAction.LOGIN_FAILED)
    assert [after(entry)["reason"] for entry in found] == ["unknown_name", "wrong_password"]
    assert [entry.object_name for entry in found] == ["（不存在的账号）", "clerk-1"]
    assert all(entry.address and entry.browser for entry in found)


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_reads_or_takes_the_log(client: Browser, hall: Office, who: str) -> None:
    browser = client(hall.people[who])
    token = {"X-CSRFToken": browser.token("/users/userinfo/")}
    assert browser.get("/audit/list/").status_code == 403
    assert browser.get("/audit/show/1").status_code == 403
    assert browser.post("/audit/take", headers=token).status_code == 403


def test_auditor_narrows_reads_and_takes_what_the_list_shows(
    client: Browser, hall: Office, case_id: int
) -> None:
    client(hall.build_head).get(f"/case/{case_id}")
    auditor = client(hall.auditor)
    page = auditor.page(f"/audit/list/?quick=refused&person={hall.build_head.id}&period=1")
    text = page.text_content()
    assert "不存在或不在其可见范围内" in text
    assert not page.xpath("//main//a[starts-with(@href, '/case/')]")
    key = entries(AuditAction.REFUSED)[-1].id
    assert "校验值" in auditor.page(f"/audit/show/{key}").text_content()
    token = {"X-CSRFToken": auditor.token("/users/userinfo/")}
    answer = auditor.post("/audit/take?quick=refused", headers=token)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet.freeze_panes == "C2"
    assert sheet.max_row == 2
    assert sheet.cell(2, 2).is_date
    entry = entries(AuditAction.EXPORTED)[-1]
    assert (entry.account_id, after(entry)["rows"]) == (hall.auditor.id, 1)


def test_formula_typed_as_a_name_is_text_in_the_workbook(client: Browser, hall: Office) -> None:
    hall.clerk.username = "=1+1"  # written past the form
    db.session.commit()
    client().log_in("=1+1", "x")
    auditor = client(hall.auditor)
    token = {"X-CSRFToken": auditor.token("/users/userinfo/")}
    answer = auditor.post("/audit/take?quick=door&action=login_failed", headers=token)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet.cell(2, 7).value == "'=1+1"
    assert sheet.cell(2, 7).data_type == "s"


def test_empty_list_says_so(client: Browser, hall: Office) -> None:
    page = client(hall.auditor).page("/audit/list/?action=backed_up")
    assert "没有" in page.text_content()
