"""Moves that meet trouble: two people at once, strange input, a fault in the middle."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from lxml import html

from app.actions import handling
from app.domain.states import Action, LimitClass, State
from app.extensions import db
from app.models import Case, Result, Slip
from tests.client import OfficeClient
from tests.factories import Office, at
from tests.views.moving import fill, move_url, post, row_of, text_of

Clients = Callable[..., OfficeClient]
TEN = at("2026-10-12 10:00")
STALE = "该事项刚刚被他人处理"


@pytest.fixture
def handled(hall: Office, freeze: Any) -> int:
    """Return the id of a case in work, on its Monday at ten."""
    case = hall.case_in(State.HANDLING)
    db.session.commit()
    freeze(TEN)
    return case.id


def test_second_of_two_browsers_is_refused_and_keeps_its_text(
    hall: Office, client: Clients, handled: int
) -> None:
    one, two = client(hall.land_handler), client(hall.land_head)
    fields = {"contacted_at": "2026-10-12 09:50", "mode": "phone", "csrf_token": two.token()}
    seen = row_of(handled)["version"]
    assert fill(one, handled, Action.CONTACT, {"note": "先到的一条"}).status_code == 302
    before = row_of(handled)

    late = two.post(
        move_url(handled, Action.CONTACT), data=fields | {"note": "后到的一条", "version": seen}
    )
    assert late.status_code == 409
    assert STALE in text_of(late)
    assert "后到的一条" in late.text
    assert row_of(handled) == before

    # The page that came back knows the new version: pressing again saves.
    form = html.fromstring(late.text).xpath(
        f"//form[@action='{move_url(handled, Action.CONTACT)}']"
    )
    again = two.post(move_url(handled, Action.CONTACT), data=dict(form[0].form_values()))
    assert again.status_code == 302
    notes = {c.note for c in db.session.get(Case, handled).contacts}
    assert notes == {"先到的一条", "后到的一条"}


def test_one_click_twice_is_one_move(hall: Office, client: Clients, freeze: Any) -> None:
    case = hall.case_in(State.TO_SIGN)
    db.session.commit()
    freeze(TEN)
    browser = client(hall.land_head)
    version = case.version
    data = {"csrf_token": browser.token(), "version": version}
    answers = [browser.post(move_url(case, Action.SIGN), data=data) for _ in range(2)]
    assert [a.status_code for a in answers] == [302, 409]
    assert row_of(case.id)["event_count"] == 4  # 登记, 提交, 交办, 签收


def test_failed_number_leaves_neither_slip_nor_move(
    hall: Office, client: Clients, freeze: Any
) -> None:
    case = hall.case_in(State.TO_DISPATCH)
    other = hall.dispatch(hall.submit(hall.draft()))
    db.session.commit()
    slip = db.session.query(Slip).filter_by(case_id=other.id).one()
    slip.slip_no = 2  # the number that the next slip will draw
    db.session.commit()
    freeze(TEN)
    before = row_of(case.id)
    fields = {"lead_unit_id": "税务窗口", "limit_class": "one_day", "content": "请核查办理"}
    answer = post(client(hall.clerk), case.id, Action.DISPATCH, fields)
    assert answer.status_code == 409
    assert STALE in text_of(answer)
    assert "请核查办理" in answer.text
    assert row_of(case.id) == before
    assert db.session.query(Slip).filter_by(case_id=case.id).count() == 0


def test_unknown_error_shows_a_number_and_saves_nothing(
    app: Flask, hall: Office, client: Clients, handled: int
) -> None:
    browser = client(hall.land_handler)
    data = {"csrf_token": browser.token(), "version": row_of(handled)["version"]}
    app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        db.session.execute(db.text("ALTER TABLE contacts RENAME TO contacts_gone"))
        db.session.commit()
        before = row_of(handled)
        answer = browser.post(move_url(handled, Action.CONTACT), data=data)
        assert answer.status_code == 500
        assert "编号" in answer.text
        assert "contacts" not in answer.text
        assert row_of(handled) == before
    finally:
        app.config["PROPAGATE_EXCEPTIONS"] = None
        db.session.rollback()
        db.session.execute(db.text("ALTER TABLE contacts_gone RENAME TO contacts"))
        db.session.commit()


@pytest.mark.parametrize(
    ("days", "says"),
    [("8", "请从列表中选择"), ("0", "请从列表中选择"), ("三", "请从列表中选择"), ("", "必填项")],
)
def test_extension_refuses_days_not_offered(
    days: str, says: str, hall: Office, client: Clients, freeze: Any
) -> None:
    case = hall.case_in(State.HANDLING, limit=LimitClass.THREE_DAYS)
    db.session.commit()
    freeze(TEN)
    before = row_of(case.id)
    fields = {"days": days, "reason": "需省厅批复", "work_done": "已报送"}
    answer = post(client(hall.land_head), case.id, Action.APPLY_EXTENSION, fields)
    assert answer.status_code == 422
    assert says in text_of(answer)
    assert "需省厅批复" in answer.text
    assert row_of(case.id) == before


# Forms ask the same of both databases.
@pytest.mark.sqlite_only
def test_strange_input_is_answered_not_thrown(hall: Office, client: Clients, handled: int) -> None:
    browser = client(hall.land_head)
    before = row_of(handled)
    strange = {
        "result_type": "gold", "is_achieved": "maybe", "handling_note": "甲\x00乙" * 9000,
        "replied_at": "昨天", "cause_id": "9" * 40, "reply_mode": "<b>",
    }  # fmt: skip
    answer = post(browser, handled, Action.RESOLVE, strange)
    assert answer.status_code == 422
    assert browser.post(move_url(handled, Action.RESOLVE), data={"csrf_token": browser.token()})
    unknown = browser.get(f"/case/{handled}/move/nothing")
    assert unknown.status_code == 404
    assert browser.get(f"/case/{handled}/move/register").status_code == 404
    assert browser.get(f"/case/{handled}/move/reveal_phone").status_code == 404
    assert row_of(handled) == before


def test_control_characters_are_left_out(hall: Office, client: Clients, handled: int) -> None:
    note = "已约\x00定\x1b明日"
    assert fill(client(hall.land_head), handled, Action.CONTACT, {"note": note}).status_code == 302
    assert db.session.get(Case, handled).contacts[0].note == "已约定明日"


def test_way_back_never_leaves_this_server(hall: Office, client: Clients, handled: int) -> None:
    browser = client(hall.land_head)
    for back, goes in (
        ("/cases/list/?q=1", "/cases/list/?q=1"),
        ("//evil.invalid/", f"/case/{handled}"),
        ("/\\evil.invalid/", f"/case/{handled}"),
        ("https://evil.invalid/", f"/case/{handled}"),
    ):
        fields = {"note": "已联系", "mode": "phone", "contacted_at": "2026-10-12 09:50"}
        answer = post(browser, handled, Action.CONTACT, fields | {"back": back})
        assert (answer.status_code, answer.location) == (302, goes)


# Forms ask the same of both databases.
@pytest.mark.sqlite_only
def test_looking_at_forms_and_previews_changes_nothing(
    hall: Office, client: Clients, handled: int
) -> None:
    before = row_of(handled)
    for who in ("clerk", "leader", "land_head", "land_handler", "officer"):
        browser = client(hall.people[who])
        for action in Action:
            browser.get(move_url(handled, action))
            browser.get(move_url(handled, action) + "/preview?days=2&limit_class=one_day")
    assert row_of(handled) == before


# Forms ask the same of both databases.
@pytest.mark.sqlite_only
def test_preview_says_the_due_time_and_why(hall: Office, client: Clients, freeze: Any) -> None:
    to_dispatch = hall.case_in(State.TO_DISPATCH)
    complex_one = hall.case_in(State.HANDLING, limit=LimitClass.THREE_DAYS)
    db.session.commit()
    freeze(TEN)
    section, head = client(hall.clerk), client(hall.land_head)
    preview = move_url(to_dispatch, Action.DISPATCH) + "/preview?limit_class=three_days"
    assert section.get(preview).text == (
        "办理时限：3个工作日。交办日不计入，自10月13日起算，应于2026年10月15日17时前办结。"
    )
    longer = head.get(move_url(complex_one, Action.APPLY_EXTENSION) + "/preview?days=2").text
    assert longer.startswith("延期后应办结时间：2026年10月19日17时。")
    assert "双休日" in longer
    beyond = head.get(move_url(complex_one, Action.APPLY_EXTENSION) + "/preview?days=9").text
    assert beyond.startswith("延期累计不得超过7个工作日")


def test_quorum_lamp_counts_the_ticked_members(hall: Office, client: Clients, freeze: Any) -> None:
    case = hall.case_in(State.GROUP_REVIEW)
    db.session.commit()
    freeze(at("2026-10-12 11:30"))
    members = [member.id for member in hall.members.values()]
    lamp = move_url(case, Action.RECORD_DECISION) + "/preview"
    browser = client(hall.clerk)

    def ask(count: int) -> str:
        return browser.get(lamp, query_string={"attendee_ids": members[:count]}).text

    assert ask(3) == "✗ 应到6人，实到3人，未达到规定人数。"
    assert ask(4) == "✓ 应到6人，实到4人，达到规定人数。"


def test_sent_back_result_comes_back_into_the_form(
    hall: Office, client: Clients, freeze: Any
) -> None:
    from app.actions import closing

    case = hall.case_in(State.TO_CONFIRM)
    closing.send_back(case, reason="答复不完整", by=hall.clerk, now=at("2026-10-12 11:00"))
    db.session.commit()
    freeze(at("2026-10-12 11:30"))
    page = client(hall.land_head).get(move_url(case, Action.RESOLVE))
    assert db.session.query(Result).one().handling_note in page.text


def test_class_cannot_be_raised_without_the_explanation(
    hall: Office, client: Clients, handled: int
) -> None:
    answer = client(hall.land_head).get(move_url(handled, Action.ASK_CLASS))
    assert answer.status_code == 409
    assert "《问题处理说明》" in text_of(answer)
    handling.explain(
        db.session.get(Case, handled), basic_facts="一", verification="二", policy_basis="三",
        difficulty="四", proposal="五", by=hall.land_head, now=TEN,
    )  # fmt: skip
    db.session.commit()
    assert client(hall.land_head).get(move_url(handled, Action.ASK_CLASS)).status_code == 200
