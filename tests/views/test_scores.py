"""量化考核 in the browser: empty at first, rules, numbers that open, freezing, who sees what."""

from collections.abc import Callable
from typing import Any

import pytest
from lxml import html

from app.actions.score_rules import has_rules
from app.domain.states import ComplaintAbout, ScoreKind, State, SupervisionKind
from app.extensions import db
from app.models import ScoreExclusion, ScoreScheme, ScoreSheet
from app.reports.period import named
from app.reports.score_counts import TALLIES, count
from tests.client import OfficeClient
from tests.factories import Office, make_office
from tests.scores import AFTER, OCTOBER, late_case, measure, switch_on
from tests.views.lists import notes, rows
from tests.views.pages import english_words, errors_of, send, text_of

Browser = Callable[..., OfficeClient]
SHEET, RULES = f"/scores/1/{OCTOBER}", "/scores/1/rules"
RED = ScoreKind.RED
# What the pages rest on (counts, sheets, actions) is tried on both databases.
pytestmark = pytest.mark.sqlite_only


@pytest.fixture(autouse=True)
def _after_the_month(freeze: Callable[..., None]) -> None:
    freeze(AFTER)


@pytest.fixture
def scored(hall: Office) -> Office:
    """Return an office with every rule on and three things counted."""
    switch_on(hall)
    late_case(hall)
    measure(hall, SupervisionKind.NOTICE)
    measure(hall, SupervisionKind.INTERVIEW, "tax")
    db.session.commit()
    return hall


def lines(page: Any) -> list[list[str]]:
    """Return the cells of the sheet's table, row by row."""
    found = page.xpath("//table[contains(@class, 'score-table')]/tbody/tr")
    return [[" ".join(td.text_content().split()) for td in row.xpath("./td")] for row in found]


def press_freeze(browser: OfficeClient, **fields: str) -> Any:
    (form,) = browser.page(SHEET).xpath("//form[contains(@action, '/freeze')]")
    return browser.post(form.action, data=dict(form.form_values()) | fields)


def record_link(browser: OfficeClient, word: str) -> str:
    """Return the address behind the first number of a column."""
    return browser.page(SHEET).xpath(f"//td[@data-label='{word}']/a/@href")[0]


# -- shipped empty ------------------------------------------------------------------------------


def test_without_rules_the_page_says_so_and_offers_the_example_off(
    hall: Office, client: Browser
) -> None:
    browser = client(hall.clerk)
    page = browser.page(SHEET)
    assert "没有启用的考核规则，不能计分，也不能定稿" in text_of(page)
    assert not page.xpath("//form[contains(@action, '/freeze')]")
    (form,) = page.xpath("//form[contains(@action, '/rules/example')]")
    answer = browser.post(form.action, data=dict(form.form_values()))
    assert answer.location == RULES
    page = browser.page(RULES)
    assert not page.xpath("//input[starts-with(@name, 'on_')][@checked]")
    assert page.xpath("//input[@name='points_circular']/@value") == ["-10"]
    assert page.xpath("//input[@name='cap_typical']/@value") == ["5"]
    assert not page.xpath("//form[contains(@action, '/rules/example')]")
    assert "没有启用的考核规则" in text_of(browser.page(SHEET))
    token = browser.token(RULES)
    answer = browser.post(f"{SHEET}/freeze", data={"csrf_token": token}, follow_redirects=True)
    assert "没有启用的考核规则，不能定稿。" in answer.text
    assert db.session.query(ScoreSheet).count() == 0


def test_rules_are_set_from_a_month_on(hall: Office, client: Browser) -> None:
    browser = client(hall.clerk)
    month = "2026-10-01"
    wrong = {"points_red": "两分", "on_red": "y", "valid_from": month}
    answer = send(browser, RULES, **wrong)
    assert (answer.status_code, "两分" in answer.text) == (422, True)
    assert "分值最多两位小数" in answer.text
    assert send(browser, RULES, points_red="", on_red="y", valid_from=month).status_code == 422
    assert not has_rules(1)
    fields = {"points_red": "－0.25", "on_red": "y", "cap_red": "5", "valid_from": month}
    assert send(browser, RULES, base="90", **fields).status_code == 302
    row = db.session.query(ScoreScheme).one()
    assert (row.valid_from.isoformat(), row.base, row.set_by.username) == (month, 90, "clerk-1")
    late_case(hall)
    db.session.commit()
    page = browser.page(SHEET)
    assert lines(page)[-1] == ["3", "不动产登记窗口", "1次 -0.25", "89.75"]
    assert not english_words(browser.page(RULES), hall) | english_words(page, hall)


def test_month_that_is_frozen_is_not_offered_for_rules(scored: Office, client: Browser) -> None:
    browser = client(scored.clerk)
    press_freeze(browser)
    offered = browser.page(RULES).xpath("//select[@name='valid_from']/option/text()")
    assert ("2026年10月" in offered, "2026年11月" in offered) == (False, True)


