"""The case page: one door, masked names, a fixed number of statements, Chinese only."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from app.actions import corrections, extensions, handling, intake
from app.domain.audit import AuditAction
from app.domain.states import Action, Category, ComplaintAbout, ConductType, LimitClass, State
from app.extensions import db
from app.models import AuditEntry, CaseEvent
from tests.client import OfficeClient
from tests.factories import NAME, PHONE, SIGNED, Office, at
from tests.views.moving import move_url, row_of, text_of
from tests.views.pages import english_words

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Clients = Callable[..., OfficeClient]
MASKED = "160****0006"
WITHHELD = "保密件，反映人信息不予显示。"
NUMBERS = {"JD", "BY"}  # the letters of 接待编号 and 不予受理编号
CONDUCT = {
    "category": Category.CONDUCT,
    "conduct_type": ConductType.RUDE,
    "complaint_about": ComplaintAbout.UNIT,
    "occurred_at": at("2026-10-11 10:00"),
    "is_confidential": True,
}


@pytest.fixture
def monday(freeze: Any) -> None:
    freeze(at("2026-10-12 10:00"))


def page_text(browser: OfficeClient, case_id: int) -> str:
    return " ".join(browser.page(f"/case/{case_id}").text_content().split())


@pytest.mark.usefixtures("monday")
def test_reporter_is_masked_by_role(hall: Office, client: Clients) -> None:
    case = hall.case_in(State.HANDLING)
    db.session.commit()
    seen = {
        "officer": (NAME, PHONE),  # who wrote it down
        "officer2": (NAME, MASKED),
        "clerk": (NAME, MASKED),
        "leader": (NAME, MASKED),
        "m1": (NAME, MASKED),
        "land_head": (NAME, MASKED),
        "land_handler": (NAME, MASKED),
        "viewer": ("郁*篱", ""),
    }
    for who, (name, phone) in seen.items():
        text = page_text(client(hall.people[who]), case.id)
        assert name in text, who
        assert phone in text, who
        assert (PHONE in text) is (phone == PHONE), who
        assert (NAME in text) is (name == NAME), who


@pytest.mark.usefixtures("monday")
def test_confidential_case_withholds_the_reporter_from_the_unit(
    hall: Office, client: Clients
) -> None:
    case = hall.sign(hall.dispatch(hall.submit(hall.draft(company_name="某厂", **CONDUCT))))
    corrections.correct(
        case, field="reporter_name", new_value="郁西篱", reason="笔误", by=hall.clerk, now=SIGNED
    )
    db.session.commit()
    head = client(hall.land_head)
    for text in (page_text(head, case.id), text_of(head.get(move_url(case, Action.RESOLVE)))):
        assert WITHHELD in text
        assert not any(word in text for word in (NAME, "郁西篱", PHONE, MASKED, "某厂"))
    assert client(hall.land_handler).get(f"/case/{case.id}").status_code == 404
    assert "郁西篱" in page_text(client(hall.clerk), case.id)


@pytest.mark.usefixtures("monday")
def test_whole_number_is_shown_once_and_noted(hall: Office, client: Clients) -> None:
    case = hall.case_in(State.HANDLING)
    db.session.commit()
    browser = client(hall.land_handler)
    form = f"//form[@action='/case/{case.id}/phone']"
    for given in ({}, {"reason": "other"}, {"reason": "paper"}):  # no reason, no number
        refused = browser.submit(f"/case/{case.id}", form=form, **given)
        assert refused.status_code == 302, given
        assert "请填写" in text_of(browser.get(f"/case/{case.id}")), given
    answer = browser.submit(f"/case/{case.id}", form=form, reason="contact")
    assert PHONE in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert PHONE not in page_text(browser, case.id)
    event = db.session.query(CaseEvent).order_by(CaseEvent.id.desc()).first()
    assert (event.action, event.by_id) == (Action.REVEAL_PHONE, hall.land_handler.id)
    assert event.reason == "联系反映人办理"
    entry = db.session.query(AuditEntry).filter_by(action=AuditAction.REVEALED).one()
    assert (entry.account_id, entry.object_name) == (hall.land_handler.id, case.ledger_no)
    assert "联系反映人办理" in entry.after


@pytest.mark.usefixtures("monday")
def test_number_is_not_revealed_to_those_who_may_not_see_it(hall: Office, client: Clients) -> None:
    case = hall.case_in(State.HANDLING)
    db.session.commit()
    before = row_of(case.id)
    for who, status in (("viewer", 403), ("tax_head", 404), ("m1", 302)):
        browser = client(hall.people[who])
        answer = browser.post(f"/case/{case.id}/phone", data={"csrf_token": browser.token()})
        assert answer.status_code == status
        assert PHONE not in answer.text
    assert row_of(case.id) == before


@pytest.mark.usefixtures("monday")
def test_unseen_and_missing_cases_answer_alike(hall: Office, client: Clients) -> None:
    case = hall.case_in(State.HANDLING)
    db.session.commit()
    browser = client(hall.tax_head)
    answers = [browser.get(f"/case/{key}") for key in (case.id, 999)]
    assert {answer.status_code for answer in answers} == {404}
    texts = {re.sub(r"编号 \w+", "", text_of(answer)) for answer in answers}
    assert len(texts) == 1
    assert "无权查看该事项。" in texts.pop()
    for key in (2**63, 10**30):  # no case ever had this number
        assert browser.get(f"/case/{key}").status_code == 404
    assert client(hall.sys_admin).get(f"/case/{case.id}").status_code == 403


@pytest.mark.usefixtures("monday")
def test_page_costs_the_same_whatever_has_happened(
    hall: Office, client: Clients, count_statements: Any
) -> None:
    plain = hall.case_in(State.HANDLING)
    full = _eventful(hall)
    db.session.commit()
    for who in ("clerk", "leader", "land_head", "officer"):
        browser = client(hall.people[who])
        browser.get(f"/case/{plain.id}")
        costs = []
        for case_id in (plain.id, full.id):
            with count_statements() as statements:
                assert browser.get(f"/case/{case_id}").status_code == 200
            costs.append(len(statements))
        assert costs[0] == costs[1], (who, costs)
        assert costs[0] <= 40, (who, costs)


def _eventful(hall: Office) -> Any:
    case = hall.dispatch(
        hall.submit(hall.draft()), co=("build", "tax"), limit=LimitClass.THREE_DAYS
    )
    hall.sign(case)
    handling.sign_co(case, by=hall.build_head, now=SIGNED)
    handling.co_reply(case, reply_text="已出具意见", by=hall.build_head, now=SIGNED)
    hall.explain(case)
    extensions.apply_extension(
        case, days=2, reason="需批复", work_done="已报", by=hall.land_head, now=SIGNED
    )
    for field in ("item_name", "demand", "remark"):
        corrections.correct(
            case, field=field, new_value="更正后", reason="笔误", by=hall.clerk, now=SIGNED
        )
    return case


# Words of a page ask nothing of the database.
@pytest.mark.sqlite_only
@pytest.mark.usefixtures("monday")
@pytest.mark.parametrize("state", State)
def test_page_is_chinese_in_every_state(state: State, hall: Office, client: Clients) -> None:
    case = hall.case_in(state)
    db.session.commit()
    page = client(hall.officer).page(f"/case/{case.id}")
    assert english_words(page, hall) <= NUMBERS


@pytest.mark.usefixtures("monday")
def test_english_page_is_there_by_switch(hall: Office, client: Clients) -> None:
    case = hall.case_in(State.HANDLING)
    db.session.commit()
    browser = client(hall.clerk)
    data = {"csrf_token": browser.token(), "locale": "en", "back": "/"}
    browser.post("/language", data=data)
    assert "Course of the matter" in browser.get(f"/case/{case.id}").text


@pytest.mark.usefixtures("monday")
def test_other_leader_reads_who_is_on_duty(hall: Office, client: Clients) -> None:
    case = hall.case_in(State.TO_CONFIRM)
    db.session.commit()
    other = client(hall.leader2)
    assert f"今日带班：{hall.leader.name}" in page_text(other, case.id)
    refused = other.get(move_url(case, Action.CONFIRM))
    assert refused.status_code == 409
    assert f"今日带班：{hall.leader.name}" in text_of(refused)
    assert "今日带班" not in page_text(client(hall.leader), case.id)


@pytest.mark.usefixtures("monday")
def test_unit_reads_that_the_explanation_comes_first(hall: Office, client: Clients) -> None:
    case = hall.case_in(State.TO_SIGN, limit=LimitClass.THREE_DAYS)
    handling.sign(case, by=hall.land_head, now=SIGNED)
    db.session.commit()
    note = "须先填写《问题处理说明》，方可提交办结或申请延期"
    assert note in page_text(client(hall.land_head), case.id)
    assert note not in page_text(client(hall.clerk), case.id)
    hall.explain(case)
    db.session.commit()
    assert note not in page_text(client(hall.land_head), case.id)


@pytest.mark.usefixtures("monday")
def test_void_slip_stays_with_its_reason(hall: Office, client: Clients) -> None:
    from app.actions import returns

    case = hall.case_in(State.TO_SIGN)
    returns.request_return(
        case, reason="不属我单位职责", suggest_unit_id=hall.units["build"].id, by=hall.land_head,
        now=SIGNED,
    )  # fmt: skip
    returns.reassign(case, lead_unit_id=hall.units["build"].id, by=hall.clerk, now=SIGNED)
    db.session.commit()
    page = client(hall.clerk).page(f"/case/{case.id}")
    (void,) = page.xpath("//tr[contains(@class, 'is-void')]")
    assert void.xpath("string(.//s)") == "NO 0001"
    assert "改派" in void.text_content()


@pytest.mark.usefixtures("monday")
def test_joined_case_leads_to_the_other_and_back(hall: Office, client: Clients) -> None:
    case = hall.case_in(State.MERGED)
    db.session.commit()
    browser = client(hall.clerk)
    target = case.related_case_id
    assert browser.page(f"/case/{case.id}").xpath(f"//dd/a[@href='/case/{target}']")
    assert browser.page(f"/case/{target}").xpath(f"//dd/a[@href='/case/{case.id}']")


@pytest.mark.usefixtures("monday")
def test_rejected_case_tells_ground_and_referral(hall: Office, client: Clients) -> None:
    case = hall.draft()
    intake.reject(
        case, ground=hall.ground.id, legal_basis="条例第三条", explain_text="已当面解释",
        referred_to="县信访局", by=hall.officer, now=SIGNED,
    )  # fmt: skip
    db.session.commit()
    text = page_text(client(hall.officer), case.id)
    assert "BY2026-0001" in text
    assert "县信访局" in text
