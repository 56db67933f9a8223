"""待下发督办 in the browser: counted, listed, issued with one form, dropped with a reason."""

from collections.abc import Callable
from typing import Any

import pytest

from app.actions import closing, supervision
from app.actions.alarms import look
from app.domain.states import ComplaintAbout, State, SupervisionKind
from app.extensions import db
from app.models import MeasureDraft, Supervision
from tests.client import OfficeClient
from tests.drafts import NAMED, draft_of
from tests.factories import CONFIRMED, RESOLVED, SIGNED, Office, at
from tests.views.lists import column, rows, total
from tests.views.pages import english_words, send, text_of

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Browser = Callable[..., OfficeClient]
WEDNESDAY = at("2026-10-14 09:30")  # the day after DUE_1
LIST = "/measure-drafts/list/"


@pytest.fixture(autouse=True)
def _wednesday(freeze: Callable[..., None]) -> None:
    freeze(WEDNESDAY)


def drafted(hall: Office, kind: SupervisionKind = SupervisionKind.NOTICE, **values: Any) -> int:
    draft = draft_of(hall.case_in(State.HANDLING), kind, **values)
    db.session.commit()
    return draft.id


def about_section(hall: Office) -> int:
    facts = NAMED | {"complaint_about": ComplaintAbout.SECTION}
    case = hall.dispatch(hall.submit(hall.draft(**facts)), by=hall.leader)
    draft = draft_of(case)
    db.session.commit()
    return draft.id


def stored(draft_id: int) -> MeasureDraft:
    db.session.expire_all()
    return db.session.get_one(MeasureDraft, draft_id)


def form_of(browser: OfficeClient, url: str) -> dict[str, str]:
    (form,) = browser.page(url).xpath("//form[contains(@class, 'office-form')]")
    return dict(form.form_values())


def counted(browser: OfficeClient) -> tuple[str, int]:
    """Return the list behind the counter of the home page, and its number."""
    link = "//a[contains(@class, 'counter')][contains(., '待下发督办')]"
    (counter,) = browser.page("/").xpath(link)
    return counter.get("href"), int(counter.xpath("./*[@class='counter-n']")[0].text)


def test_home_counts_what_the_list_shows(hall: Office, client: Browser) -> None:
    assert counted(client(hall.clerk)) == (f"{LIST}?quick=open", 0)
    assert "没有待下发的督办。" in text_of(client(hall.clerk).page(LIST))
    drafted(hall)
    drafted(hall, SupervisionKind.INTERVIEW)
    about_section(hall)
    for person, n in ((hall.clerk, 2), (hall.leader, 2), (hall.chief, 2)):
        browser = client(person)
        href, shown = counted(browser)
        assert (shown, total(browser.page(href))) == (n, n), person.username
    assert not client(hall.officer).page("/").xpath("//a[contains(., '待下发督办')]")


def test_oldest_stand_first_with_case_unit_and_requirement(hall: Office, client: Browser) -> None:
    late = drafted(hall, now=CONFIRMED)
    early = drafted(hall, now=SIGNED)
    page = client(hall.clerk).page(LIST)
    first, second = column(page, "case")
    assert stored(early).case.ledger_no in first
    assert stored(late).case.ledger_no in second
    assert column(page, "unit") == ["不动产登记窗口"] * 2
    assert column(page, "drafted_at") == ["2026-10-12 09:40", "2026-10-12 15:00"]
    assert all("现已超期" in words for words in column(page, "requirement"))
    assert not english_words(page, hall)


