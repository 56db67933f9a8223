"""Rosters on screen: holes are red, leaders stand in rank order, a month is filled quickly."""

import datetime as dt
from collections.abc import Callable

import pytest
from lxml import html
from sqlalchemy import delete, select

from app.extensions import db
from app.models import DutyShift, LeaderRoster
from tests.client import OfficeClient
from tests.factories import Office, at
from tests.views.pages import english_words, errors_of, send, text_of

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Browser = Callable[..., OfficeClient]
MONTH = "/leader-roster/?month=2026-10&site=1"
WEEK = "/duty-week/?day=2026-10-14&site=1"


@pytest.fixture(autouse=True)
def _today(freeze: Callable[[dt.datetime], None]) -> None:
    freeze(at("2026-10-13 11:00"))  # a Tuesday


@pytest.fixture
def empty(hall: Office) -> Office:
    """Return the office with a leaders' roster that ends on 14 October."""
    db.session.execute(delete(LeaderRoster).where(LeaderRoster.day > dt.date(2026, 10, 14)))
    db.session.commit()
    return hall


def cells(page: html.HtmlElement) -> dict[int, html.HtmlElement]:
    return {
        int(found.xpath(".//span[@class='roster-number']")[0].text): found
        for found in page.xpath("//*[contains(concat(' ', @class, ' '), ' roster-day ')]")
    }


def row(day: int) -> LeaderRoster | None:
    db.session.expire_all()
    query = select(LeaderRoster).where(LeaderRoster.day == dt.date(2026, 10, day))
    return db.session.scalars(query).first()


def test_month_shows_holes_red_and_rest_days_apart(empty: Office, client: Browser) -> None:
    page = client(empty.clerk).page(MONTH)
    assert not english_words(page, empty)
    found = cells(page)
    assert len(found) == 31
    assert "is-hole" not in found[14].get("class")
    assert "is-hole" in found[15].get("class")
    assert "is-rest" in found[17].get("class")
    assert "is-today" in found[13].get("class")
    assert "本月还有 12 个工作日未排带班领导。" in text_of(page)


def test_day_form_offers_leaders_only_in_rank_order(empty: Office, client: Browser) -> None:
    page = client(empty.clerk).page("/leader-roster/day/form?day=2026-10-15&site=1")
    options = page.xpath("//select[@name='leader_id']/option/@value")
    assert options == ["", *(str(p.id) for p in (empty.chief, empty.leader, empty.leader2))]


def test_day_is_put_down_changed_and_taken_off(empty: Office, client: Browser) -> None:
    browser, url = client(empty.clerk), "/leader-roster/day/form?day=2026-10-15&site=1"
    one, two = str(empty.leader.id), str(empty.leader2.id)
    send(browser, url, leader_id=one, substitute_id=two, is_leader_away="y", remark="外出开会")
    saved = row(15)
    assert (saved.leader, saved.substitute) == (empty.leader, empty.leader2)
    assert saved.is_leader_away
    found = cells(browser.page(MONTH))[15]
    assert {"不在岗", "外出开会"} <= set(text_of_element(found).split())
    send(browser, url, is_leader_away=None, leader_id=two, substitute_id="")
    assert row(15).leader == empty.leader2
    send(browser, url, leader_id="")
    assert row(15) is None


