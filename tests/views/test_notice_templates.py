"""消息模板: every kind with its words, changed, tried on a case, refused when broken, restored."""

from collections.abc import Callable
from typing import Any

import pytest
from lxml import html

from app.actions.templates import load_templates, set_template
from app.domain.notice_kinds import DEFAULT_TEMPLATES, NoticeKind, Timing
from app.domain.states import ComplaintAbout, State
from app.domain.words import word
from app.extensions import db
from app.models import Notice, NoticeTemplate, Outgoing
from tests.client import OfficeClient
from tests.drafts import NAMED
from tests.factories import NAME, NARRATIVE, PHONE, Office, at
from tests.views.lists import column, notes, rows
from tests.views.pages import english_words, errors_of, send, text_of

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Browser = Callable[..., OfficeClient]
NOON = at("2026-10-12 11:30")
LIST = "/notice-templates/"
RED = f"{LIST}red"


@pytest.fixture(autouse=True)
def _monday(freeze: Callable[..., None]) -> None:
    freeze(NOON)


def words_of(kind: NoticeKind) -> tuple[str, str, bool, Timing]:
    db.session.expire_all()
    found = load_templates()[kind]
    return found.subject, found.text, found.is_mailed, found.timing


def previewed(answer: Any) -> list[str]:
    """Return subject and text as the preview shows them."""
    page = html.fromstring(answer.text)
    return [dd.text_content() for dd in page.xpath("//dl[contains(@class, 'preview')]//dd")]


def test_every_kind_stands_in_the_list_with_its_words(hall: Office, client: Browser) -> None:
    page = client(hall.sys_admin).page(LIST)
    assert len(rows(page)) == len(NoticeKind)
    assert set(column(page, "notice")) == {word(kind) for kind in NoticeKind}
    assert "红牌：{编号}已超过应办结时间" in text_of(page)
    assert set(column(page, "own")) == {"默认内容"}
    assert {"上班时间发送", "只发站内消息"} <= set(column(page, "timing"))
    assert not english_words(page, hall)


def test_form_of_each_kind_opens_with_preview(hall: Office, client: Browser) -> None:
    hall.case_in(State.HANDLING)
    db.session.commit()
    browser = client(hall.sys_admin)
    for kind in NoticeKind:
        answer = browser.get(f"{LIST}{kind.value}")
        assert answer.status_code == 200, kind
        shown = previewed(answer)
        assert all(shown), kind
        assert "{" not in "".join(shown), kind


def test_changed_words_are_kept_with_who_changed_them(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    answer = send(browser, RED, subject="超期：{编号}", text="{事项}请办", is_mailed=None,
                  timing="at_once")  # fmt: skip
    assert (answer.status_code, answer.location) == (302, LIST)
    assert words_of(NoticeKind.RED) == ("超期：{编号}", "{事项}请办", False, Timing.AT_ONCE)
    page = browser.page(LIST)
    (own,) = [words for words in column(page, "own") if words != "默认内容"]
    assert "已修改" in own
    assert "2026-10-12 11:30" in own


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("subject", "红牌：{编号", "编号"),
        ("text", "{身份证号}请办", "{身份证号}"),
        ("text", "{编号!r}", "占位符"),
        ("text", " ", "必填项"),
        ("subject", "超" * 81, "80"),
        ("text", "超" * 401, "400"),
    ],
)
@pytest.mark.parametrize("then", ["", "preview"])
def test_broken_words_are_refused_and_kept_in_the_form(
    hall: Office, client: Browser, field: str, text: str, says: str, then: str
) -> None:
    answer = send(client(hall.sys_admin), RED, **{field: text, "then": then})
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    assert says in errors_of(page)[field]
    (kept,) = page.xpath(f"//*[@name='{field}']")
    assert (kept.get("value") or kept.text_content()).strip() == text.strip()
    assert db.session.query(NoticeTemplate).count() == 0


