"""Every move through the browser: made by the right person, by nobody else, and lost by no one.

One office serves a whole walk: the refused tries come first, because they must change nothing.
"""

from collections.abc import Callable
from typing import Any

import pytest

from app.domain.states import Action
from app.domain.workflow import lines_of
from app.extensions import db
from app.models import CaseEvent
from app.views.moves_table import AT_THE_DESK, BESIDE_THE_PHONE, MOVES, NOT_A_MOVE
from tests.client import OfficeClient
from tests.factories import Office
from tests.views.moves_tried import TRIED
from tests.views.moving import Try, fill, move_url, offers, post, row_of, text_of

Clients = Callable[..., OfficeClient]


def test_every_action_has_its_one_screen_and_is_tried() -> None:
    assert set(Action) == set(MOVES) | AT_THE_DESK | BESIDE_THE_PHONE | NOT_A_MOVE
    assert sorted(one.action for one in TRIED) == sorted(MOVES)


# What a move writes is tried on both in tests/actions, every form in test_moves_faults.
@pytest.mark.sqlite_only
@pytest.mark.parametrize("one", TRIED, ids=[t.action.value for t in TRIED])
def test_move_is_made_by_the_right_person_only(
    one: Try, hall: Office, client: Clients, freeze: Any
) -> None:
    case_id = one.case_of(hall).id
    db.session.commit()
    freeze(one.when)
    before, fields = row_of(case_id), one.fields(hall)
    right, wrong, outsider = (client(hall.people[who]) for who in (one.who, one.wrong, "tax_head"))

    _refused_to_the_wrong_person(wrong, case_id, one, fields)
    _hidden_from_the_outsider(outsider, case_id, one, fields)
    _comes_back_with_every_missing_field(right, case_id, one, before["state"], fields)
    assert row_of(case_id) == before

    _made_and_told(right, case_id, one, fields)


def _refused_to_the_wrong_person(
    browser: OfficeClient, case_id: int, one: Try, fields: dict[str, Any]
) -> None:
    assert not offers(browser, case_id, one.action)
    assert browser.get(move_url(case_id, one.action)).status_code in (403, 409)
    assert post(browser, case_id, one.action, fields).status_code in (403, 409, 422)


def _hidden_from_the_outsider(
    browser: OfficeClient, case_id: int, one: Try, fields: dict[str, Any]
) -> None:
    answers = (
        browser.get(f"/case/{case_id}"),
        browser.get(move_url(case_id, one.action)),
        browser.get(move_url(case_id, one.action) + "/preview"),
        post(browser, case_id, one.action, fields),
    )
    for answer in answers:
        assert answer.status_code == 404
        assert "无权查看该事项。" in answer.text


def _comes_back_with_every_missing_field(
    browser: OfficeClient, case_id: int, one: Try, state: Any, fields: dict[str, Any]
) -> None:
    names = {n for line in lines_of(one.action, state) for n in line.fields}
    if not names:
        return
    kept = {name: value for name, value in fields.items() if name not in names}
    answer = post(browser, case_id, one.action, kept)
    assert answer.status_code == 422
    assert answer.text.count("必填项") == len(names), text_of(answer)
    assert all(str(value) in answer.text for value in kept.values())


def _made_and_told(browser: OfficeClient, case_id: int, one: Try, fields: dict[str, Any]) -> None:
    assert offers(browser, case_id, one.action)
    events = db.session.query(CaseEvent).filter_by(case_id=case_id).count()
    answer = fill(browser, case_id, one.action, fields)
    assert answer.status_code == 302, text_of(answer)
    assert row_of(case_id)["state"] is one.state
    assert db.session.query(CaseEvent).filter_by(case_id=case_id).count() == events + 1
    page = browser.get(answer.location, follow_redirects=True)
    assert page.status_code == 200
    assert one.says in text_of(page)
