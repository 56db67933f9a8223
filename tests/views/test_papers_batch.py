"""Papers of ticked rows in one go, and what annex 3 and 4 do with long texts and reprints."""

from collections.abc import Callable
from typing import Any

import pytest

from app.actions.printing import MOST_PRINTED
from app.domain.states import EvalLevel, LimitClass, State
from app.extensions import db
from app.models import Case, CaseEvent, Slip
from tests.client import OfficeClient
from tests.factories import NAME, NARRATIVE, PHONE, Office, at

pytestmark = pytest.mark.sqlite_only
Clients = Callable[..., OfficeClient]


@pytest.fixture
def cases(hall: Office) -> list[Case]:
    """Three cases handed over, one draft."""
    found = [hall.dispatch(hall.submit(hall.draft()), co=("build",)) for _n in range(3)]
    found.append(hall.draft())
    db.session.commit()
    return found


def tick(browser: OfficeClient, url: str, action: str, ids: list[int]) -> Any:
    data = {"action": action, "rowid": ids, "csrf_token": browser.token(url)}
    return browser.post(url.replace("list/", "action_post"), data=data)


def press(browser: OfficeClient, url: str) -> Any:
    """Send the first form of a print page with all its fields, repeated ones too."""
    form = browser.page(url).xpath("//form[@method='post']")[0]
    data: dict[str, list[str]] = {}
    for one in form.xpath(".//input"):
        data.setdefault(one.get("name"), []).append(one.get("value"))
    return browser.post(form.get("action"), data=data)


def test_ticked_cases_print_one_a_page(hall: Office, client: Clients, cases: list[Case]) -> None:
    browser = client(hall.clerk)
    answer = tick(browser, "/cases/list/", "print_ledgers", [case.id for case in cases])
    page = browser.page(answer.location)
    text = page.text_content()
    assert [n in text for n in ("2026-0001", "2026-0002", "2026-0003")] == [True] * 3
    assert len(page.xpath("//section[contains(@class, 'sheet')]")) == 3
    assert PHONE not in text
    assert page.xpath("//a[contains(@href, '/cases/list')]")


def test_full_phones_of_ticked_cases_are_recorded_each(
    hall: Office, client: Clients, cases: list[Case]
) -> None:
    browser = client(hall.clerk)
    url = "/print/ledgers?" + "&".join(f"id={case.id}" for case in cases[:2])
    answer = press(browser, url)
    assert answer.text.count(PHONE) == 2
    seen = db.session.query(CaseEvent).filter_by(action="reveal_phone")
    assert sorted(e.case_id for e in seen) == sorted(case.id for case in cases[:2])


def test_drafts_alone_have_no_paper(hall: Office, client: Clients, cases: list[Case]) -> None:
    browser = client(hall.clerk)
    answer = tick(browser, "/cases/list/", "print_ledgers", [cases[3].id])
    assert "所选记录没有可打印的台账。" in browser.get(answer.location).text


def test_ticked_slips_are_counted_by_the_print_button(
    hall: Office, client: Clients, cases: list[Case]
) -> None:
    browser = client(hall.clerk)
    slips = db.session.query(Slip).order_by(Slip.slip_no).all()
    answer = tick(browser, "/slips/list/", "print_slips", [slip.id for slip in slips[:4]])
    page = browser.page(answer.location)
    assert len(page.xpath("//section[contains(@class, 'half')]")) == 8
    printed = press(browser, answer.location)
    assert printed.status_code == 200
    assert "data-print-now" in printed.text
    counts = [s.print_count for s in db.session.query(Slip).order_by(Slip.slip_no)]
    assert counts == [1, 1, 1, 1, 0, 0]


def test_unit_prints_its_own_slips_only(hall: Office, client: Clients, cases: list[Case]) -> None:
    ids = [slip.id for slip in db.session.query(Slip)]
    url = "/print/slips?" + "&".join(f"id={key}" for key in ids)
    page = client(hall.land_head).page(url)
    assert len(page.xpath("//section[contains(@class, 'half')]")) == 6
    assert "工程建设科" not in page.text_content()
    assert client(hall.tax_head).get(url).status_code == 404


