"""问题台账 and the working lists: tabs, filters, order, masks, and nothing of another unit."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from app.domain.states import Category, State
from app.extensions import db
from app.models import Case
from tests.busy import NOW, Busy
from tests.factories import NAME
from tests.views.lists import (
    ADMINS,
    WORKERS,
    column,
    latin_words,
    ledger_numbers,
    number,
    rows,
    tabs,
    total,
)
from tests.views.pages import text_of

Freeze = Callable[[dt.datetime], None]
LISTS = (
    "/cases/list/", "/to-dispatch/list/", "/in-handling/list/", "/call-backs/list/",
    "/slips/list/", "/extensions/list/", "/returns/list/", "/group-reviews/list/",
    "/evaluations/list/", "/bad-ratings/list/", "/supervision-notices/list/",
    "/interviews/list/", "/circulars/list/", "/receptions/list/", "/rejections/list/",
    "/leader-visits/list/", "/notices/list/",
)  # fmt: skip
EVERYBODY = {"/notices/list/"}
VIEWER = {"/cases/list/", "/in-handling/list/", "/slips/list/", *EVERYBODY}
DESK_ONLY = {
    "/to-dispatch/list/", "/call-backs/list/", "/receptions/list/", "/rejections/list/",
    "/leader-visits/list/",
}  # fmt: skip
ALL = "/cases/list/?quick=all&psize_CaseView=100"


def open_to(who: str) -> set[str]:
    """Return the lists that this person opens (domain/5.4)."""
    if who in ADMINS:
        return EVERYBODY | ({"/leader-visits/list/"} if who == "sys_admin" else set())
    if who == "viewer":
        return VIEWER
    return set(LISTS) - (DESK_ONLY if who.endswith(("_head", "_handler")) else set())


@pytest.mark.sqlite_only  # words and doors; test_every_page opens the lists on both
@pytest.mark.parametrize("who", [*WORKERS, *ADMINS])
def test_lists_open_to_whom_they_should_and_read_chinese(
    busy: Busy, freeze: Freeze, who: str
) -> None:
    freeze(NOW)
    browser = busy.browser(who)
    for url in LISTS:
        if url not in open_to(who):
            assert browser.get(url).status_code == 403, url
            continue
        page = browser.page(url)
        assert not latin_words(page), url


@pytest.mark.sqlite_only  # words need no second database; counted tabs are read on both
@pytest.mark.parametrize("who", ["officer", "land_head"])
def test_every_tab_reads_chinese(busy: Busy, freeze: Freeze, who: str) -> None:
    freeze(NOW)
    browser = busy.browser(who)
    for url in open_to(who):
        for href in tabs(browser.page(url)).values():
            assert not latin_words(browser.page(href)), href


# Words of a page; what it counts is tried on both.
@pytest.mark.sqlite_only
@pytest.mark.parametrize("who", ["officer", "clerk", "leader", "land_head"])
def test_counted_tab_says_how_many_it_holds(busy: Busy, freeze: Freeze, who: str) -> None:
    freeze(NOW)
    browser = busy.browser(who)
    for url in open_to(who) & {"/cases/list/", "/in-handling/list/", "/call-backs/list/"}:
        page = browser.page(url)
        for tab in page.xpath("//nav[@class='tabs']/a"):
            label = tab.text_content().strip()
            if label[-1].isdigit():
                assert total(browser.page(tab.get("href"))) == number(label), (url, label)


def test_first_tab_is_what_waits(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    page = busy.browser("tax_head").page("/cases/list/")
    assert page.xpath("//nav[@class='tabs']/a[@aria-current]")[0].text_content() == "待办 1"
    assert ledger_numbers(page) == {busy.case("returned_again").ledger_no}


def test_tabs_hold_what_they_say(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    browser = busy.browser("clerk")

    def held(quick: str) -> set[str]:
        page = browser.page(f"/cases/list/?quick={quick}&psize_CaseView=100")
        return ledger_numbers(page)

    def numbers(*names: str) -> set[str]:
        return {busy.case(name).ledger_no for name in names}

    assert numbers("late", "late_done") <= held("overdue")
    assert numbers("handling", "returned") <= held("soon")
    assert not held("soon") & held("overdue")
    assert numbers("uncalled") & held("month") == set()  # of September
    assert numbers("handling", "archived") <= held("month")
    assert "unit" not in tabs(browser.page("/cases/list/"))


def test_own_unit_is_what_it_leads(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    browser = busy.browser("build_head")
    assert ledger_numbers(browser.page("/cases/list/?quick=unit")) == set()
    assert ledger_numbers(browser.page("/cases/list/?quick=all")) == {
        busy.case("co").ledger_no, busy.case("co_signed").ledger_no,
    }  # fmt: skip


def test_ledger_holds_no_one_who_was_not_accepted(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    page = busy.browser("officer").page(ALL)
    assert "不予受理" not in column(page, "state")
    assert column(page, "ledger_no").count("草稿") == 1


@pytest.mark.parametrize("who", ["land_head", "land_handler", "tax_head", "build_head"])
def test_unit_lists_only_what_was_handed_to_it(busy: Busy, freeze: Freeze, who: str) -> None:
    freeze(NOW)
    unit = busy.person(who).unit_id
    numbers = ledger_numbers(busy.browser(who).page(ALL))
    assert numbers
    for name in busy.cases:
        case = busy.case(name)
        slips = [s.unit_id for s in case.slips if not s.is_void]
        handed = unit in slips and case.state not in (State.DRAFT, State.TO_DISPATCH)
        hidden = case.is_confidential and who.endswith("handler")
        assert (case.ledger_no in numbers) == (handed and not hidden), name


@pytest.mark.sqlite_only  # masks are laid on what was read
def test_reporter_is_masked_in_every_list(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    for who in WORKERS:
        for url in (ALL, "/call-backs/list/?quick=called", "/receptions/list/?quick=all"):
            page = busy.browser(who).get(url)
            assert NAME not in page.text, (who, url)
            assert "16000000006" not in page.text
    page = busy.browser("land_head").page(f"{ALL}&q={busy.case('secret').ledger_no}")
    assert column(page, "reporter") == ["（保密）"]
    assert "郁*篱" in column(busy.browser("land_head").page(ALL), "reporter")
    assert "（匿名）" in column(busy.browser("officer").page(ALL), "reporter")


def test_viewer_stays_with_the_list(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    page = busy.browser("viewer").page(ALL)
    assert rows(page)
    assert not page.xpath("//tbody//a | //tbody//button")


def test_filters_narrow_and_stay(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    browser = busy.browser("clerk")
    url = f"/cases/list/?quick=all&state={State.HANDLING}&category={Category.NOT_ACCEPTED.value}"
    page = browser.page(url)
    assert set(column(page, "state")) == {"办理中"}
    chosen = page.xpath("//select/option[@selected]/@value")
    assert chosen == [Category.NOT_ACCEPTED.value, State.HANDLING.value]
    for href in tabs(page).values():
        assert f"state={State.HANDLING}" in href
    link = page.xpath("//a[@class='row-link']/@href")[0]
    back = parse_qs(urlsplit(link).query)["back"][0]
    assert f"state={State.HANDLING}" in back
    assert "quick=all" in back


def test_units_are_chosen_and_sorted_by_rank(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    page = busy.browser("clerk").page(f"{ALL}&_oc_CaseView=lead_unit&_od_CaseView=asc")
    names = [u for u in column(page, "lead_unit") if u != "—"]
    ranked = ["不动产登记窗口", "工程建设科", "税务窗口"]  # not the order of the code points
    assert names == sorted(names, key=ranked.index)
    assert page.xpath("//select[@name='unit']/option/text()")[1:] == ranked
    assert not busy.browser("land_head").page(ALL).xpath("//select[@name='unit']")


def test_states_are_sorted_by_their_course(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    page = busy.browser("officer").page(f"{ALL}&_oc_CaseView=state&_od_CaseView=asc")
    course = ["登记中", "待交办", "待签收", "办理中", "领导小组研究", "待审签", "已办结（待评价）",
              "重办中", "已归档", "已撤回", "已并案"]  # fmt: skip
    shown = list(dict.fromkeys(column(page, "state")))
    assert shown == course


def test_work_is_listed_by_remaining_time(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    page = busy.browser("clerk").page("/in-handling/list/?psize_InHandlingView=100")
    by_number = {case.ledger_no: case for case in db.session.execute(select(Case)).scalars()}
    cases = [by_number[no] for no in column(page, "ledger_no")]

    def moment(case: Case) -> dt.datetime:
        waiting = {State.TO_DISPATCH: case.dispatch_due_at, State.GROUP_REVIEW: case.escalated_at}
        return waiting.get(case.state, case.due_at)

    assert [moment(c) for c in cases] == sorted(moment(c) for c in cases)


def test_row_shows_its_card_and_what_is_left(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    browser = busy.browser("clerk")

    def row(name: str) -> Any:
        page = browser.page(f"/cases/list/?quick=all&q={busy.case(name).ledger_no}")
        return rows(page)[0]

    assert row("handling").get("class") == "is-yellow"
    assert "10-13 周二 17:00剩余 2小时" in row("handling").text_content()
    assert row("late").get("class") == "is-red"
    assert "已超期" in row("late").text_content()
    assert "延期待批" in row("extension").text_content()
    assert "已延期3日" not in row("extension").text_content()


@pytest.mark.parametrize(
    ("who", "name", "words"),
    [
        ("clerk", "to_dispatch", ["交办", "督办"]),
        ("clerk", "returned", ["同意改派", "不同意退回"]),
        ("clerk", "late", ["督办"]),
        ("leader", "extension", ["同意延期", "提交领导小组"]),
        ("leader", "to_confirm", ["确认办结", "退回补办"]),
        ("leader2", "to_confirm", []),
        ("land_handler", "to_sign", ["签收"]),
        ("land_head", "handling", ["提交办结", "联系反映人"]),
        ("land_handler", "handling", ["联系反映人"]),
        ("officer", "draft", ["提交督办考核科", "不予受理"]),
        ("officer", "to_evaluate", ["登记评价", "回访"]),
        ("officer", "called", ["到期未评价归档", "登记评价"]),
        ("viewer", "handling", []),
    ],
)
def test_row_offers_the_moves_that_matter_most(
    busy: Busy, freeze: Freeze, who: str, name: str, words: list[str]
) -> None:
    freeze(NOW)
    case = busy.case(name)
    query = case.ledger_no or "慢病"
    page = busy.browser(who).page(f"/cases/list/?quick=all&q={query}&state={case.state}")
    buttons = [
        b.text_content().strip() for b in rows(page)[0].xpath(".//*[contains(@class, 'btn')]")
    ]
    assert buttons == words


def test_empty_list_says_so_in_words(busy: Busy, freeze: Freeze) -> None:
    freeze(NOW)
    assert "暂无相关事项。" in text_of(busy.browser("clerk").page("/cases/list/?q=没有这样的事"))
    assert "暂无约谈记录。" in text_of(busy.browser("clerk").page("/interviews/list/"))
