"""接待登记 in the browser: four ends, each with its own fields; what was typed always stays."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from lxml import html
from sqlalchemy import select

from app.actions import dispatch
from app.domain.audit import AuditAction
from app.domain.states import Action, ComplaintAbout, ReceptionOutcome, ResultType, State
from app.extensions import db
from app.models import AuditEntry, Case, DictEntry, Reception, Rejection, Result
from app.views.forms.intake import OWN_FIELDS
from tests.client import OfficeClient
from tests.factories import NAME, PHONE, Office, at
from tests.views.moving import row_of, text_of
from tests.views.pages import english_words

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Clients = Callable[..., OfficeClient]
NINE = at("2026-10-12 09:00")
ENTRY = {
    "reporter_type": "person", "source": "window", "reporter_name": "张小禾",
    "phone": "160-0000-0041", "category": "1", "item_kind": "application",
    "apply_mode": "online", "stuck_stage": "acceptance", "item_name": "营业执照变更",
    "involved_unit_id": "不动产", "narrative": "线上申请三次被退回，每次提示都不一样。",
    "is_informed": "y",
}  # fmt: skip
REFUSAL = {
    "legal_basis": "《条例》第三条", "explain_text": "已逐条解释", "referred_to": "县人民法院"
}  # fmt: skip


@pytest.fixture
def desk(hall: Office, client: Clients, freeze: Any) -> OfficeClient:
    """Return the duty officer's browser at nine on a Monday."""
    freeze(NINE)
    return client(hall.officer)


def send(browser: OfficeClient, end: str, url: str = "/intake/new", **fields: Any) -> Any:
    data = {"csrf_token": browser.token(), "end": end} | fields
    return browser.post(url, data=data)


def the_case() -> Case:
    db.session.expire_all()
    return db.session.query(Case).one()


def nothing_is_stored() -> bool:
    tables = (Case, Reception, Rejection, Result)
    return all(db.session.query(table).count() == 0 for table in tables)


def test_entry_is_submitted_with_the_office_s_sentence(desk: OfficeClient, hall: Office) -> None:
    answer = send(desk, "submit", **ENTRY)
    case = the_case()
    assert (answer.status_code, answer.location) == (302, f"/case/{case.id}")
    page = desk.get(answer.location)
    assert "已提交督办考核科，台账编号 2026-0001，应于今日17时前交办。" in text_of(page)
    assert case.state is State.TO_DISPATCH
    assert case.phone == "16000000041"
    assert case.involved_unit_id == hall.units["land"].id
    assert case.complaint_about is None


def test_late_entry_names_the_next_working_day(hall: Office, client: Clients, freeze: Any) -> None:
    freeze(at("2026-10-12 16:45"))
    desk = client(hall.officer)
    answer = send(desk, "submit", **ENTRY)
    assert "应于10月13日12时前交办。" in text_of(desk.get(answer.location))


def test_every_missing_field_is_told_at_once_and_the_text_stays(desk: OfficeClient) -> None:
    answer = send(desk, "submit", narrative="说来话长，线上申请三次都被退回。", category="1")
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    wrong = {p.get("id") for p in page.xpath("//p[@class='field-error']")}
    names = {"reporter_name", "phone", "item_name", "is_informed", "item_kind", "apply_mode",
             "stuck_stage"}  # fmt: skip
    assert wrong == {f"{name}-error" for name in names}
    assert "说来话长" in answer.text
    assert nothing_is_stored()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"narrative": "太短"}, "“办不成事”事项情况”至少填写10个字"),
        ({"phone": "打不通"}, "“联系电话”填写不正确"),
        ({"is_anonymous": "y"}, "匿名反映仅限作风问题和建议意见两类"),
        ({"involved_unit_id": "没有这个窗口"}, "请从列表中选择"),
        ({"category": "2", "visits_count": "三次"}, "请填写整数"),
    ],
)
def test_wrong_entry_comes_back_with_its_reason(
    change: dict[str, str], says: str, desk: OfficeClient
) -> None:
    answer = send(desk, "submit", **(ENTRY | change))
    assert answer.status_code == 422
    assert says in text_of(answer)
    assert ENTRY["item_name"] in answer.text
    assert nothing_is_stored()


def test_fields_of_another_category_are_not_kept(desk: OfficeClient) -> None:
    send(desk, "submit", **(ENTRY | {"conduct_type": "rude", "visits_count": "4"}))
    case = the_case()
    assert (case.conduct_type, case.visits_count, case.apply_mode) == (None, None, "online")


def test_anonymous_complaint_keeps_no_name(desk: OfficeClient) -> None:
    send(
        desk, "submit",
        **(ENTRY | {"category": "3", "conduct_type": "slow", "complaint_about": "section",
                    "occurred_at": "2026-10-11 10:00", "is_anonymous": "y"}),
    )  # fmt: skip
    case = the_case()
    assert case.state is State.TO_DISPATCH
    assert (case.reporter_name, case.phone) == ("", "")
    assert case.complaint_about is ComplaintAbout.SECTION


