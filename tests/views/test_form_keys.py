"""Every form counts once: a reply lost and a resubmit, eight at a time, a server killed between."""

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import func, select, update
from werkzeug.test import encode_multipart

from app.domain.states import Action, State
from app.extensions import db
from app.models import Attachment, Case, CaseEvent, FormKey, Slip
from app.unit_of_work import unit_of_work
from app.web import form_keys
from config import ROOT
from tests.client import OfficeClient
from tests.factories import Office, at
from tests.files import pdf
from tests.views.attaching import sent_file
from tests.views.moving import move_url, text_of
from tests.views.test_intake import ENTRY

Clients = Callable[..., OfficeClient]
NINE = at("2026-10-12 09:00")
KEY = "k" * 32
ONCE_MORE = "该操作已于2026-10-12 09:00提交成功，未重复执行"


@pytest.fixture
def desk(hall: Office, client: Clients, freeze: Any) -> OfficeClient:
    """Return the duty officer's browser at nine on a Monday."""
    freeze(NINE)
    return client(hall.officer)


def entry(browser: OfficeClient, **fields: Any) -> dict[str, Any]:
    """Return a 接待登记 as its page would send it."""
    token = browser.token("/intake/new")
    return {"csrf_token": token, "form_key": KEY, "end": "submit"} | ENTRY | fields


def form_of(browser: OfficeClient, url: str, action: str) -> dict[str, str]:
    page = browser.page(url)
    return dict(page.xpath("//form[@action=$a]", a=action)[0].form_values())


def count(table: Any) -> int:
    db.session.expire_all()
    return db.session.execute(select(func.count()).select_from(table)).scalar_one()


def at_once(app: Flask, user: Any, url: str, data: dict[str, Any]) -> list[Any]:
    """Send the same form from eight windows of one person at the same moment."""
    start = Barrier(8)
    token = OfficeClient(app, app.response_class)
    token.sign_in(user)
    data = data | {"csrf_token": token.token()}
    cookie = token.get_cookie("banjie_office").value

    def send(_n: int) -> Any:
        browser = OfficeClient(app, app.response_class)
        browser.set_cookie("banjie_office", cookie)
        start.wait(timeout=30)
        return browser.post(url, data=data)

    db.session.remove()
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(send, range(8)))


# -- one after the other ---------------------------------------------------------------------------


def test_form_sent_again_is_answered_again_and_done_once(desk: OfficeClient) -> None:
    form = entry(desk)
    first, second = (desk.post("/intake/new", data=form) for _ in range(2))
    assert (second.status_code, second.location) == (first.status_code, first.location)
    assert count(Case) == 1
    words = text_of(desk.get(second.location))
    assert ONCE_MORE in words
    assert "已提交督办考核科，台账编号 2026-0001" in words