def test_more_than_a_tray_holds_is_refused_in_words(hall: Office, client: Clients) -> None:
    made = [hall.submit(hall.draft()) for _n in range(MOST_PRINTED + 1)]
    db.session.commit()
    ids = [case.id for case in made]
    browser = client(hall.clerk)
    answer = tick(browser, "/cases/list/", "print_ledgers", ids)
    assert "一次最多打印50份，请减少勾选。" in browser.get(answer.location).text
    url = "/print/ledgers?" + "&".join(f"id={key}" for key in ids)
    by_address = browser.get(f"{url}&back=/cases/list/")
    assert (by_address.status_code, by_address.location) == (302, "/cases/list/")
    assert "一次最多打印50份，请减少勾选。" in browser.get(by_address.location).text
    assert browser.get("/print/ledgers").status_code == 404
    assert browser.get("/print/ledgers?id=0").status_code == 404
    assert browser.get(f"/print/ledgers?id={10**30}").status_code == 404


def test_batch_costs_the_same_for_one_and_for_many(
    hall: Office, client: Clients, cases: list[Case], count_statements: Any
) -> None:
    browser = client(hall.clerk)
    costs = []
    for ids in (cases[:1], cases[:3]):
        url = "/print/ledgers?" + "&".join(f"id={case.id}" for case in ids)
        browser.get(url)
        with count_statements() as statements:
            assert browser.get(url).status_code == 200
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_slip_keeps_its_limit_when_the_content_goes_on(hall: Office, client: Clients) -> None:
    case = hall.submit(hall.draft())
    from app.actions import dispatch

    dispatch.dispatch(
        case, lead_unit_id=hall.units["land"].id, co_unit_ids=[], content=NARRATIVE * 20 + "完",
        limit_class=LimitClass.ONE_DAY, complex_grounds=[], by=hall.clerk,
        now=at("2026-10-12 09:30"),
    )  # fmt: skip
    db.session.commit()
    page = client(hall.clerk).page(f"/print/slips/{case.id}")
    halves = page.xpath("//section[contains(@class, 'half')]")
    assert ["请于2026年10月13日17时前办结并回复" in h.text_content() for h in halves] == [
        True,
        True,
    ]
    assert ["（详见附页）" in h.text_content() for h in halves] == [True, True]
    annex = "".join(page.xpath("//section[contains(@class, 'annex-page')]//p/text()"))
    assert annex.endswith("完")
    assert "存根" in halves[0].text_content()
    assert page.xpath("//div[@class='cut']")[0].text_content().strip() == "办交〔2026〕0001号"


def test_ledger_ticks_follow_the_round(hall: Office, client: Clients) -> None:
    case = hall.case_in(State.TO_EVALUATE)
    db.session.commit()

    def boxes() -> str:
        page = client(hall.clerk).page(f"/print/ledger/{case.id}")
        return "".join(page.xpath("//p[@class='boxes']//text()"))

    assert boxes() == "☑已办结□未办结□满意□不满意"
    hall.rate(case, EvalLevel.BAD)
    db.session.commit()
    assert boxes() == "☑已办结□未办结□满意☑不满意"


def test_ledger_names_the_lead_unit_first_and_signs_in_ink(hall: Office, client: Clients) -> None:
    case = hall.dispatch(hall.submit(hall.draft()), lead="tax", co=("build",))
    db.session.commit()
    page = client(hall.clerk).page(f"/print/ledger/{case.id}")
    text = page.text_content()
    assert "税务窗口、工程建设科" in text
    assert NAME in text
    assert [p.text for p in page.xpath("//p[@class='ink']")] == ["年　　月　　日"] * 2


def test_flow_chart_counts_what_its_lists_hold(hall: Office, client: Clients, freeze: Any) -> None:
    hall.case_in(State.HANDLING)
    hall.case_in(State.TO_DISPATCH)
    hall.case_in(State.TO_EVALUATE)
    db.session.commit()
    freeze(at("2026-10-12 16:00"))
    for who in ("clerk", "leader", "land_head", "officer", "chief", "m1", "tax_head"):
        browser = client(hall.people[who])
        page = browser.page("/flow/")
        titles = [h.text_content() for h in page.xpath("//section[@class='flow-box']/h2")]
        assert titles == ["接待咨询", "及时转办", "限时办结", "服务评价", "跟踪督办"]
        doors = page.xpath("//section[@class='flow-box']//li/a")
        assert doors, who
        assert page.xpath("//p[@class='flow-title']")[0].text.endswith(
            "“办不成事”反映窗口工作流程图"
        )
        for door in doors:
            rows = browser.page(door.get("href")).xpath("//table//tbody/tr[td[2]]")
            assert len(rows) == int(door.xpath("./b")[0].text), (who, door.text_content())
