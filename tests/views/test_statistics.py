"""The pages of figures: who sees which, each number opens its rows, charts without scripts."""

import re
from typing import Any

import pytest

from app.domain.indicators import CATALOGUE
from app.extensions import db
from tests.busy import NOW, Busy
from tests.client import OfficeClient

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

PAGES = ("/statistics/", "/statistics/units/", "/statistics/causes/", "/statistics/months/")
PERIOD = "period=2026-10"
ROWS = "//main//table//tbody/tr"
# The page of one figure costs no more than this, however many cases there are.
MOST_STATEMENTS = {
    "/statistics/": 60, "/statistics/units/": 30, "/statistics/causes/": 25,
    "/statistics/months/": 25,
}  # fmt: skip


@pytest.fixture
def clerk(busy: Busy, freeze: Any) -> OfficeClient:
    freeze(NOW)
    return busy.browser("clerk")


def hrefs(page: Any) -> list[tuple[str, int]]:
    """Return the numbers that lead to rows, with their addresses."""
    links = page.xpath("//main//table//a[contains(@href, '/statistics/rows')]")
    return [(a.get("href"), int(a.text_content())) for a in links]


def total(page: Any) -> int:
    (text,) = page.xpath("//main//*[@class='total']/text()")
    return int(re.search(r"\d+", text)[0])


# The numbers are compared on both databases in tests/reports; here it is the page.
@pytest.mark.sqlite_only
@pytest.mark.parametrize("url", PAGES)
def test_every_number_opens_exactly_so_many_rows(clerk: OfficeClient, url: str) -> None:
    walk(clerk, url)


# The numbers are compared on both databases in tests/reports; here it is the page.
@pytest.mark.sqlite_only
@pytest.mark.parametrize("person", ["leader", "chief", "officer", "m1", "viewer", "land_handler"])
def test_everybody_opens_the_rows_of_the_numbers_he_sees(
    busy: Busy, freeze: Any, person: str
) -> None:
    freeze(NOW)
    browser = busy.browser(person)
    seen = 0
    for url in PAGES:
        if browser.get(f"{url}?{PERIOD}").status_code == 200:
            seen += walk(browser, url, every=4)
    assert seen > 10


def walk(browser: OfficeClient, url: str, *, every: int = 1) -> int:
    """Open every so manieth number of a page; return how many that were."""
    found = list(dict(hrefs(browser.page(f"{url}?{PERIOD}"))).items())[::every]
    assert found
    for href, number in found:
        if "figure=oos_rate" in href and "part=d" in href:
            continue  # two tables: the accepted cases have a link of their own
        page = browser.page(href)
        assert total(page) == number, href
        assert len(page.xpath(ROWS)) == min(number, 50), href
    return len(found)


@pytest.mark.sqlite_only
def test_any_days_are_asked_for_and_stay(clerk: OfficeClient) -> None:
    page = clerk.page("/statistics/?from=2026-10-12&to=2026.10.1")
    days = "period=2026-10-01..2026-10-12"
    assert all(days in href for href, _n in hrefs(page))
    assert "2026-10-01至2026-10-12" in page.xpath("string(//main)")
    assert [o.get("value") for o in page.xpath("//main//option[@selected]")][0] == days[7:]
    months = clerk.page(f"/statistics/months/?{days}")
    assert months.xpath("//main//table/tbody/tr[1]/td[1]/text()") == ["2026年10月"]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("days", ["from=2026-02-30", "from=1999-01-01&to=2026-01-01", "to=abc"])
def test_days_that_are_none_stay_in_the_field_with_a_word(clerk: OfficeClient, days: str) -> None:
    page = clerk.page(f"/statistics/?{days}")
    assert page.xpath("//main//*[@role='alert']")
    assert days.split("=")[1].split("&")[0] in page.xpath("//main//input/@value")


@pytest.mark.sqlite_only
def test_years_before_the_calendar_begins_are_empty(clerk: OfficeClient) -> None:
    assert clerk.page("/statistics/?period=2000").xpath("//main//table")


def test_not_accepted_rate_leads_to_both_of_its_tables(clerk: OfficeClient) -> None:
    page = clerk.page(f"/statistics/rows?figure=oos_rate&part=d&{PERIOD}")
    (accepted,) = page.xpath("//main//a[contains(@href, 'figure=accept_cnt')]/@href")
    overview = dict(hrefs(clerk.page(f"/statistics/?{PERIOD}")))
    (both,) = [n for href, n in overview.items() if "oos_rate" in href and "part=d" in href]
    assert total(page) + total(clerk.page(accepted)) == both