def test_preview_shows_a_case_and_keeps_nothing(hall: Office, client: Browser) -> None:
    first, latest = hall.case_in(State.HANDLING), hall.case_in(State.HANDLING)
    db.session.commit()
    told = db.session.query(Notice).count()
    browser = client(hall.sys_admin)
    fields = {
        "subject": "超期：{编号}",
        "text": "{承办窗口}：{事项}，{应办结时间}",
        "then": "preview",
    }
    answer = send(browser, RED, **fields)
    assert previewed(answer) == [
        f"超期：{latest.ledger_no}", "不动产登记窗口：〔受理事项〕，2026年10月13日17时",
    ]  # fmt: skip
    assert previewed(send(browser, RED, **fields, ledger_no=first.ledger_no))[0] == (
        f"超期：{first.ledger_no}"
    )
    assert not any(secret in answer.text for secret in (NAME, PHONE, NARRATIVE, "慢病备案"))
    assert words_of(NoticeKind.RED)[0] == DEFAULT_TEMPLATES[NoticeKind.RED].subject
    assert db.session.query(Notice).count() == told
    assert db.session.query(Outgoing).count() == 0


def test_preview_refuses_a_case_that_is_not_for_it(hall: Office, client: Browser) -> None:
    facts = NAMED | {"complaint_about": ComplaintAbout.UNIT}
    secret = hall.submit(hall.draft(**facts, item_name="举报事项"))
    db.session.commit()
    browser = client(hall.sys_admin)
    for number in (secret.ledger_no, "2026-9999", "' or 1=1"):
        answer = send(browser, RED, then="preview", ledger_no=number)
        assert "没有可供预览的" in answer.text
        assert not previewed(answer)
        assert "举报事项" not in answer.text


def test_office_without_cases_reads_the_meanings(hall: Office, client: Browser) -> None:
    answer = client(hall.sys_admin).get(RED)
    assert previewed(answer)[0] == "红牌：〔台账编号〕已超过应办结时间"
    assert "尚无事项" in answer.text


def test_placeholders_of_the_kind_are_listed(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    names = "//aside//dt/text()"
    assert "{应办结时间}" in browser.page(RED).xpath(names)
    assert "{件数}" in browser.page(f"{LIST}digest").xpath(names)
    assert "{应办结时间}" not in browser.page(f"{LIST}digest").xpath(names)


def test_default_comes_back(hall: Office, client: Browser) -> None:
    default = DEFAULT_TEMPLATES[NoticeKind.RED]
    set_template(NoticeKind.RED, subject="超期", text="请办", is_mailed=True,
                 timing=Timing.IN_HOURS, by=hall.sys_admin, now=NOON)  # fmt: skip
    db.session.commit()
    browser = client(hall.sys_admin)
    page = browser.page(RED)
    assert default.text in text_of(page)
    (form,) = page.xpath("//form[contains(@action, '/default')]")
    assert "恢复默认" in form.xpath(".//button/@data-confirm")[0]
    answer = browser.post(form.action, data=dict(form.form_values()))
    assert notes(browser.page(answer.location)) == ["已恢复默认。"]
    assert words_of(NoticeKind.RED)[:2] == (default.subject, default.text)
    assert db.session.query(NoticeTemplate).count() == 0
    assert not browser.page(RED).xpath("//form[contains(@action, '/default')]")


def test_only_the_administrator_changes_words(hall: Office, client: Browser) -> None:
    for who in ("clerk", "leader", "sec_admin", "auditor"):
        browser = client(hall.people[who])
        data = {"csrf_token": browser.token("/users/userinfo/"), "subject": "x", "text": "x"}
        assert browser.get(LIST).status_code == 403
        assert browser.get(RED).status_code == 403
        assert browser.post(RED, data=data).status_code == 403
        assert browser.post(f"{RED}/default", data=data).status_code == 403
    assert client(hall.sys_admin).get(f"{LIST}nothing").status_code == 404
