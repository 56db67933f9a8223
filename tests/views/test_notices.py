"""站内消息: the bell counts, a notice leads to its case, and nobody reads another one's."""

from collections.abc import Callable
from typing import Any

import pytest

from app.actions import returns
from app.domain.notice_kinds import NoticeKind, NoticeStatus
from app.domain.states import State
from app.extensions import db
from app.models import Notice
from tests.client import OfficeClient
from tests.factories import RESOLVED, SIGNED, Office, at
from tests.views.lists import column, notes, number, tabs, total
from tests.views.pages import text_of

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Browser = Callable[..., OfficeClient]
NOON = at("2026-10-12 11:30")


@pytest.fixture(autouse=True)
def _monday(freeze: Callable[..., None]) -> None:
    freeze(NOON)


def bell(page: Any) -> int:
    words = page.xpath("//*[@class='bell-count']/text()")
    return number(words[0]) if words else 0


def own(person: Any) -> list[Notice]:
    query = db.session.query(Notice).filter_by(recipient_id=person.id)
    return query.order_by(Notice.id).populate_existing().all()


def post(browser: OfficeClient, url: str) -> Any:
    return browser.post(url, data={"csrf_token": browser.token("/")})


def test_bell_counts_what_is_unread_and_opens_the_list(hall: Office, client: Browser) -> None:
    hall.case_in(State.TO_SIGN)
    db.session.commit()
    browser = client(hall.land_head)
    page = browser.page("/")
    assert bell(page) == 1
    told = browser.page(page.xpath("//a[@class='bell']/@href")[0])
    assert "件“办不成事”反映事项待签收" in column(told, "text")[0]
    assert bell(client(hall.tax_head).page("/")) == 0


def test_notice_names_no_reporter(hall: Office, client: Browser) -> None:
    hall.case_in(State.ARCHIVED)
    db.session.commit()
    for person in (hall.land_head, hall.clerk, hall.leader):
        page = client(person).page("/notices/list/?quick=all")
        assert column(page, "text")
        assert "郁东篱" not in text_of(page)


def test_opening_a_notice_marks_it_and_shows_the_case(hall: Office, client: Browser) -> None:
    case = hall.case_in(State.TO_SIGN)
    db.session.commit()
    browser = client(hall.land_head)
    (notice,) = own(hall.land_head)
    answer = post(browser, f"/notices/action/open/{notice.id}")
    assert answer.location.startswith(f"/case/{case.id}")
    assert own(hall.land_head)[0].read_at == NOON
    assert bell(browser.page("/")) == 0
    assert "暂无消息。" in text_of(browser.page("/notices/list/"))


def test_looking_at_the_list_marks_nothing(hall: Office, client: Browser) -> None:
    hall.case_in(State.TO_SIGN)
    db.session.commit()
    client(hall.land_head).page("/notices/list/")
    assert own(hall.land_head)[0].read_at is None


def test_all_are_marked_at_once_and_only_ones_own(hall: Office, client: Browser) -> None:
    for _ in range(3):
        hall.case_in(State.TO_SIGN)
    db.session.commit()
    browser = client(hall.land_head)
    page = browser.page("/notices/list/")
    (form,) = page.xpath("//form[contains(@action, 'read-all')]")
    post(browser, form.action)
    assert {n.read_at for n in own(hall.land_head)} == {NOON}
    assert {n.read_at for n in own(hall.land_handler)} == {None}
    assert not browser.page("/notices/list/").xpath("//form[contains(@action, 'read-all')]")


def test_ticked_notices_are_marked(hall: Office, client: Browser) -> None:
    for _ in range(2):
        hall.case_in(State.TO_SIGN)
    db.session.commit()
    browser = client(hall.land_head)
    first, second = own(hall.land_head)
    data = {"csrf_token": browser.token("/"), "action": "read", "rowid": [str(first.id)]}
    browser.post("/notices/action_post", data=data)
    assert [n.read_at for n in own(hall.land_head)] == [NOON, None]
    assert second.read_at is None


def test_nobody_opens_another_ones_notice(hall: Office, client: Browser) -> None:
    hall.case_in(State.TO_SIGN)
    db.session.commit()
    (notice,) = own(hall.land_head)
    browser = client(hall.tax_head)
    for name in ("open", "read"):
        assert post(browser, f"/notices/action/{name}/{notice.id}").status_code == 404
    assert own(hall.land_head)[0].read_at is None


