"""What 交办单 and 问题台账 say whatever happened since: as issued, nobody's name, by settings."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from app.actions import dispatch, handling, returns
from app.actions.office import set_rule
from app.actions.printing import count_print
from app.domain.states import ComplexGround, LimitClass
from app.extensions import db
from app.models import Case, Slip
from tests.client import OfficeClient
from tests.factories import DISPATCHED, NAME, PHONE, Office, at

pytestmark = pytest.mark.sqlite_only
Clients = Callable[..., OfficeClient]
LONG = "沂水之滨历史文化名城政务服务中心北城分中心综合服务大厅"


def three_days(hall: Office, **facts: Any) -> Case:
    case = hall.dispatch(hall.submit(hall.draft(**facts)), limit=LimitClass.THREE_DAYS)
    return hall.sign(case)


def lines(page: Any) -> list[str]:
    """Return the lines of the first title."""
    return [span.text_content() for span in page.xpath("//h1/span")]


def test_reprint_says_what_the_slip_said_when_issued(hall: Office, client: Clients) -> None:
    case = hall.extend(
        three_days(hall), 2, asked=at("2026-10-14 10:00"), granted=at("2026-10-14 11:00")
    )
    db.session.commit()
    assert case.due_at == at("2026-10-19 17:00")
    browser = client(hall.clerk)
    for _time in range(2):
        printed = browser.submit(f"/print/slips/{case.id}").text
    assert printed.count("复杂事项3个工作日，请于2026年10月15日17时前办结并回复") == 2
    # Outside the frame, on the reprint alone, what became of it.
    assert printed.count("补打 第2次") == 2
    assert printed.count("现应办结时间：2026年10月19日17时") == 2


def test_change_of_class_leaves_the_slip_as_it_was(hall: Office, client: Clients) -> None:
    case = hall.sign(hall.dispatch(hall.submit(hall.draft())))
    hall.explain(case)
    handling.ask_class(
        case, complex_grounds=[ComplexGround.MANY_UNITS], reason="涉及两家", by=hall.land_head,
        now=at("2026-10-12 11:00"),
    )  # fmt: skip
    handling.change_class(
        case, complex_grounds=[ComplexGround.MANY_UNITS], by=hall.clerk, now=at("2026-10-12 11:30")
    )
    db.session.commit()
    text = client(hall.clerk).page(f"/print/slips/{case.id}").text_content()
    assert text.count("一般事项1个工作日，请于2026年10月13日17时前办结并回复") == 2
    assert "3个工作日" not in text


def test_both_slips_are_right_after_a_reassignment(hall: Office, client: Clients) -> None:
    case = hall.dispatch(hall.submit(hall.draft()))
    returns.request_return(
        case, reason="不是我单位职责", suggest_unit_id=hall.units["tax"].id, by=hall.land_head,
        now=at("2026-10-12 10:00"),
    )  # fmt: skip
    returns.reassign(
        case, lead_unit_id=hall.units["tax"].id, by=hall.clerk, now=at("2026-10-13 10:30")
    )
    db.session.commit()
    sheets = (
        client(hall.clerk).page(f"/print/slips/{case.id}").xpath("//div[contains(@class, 'slips')]")
    )
    old, new = (sheet.text_content() for sheet in sheets)
    assert "请于2026年10月13日17时前办结并回复" in old
    assert "作废" in old
    assert "请于2026年10月14日17时前办结并回复" in new
    assert "作废" not in new


def test_slip_says_nothing_of_the_reporter(hall: Office, client: Clients) -> None:
    told = f"{NAME}（电话160-0000 0006，身份证号371326199001010011）为平邑县宏远商行办理备案被退回"
    case = hall.submit(hall.draft(narrative=told, company_name="平邑县宏远商行"))
    dispatch.dispatch(
        case, lead_unit_id=hall.units["land"].id, co_unit_ids=[], content=told,
        limit_class=LimitClass.ONE_DAY, complex_grounds=[], by=hall.clerk, now=DISPATCHED,
    )  # fmt: skip
    db.session.commit()
    text = client(hall.clerk).page(f"/print/slips/{case.id}").text_content()
    for secret in (NAME, PHONE, "0000 0006", "宏远", "371326199001010011"):
        assert secret not in text, secret
    assert "反映人（电话略，身份证号（证件号略））为反映企业办理备案被退回" in text


def test_section_is_told_that_the_content_names_the_reporter(
    hall: Office, client: Clients, freeze: Callable[..., None]
) -> None:
    case = hall.submit(hall.draft(narrative=f"{NAME}两次申请被退回"))
    db.session.commit()
    freeze(at("2026-10-12 09:30"))
    browser, url = client(hall.clerk), f"/case/{case.id}/move/dispatch"
    form = browser.page(url)
    # What is put into the field to begin with leaves the name out by itself.
    assert (
        form.xpath("string(//textarea[@name='content'])").strip().startswith("反映人两次申请被退回")
    )
    answer = browser.submit(
        url, form="//form[contains(@class, 'office-form')]", content=f"请联系{NAME}",
        lead_unit_id="不动产登记窗口", limit_class="one_day",
    )  # fmt: skip
    assert "交办内容写有反映人信息，打印的交办单已略去。" in browser.get(answer.location).text


def test_titles_are_broken_as_in_the_plan(hall: Office, client: Clients) -> None:
    case = hall.dispatch(hall.submit(hall.draft()))
    hall.site.paper_name = "平邑县政务服务中心"
    db.session.commit()
    browser = client(hall.clerk)
    assert lines(browser.page(f"/print/ledger/{case.id}")) == [
        "平邑县政务服务中心“办不成事”反映窗口",
        "问题台账",
    ]
    assert lines(browser.page(f"/print/slips/{case.id}")) == [
        "平邑县政务服务中心",
        "“办不成事”反映窗口事项交办单",
    ]


def test_a_long_name_has_a_line_of_its_own(hall: Office, client: Clients) -> None:
    case = hall.dispatch(hall.submit(hall.draft()))
    hall.site.name, hall.site.paper_name = LONG, ""
    db.session.commit()
    browser = client(hall.clerk)
    assert lines(browser.page(f"/print/ledger/{case.id}")) == [
        LONG,
        "“办不成事”反映窗口",
        "问题台账",
    ]
    assert lines(browser.page(f"/print/slips/{case.id}"))[0] == LONG


def test_settings_change_marks_second_half_and_number(hall: Office, client: Clients) -> None:
    case = hall.dispatch(hall.submit(hall.draft()))
    db.session.commit()
    browser = client(hall.clerk)
    before = browser.page(f"/print/slips/{case.id}").text_content()
    assert "附件4" not in before
    assert before.count("存根　NO 0001") == 2
    chosen = {"annex_marks": "1", "second_half_title": "handover", "slip_no_with_year": "1"}
    for name, text in chosen.items():
        set_rule(name=name, text=text, by=hall.sys_admin, now=DISPATCHED)
    db.session.commit()
    after = browser.page(f"/print/slips/{case.id}").text_content()
    assert "附件4" in after
    assert after.count("存根　NO 2026-0001") == 1
    assert after.count("交办联　NO 2026-0001") == 1
    assert "附件3" in browser.page(f"/print/ledger/{case.id}").text_content()


def test_two_who_print_at_once_both_count(hall: Office) -> None:
    hall.dispatch(hall.submit(hall.draft()))
    db.session.commit()
    slip = db.session.query(Slip).one()
    assert slip.print_count == 0
    # Somebody else printed after this session read the slip.
    db.session.execute(
        update(Slip).values(print_count=4), execution_options={"synchronize_session": False}
    )
    assert count_print([slip], by=hall.clerk, now=DISPATCHED) == 5


def test_looking_never_counts_and_printing_twice_counts_twice(
    hall: Office, client: Clients
) -> None:
    case = hall.dispatch(hall.submit(hall.draft()))
    db.session.commit()
    browser, url = client(hall.clerk), f"/print/slips/{case.id}"
    for address in (url, f"{url}?go=1", f"/print/slips?id={db.session.query(Slip).one().id}"):
        assert "预览，未登记打印" in browser.get(address).text
    first = browser.submit(url).text
    assert "预览" not in first
    db.session.expire_all()
    assert db.session.query(Slip).one().print_count == 1
