"""站内消息: the bell counts, a notice leads to its case, and nobody reads another one's."""

from collections.abc import Callable
from typing import Any

import pytest

from app.actions import returns
from app.domain.states import State
from app.extensions import db
from app.models import Notice
from tests.client import OfficeClient
from tests.factories import RESOLVED, SIGNED, Office, at
from tests.views.lists import column, notes, number
from tests.views.pages import text_of

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
