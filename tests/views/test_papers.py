"""The plan's papers: words and order of annex 3 and 4, who sees the phone, what is counted."""

from collections.abc import Callable
from typing import Any

import pytest

from app.actions import returns
from app.domain.states import Action, Category, ComplaintAbout, ConductType
from app.extensions import db
from app.models import CaseEvent, Slip
from tests.client import OfficeClient
from tests.factories import NAME, PHONE, Office, at, make_office

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

LEDGER = [
    "受理事项",
    "接办窗口（科室）",
    "反映人",
    "联系电话",
    "“办不成事”事项情况",
    "办理结果（是否办结、满意）",
    "承办窗口（科室）办结签字",
    "带班领导签字",
    "备注",
]
SLIP = ["接办窗口（科室）", "交办事项", "交办时间", "交办内容", "接办人签字", "备注"]


@pytest.fixture
def office(session: Any) -> Office:
    """An office on an ordinary Monday."""
    return make_office()


def heads(page: Any) -> list[str]:
    return ["".join(th.text_content().split()) for th in page.xpath("//th")]


def test_ledger_has_the_cells_of_annex_3_in_order(
    office: Office, client: Callable[..., OfficeClient]
) -> None:
    case = office.dispatch(office.submit(office.draft()))
    db.session.commit()
    page = client(office.clerk).page(f"/print/ledger/{case.id}")
    assert heads(page) == LEDGER
    assert page.xpath("string(//h1)").endswith("“办不成事”反映窗口问题台账")
    text = page.text_content()
    assert NAME in text
    assert PHONE not in text
    assert "160****0006" in text
    assert f"台账编号 {case.ledger_no}" in text


def test_full_number_is_shown_on_demand_and_recorded(
    office: Office, client: Callable[..., OfficeClient]
) -> None:
    case = office.dispatch(office.submit(office.draft()))
    db.session.commit()
    answer = client(office.clerk).submit(
        f"/print/ledger/{case.id}", form="//form[contains(@action, 'full')]"
    )
    assert PHONE in answer.text
    seen = db.session.query(CaseEvent).filter_by(case_id=case.id, action=Action.REVEAL_PHONE)
    assert [e.by_id for e in seen] == [office.clerk.id]


def test_unit_never_reads_the_reporter_of_a_confidential_case(
    office: Office, client: Callable[..., OfficeClient]
) -> None:
    case = office.dispatch(office.submit(office.draft(
        category=Category.CONDUCT, conduct_type=ConductType.RUDE, is_confidential=True,
        complaint_about=ComplaintAbout.UNIT, occurred_at=at("2026-10-09 11:40"),
    )))  # fmt: skip
    db.session.commit()
    text = client(office.land_head).page(f"/print/ledger/{case.id}").text_content()
    assert NAME not in text
    assert "160****" not in text
    refused = client(office.land_head).post(f"/print/ledger/{case.id}/full")
    assert refused.status_code in (400, 403)


def test_slip_prints_two_halves_with_limit_and_no_reporter(
    office: Office, client: Callable[..., OfficeClient]
) -> None:
    case = office.dispatch(office.submit(office.draft()))
    db.session.commit()
    page = client(office.clerk).page(f"/print/slips/{case.id}")
    assert heads(page) == SLIP * 2
    text = page.text_content()
    assert "请于2026年10月13日17时前办结并回复" in text
    assert "第一联 督办考核科留存" in text
    assert "第二联 接办窗口（科室）留存" in text
    assert NAME not in text
    assert "160" not in text


def test_printing_is_counted_by_post_and_a_reprint_says_so(
    office: Office, client: Callable[..., OfficeClient]
) -> None:
    case = office.dispatch(office.submit(office.draft()))
    db.session.commit()
    browser = client(office.clerk)
    browser.page(f"/print/slips/{case.id}")
    assert db.session.query(Slip).one().print_count == 0
    first, second = (browser.submit(f"/print/slips/{case.id}").text for _time in range(2))
    assert "补打" not in first
    assert second.count("补打 第2次") == 2
    # Looked at without the button: the paper says that nobody counted it.
    assert "预览，未登记打印（已打印2次）" in browser.page(f"/print/slips/{case.id}").text_content()
    assert db.session.query(Slip).one().print_count == 2


def test_void_slip_is_crossed(office: Office, client: Callable[..., OfficeClient]) -> None:
    case = office.dispatch(office.submit(office.draft()))
    office.sign(case)
    returns.request_return(
        case, reason="不是我单位职责", suggest_unit_id=office.units["tax"].id,
        by=office.land_head, now=at("2026-10-12 10:00"),
    )  # fmt: skip
    returns.reassign(
        case, lead_unit_id=office.units["tax"].id, by=office.clerk, now=at("2026-10-12 10:30")
    )
    db.session.commit()
    page = client(office.clerk).page(f"/print/slips/{case.id}")
    assert len(page.xpath("//section[contains(@class, 'void')]")) == 2
    assert len(page.xpath("//section[contains(@class, 'half')]")) == 4


@pytest.mark.parametrize("path", ["/print/ledger/{}", "/print/slips/{}"])
def test_another_unit_is_refused(
    office: Office, client: Callable[..., OfficeClient], path: str
) -> None:
    case = office.dispatch(office.submit(office.draft()))
    db.session.commit()
    assert client(office.tax_head).get(path.format(case.id)).status_code == 404


def test_draft_has_no_paper(office: Office, client: Callable[..., OfficeClient]) -> None:
    case = office.draft()
    db.session.commit()
    assert client(office.officer).get(f"/print/ledger/{case.id}").status_code == 404


def test_dispatch_and_print_leads_to_the_slips(
    office: Office, client: Callable[..., OfficeClient], freeze: Callable[..., None]
) -> None:
    case = office.submit(office.draft())
    db.session.commit()
    freeze(at("2026-10-12 09:30"))
    form = f"/case/{case.id}/move/dispatch"
    answer = client(office.clerk).submit(
        form, form="//form[contains(@class, 'office-form')]", then="print", content="请核查",
        lead_unit_id="不动产登记窗口", limit_class="one_day",
    )  # fmt: skip
    assert answer.status_code == 302, answer.text
    assert answer.location == f"/print/slips/{case.id}"