def test_notice_of_a_case_that_went_elsewhere_says_so(hall: Office, client: Browser) -> None:
    case = hall.case_in(State.TO_SIGN)
    returns.request_return(
        case, reason="非本单位职责", suggest_unit_id=hall.units["tax"].id, by=hall.land_head,
        now=SIGNED,
    )  # fmt: skip
    returns.reassign(case, lead_unit_id=hall.units["tax"].id, by=hall.clerk, now=RESOLVED)
    db.session.commit()
    browser = client(hall.land_head)
    notice = next(n for n in own(hall.land_head) if n.case_id == case.id)
    answer = post(browser, f"/notices/action/open/{notice.id}")
    assert notes(browser.page(answer.location)) == ["该事项已不在您的办理范围内。"]


def many(person: Any, n: int, **values: Any) -> None:
    """Store notices of one person, all on the site unless said otherwise."""
    first = db.session.query(Notice).count()
    facts = {"kind": NoticeKind.RED, "channel": "site", "subject": "红牌", "text": "请立即办理",
             "created_at": NOON, "recipient_id": person.id} | values  # fmt: skip
    rows = [facts | {"about": f"test:{number}"} for number in range(first, first + n)]
    db.session.execute(db.insert(Notice), rows)
    db.session.commit()


def test_what_is_meant_for_the_mail_shows_nowhere_here(hall: Office, client: Browser) -> None:
    many(hall.land_head, 2, channel="mail", status=NoticeStatus.WAITING)
    many(hall.land_head, 1, channel="webhook", status=NoticeStatus.SENT_ON)
    many(hall.land_head, 1)
    browser = client(hall.land_head)
    assert bell(browser.page("/")) == 1
    page = browser.page("/notices/list/?quick=all")
    assert column(page, "kind") == ["红牌"]
    assert column(page, "text") == ["红牌请立即办理"]
    post(browser, "/notices/read-all")
    unread = db.session.query(Notice).filter(Notice.read_at.is_(None))
    assert {notice.channel for notice in unread} == {"mail", "webhook"}


def test_tabs_part_reminders_measures_and_news(hall: Office, client: Browser) -> None:
    for kind in (NoticeKind.YELLOW, NoticeKind.SUPERVISED, NoticeKind.INTERVIEW_ADVISED,
                 NoticeKind.DIGEST, NoticeKind.TO_SIGN):  # fmt: skip
        many(hall.land_head, 1, kind=kind)
    browser = client(hall.land_head)
    shown = {key: sorted(column(browser.page(href), "kind"))
             for key, href in tabs(browser.page("/notices/list/")).items()}  # fmt: skip
    assert shown["reminders"] == ["黄牌"]
    assert shown["measures"] == sorted(["建议约谈提醒", "督办"])
    assert shown["news"] == sorted(["待办摘要", "待签收"])
    assert len(shown["unread"]) == len(shown["all"]) == 5


def test_words_are_found_in_subject_and_text(hall: Office, client: Browser) -> None:
    many(hall.land_head, 1, subject="红牌：2026-0001", text="请办")
    many(hall.land_head, 1, subject="", text="2026-0001“契税”待签收")
    many(hall.land_head, 1, subject="100%", text="其他")
    browser = client(hall.land_head)
    assert total(browser.page("/notices/list/?q=2026-0001")) == 2
    assert total(browser.page("/notices/list/?q=%25")) == 1


@pytest.mark.sqlite_only
def test_bell_and_list_cost_the_same_at_ten_thousand(
    hall: Office, client: Browser, count_statements: Callable[[], Any]
) -> None:
    browser = client(hall.land_head)

    def cost(url: str) -> int:
        browser.get(url)
        with count_statements() as statements:
            browser.get(url)
        return len(statements)

    urls = ("/notices/list/", "/notices/list/?quick=reminders", "/users/userinfo/")
    many(hall.land_head, 2)
    few = [cost(url) for url in urls]
    many(hall.land_head, 10_000)
    assert [cost(url) for url in urls] == few
    with count_statements() as statements:
        post(browser, "/notices/read-all")
    assert len([line for line in statements if line.startswith("UPDATE notices")]) == 1
    assert bell(browser.page("/")) == 0


@pytest.mark.sqlite_only
def test_bell_is_counted_by_its_index(hall: Office) -> None:
    query = "EXPLAIN QUERY PLAN SELECT count(id) FROM notices WHERE recipient_id = 1" \
            " AND channel = 'site' AND read_at IS NULL"  # fmt: skip
    plan = " ".join(row[3] for row in db.session.execute(db.text(query)))
    assert "COVERING INDEX ix_notices_recipient_read" in plan