def test_overview_shows_every_indicator_with_its_definition(clerk: OfficeClient) -> None:
    page = clerk.page(f"/statistics/?{PERIOD}")
    names = page.xpath("//main//summary/text()")
    assert names == [definition.name for definition in CATALOGUE.values()]
    notes = page.xpath("string(//main)")
    assert all(definition.n in notes for definition in CATALOGUE.values())


def test_pickers_stay_in_the_address(clerk: OfficeClient, busy: Busy) -> None:
    land = busy.units["land"]
    page = clerk.page(f"/statistics/?period=2026-Q4&unit={land}")
    chosen = page.xpath("//main//form//option[@selected]/@value")
    assert chosen == ["2026-Q4", str(land)]
    tabs = page.xpath("//main//nav[@class='tabs']/a/@href")
    assert all(f"unit={land}" in href and "period=2026-Q4" in href for href in tabs)
    # What says nothing of a single unit is not shown for one.
    assert CATALOGUE["consult_cnt"].name not in page.xpath("//main//summary/text()")


# The numbers are compared on both databases in tests/reports; here it is the page.
@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "url", ["/statistics/units/", "/statistics/causes/", "/statistics/months/"]
)
def test_charts_are_svg_without_script_and_lead_to_rows(clerk: OfficeClient, url: str) -> None:
    page = clerk.page(f"{url}?{PERIOD}")
    charts = page.xpath("//main//figure//*[local-name()='svg']")
    assert charts
    for chart in charts:
        assert not chart.xpath(".//*[local-name()='script']")
        assert not re.search(r"https?://(?!www\.w3\.org)", str(chart.xpath("string(.)")))
    links = page.xpath("//main//figure//*[local-name()='a']/@*[contains(., '/statistics/rows')]")
    assert links
    clerk.page(links[0])


# The numbers are compared on both databases in tests/reports; here it is the page.
@pytest.mark.sqlite_only
@pytest.mark.parametrize("url", PAGES)
def test_page_of_figures_costs_few_statements(
    clerk: OfficeClient, busy: Busy, url: str, count_statements_of: Any
) -> None:
    clerk.page(url)
    with count_statements_of(busy.app) as statements:
        clerk.page(f"{url}?{PERIOD}")
    assert len(statements) <= MOST_STATEMENTS[url]


# The numbers are compared on both databases in tests/reports; here it is the page.
@pytest.mark.sqlite_only
def test_unit_sees_its_own_figures_and_no_other(busy: Busy, freeze: Any) -> None:
    freeze(NOW)
    head, land, tax = busy.browser("land_head"), busy.units["land"], busy.units["tax"]
    for url in ("/statistics/", "/statistics/causes/", "/statistics/months/"):
        page = head.page(f"{url}?{PERIOD}&unit={tax}")
        assert not page.xpath("//main//select[@name='unit']")
        assert not [href for href, _n in hrefs(page) if f"unit={land}" not in href]
    assert head.get("/statistics/units/").status_code in (302, 403)
    for href, number in hrefs(head.page(f"/statistics/?{PERIOD}")):
        assert total(head.page(href)) == number, href


# The numbers are compared on both databases in tests/reports; here it is the page.
@pytest.mark.sqlite_only
def test_viewer_reads_figures_without_names(busy: Busy, freeze: Any) -> None:
    freeze(NOW)
    viewer = busy.browser("viewer")
    page = viewer.page(f"/statistics/rows?figure=accept_cnt&part=n&{PERIOD}")
    names = {busy.case(name).reporter_name for name in busy.cases} - {""}
    text = page.xpath("string(//main)")
    assert not [name for name in names if name in text]
    db.session.remove()


@pytest.mark.parametrize(
    "query",
    [
        "period=2026-13", "period=abc", "unit=999", "unit=x", "site=999",
        "figure=nothing&part=n", "figure=ontime_rate&part=x", "figure=accept_cnt&part=miss",
        "figure=cause&fact=x", "figure=category&fact=9", "figure=oos_rate&part=n&unit=1",
    ],
)  # fmt: skip
def test_what_there_is_not_is_not_found(clerk: OfficeClient, query: str) -> None:
    assert clerk.get(f"/statistics/rows?{query}").status_code == 404
