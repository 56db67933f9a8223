"""发件箱: what waits, what was sent, what failed with the server's words, what was never sent."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.notice_kinds import NoticeKind, NoticeStatus, OutgoingStatus
from app.extensions import db
from app.models import Account, Notice, Outgoing, OutgoingFile
from tests.client import OfficeClient
from tests.factories import Office, at, make_office
from tests.views.lists import column, notes, rows, tabs, total
from tests.views.pages import english_words, text_of

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Browser = Callable[..., OfficeClient]
NOON = at("2026-10-12 11:30")
LIST = "/outgoing/list/"
BOUNCED = "550 5.1.1 用户不存在"
STATUS = OutgoingStatus


@pytest.fixture(autouse=True)
def _monday(freeze: Callable[..., None]) -> None:
    freeze(NOON)


def letter(to: Account, status: OutgoingStatus = STATUS.QUEUED, **values: Any) -> Outgoing:
    """Return a stored message to somebody, as the job left it."""
    number = db.session.query(Outgoing).count() + 1
    facts: dict[str, Any] = {
        "key": f"test:{number}", "channel": "mail", "kind": NoticeKind.RED,
        "address": f"somebody{number}@example.cn", "subject": f"红牌：2026-{number:04}",
        "body": "第一行\n第二行", "message_id": f"<{number}@banjie>", "status": status,
        "created_at": NOON, "next_try_at": NOON + dt.timedelta(minutes=5),
    }  # fmt: skip
    row = Outgoing(recipient_id=to.id, **(facts | values))
    db.session.add(row)
    db.session.commit()
    return row


def told(to: Account, status: NoticeStatus, channel: str = "mail", **values: Any) -> Notice:
    """Return a stored notice that is in no message."""
    number = db.session.query(Notice).count() + 1
    facts: dict[str, Any] = {
        "about": f"test:{number}", "kind": NoticeKind.RED, "subject": "红牌：2026-0009",
        "text": "请立即办理", "created_at": NOON, "send_at": at("2026-10-13 09:00"),
    }  # fmt: skip
    row = Notice(recipient_id=to.id, channel=channel, status=status, **(facts | values))
    db.session.add(row)
    db.session.commit()
    return row


def test_each_tab_holds_its_own(hall: Office, client: Browser) -> None:
    letter(hall.land_head, attempts=2, reply="451 稍后再试")
    letter(hall.land_head, STATUS.SENT, sent_at=NOON, attempts=1, reply="250 已接收")
    letter(hall.tax_head, STATUS.FAILED, attempts=6, reply=BOUNCED)
    letter(hall.tax_head, STATUS.SUPPRESSED)
    browser = client(hall.sys_admin)
    page = browser.page(LIST)
    assert list(tabs(page)) == ["queued", "sent", "failed", "unsent", "all"]
    shown = {key: column(browser.page(href), "status") for key, href in tabs(page).items()}
    assert shown["queued"] == ["待发送下次尝试 2026-10-12 11:35已尝试2次"]
    assert shown["sent"] == ["已发送2026-10-12 11:30已尝试1次"]
    assert shown["failed"] == ["发送失败已尝试6次"]
    assert shown["unsent"] == ["未发送"]
    assert len(shown["all"]) == 4
    assert column(browser.page(f"{LIST}?quick=failed"), "reply") == [BOUNCED]
    assert column(browser.page(f"{LIST}?quick=all&q=甲tax_head"), "status") == [
        "未发送", "发送失败已尝试6次",
    ]  # fmt: skip
    assert total(browser.page(f"{LIST}?quick=all&channel=webhook")) == 0


def test_notices_that_never_became_a_message_stand_below(hall: Office, client: Browser) -> None:
    told(hall.land_head, NoticeStatus.WAITING)
    told(hall.land_head, NoticeStatus.SUPPRESSED, status_note="事项已办结")
    told(hall.land_head, NoticeStatus.TOLD, "site")
    sent = letter(hall.land_head, STATUS.SUPPRESSED)
    told(hall.land_head, NoticeStatus.SUPPRESSED, outgoing_id=sent.id)
    browser = client(hall.sys_admin)
    unsent = browser.page(f"{LIST}?quick=unsent")
    assert column(unsent, "status") == ["未发送", "未发送事项已办结"]
    assert "尚未成信的提醒" in text_of(unsent)
    waiting = browser.page(f"{LIST}?quick=queued")
    assert column(waiting, "status") == ["待发送"]
    assert column(waiting, "send_at") == ["2026-10-13 09:00"]
    for quick in ("sent", "failed", "all"):
        assert "尚未成信的提醒" not in text_of(browser.page(f"{LIST}?quick={quick}"))


def test_page_of_a_message_shows_it_as_sent(hall: Office, client: Browser) -> None:
    ledger = OutgoingFile(name="台账2026年10月.xlsx", content=b"x", created_at=NOON)
    kind = NoticeKind.ROSTER_HOLE
    row = letter(
        hall.land_head, STATUS.SENT, sent_at=NOON, reply="250 已接收", file=ledger, kind=kind
    )  # fmt: skip
    page = client(hall.sys_admin).page(f"/outgoing/show/{row.id}")
    words = text_of(page)
    assert "第一行 第二行" in words
    assert page.xpath("//div[@class='letter']")[0].text == "第一行\n第二行"
    for part in ("红牌：2026-0001", "台账2026年10月.xlsx", "250 已接收", "somebody1@example.cn"):
        assert part in words


def test_markup_in_a_reply_is_shown_as_text(hall: Office, client: Browser) -> None:
    row = letter(hall.land_head, STATUS.FAILED, reply="<script>x</script>", body="<b>y</b>")
    browser = client(hall.sys_admin)
    for url in (f"{LIST}?quick=failed", f"/outgoing/show/{row.id}"):
        assert not browser.page(url).xpath("//main//script | //main//b[text()='y']")


def test_without_a_mail_server_the_page_says_where_the_letters_lie(
    hall: Office, client: Browser
) -> None:
    letter(hall.land_head, STATUS.SENT, sent_at=NOON, reply="20261012-113000-1-banjie.eml")
    browser = client(hall.sys_admin)
    page = browser.page(f"{LIST}?quick=sent")
    (said,) = notes(page)
    assert "instance/mail/" in said
    assert "没有发出" in said
    assert column(page, "status") == ["已写成文件（未发出）2026-10-12 11:30"]
    assert str(Path.home()) not in page.text_content()
    allowed = {"eml", "instance", "mail", "banjie", "example", "cn", "somebody"}
    assert english_words(page, hall) <= allowed


def reachable(person: Account) -> Account:
    person.email = f"{person.username}@example.cn"
    return person


def test_failed_message_is_sent_again_and_no_other(hall: Office, client: Browser) -> None:
    reachable(hall.land_head)
    failed = letter(hall.land_head, STATUS.FAILED, attempts=6, reply=BOUNCED)
    sent = letter(hall.land_head, STATUS.SENT, sent_at=NOON)
    browser = client(hall.sys_admin)
    (form,) = rows(browser.page(f"{LIST}?quick=failed"))[0].xpath(".//form")
    assert form.xpath(".//button/@data-confirm") == ["确定重新发送这条消息？"]
    answer = browser.post(form.action, data=dict(form.form_values()))
    assert answer.status_code == 302
    assert notes(browser.page(answer.location))[0] == "已重新排入发送：1条。"
    again = db.session.get_one(Outgoing, failed.id)
    assert (again.status, again.next_try_at) == (STATUS.QUEUED, NOON)
    assert again.message_id == "<1@banjie>"
    assert not rows(browser.page(f"{LIST}?quick=sent"))[0].xpath(".//form")
    url = f"/outgoing/action/resend/{sent.id}"
    assert browser.post(url, data={"csrf_token": browser.token("/")}).status_code == 409


def test_ticked_ones_are_sent_again_together(hall: Office, client: Browser) -> None:
    reachable(hall.land_head)
    people = (hall.land_head, hall.land_head, hall.tax_head)
    keys = [letter(person, STATUS.FAILED, reply=BOUNCED).id for person in people]
    browser = client(hall.sys_admin)
    data = {"csrf_token": browser.token("/"), "action": "resend", "rowid": list(map(str, keys))}
    answer = browser.post("/outgoing/action_post", data=data)
    said = notes(browser.page(answer.location))
    assert said[:2] == ["已重新排入发送：2条。", "甲tax_head：请填写：电子邮件地址。"]
    assert db.session.query(Outgoing).filter_by(status=STATUS.QUEUED).count() == 2
    assert not browser.page(f"{LIST}?quick=sent").xpath("//form[@class='bulk']")


def test_only_the_administrator_of_the_site_reads_the_outbox(hall: Office, client: Browser) -> None:
    own = letter(hall.land_head, STATUS.FAILED)
    neighbour = make_office(2)
    db.session.commit()
    other = letter(neighbour.land_head, STATUS.FAILED)
    told(neighbour.land_head, NoticeStatus.SUPPRESSED)
    for who in ("clerk", "leader", "chief", "sec_admin", "auditor", "land_head"):
        browser = client(hall.people[who])
        for url in (LIST, f"/outgoing/show/{own.id}", "/outgoing-notices/list/"):
            assert browser.get(url).status_code == 403, (who, url)
    admin = client(hall.sys_admin)
    assert total(admin.page(f"{LIST}?quick=all")) == 1
    assert admin.get(f"/outgoing/show/{other.id}").status_code == 404
    assert total(admin.page("/outgoing-notices/list/?quick=unsent")) == 0


@pytest.mark.sqlite_only
def test_page_costs_the_same_at_ten_thousand_messages(
    hall: Office, client: Browser, count_statements: Callable[[], Any]
) -> None:
    browser = client(hall.sys_admin)

    def cost() -> int:
        browser.get(f"{LIST}?quick=queued")
        with count_statements() as statements:
            browser.get(f"{LIST}?quick=queued")
        return len(statements)

    for person in (hall.land_head, hall.tax_head):
        letter(person)
        told(person, NoticeStatus.WAITING)
    few = cost()
    db.session.execute(
        db.insert(Outgoing),
        [{"key": f"many:{n}", "channel": "mail", "kind": NoticeKind.RED, "body": "x",
          "recipient_id": hall.land_head.id, "address": "a@example.cn", "subject": "红牌",
          "message_id": f"<many{n}@banjie>", "created_at": NOON, "next_try_at": NOON}
         for n in range(10_000)],
    )  # fmt: skip
    db.session.commit()
    assert cost() == few
