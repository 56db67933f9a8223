"""One search box: what finds a case, and what must not tell a name to who may not know it."""

import datetime as dt
from collections.abc import Callable
from urllib.parse import quote, unquote

import pytest
from lxml import html

from app.extensions import db
from app.models import ExportRequest
from app.models.keyring import seal
from tests.busy import NOW, Busy
from tests.client import OfficeClient
from tests.factories import NAME, PHONE
from tests.views.lists import ledger_numbers

Freeze = Callable[[dt.datetime], None]


@pytest.fixture
def look(busy: Busy, freeze: Freeze) -> Callable[..., set[str]]:
    """Return a function: the ledger numbers that somebody finds with some words."""
    freeze(NOW)

    def found(who: str, text: str) -> set[str]:
        url = "/cases/list/"
        page = busy.browser(who).page(
            f"{url}?quick=all&psize_CaseView=100&q={text.replace(' ', '%20')}"
        )
        return ledger_numbers(page)

    return found


Look = Callable[[str, str], set[str]]


def all_of(busy: Busy, look: Look, who: str = "officer") -> set[str]:
    return look(who, "")


def test_ledger_number_finds_its_case(busy: Busy, look: Look) -> None:
    number = busy.case("handling").ledger_no
    year, tail = number.split("-")
    for text in (number, f" {number} ", tail, str(int(tail)), number.replace("-", "－")):
        assert number in look("officer", text), text
    assert look("officer", number) == {number}
    assert look("officer", f"{year}-9999") == set()


def test_slip_number_finds_its_case(busy: Busy, look: Look) -> None:
    case = busy.case("returned_again")
    for slip in case.slips:  # the void one too
        for text in (f"NO {slip.no}", f"no{slip.no}", f"NO.{slip.slip_no}", f"ＮＯ　{slip.no}"):
            assert look("officer", text) == {case.ledger_no}, text
        assert case.ledger_no in look("officer", slip.no)


def test_phone_is_found_by_its_tail_of_four_or_more(busy: Busy, look: Look) -> None:
    named = all_of(busy, look) - look("officer", "建议意见") - {None}
    everybody = {no for no in named if no != busy.case("nameless").ledger_no}
    spaced = "160 0000 0006"
    for text in (PHONE, PHONE[-4:], PHONE[-6:], "160-0000-0006", spaced, f"慢病  {spaced}"):
        assert look("officer", text) >= {busy.case("handling").ledger_no}, text
    assert look("officer", PHONE) == everybody
    assert look("officer", "7777") == set()
    # Three digits may be a number of the office, never the end of somebody's phone.
    assert busy.case("handling").ledger_no not in look("officer", PHONE[-3:])


def test_name_and_words_are_found(busy: Busy, look: Look) -> None:
    one = busy.case("handling").ledger_no
    for text in (NAME, NAME[:2], "慢病备案", "两次被退回", f"{NAME} 慢病", f"慢病 {PHONE[-4:]}"):
        assert one in look("officer", text), text
    assert look("officer", f"{NAME} 没有这样的事") == set()


@pytest.mark.parametrize("text", ["%", "_", "%%", "'", '"', "\\", "()", "a' OR '1'='1", "0" * 90])
def test_signs_are_only_signs(busy: Busy, look: Look, text: str) -> None:
    assert look("officer", text.replace("%", "%25")) == set()


@pytest.mark.parametrize("who", ["tax_head", "build_head", "tax_handler"])
def test_unit_finds_nothing_of_another_unit(busy: Busy, look: Look, who: str) -> None:
    case = busy.case("handling")
    slip = case.slips[0].no
    for text in (case.ledger_no, f"NO {slip}", PHONE, NAME, "慢病备案"):
        assert case.ledger_no not in look(who, text), text