def test_advice_needs_two_lines_only(desk: OfficeClient) -> None:
    refused = send(desk, "answered", narrative="在哪里取号？")
    assert refused.status_code == 422
    assert "在哪里取号？" in refused.text
    answer = send(desk, "answered", narrative="在哪里取号？", answer_text="一楼大厅东侧")
    assert answer.location == "/intake/new"
    assert "接待编号 JD20261012-01" in text_of(desk.get(answer.location))
    row = db.session.query(Reception).one()
    assert (row.outcome, row.case_id) == (ReceptionOutcome.ANSWERED, None)


def test_refusal_gets_its_own_number_and_no_ledger_number(desk: OfficeClient, hall: Office) -> None:
    refused = send(desk, "reject", item_name="判决执行")
    assert refused.text.count("必填项") == 4
    assert nothing_is_stored()
    fields = {"item_name": "判决执行", "ground": hall.ground.id} | REFUSAL
    answer = send(desk, "reject", **fields, is_understood="True")
    assert "登记编号 BY2026-0001" in text_of(desk.get(answer.location))
    row = db.session.query(Rejection).one()
    assert (row.is_understood, row.referred_to) == (True, REFUSAL["referred_to"])
    assert (the_case().state, the_case().ledger_no) == (State.REJECTED, None)


def test_solved_on_the_spot_names_unit_and_person(desk: OfficeClient, hall: Office) -> None:
    own = {"lead_unit_id": "不动产登记窗口", "unit_person": "李办", "handling_note": "当场帮办",
           "reply_text": "已办妥", "cause_id": hall.cause.id}  # fmt: skip
    refused = send(desk, "on_spot", **(ENTRY | own | {"unit_person": ""}))
    assert refused.text.count("必填项") == 1
    assert nothing_is_stored()
    answer = send(desk, "on_spot", **(ENTRY | own))
    assert "已当场办结，台账编号 2026-0001" in text_of(desk.get(answer.location))
    assert the_case().state is State.TO_CONFIRM
    assert db.session.query(Result).one().result_type is ResultType.SOLVED


def test_draft_is_kept_opened_again_and_submitted(desk: OfficeClient) -> None:
    kept = send(desk, "draft", reporter_name="张小禾", narrative="先记一半")
    case_id = the_case().id
    assert kept.location == f"/intake/{case_id}"
    page = desk.page(kept.location)
    assert page.xpath("string(//textarea[@name='narrative'])").strip() == "先记一半"
    fields = ENTRY | {"version": page.xpath("string(//input[@name='version']/@value)")}
    assert send(desk, "submit", kept.location, **fields).location == f"/case/{case_id}"
    assert desk.get(kept.location).location == f"/case/{case_id}"


def test_second_of_two_desks_keeps_its_text(
    desk: OfficeClient, hall: Office, client: Clients
) -> None:
    send(desk, "draft", reporter_name="张小禾")
    case_id, version = the_case().id, the_case().version
    url, other = f"/intake/{case_id}", client(hall.officer2)
    assert send(desk, "draft", url, reporter_name="张小禾", version=version).status_code == 302
    late = send(other, "draft", url, narrative="另一位同事写的", version=version)
    assert late.status_code == 409
    assert "reporter_name" not in changes()[-1]  # the same as before
    assert "该事项刚刚被他人处理" in text_of(late)
    assert "另一位同事写的" in late.text
    assert the_case().narrative == ""


def test_another_desk_goes_on_with_a_draft_whose_number_it_does_not_see(
    desk: OfficeClient, hall: Office, client: Clients
) -> None:
    send(desk, "draft", reporter_name="张小禾", phone="13900001111")
    url, other = f"/intake/{the_case().id}", client(hall.officer2)
    page = other.page(url)
    shown = page.xpath("string(//input[@name='phone']/@value)")
    assert shown == "139****1111"
    assert "13900001111" in desk.get(url).text
    fields = {"reporter_name": "张小禾", "version": the_case().version}
    bad = send(other, "submit", url, phone=shown, **fields)
    assert bad.status_code == 422
    assert "13900001111" not in bad.text
    assert send(other, "draft", url, phone=shown, **fields).status_code == 302
    assert the_case().phone == "13900001111"
    fields["version"] = the_case().version
    assert send(other, "draft", url, phone="13900002222", **fields).status_code == 302
    assert the_case().phone == "13900002222"


def test_saved_draft_leaves_an_entry_that_names_fields_alone(desk: OfficeClient) -> None:
    send(desk, "draft", reporter_name="张小禾")
    url, version = f"/intake/{the_case().id}", the_case().version
    send(desk, "draft", url, reporter_name="张大禾", narrative="窗口说法前后不同", version=version)
    assert changes() == [{"narrative": "…", "reporter_name": "…"}]


def changes() -> list[dict[str, str]]:
    """Return what the log says of changed drafts."""
    db.session.rollback()
    told = select(AuditEntry.after).where(
        AuditEntry.action == AuditAction.CHANGED, AuditEntry.object_type == "cases"
    )
    return [json.loads(text or "{}") for text in db.session.scalars(told.order_by(AuditEntry.id))]