def test_issuing_opens_the_form_as_drafted_and_settles(hall: Office, client: Browser) -> None:
    draft_id = drafted(hall)
    browser = client(hall.clerk)
    (link,) = browser.page(LIST).xpath("//td//a[contains(@href, '/issue')]/@href")
    shown = form_of(browser, link)
    assert (shown["kind"], shown["ground"]) == ("notice", "overdue")
    assert shown["unit_id"] == "不动产登记窗口"
    assert shown["requirement"].strip() == stored(draft_id).requirement
    assert shown["feedback_due_at"] == "2026-10-15 17:00"
    answer = send(browser, link, requirement="今日办结")
    assert (answer.status_code, answer.location) == (302, LIST)
    row = db.session.query(Supervision).one()
    assert (row.requirement, stored(draft_id).supervision_id) == ("今日办结", row.id)
    page = browser.page(f"{LIST}?quick=settled")
    assert "已下发 督办〔2026〕1号" in column(page, "standing")[0]
    assert "甲clerk" in column(page, "standing")[0]
    assert total(browser.page(LIST)) == 0


def test_interview_asks_for_person_and_place(hall: Office, client: Browser) -> None:
    draft_id = drafted(hall, SupervisionKind.INTERVIEW)
    url = f"/measure-drafts/{draft_id}/issue"
    browser = client(hall.leader)
    refused = send(browser, url)
    assert refused.status_code == 422
    assert refused.text.count("必填项") == 2
    assert stored(draft_id).settled_at is None
    assert send(browser, url, interviewee="某科长", place="三楼").status_code == 302
    assert stored(draft_id).supervision.kind is SupervisionKind.INTERVIEW


def test_dropping_needs_a_reason_and_keeps_it(hall: Office, client: Browser) -> None:
    draft_id = drafted(hall)
    browser, url = client(hall.clerk), f"/measure-drafts/{draft_id}/drop"
    assert "不下发" in text_of(browser.page(url))
    empty = send(browser, url, reason=" ")
    assert (empty.status_code, "必填项" in empty.text) == (422, True)
    assert send(browser, url, reason="已当面督促").status_code == 302
    page = browser.page(f"{LIST}?quick=settled")
    assert "已当面督促" in column(page, "standing")[0]
    assert db.session.query(Supervision).count() == 0


def test_what_was_settled_meanwhile_says_so(hall: Office, client: Browser) -> None:
    draft_id = drafted(hall)
    browser = client(hall.clerk)
    issue, drop = (f"/measure-drafts/{draft_id}/{part}" for part in ("issue", "drop"))
    page = browser.page(drop)
    token = page.xpath("//input[@name='csrf_token']/@value")[0]
    form = form_of(browser, issue)
    supervision.drop_draft(
        db.session.get_one(MeasureDraft, draft_id), reason="已督促", by=hall.leader, now=WEDNESDAY
    )
    db.session.commit()
    for answer in (
        browser.post(issue, data=form),
        browser.post(drop, data={"csrf_token": token, "reason": "又及"}),
        browser.get(issue),
        browser.get(drop),
    ):
        assert answer.status_code == 409
        assert "该项已经办理" in answer.text
    assert stored(draft_id).settle_note == "已督促"
    assert db.session.query(Supervision).count() == 0


def test_form_of_a_case_that_changed_keeps_what_was_typed(hall: Office, client: Browser) -> None:
    draft_id = drafted(hall)
    browser, url = client(hall.clerk), f"/measure-drafts/{draft_id}/issue"
    form = form_of(browser, url)
    hall.resolve(stored(draft_id).case, now=WEDNESDAY)
    db.session.commit()
    answer = browser.post(url, data=form | {"requirement": "今日必须办结"})
    assert answer.status_code == 409
    assert "今日必须办结" in answer.text
    assert stored(draft_id).settled_at is None


def test_matter_that_ended_is_shown_and_dropped_with_one_click(
    hall: Office, client: Browser
) -> None:
    case = hall.case_in(State.HANDLING)
    draft_id = draft_of(case).id
    closing.withdraw(case, reason="反映人要求撤回", proof="电话记录", by=hall.clerk, now=RESOLVED)
    db.session.commit()
    browser = client(hall.clerk)
    page = browser.page(LIST)
    assert "已撤回" in column(page, "standing")[0]
    assert "已无需督办" in column(page, "standing")[0]
    (form,) = rows(page)[0].xpath(".//form")
    assert browser.post(form.action, data=dict(form.form_values())).status_code == 302
    assert stored(draft_id).settle_note == "事项已撤回"


