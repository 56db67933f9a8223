"""Every list under each of its quick filters, and every year of the calendar, opens."""

from collections.abc import Callable

from app.domain.states import EvalLevel, State
from app.extensions import db
from app.views.calendar_grid import years
from tests.client import OfficeClient
from tests.factories import Office

Browser = Callable[..., OfficeClient]


def test_every_list_opens_under_each_quick_filter(hall: Office, client: Browser) -> None:
    hall.rate(hall.case_in(State.TO_EVALUATE), EvalLevel.BAD)
    db.session.commit()
    browser = client(hall.clerk)
    menu = set(browser.page("/").xpath("//a[contains(@href, '/list/')]/@href"))
    lists = {href.partition("?")[0] for href in menu}
    assert "/bad-ratings/list/" in lists
    for url in sorted(lists):
        filters = browser.page(url).xpath("//main//a[contains(@href, 'quick=')]/@href")
        for href in filters:
            browser.page(href if href.startswith("/") else url + href)


def test_every_year_of_the_calendar_opens(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    for year in years():
        browser.page(f"/calendar/{year}?site={hall.site.id}")


def test_a_bad_rating_of_the_current_round_waits_for_its_ruling(
    hall: Office, client: Browser
) -> None:
    rated = hall.rate(hall.case_in(State.TO_EVALUATE), EvalLevel.BAD)
    db.session.commit()
    browser = client(hall.clerk)
    waiting = "//main//tbody//a[contains(@href, $a)]"
    for quick, found in (("open", True), ("pending", False), ("redo", False), ("all", True)):
        page = browser.page(f"/bad-ratings/list/?quick={quick}")
        assert bool(page.xpath(waiting, a=f"/case/{rated.id}")) is found, quick