# -- the sheet ----------------------------------------------------------------------------------


def test_sheet_ranks_units_and_every_number_opens_its_records(
    scored: Office, client: Browser
) -> None:
    browser = client(scored.clerk)
    page = browser.page(SHEET)
    shown = [(row[0], row[1], row[-1]) for row in lines(page)]
    assert shown == [
        ("1", "工程建设科", "100"), ("2", "不动产登记窗口", "97"), ("3", "税务窗口", "95")
    ]  # fmt: skip
    links = page.xpath("//table[contains(@class, 'score-table')]/tbody//td/a")
    assert [link.text for link in links] == ["1次", "1次", "1次"]
    found = count(TALLIES, site_id=1, period=named(OCTOBER, now=AFTER))
    assert sum(len(keys) for units in found.values() for keys in units.values()) == len(links)
    for link in links:
        assert len(rows(browser.page(link.get("href")))) == 1
    assert "慢病备案" in text_of(browser.page(record_link(browser, "红牌")))
    assert not english_words(page, scored)


def test_excluding_needs_a_reason_and_keeps_the_trace(scored: Office, client: Browser) -> None:
    browser = client(scored.clerk)
    url = browser.page(record_link(browser, "红牌")).xpath("//td/a[.='剔除']/@href")[0]
    empty = send(browser, url, reason="")
    assert (empty.status_code, "必填" in empty.text) == (422, True)
    assert send(browser, url, reason="系统故障").status_code == 302
    page = browser.page(SHEET)
    assert lines(page)[0][-1] == "100"
    assert ["99" for row in lines(page) if row[1] == "不动产登记窗口" and row[-1] == "99"]
    assert "系统故障" in text_of(page)
    (form,) = page.xpath("//form[contains(@action, '/restore/')]")
    assert browser.post(form.action, data=dict(form.form_values())).status_code == 302
    assert [row[-1] for row in lines(browser.page(SHEET))] == ["100", "97", "95"]
    assert "已恢复" in text_of(browser.page(SHEET))
    assert db.session.query(ScoreExclusion).one().restored_at == AFTER
    assert send(browser, f"{SHEET}/exclude?kind=red&record=1", reason="又").status_code == 302
    again = browser.get(f"{SHEET}/exclude?kind=red&record=99")
    assert again.status_code == 404


def test_freezing_and_one_correction_afterwards(scored: Office, client: Browser) -> None:
    browser = client(scored.clerk)
    assert press_freeze(browser, mark="0" * 16).status_code == 302
    assert notes(browser.page(SHEET)) == ["打开页面后数据有变化，请核对后再定稿。"]
    press_freeze(browser)
    page = browser.page(SHEET)
    assert "已定稿 甲clerk 2026-11-02 09:30" in text_of(page)
    assert not page.xpath("//form[contains(@action, '/freeze')]")
    url = page.xpath("//tr[contains(., '不动产登记窗口')]//a[.='更正']/@href")[0]
    wrong = send(browser, url, points="九十五", reason="复核")
    assert (wrong.status_code, "九十五" in wrong.text) == (422, True)
    same = send(browser, url, points="97", reason="复核")
    assert "points" in errors_of(html.fromstring(same.text))
    assert send(browser, url, item="red:-2", points="-0.5", reason="复核有误").status_code == 302
    page = browser.page(SHEET)
    land = next(row for row in lines(page) if row[1] == "不动产登记窗口")
    assert (land[2], land[-2]) == ("1次 -2 -0.5", "97 98.5")
    assert "复核有误" in text_of(page)
    stale = send(browser, url, item="red:-2", points="-1", reason="又")
    assert stale.status_code == 422  # no longer among what is offered


def test_page_says_what_has_changed_since(scored: Office, client: Browser) -> None:
    press_freeze(client(scored.clerk))
    assert "冻结后数据有变化" not in text_of(client(scored.leader).page(SHEET))
    measure(scored, SupervisionKind.CIRCULAR, "tax")
    db.session.commit()
    page = client(scored.leader).page(SHEET)
    assert "冻结后数据有变化。" in text_of(page)
    assert "税务窗口：通报 增加1次" in text_of(page)
    assert [row[-1] for row in lines(page)] == ["100", "97", "95"]


def test_running_month_cannot_be_frozen(
    scored: Office, client: Browser, freeze: Callable[..., None]
) -> None:
    browser, now = client(scored.clerk), f"/scores/1/{AFTER:%Y-%m}"
    page = browser.page(now)
    assert "本月尚未结束，下月1日起可以定稿" in text_of(page)
    token = browser.token(RULES)
    answer = browser.post(f"{now}/freeze", data={"csrf_token": token}, follow_redirects=True)
    assert "考核表自2026-12-01起可以定稿" in answer.text
    assert db.session.query(ScoreSheet).count() == 0