def test_same_key_with_other_content_is_refused_and_keeps_the_text(desk: OfficeClient) -> None:
    form = entry(desk)
    assert desk.post("/intake/new", data=form).status_code == 302
    changed = form | {"narrative": "第二件事，也没有办成。"}
    answer = desk.post("/intake/new", data=changed, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 409
    assert "该表单已于2026-10-12 09:00提交成功，内容与本次不同" in text_of(answer)
    assert count(Case) == 1
    # The page offers to send what was typed as a form of its own.
    (again,) = html.fromstring(answer.text).xpath("//form")
    assert desk.post(again.action, data=dict(again.form_values())).status_code == 302
    assert {case.narrative for case in db.session.query(Case)} == {
        ENTRY["narrative"], changed["narrative"],
    }  # fmt: skip


def test_key_of_somebody_else_is_refused(desk: OfficeClient, hall: Office, client: Clients) -> None:
    form = entry(desk)
    assert desk.post("/intake/new", data=form).status_code == 302
    clerk = client(hall.clerk)
    answer = clerk.post("/intake/new", data=form | {"csrf_token": clerk.token()})
    assert answer.status_code == 409
    assert "不是您的表单" in answer.text
    assert count(Case) == 1


def test_refused_form_leaves_its_key_free(desk: OfficeClient) -> None:
    form = entry(desk)
    assert desk.post("/intake/new", data=form | {"phone": ""}).status_code == 422
    assert count(FormKey) == 0
    assert desk.post("/intake/new", data=form).status_code == 302
    assert count(Case) == 1


def test_form_without_key_is_refused_in_chinese_with_its_text(desk: OfficeClient) -> None:
    form = entry(desk)
    del form["form_key"]
    answer = desk.post("/intake/new", data=form, is_keyed=False)
    assert answer.status_code == 400
    assert "页面已过期" in answer.text
    assert ENTRY["narrative"] in answer.text
    assert count(Case) == 0


def test_printing_sent_again_shows_the_page_and_counts_once(
    hall: Office, client: Clients, freeze: Any
) -> None:
    case_id = hall.case_in(State.TO_SIGN).id
    db.session.commit()
    freeze(NINE)
    clerk = client(hall.clerk)
    url = f"/print/slips/{case_id}"
    form = form_of(clerk, url, url)
    pages = [clerk.post(url, data=form) for _ in range(2)]
    assert [page.status_code for page in pages] == [200, 200]
    assert all("data-print-now" in page.text for page in pages)
    db.session.expire_all()
    assert db.session.query(Slip).one().print_count == 1
    clerk.post(url, data=form_of(clerk, url, url))
    db.session.expire_all()
    assert db.session.query(Slip).one().print_count == 2


def test_file_sent_again_is_attached_once(hall: Office, client: Clients, freeze: Any) -> None:
    case_id = hall.case_in(State.HANDLING).id
    db.session.commit()
    freeze(NINE)
    head = client(hall.land_head)
    url = f"/case/{case_id}/attachments"
    form = form_of(head, f"/case/{case_id}", url)
    form["slot"] = f"slip-{db.session.query(Slip).one().id}"

    def send(content: bytes) -> Any:
        boundary, body = encode_multipart(form | {"file": sent_file(content, "回执.pdf")})
        return head.post(url, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')

    answers = [send(pdf()) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert count(Attachment) == 1
    other = send(pdf(pages=2))
    assert other.status_code == 409
    assert "附件须重新选择" in other.text


def test_old_keys_are_forgotten_in_passing(desk: OfficeClient, monkeypatch: Any) -> None:
    monkeypatch.setattr(form_keys, "CLEANED_EVERY", 1)
    assert desk.post("/intake/new", data=entry(desk)).status_code == 302
    with unit_of_work():
        db.session.execute(update(FormKey).values(created_at=NINE - dt.timedelta(days=3)))
    form = entry(desk, form_key="l" * 32, end="draft")
    assert desk.post("/intake/new", data=form).status_code == 302
    assert count(FormKey) == 1


# -- at the same time, and with a server that dies -------------------------------------------------


def test_eight_entries_at_once_are_one_case(desk: OfficeClient, app: Flask, hall: Office) -> None:
    answers = at_once(app, hall.officer, "/intake/new", entry(desk))
    assert {(answer.status_code, answer.location) for answer in answers} == {(302, "/case/1")}
    assert count(Case) == 1


def test_eight_dispatches_at_once_are_one_slip(
    hall: Office, client: Clients, freeze: Any, app: Flask
) -> None:
    case_id = hall.case_in(State.TO_DISPATCH).id
    unit = hall.units["land"].name
    db.session.commit()
    freeze(NINE)
    url = move_url(case_id, Action.DISPATCH)
    form = form_of(client(hall.clerk), url, url)
    form |= {"lead_unit_id": unit, "content": "请核查", "limit_class": "one_day"}
    answers = at_once(app, hall.clerk, url, form)
    assert {answer.status_code for answer in answers} == {302}, text_of(answers[0])
    assert len({answer.location for answer in answers}) == 1
    assert count(Slip) == 1


def test_eight_approvals_at_once_are_one(
    hall: Office, client: Clients, freeze: Any, app: Flask
) -> None:
    case_id = hall.case_in(State.TO_CONFIRM).id
    db.session.commit()
    leader = hall.leader
    freeze(NINE)
    url = move_url(case_id, Action.CONFIRM)
    form = form_of(client(leader), url, url)
    answers = at_once(app, leader, url, form)
    assert {answer.status_code for answer in answers} == {302}, text_of(answers[0])
    made = select(func.count()).where(CaseEvent.action == Action.CONFIRM)
    assert db.session.execute(made).scalar_one() == 1


DIES = """
import os, sys
from pathlib import Path
from flask import request
from tests.client import OfficeClient
from tests.databases import make_app
from tests.views.test_intake import ENTRY

app = make_app(sys.argv[1], Path(sys.argv[2]))

@app.after_request  # registered last, runs first: the work is committed, nothing is answered
def die(response):
    if request.path == "/intake/new" and request.method == "POST":
        os._exit(9)
    return response

browser = OfficeClient(app, app.response_class)
browser.sign_in(int(sys.argv[3]))
form = {"csrf_token": browser.token("/intake/new"), "form_key": sys.argv[4], "end": "submit"}
browser.post("/intake/new", data=form | ENTRY)
"""


def test_server_killed_between_commit_and_reply_then_resubmit_is_one_case(
    desk: OfficeClient, app: Flask, hall: Office, tmp_path: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(form_keys, "PATIENCE", 2)
    url, officer = app.config["SQLALCHEMY_DATABASE_URI"], hall.officer.id
    db.session.rollback()
    child = [sys.executable, "-c", DIES, url, str(tmp_path), str(officer), KEY]
    assert subprocess.run(child, cwd=ROOT, check=False).returncode == 9
    assert count(Case) == 1
    answer = desk.post("/intake/new", data=entry(desk))
    assert (answer.status_code, answer.location) == (302, "/")
    assert "提交成功，未重复执行" in text_of(desk.get("/"))
    assert count(Case) == 1


# -- nothing typed is lost -------------------------------------------------------------------------


def test_text_survives_a_log_in_that_ended_while_it_was_typed(
    desk: OfficeClient, hall: Office
) -> None:
    form = entry(desk)
    desk.post("/logout/", data={"csrf_token": desk.token("/")})
    own = {"Sec-Fetch-Site": "same-origin"}
    for status in (400, 401):  # the token of the page that ended; a new one, but nobody
        refused = desk.post("/intake/new", data=form, headers=own)
        assert refused.status_code == status
        assert ENTRY["narrative"] in refused.text
        assert "重新登录" in refused.text
        form = dict(html.fromstring(refused.text).xpath("//form")[0].form_values())
    assert count(Case) == 0
    desk.sign_in(hall.officer)
    assert desk.post("/intake/new", data=form, headers=own).status_code == 302
    assert db.session.query(Case).one().narrative == ENTRY["narrative"]


@pytest.mark.parametrize(
    ("headers", "is_offered"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({}, False),
    ],
)
def test_what_another_site_sent_does_not_wait_here_for_a_click(
    desk: OfficeClient, headers: dict[str, str], is_offered: bool
) -> None:
    form = entry(desk) | {"csrf_token": "stale"}
    answer = desk.post("/intake/new", data=form, headers=headers)
    assert answer.status_code == 400
    assert bool(html.fromstring(answer.text).xpath("//form")) is is_offered


def test_password_is_never_shown_again(desk: OfficeClient) -> None:
    form = {"csrf_token": "stale", "password": "本人口令-9", "conf_password": "本人口令-9"}
    answer = desk.post("/resetmypassword/form", data=form)
    assert answer.status_code == 400
    assert "本人口令" not in answer.text
