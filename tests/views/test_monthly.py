"""月度通报 on the page: every number, its links, the months there are, and who takes it away."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import docx
import openpyxl
import pytest

from app.domain.indicators import CATALOGUE, shown
from app.extensions import db
from app.models import Site
from app.reports.monthly.figures import gather, month_named
from tests.busy import NOW, Busy

# What the numbers rest on is tried on both databases (tests/reports).
pytestmark = pytest.mark.sqlite_only
OCTOBER = "/monthly/?month=2026-10"
READERS = ("clerk", "leader", "chief", "m1", "viewer")
OTHERS = ("officer", "land_head", "land_handler", "sys_admin", "sec_admin", "auditor")


@pytest.fixture
def today(freeze: Callable[..., None]) -> None:
    freeze(NOW)


@pytest.mark.parametrize("person", READERS)
def test_readers_see_every_number(busy: Busy, today: None, person: str) -> None:
    page = busy.browser(person).get(OCTOBER)
    assert page.status_code == 200
    month = gather(site=busy_site(), period=month_named("2026-10", now=NOW))
    for key, value in month.values.items():
        assert CATALOGUE[key].name in page.text
        assert shown(CATALOGUE[key], value) in page.text
    assert "本月尚未结束，数据截至今日。" in page.text
    assert ("通报文稿（docx）" in page.text) is (person in ("clerk", "leader", "chief"))


def busy_site() -> Site:

    return db.session.get_one(Site, 1)


@pytest.mark.parametrize("person", OTHERS)
def test_others_neither_see_it_nor_take_it(busy: Busy, today: None, person: str) -> None:
    browser = busy.browser(person)
    for address in (OCTOBER, "/monthly/file/docx", "/monthly/file/xlsx"):
        assert browser.get(address).status_code in (302, 403), address


@pytest.mark.parametrize("person", ["m1", "viewer"])
def test_who_only_reads_takes_no_file(busy: Busy, today: None, person: str) -> None:
    assert busy.browser(person).get("/monthly/file/docx").status_code in (302, 403)


def test_last_month_is_shown_unless_another_is_asked_for(busy: Busy, today: None) -> None:
    page = busy.browser("clerk").get("/monthly/")
    assert "2026年9月 ·" in page.text
    assert "本月尚未结束" not in page.text


@pytest.mark.parametrize(
    "query",
    [
        "month=2026-11",
        "month=2027-01",
        "month=2026",
        "month=x",
        "site=9",
        "site=x",
        "month=2026-13",
    ],
)
def test_what_there_is_not_is_not_found(busy: Busy, today: None, query: str) -> None:
    browser = busy.browser("clerk")
    assert browser.get(f"/monthly/?{query}").status_code == 404
    assert browser.get(f"/monthly/file/docx?{query}").status_code == 404
    assert browser.get("/monthly/file/pdf").status_code == 404


@pytest.mark.parametrize("ending", ["docx", "xlsx"])
def test_files_have_the_offices_name_and_open(busy: Busy, today: None, ending: str) -> None:
    answer = busy.browser("leader").get(f"/monthly/file/{ending}?month=2026-10")
    assert answer.status_code == 200
    name = "2026%E5%B9%B410%E6%9C%88%E2%80%9C%E5%8A%9E%E4%B8%8D%E6%88%90%E4%BA%8B%E2%80%9D"
    assert name in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    read: dict[str, Callable[[Any], Any]] = {"docx": docx.Document, "xlsx": openpyxl.load_workbook}
    assert read[ending](BytesIO(answer.data))


def test_each_number_links_to_its_rows(busy: Busy, today: None) -> None:
    browser = busy.browser("chief")
    page = browser.get(OCTOBER)
    address = "/statistics/rows?period=2026-10&amp;site=1&amp;figure=accept_cnt&amp;part=n"
    assert address in page.text
    assert browser.get(address.replace("&amp;", "&")).status_code == 200