def test_only_the_author_deletes_a_draft_and_only_the_same_day(
    desk: OfficeClient, hall: Office, client: Clients, freeze: Any
) -> None:
    send(desk, "draft", reporter_name="张小禾")
    url = f"/intake/{the_case().id}"
    other = client(hall.officer2)
    assert "删除草稿" not in other.get(url).text
    token = {"csrf_token": other.token()}
    assert other.post(f"{url}/delete", data=token).location == url
    freeze(at("2026-10-13 09:00"))
    assert "删除草稿" not in client(hall.officer).get(url).text
    freeze(at("2026-10-12 16:00"))
    desk = client(hall.officer)
    assert "删除草稿" in desk.get(url).text
    answer = desk.post(f"{url}/delete", data={"csrf_token": desk.token()})
    assert answer.location == "/intake/new"
    assert db.session.query(Case).count() == 0


def test_entry_sent_back_says_why(desk: OfficeClient, hall: Office) -> None:
    case = hall.case_in(State.TO_DISPATCH)
    dispatch.return_draft(case, reason="缺办件编号", by=hall.clerk, now=NINE)
    db.session.commit()
    page = desk.page(f"/intake/{case.id}")
    assert "督办考核科退回补正：缺办件编号" in page.text_content()
    assert case.ledger_no in page.xpath("string(//h1)")
    assert desk.get(f"/case/{case.id}/move/{Action.SUBMIT}").location == f"/intake/{case.id}"


def test_same_phone_shows_what_it_reported(desk: OfficeClient, hall: Office) -> None:
    case = hall.case_in(State.HANDLING)
    db.session.commit()
    token = desk.token("/intake/new")

    def look(number: str, **more: Any) -> Any:
        sent = {"csrf_token": token, "number": number} | more
        return desk.post("/intake/phone", data=sent, is_keyed=False)

    found = look("160-0000-0006")
    assert found.status_code == 200
    assert "该号码近30日反映过1件" in found.text
    assert f'href="/case/{case.id}"' in found.text
    assert NAME not in found.text
    assert "反映过0件" in look(PHONE, besides=case.id).text
    assert "反映过0件" in look("x'--").text
    assert desk.get(f"/intake/phone?number={PHONE}").status_code == 405


def test_page_offers_the_office_s_words(desk: OfficeClient, hall: Office) -> None:
    db.session.add(DictEntry(kind="referral", name="县信访局", detail="金花路1号，0539-0000000"))
    db.session.commit()
    page = desk.page("/intake/new")
    options = page.xpath("//datalist[@id='referred_to-suggestions']/option/@value")
    assert options == ["县信访局（金花路1号，0539-0000000）"]
    assert page.xpath("//input[@name='is_informed']/@checked")
    assert "您反映的情况我们已经了解" in page.xpath("string(//textarea[@name='explain_text'])")
    told = " ".join(page.text_content().split())
    assert "仅用于办理、答复和回访，并转给承办单位；保密件不转。" in told
    assert "在办结后保存3年，咨询和不予受理的保存1年，到期永久脱敏。" in told
    for kind, names in OWN_FIELDS.items():
        for name in names:
            (shown,) = page.xpath(f"//*[@data-show-when][.//*[@name='{name}']]/@data-show-when")
            assert kind.value in shown.partition("=")[2].split(",")
    assert english_words(page, hall) <= {"Ctrl"}
    assert english_words(desk.page("/intake/scope"), hall) == set()


def test_others_have_no_desk(hall: Office, client: Clients, desk: OfficeClient) -> None:
    case_id = _draft_of(hall)
    for who in ("clerk", "land_head", "viewer", "sys_admin", "m1"):
        browser = client(hall.people[who])
        for url in ("/intake/new", f"/intake/{case_id}"):
            assert browser.get(url).status_code == 403, (who, url)
        asked = {"number": PHONE, "csrf_token": browser.token("/users/userinfo/")}
        assert browser.post("/intake/phone", data=asked).status_code == 403, who
        assert send(browser, "submit", **ENTRY).status_code == 403
    assert db.session.query(Case).count() == 1


def test_leader_on_his_round_registers_but_does_not_refuse(
    hall: Office, client: Clients, freeze: Any
) -> None:
    freeze(NINE)
    leader = client(hall.leader)
    page = leader.page("/intake/new")
    ends = set(page.xpath("//button[@name='end']/@value"))
    assert ends == {"submit", "answered", "draft"}
    assert (
        send(leader, "reject", item_name="判决", ground=hall.ground.id, **REFUSAL).status_code
        == 403
    )
    assert send(leader, "submit", **(ENTRY | {"source": "leader"})).status_code == 302


def _draft_of(hall: Office) -> int:
    case_id = hall.draft().id
    db.session.commit()
    assert row_of(case_id)["state"] is State.DRAFT
    return case_id