def text_of_element(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_leader_away_without_substitute_is_marked(empty: Office, client: Browser) -> None:
    row(14).is_leader_away = True
    db.session.commit()
    assert "is-uncovered" in cells(client(empty.clerk).page(MONTH))[14].get("class")


@pytest.mark.parametrize("who", ["clerk", "land_head"])
def test_somebody_who_is_no_leader_is_refused(empty: Office, client: Browser, who: str) -> None:
    answer = send(
        client(empty.clerk), "/leader-roster/day/form?day=2026-10-15&site=1",
        leader_id=str(empty.people[who].id),
    )  # fmt: skip
    assert "leader_id" in errors_of(html.fromstring(answer.text))
    assert row(15) is None


def test_leader_cannot_stand_in_for_himself(empty: Office, client: Browser) -> None:
    same = str(empty.leader.id)
    url = "/leader-roster/day/form?day=2026-10-15&site=1"
    answer = send(client(empty.clerk), url, leader_id=same, substitute_id=same)
    assert "substitute_id" in errors_of(html.fromstring(answer.text))


def test_month_is_filled_in_rank_order_by_one_button(empty: Office, client: Browser) -> None:
    browser = client(empty.clerk)
    answer = browser.submit(MONTH, form="//form[contains(@action, 'rotate')]")
    page = browser.page(answer.location)
    assert "已排班 12 天。" in page.text_content()
    assert not page.xpath("//*[contains(@class, 'is-hole')]")


def test_reader_sees_the_month_without_forms(empty: Office, client: Browser) -> None:
    page = client(empty.land_handler).page(MONTH)
    assert not page.xpath("//main//form | //main//a[contains(@href, '/day/')]")


def tick(day: int, half: str, officer: int) -> str:
    return f"2026-10-{day:02}/{half}/{officer}"


def test_week_is_ticked_saved_and_repeated(hall: Office, client: Browser) -> None:
    one, two = hall.officer.id, hall.officer2.id
    browser = client(hall.clerk)
    ticks = [tick(13, "am", one), tick(14, "am", two), tick(14, "pm", one), "nonsense", "/am/1"]
    answer = send(browser, WEEK, shift=ticks)
    page = browser.page(answer.location)
    assert set(page.xpath("//input[@name='shift' and @checked]/@value")) == set(ticks[:3])
    answer = browser.submit(WEEK, form="//form[contains(@action, 'repeat')]")
    # 20, 21, 27, 28 October, of which the Wednesdays have two halves.
    assert "已排班 6 个半天。" in browser.page(answer.location).text_content()
    assert db.session.query(DutyShift).count() == 9


def test_past_days_of_the_week_are_shown_not_ticked(hall: Office, client: Browser) -> None:
    monday = DutyShift(site_id=1, day=dt.date(2026, 10, 12), half="am", officer_id=hall.officer.id)
    db.session.add(monday)
    db.session.commit()
    page = client(hall.clerk).page(WEEK)
    days = {value.split("/")[0] for value in page.xpath("//input[@name='shift']/@value")}
    assert "2026-10-12" not in days
    assert "2026-10-13" in days
    send(client(hall.clerk), WEEK, shift=[tick(12, "am", hall.officer2.id)])
    db.session.expire_all()
    assert [s.officer_id for s in db.session.scalars(select(DutyShift))] == [hall.officer.id]


def test_working_half_days_without_anybody_are_red(hall: Office, client: Browser) -> None:
    page = client(hall.officer).page(WEEK)
    assert not page.xpath("//main//input[@type='checkbox']")
    # From Tuesday to Friday, both halves; Saturday and Sunday are days off.
    assert len(page.xpath("//*[contains(@class, 'week-half is-hole')]")) == 8


def test_somebody_who_is_no_officer_is_refused(hall: Office, client: Browser) -> None:
    browser = client(hall.clerk)
    answer = send(browser, WEEK, shift=[tick(14, "am", hall.leader.id)])
    assert "alert-danger" in browser.get(answer.location).text
    assert db.session.query(DutyShift).count() == 0


def test_list_finds_ones_own_shifts(hall: Office, client: Browser) -> None:
    one, two = hall.officer.id, hall.officer2.id
    send(client(hall.clerk), WEEK, shift=[tick(14, "am", one), tick(15, "am", two)])
    page = client(hall.officer).page("/duty-shifts/list/?quick=mine")
    assert len(page.xpath("//tbody/tr")) == 1
    assert "上午" in text_of(page)


@pytest.mark.sqlite_only  # words and forms need no second database
@pytest.mark.parametrize(
    "url", ["/leader-roster/?month=2026-13", "/leader-roster/?month=1999-01", "/duty-week/?day=x",
            "/leader-roster/?site=9", "/leader-roster/day/form?day=2026-02-30"]
)  # fmt: skip
def test_month_that_does_not_exist_is_not_found(hall: Office, client: Browser, url: str) -> None:
    assert client(hall.clerk).get(url).status_code == 404
