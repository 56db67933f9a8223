"""Lists: scoped, paged, sorted, searched; odd arguments never hurt; statements do not grow."""

from typing import Any

import pytest
from lxml import html

from tests.fab.office import fill

LIST = "/bookview/list/"
ODD = [
    "page_BookView=x",
    "page_BookView=-1",
    "page_BookView=99999999999999999999",
    "psize_BookView=0",
    "psize_BookView=-5",
    "psize_BookView=abc",
    "_oc_BookView=owner&_od_BookView=asc",
    "_oc_BookView=nothing&_od_BookView=desc",
    "_oc_BookView=title&_od_BookView=sideways",
    "_flt_0_title=",
    "_flt_9_title=x",
    "_flt_0_nothing=x",
    "_flt_0_shelf=abc",
    "_flt_0_shelf=99999999999999999999999",
    "_flt_x=1",
    "quick=nothing",
    "shelf=nothing",
    "q=%00%25_%27",
    "q=" + "a" * 400,
    "q=%ff%fe",
]


def titles(page: html.HtmlElement) -> list[str]:
    return [
        cell.text_content().strip() for cell in page.xpath("//td[contains(@class,'cell-title')]")
    ]


def test_list_shows_own_rows_only_and_their_number(browser: Any) -> None:
    page = browser().page(LIST + "?psize_BookView=100")
    assert titles(page) == [f"书{number:05}" for number in range(0, 23, 2)]
    assert "共 12 条" in page.text_content()


@pytest.mark.parametrize("query", ODD)
def test_list_odd_arguments_give_a_clean_page(browser: Any, query: str) -> None:
    assert browser().get(f"{LIST}?{query}").status_code == 200


def test_list_page_size_is_clamped_and_last_page_is_shown(browser: Any, office: Any) -> None:
    with office.app_context():
        fill(260)
    anna = browser()
    assert len(titles(anna.page(LIST + "?psize_BookView=100000"))) == 100
    assert titles(anna.page(LIST + "?psize_BookView=100&page_BookView=77"))[-1] == "书00258"


def test_list_sorts_by_whitelisted_columns_only(browser: Any) -> None:
    anna = browser()
    newest = titles(anna.page(LIST + "?_oc_BookView=bought_on&_od_BookView=desc"))
    assert newest[0] == "书00022"
    assert titles(anna.page(LIST + "?_oc_BookView=owner&_od_BookView=desc"))[0] == "书00000"


def test_list_tabs_selects_and_search_box_narrow_and_stay(browser: Any) -> None:
    anna = browser()
    anna.post("/bookview/action/lend/3", data={"csrf_token": anna.token(LIST)})
    assert titles(anna.page(LIST + "?quick=lent")) == ["书00002"]
    assert titles(anna.page(LIST + "?quick=lent&shelf=1")) == []
    assert titles(anna.page(LIST + "?q=00014")) == ["书00014"]
    assert titles(anna.page(LIST + "?q=%25")) == []  # a percent sign is a letter, not a joker
    back = anna.page("/bookview/show/15").xpath("//a[@class='back-link']/@href")[0]
    assert back == LIST + "?q=%25"


def test_list_column_filter_of_the_address_narrows(browser: Any) -> None:
    anna = browser()
    assert len(titles(anna.page(LIST + "?_flt_0_shelf=2&psize_BookView=100"))) == 12
    assert titles(anna.page(LIST + "?_flt_0_shelf=1&psize_BookView=100")) == []


def test_list_empty_says_so(browser: Any) -> None:
    assert "暂无记录。" in browser().page(LIST + "?q=没有").text_content()


def test_list_statements_do_not_grow_with_rows(browser: Any, office: Any, statements: Any) -> None:
    anna = browser()
    with statements() as few:
        anna.get(LIST + "?psize_BookView=100")
    with office.app_context():
        fill(400)
    with statements() as many:
        anna.get(LIST + "?psize_BookView=100")
    assert len(many) == len(few), many
    assert len(many) <= 8, many


def test_related_lists_show_own_rows_only(browser: Any) -> None:
    anna, bert = browser(), browser("bert")
    assert titles(anna.page("/shelfview/show/2"))
    assert titles(bert.page("/shelfview/show/2")) == []
    assert titles(anna.page("/shelfmasterview/list/2"))
    assert titles(bert.page("/shelfmasterview/list/2"))[0:1] == []
    assert anna.get("/shelfmasterview/list/99").status_code == 404


def test_row_buttons_are_those_open_for_the_row(browser: Any) -> None:
    anna = browser()
    anna.post("/bookview/action/lend/1", data={"csrf_token": anna.token(LIST)})
    rows = anna.page(LIST).xpath("//tbody/tr")
    words = [row.xpath(".//td[contains(@class,'buttons-cell')]")[0].text_content() for row in rows]
    assert "借出" not in words[0]
    assert "删除" not in words[0]
    assert all("借出" in text and "编辑" in text and "删除" in text for text in words[1:])


def test_list_without_permission_is_refused(browser: Any) -> None:
    assert browser("nemo").get(LIST).status_code == 403