def test_name_on_a_confidential_case_is_no_key_for_its_unit(busy: Busy, look: Look) -> None:
    secret = busy.case("secret").ledger_no
    assert secret in look("land_head", secret)
    assert secret in look("officer", NAME)
    for text in (NAME, NAME[:1], PHONE, PHONE[-4:]):
        assert secret not in look("land_head", text), text


def test_viewer_cannot_ask_for_a_name(busy: Busy, look: Look) -> None:
    number = busy.case("handling").ledger_no
    assert look("viewer", number) == {number}
    assert number in look("viewer", "慢病备案")
    for text in (NAME, PHONE, PHONE[-4:], "两次被退回"):
        assert number not in look("viewer", text), text


def test_search_in_other_lists_keeps_to_their_scope(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    extension = busy.case("extension").ledger_no
    url = f"/extensions/list/?quick=all&q={extension}"
    assert extension in busy.browser("clerk").get(url).text.split("<tbody>")[-1]
    assert "暂无待批的延期申请" in busy.browser("tax_head").get(url).text
    slip = busy.case("handling").slips[0].no
    assert f"NO {slip}" in busy.browser("clerk").get(f"/slips/list/?quick=all&q={slip}").text
    assert f"NO {slip}" not in busy.browser("tax_head").get(f"/slips/list/?quick=all&q={slip}").text


SEARCH_FORM = "//form[@role='search']"


def search(browser: OfficeClient, url: str, **fields: str) -> str:
    """Fill the search box above a list and send it; return where one gets."""
    answer = browser.submit(url, form=SEARCH_FORM, **fields)
    assert answer.status_code == 302
    return str(answer.location)


def test_what_is_searched_stands_in_no_address(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    browser = busy.browser("officer")
    number = busy.case("handling").ledger_no
    spaced = "160 0000 0006"
    for words in (PHONE, spaced, NAME):
        where = search(browser, "/cases/list/?quick=all&category=1", q=words)
        assert "quick=all" in where
        assert "category=1" in where
        page = browser.get(where)
        assert number in page.text
        assert f'value="{words}"' in page.text
        addresses = html.fromstring(page.text).xpath("//@href | //@action")
        assert not [a for a in addresses if words in a or NAME in unquote(a) or PHONE in a]
    assert search(browser, "/cases/list/?quick=all", q=" ") == "/cases/list/?quick=all"
    assert search(browser, "/", q=PHONE).startswith("/cases/list/?quick=all&q=e1.")
    reception = search(browser, "/receptions/list/?quick=all", q=spaced)
    assert PHONE not in reception
    assert browser.get(reception).status_code == 200


def test_export_holds_what_was_searched(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    browser = busy.browser("clerk")
    where = search(browser, "/cases/list/?quick=all", q=PHONE)
    page = browser.page(f"{where}&psize_CaseView=100")
    shown = {number for number in ledger_numbers(page) if (number or "").startswith("2026-")}
    sent = browser.submit(where, form="//form[contains(@action, '/export?')]")
    row = db.session.query(ExportRequest).order_by(ExportRequest.id.desc()).first()
    assert "/download/" in sent.location
    assert row is not None
    assert row.rows_total == len(shown) > 0
    assert PHONE not in row.query
    assert f"检索“{PHONE}”" in browser.get("/exports/").text


def test_sealed_words_open_for_their_account_alone(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    where = search(busy.browser("officer"), "/cases/list/?quick=all", q=PHONE)
    phone = seal(PHONE)  # as it stands in the database
    strange = ("/cases/list/?quick=all&q=" + quote(value) for value in (phone, "e1.x.y", "e1."))
    for address in (where, *strange):
        page = busy.browser("clerk").get(address)
        assert page.status_code == 200, address
        assert PHONE not in page.text, address
        assert "检索词已失效，请重新输入。" in page.text, address
    browser = busy.browser("clerk")
    for name in ("", "OfficeUserView", "CaseView.list"):
        sent = {"list": name, "q": PHONE, "csrf_token": browser.token("/cases/list/")}
        assert browser.post("/search", data=sent).status_code == 400, name
