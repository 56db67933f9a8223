"""Registers beside the cases: not accepted, receptions, measures; each shows only its own."""

from collections.abc import Callable
from typing import Any

import pytest

from app.actions import intake
from app.actions.supervision import give_feedback, supervise, supervise_unit
from app.domain.states import (
    Category,
    ComplaintAbout,
    ConductType,
    State,
    SuperviseGround,
    SupervisionKind,
)
from app.extensions import db
from app.models import Account, Rejection, Supervision
from tests.client import OfficeClient
from tests.factories import NAME, PHONE, RESOLVED, SIGNED, Office, at, make_office
from tests.views.lists import column, rows
from tests.views.pages import text_of

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Browser = Callable[..., OfficeClient]
DUE = at("2026-10-13 12:00")


@pytest.fixture(autouse=True)
def _monday(freeze: Callable[..., None]) -> None:
    freeze(at("2026-10-12 16:00"))


def notice(case: Any, by: Account) -> Supervision:
    return supervise(
        case, kind=SupervisionKind.NOTICE, ground=SuperviseGround.SLOW, requirement="限期办结",
        feedback_due_at=DUE, by=by, now=RESOLVED,
    )  # fmt: skip


def test_not_accepted_have_a_register_and_a_page(hall: Office, client: Browser) -> None:
    hall.case_in(State.REJECTED)
    db.session.commit()
    row = db.session.query(Rejection).one()
    browser = client(hall.clerk)
    page = browser.page("/rejections/list/")
    assert column(page, "rejection_no") == [row.rejection_no]
    assert NAME not in page.text_content()
    text = text_of(browser.page(page.xpath("//a[@class='row-link']/@href")[0]))
    for words in (row.rejection_no, NAME, "条例第三条", "已当面解释", "县信访局", "160****0006"):
        assert words in text
    assert PHONE not in text


@pytest.mark.parametrize("who", ["land_head", "viewer", "sys_admin"])
def test_not_accepted_are_the_offices_business(hall: Office, client: Browser, who: str) -> None:
    hall.case_in(State.REJECTED)
    db.session.commit()
    browser = client(hall.people[who])
    key = db.session.query(Rejection).one().id
    assert browser.get("/rejections/list/").status_code == 403
    assert browser.get(f"/rejections/{key}").status_code == 403


def test_not_accepted_of_another_site_is_not_there(hall: Office, client: Browser) -> None:
    other = make_office(2)
    other.case_in(State.REJECTED)
    db.session.commit()
    key = db.session.query(Rejection).one().id
    browser = client(hall.clerk)
    assert "暂无不予受理登记。" in text_of(browser.page("/rejections/list/"))
    assert browser.get(f"/rejections/{key}").status_code == 404
    assert browser.get("/rejections/99999999999999999999").status_code == 404


def test_reception_log_holds_advice_and_cases(hall: Office, client: Browser) -> None:
    intake.answer(
        site_id=hall.site.id, question="医保在哪里办", answer_text="二楼医保窗口",
        by=hall.officer, now=at("2026-10-12 15:00"),
    )  # fmt: skip
    case = hall.submit(hall.draft())
    db.session.commit()
    page = client(hall.clerk).page("/receptions/list/")
    assert column(page, "outcome") == ["咨询已答复", "已受理"]
    assert column(page, "question")[0] == "医保在哪里办二楼医保窗口"
    assert case.ledger_no in column(page, "question")[1]
    found = client(hall.clerk).page("/receptions/list/?q=医保")
    assert len(rows(found)) == 1
    assert client(hall.officer).page("/receptions/list/").xpath("//a[contains(@href, '/intake')]")


def test_complaint_about_the_section_is_kept_out_of_its_registers(
    hall: Office, client: Browser
) -> None:
    case = hall.submit(hall.draft(
        category=Category.CONDUCT, conduct_type=ConductType.IDLE, item_name="科室推诿",
        complaint_about=ComplaintAbout.SECTION, occurred_at=at("2026-10-09 10:00"),
    ))  # fmt: skip
    hall.sign(hall.dispatch(case, by=hall.leader))
    notice(case, hall.leader)
    db.session.commit()
    for url in ("/receptions/list/?quick=all", "/supervision-notices/list/", "/slips/list/"):
        assert "科室推诿" not in client(hall.clerk).page(url).text_content(), url
        assert "科室推诿" in client(hall.leader).page(url).text_content(), url


def test_unit_reads_measures_against_itself_only(hall: Office, client: Browser) -> None:
    own = hall.case_in(State.HANDLING)
    notice(own, hall.clerk)
    supervise_unit(
        site_id=hall.site.id, unit_id=hall.units["tax"].id, kind=SupervisionKind.URGE,
        ground=SuperviseGround.SLOW, requirement="请抓紧", by=hall.clerk, now=SIGNED,
    )  # fmt: skip
    db.session.commit()
    url = "/supervision-notices/list/"
    assert column(client(hall.clerk).page(url), "unit") == ["不动产登记窗口", "税务窗口"]
    assert column(client(hall.land_head).page(url), "unit") == ["不动产登记窗口"]
    assert column(client(hall.tax_head).page(url), "requirement") == ["请抓紧"]
    assert not rows(client(hall.build_head).page(url))
    links = client(hall.land_head).page(url).xpath("//tbody//a[contains(@class, 'btn')]/@href")
    assert [link.split("/")[1] for link in links] == ["print", "supervision"]
    for link in links:
        client(hall.land_head).page(link)


def test_missing_feedback_is_red_after_its_time(
    hall: Office, client: Browser, freeze: Callable[..., None]
) -> None:
    row = notice(hall.case_in(State.HANDLING), hall.clerk)
    db.session.commit()
    url = "/supervision-notices/list/"
    assert rows(client(hall.clerk).page(url))[0].get("class") == ""
    freeze(at("2026-10-13 12:01"))
    page = client(hall.clerk).page(url)
    assert rows(page)[0].get("class") == "is-red"
    assert "应于 2026-10-13 12:00 前反馈" in column(page, "feedback_due_at")[0]
    give_feedback(row, feedback="已整改", by=hall.land_head, now=at("2026-10-13 12:01"))
    db.session.commit()
    page = client(hall.clerk).page(url)
    assert rows(page)[0].get("class") == ""
    assert "已整改" in column(page, "feedback_due_at")[0]


def test_bulk_confirmation_is_offered_to_who_signs_today(hall: Office, client: Browser) -> None:
    hall.case_in(State.TO_CONFIRM)
    db.session.commit()
    button = "//form[contains(@class, 'bulk')]//button[@value='confirm']"
    url = "/in-handling/list/?quick=to_confirm"
    assert client(hall.leader).page(url).xpath(button)
    for person in (hall.leader2, hall.clerk, hall.land_head):
        assert not client(person).page(url).xpath(button)


def test_who_serves_all_sites_sees_all_of_them(hall: Office, client: Browser) -> None:
    other = make_office(2)
    numbers = {hall.case_in(State.HANDLING).id, other.case_in(State.HANDLING).id}
    hall.viewer.site_id = None
    db.session.commit()
    browser = client(hall.viewer)
    assert len(rows(browser.page("/cases/list/?quick=all"))) == len(numbers)
    assert (
        browser.page("/")
        .xpath("//a[contains(@href, 'quick=open')]")[0]
        .xpath("string(.//*[@class='counter-n'])")
        == "2"
    )
    assert len(rows(client(hall.clerk).page("/cases/list/?quick=all"))) == 1