@pytest.mark.parametrize(
    ("who", "listed", "issued", "dropped"),
    [("clerk", 200, 302, 302), ("leader", 200, 302, 302), ("leader2", 200, 409, 409),
     ("officer", 403, 403, 403), ("land_head", 403, 403, 403), ("m1", 403, 403, 403),
     ("viewer", 403, 403, 403), ("sys_admin", 403, 403, 403)],
)  # fmt: skip
def test_rights_are_those_of_a_measure(
    hall: Office, client: Browser, who: str, listed: int, issued: int, dropped: int
) -> None:
    issue, drop = drafted(hall), drafted(hall)
    version = stored(issue).case.version
    browser = client(hall.people[who])
    assert browser.get(LIST).status_code == listed
    fields = {"csrf_token": browser.token("/users/userinfo/"), "version": str(version),
              "kind": "notice", "ground": "overdue", "unit_id": "不动产登记窗口",
              "requirement": "今日办结", "feedback_due_at": "2026-10-15 17:00"}  # fmt: skip
    assert browser.post(f"/measure-drafts/{issue}/issue", data=fields).status_code == issued
    fields["reason"] = "已督促"
    assert browser.post(f"/measure-drafts/{drop}/drop", data=fields).status_code == dropped
    assert (stored(issue).settled_at is not None) == (issued == 302)


def test_complaint_about_the_section_is_not_shown_to_it(hall: Office, client: Browser) -> None:
    draft_id = about_section(hall)
    section = client(hall.clerk)
    for quick in ("open", "leader", "settled"):
        assert total(section.page(f"{LIST}?quick={quick}")) == 0
    for part in ("issue", "drop"):
        url = f"/measure-drafts/{draft_id}/{part}"
        assert section.get(url).status_code == 404
        token = section.token("/users/userinfo/")
        answer = section.post(url, data={"csrf_token": token, "reason": "x"})
        assert answer.status_code == 404
    leader = client(hall.leader)
    assert total(leader.page(f"{LIST}?quick=leader")) == 1
    assert send(leader, f"/measure-drafts/{draft_id}/drop", reason="已督促").status_code == 302


def test_other_sites_and_wild_keys_are_not_found(hall: Office, client: Browser) -> None:
    for key in (999, 2**70):
        for part in ("issue", "drop"):
            assert client(hall.clerk).get(f"/measure-drafts/{key}/{part}").status_code == 404


def test_form_on_the_case_itself_opens_as_drafted(hall: Office, client: Browser) -> None:
    draft_id = drafted(hall)
    url = f"/case/{stored(draft_id).case_id}/move/supervise"
    browser = client(hall.clerk)
    shown = form_of(browser, url)
    assert (shown["kind"], shown["requirement"].strip()) == ("notice", stored(draft_id).requirement)
    assert browser.post(url, data=shown).status_code == 302
    assert stored(draft_id).supervision.series_no == "督办〔2026〕1号"
    assert form_of(browser, url)["kind"] == "urge"


def test_open_form_is_still_good_after_the_clock_urged_and_drafted(
    hall: Office, client: Browser
) -> None:
    case = hall.case_in(State.HANDLING)
    db.session.commit()
    url = f"/case/{case.id}/move/contact"
    head = client(hall.land_head)
    form = form_of(head, url)
    look(now=WEDNESDAY)
    db.session.commit()
    look(now=at("2026-10-16 16:00"))
    db.session.commit()
    assert total(client(hall.clerk).page(LIST)) == 1
    answer = head.post(url, data=form | {"note": "已说明进度"})
    assert (answer.status_code, answer.location) == (302, f"/case/{case.id}")
    words = text_of(head.page(f"/case/{case.id}"))
    assert "催办" in words
    assert "系统催办（不动产登记窗口）：应于2026年10月13日17时前办结，现已超过，请立即办理" in words