# -- who sees what ------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["land_head", "land_handler"])
def test_unit_sees_its_own_line_alone(scored: Office, client: Browser, who: str) -> None:
    browser = client(scored.people[who])
    page = browser.page(SHEET)
    assert [(row[0], row[-1]) for row in lines(page)] == [("不动产登记窗口", "97")]
    assert "未定稿" in text_of(page)
    assert "税务窗口" not in text_of(page)
    assert len(rows(browser.page(record_link(browser, "红牌")))) == 1
    tax = scored.units["tax"].id
    assert browser.get(f"{SHEET}/records?unit={tax}&kind=interview").status_code == 404
    for path in ("/xlsx", "/print", "/exclude?kind=red&record=1", "/correct?unit=1"):
        assert browser.get(f"{SHEET}{path}").status_code == 403
    press_freeze(client(scored.clerk))
    assert "已定稿" in text_of(browser.page(SHEET))
    assert len(lines(browser.page(SHEET))) == 1


def test_viewer_sees_nothing_before_freezing(scored: Office, client: Browser) -> None:
    browser = client(scored.viewer)
    page = browser.page(SHEET)
    assert (lines(page), "本月考核表尚未定稿。" in text_of(page)) == ([], True)
    assert "尚无已定稿的考核表。" in text_of(browser.page("/scores/"))
    unit = scored.units["land"].id
    for path in (f"/records?unit={unit}&kind=red", "/xlsx", "/print"):
        assert browser.get(f"{SHEET}{path}").status_code == 404
    press_freeze(client(scored.clerk))
    assert len(lines(browser.page(SHEET))) == 3
    assert browser.get(f"{SHEET}/xlsx").status_code == 200


@pytest.mark.parametrize("who", ["leader", "chief", "m1"])
def test_leaders_read_and_change_nothing(scored: Office, client: Browser, who: str) -> None:
    browser = client(scored.people[who])
    page = browser.page(SHEET)
    assert len(lines(page)) == 3
    assert not page.xpath("//main//form")
    assert not browser.page(RULES).xpath("//main//input")
    token = browser.token("/users/userinfo/")
    for path in ("freeze", "exclude?kind=red&record=1", "correct?unit=1", "restore/1"):
        answer = browser.post(f"{SHEET}/{path}", data={"csrf_token": token, "reason": "x"})
        assert answer.status_code == 403, path
    assert browser.post(RULES, data={"csrf_token": token}).status_code == 403
    assert db.session.query(ScoreSheet).count() == 0


def test_case_kept_from_the_section_is_counted_unnamed(hall: Office, client: Browser) -> None:
    switch_on(hall)
    facts = {"category": "3", "conduct_type": "rude", "complaint_about": ComplaintAbout.SECTION}
    case = hall.draft(**facts, occurred_at=None)
    case.complaint_about = ComplaintAbout.SECTION
    hall.sign(hall.dispatch(hall.submit(case), by=hall.leader))
    db.session.commit()
    page = client(hall.clerk).page(record_link(client(hall.clerk), "红牌"))
    (row,) = rows(page)
    assert "无权查看" in row.text_content()
    assert "慢病备案" not in text_of(page)
    assert case.state is State.HANDLING
    assert "慢病备案" in text_of(client(hall.leader).page(record_link(client(hall.chief), "红牌")))


def test_wild_addresses_are_not_found(scored: Office, client: Browser) -> None:
    make_office(2)
    db.session.commit()
    browser = client(scored.clerk)
    for url in (
        "/scores/2/2026-10", "/scores/1/2027-01", "/scores/1/2026-13", "/scores/1/2026",
        "/scores/1/2026-Q4", "/scores/1/x", "/scores/9/rules", "/scores/2/rules",
        "/scores/?site=2", f"{SHEET}/records?unit=x&kind=red",
        f"{SHEET}/records?unit=1&kind=nothing", f"{SHEET}/records?unit={2**70}&kind=red",
        f"{SHEET}/exclude?kind=red&record=x", f"{SHEET}/correct?unit=",
    ):  # fmt: skip
        assert browser.get(url).status_code == 404, url


def test_list_of_months_shows_their_state(scored: Office, client: Browser) -> None:
    browser = client(scored.clerk)
    press_freeze(browser)
    page = browser.page("/scores/")
    found = {" ".join(row.text_content().split()) for row in rows(page)[:3]}
    assert any("2026年11月 未定稿" in text for text in found)
    assert any("2026年10月 已定稿" in text for text in found)
    assert any("2026年9月 无启用规则" in text for text in found)
    assert not english_words(page, scored)


def test_statements_do_not_grow_with_the_cases(
    hall: Office, client: Browser, count_statements: Callable[[], Any]
) -> None:
    switch_on(hall)
    late_case(hall)
    db.session.commit()
    browser = client(hall.clerk)
    browser.page(SHEET)
    numbers = []
    for _round in range(2):
        with count_statements() as statements:
            browser.page(SHEET)
        numbers.append(len(statements))
        for _each in range(12):
            late_case(hall, "tax")
        db.session.commit()
    assert numbers[0] == numbers[1] < 40
