"""督办 in the browser: on a case and on a unit, the unit's feedback, 销号."""

from collections.abc import Callable
from typing import Any

import pytest

from app.actions.supervision import supervise, supervise_unit
from app.domain.states import Action, State, SuperviseGround, SupervisionKind
from app.extensions import db
from app.models import Supervision
from tests.client import OfficeClient
from tests.factories import Office, at
from tests.views.moving import post, text_of

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Clients = Callable[..., OfficeClient]
TEN = at("2026-10-12 10:00")
MEASURE = {"ground": SuperviseGround.SLOW, "requirement": "抓紧办理"}


@pytest.fixture
def urged(hall: Office, freeze: Any) -> int:
    """Return the id of a reminder on a case in work."""
    case = hall.case_in(State.HANDLING)
    row = supervise(case, kind=SupervisionKind.URGE, **MEASURE, by=hall.clerk, now=TEN)
    db.session.commit()
    freeze(at("2026-10-12 10:30"))
    return row.id


def send(browser: OfficeClient, url: str, **fields: Any) -> Any:
    return browser.post(url, data={"csrf_token": browser.token()} | fields)


def stored(row_id: int) -> Supervision:
    db.session.expire_all()
    return db.session.get(Supervision, row_id)


@pytest.mark.parametrize(
    ("kind", "own", "missing"),
    [
        ("notice", {"feedback_due_at": "2026-10-14 17:00"}, ["feedback_due_at"]),
        ("interview", {"interviewee": "某科长", "place": "三楼"}, ["interviewee", "place"]),
        ("circular", {"document_no": "平政管〔2026〕8号"}, ["document_no"]),
        ("transfer", {"transfer_to": "机关纪委"}, ["transfer_to"]),
    ],
)
def test_each_measure_asks_for_its_own_fields(
    kind: str, own: dict[str, str], missing: list[str], hall: Office, client: Clients, freeze: Any
) -> None:
    case_id = hall.case_in(State.HANDLING).id
    db.session.commit()
    freeze(TEN)
    browser = client(hall.clerk)
    fields = {"kind": kind, "ground": "slow", "requirement": "抓紧办理"}
    refused = post(browser, case_id, Action.SUPERVISE, fields)
    assert refused.text.count("必填项") == len(missing)
    assert db.session.query(Supervision).count() == 0
    assert post(browser, case_id, Action.SUPERVISE, fields | own).status_code == 302
    assert db.session.query(Supervision).one().kind == kind


def test_unit_answers_and_the_section_closes(urged: int, hall: Office, client: Clients) -> None:
    case_id = stored(urged).case_id
    head, clerk = client(hall.land_head), client(hall.clerk)
    assert head.page(f"/case/{case_id}").xpath(f"//a[@href='/supervision/{urged}/feedback']")
    empty = send(head, f"/supervision/{urged}/feedback", feedback=" ")
    assert (empty.status_code, "必填项" in empty.text) == (422, True)
    done = send(head, f"/supervision/{urged}/feedback", feedback="已安排专人")
    assert done.location == f"/case/{case_id}"
    assert stored(urged).feedback == "已安排专人"
    assert "已安排专人" in text_of(clerk.get(f"/case/{case_id}"))

    assert send(clerk, f"/supervision/{urged}/close", note="已落实").status_code == 302
    assert stored(urged).close_note == "已落实"
    late = send(head, f"/supervision/{urged}/feedback", feedback="又及")
    assert (late.status_code, "该项已经办理" in late.text, "又及" in late.text) == (409, True, True)


def test_others_neither_answer_nor_close(urged: int, hall: Office, client: Clients) -> None:
    for who, part, status in (
        ("tax_head", "feedback", 404),
        ("clerk", "feedback", 403),
        ("officer", "feedback", 403),
        ("land_head", "close", 403),
        ("viewer", "close", 403),
    ):
        browser = client(hall.people[who])
        url = f"/supervision/{urged}/{part}"
        assert browser.get(url).status_code == status, who
        assert send(browser, url, feedback="x", note="x").status_code == status, who
    assert (stored(urged).feedback, stored(urged).closed_at) == ("", None)
    assert client(hall.clerk).get(f"/supervision/{2**70}/close").status_code in (404, 405)


def test_measure_on_a_unit_belongs_to_no_case(hall: Office, client: Clients, freeze: Any) -> None:
    freeze(TEN)
    browser = client(hall.clerk)
    refused = send(browser, "/supervision/new", kind="interview")
    assert refused.status_code == 422
    assert refused.text.count("必填项") == 3
    fields = {"kind": "interview", "ground": "shirking", "requirement": "限期整改",
              "unit_id": "税务窗口", "interviewee": "某负责人", "place": "会议室"}  # fmt: skip
    assert send(browser, "/supervision/new", **fields).status_code == 302
    row = db.session.query(Supervision).one()
    assert (row.case_id, row.unit_id) == (None, hall.units["tax"].id)
    assert client(hall.tax_head).get(f"/supervision/{row.id}/feedback").status_code == 200
    assert client(hall.land_head).get(f"/supervision/{row.id}/feedback").status_code == 404


def test_confidential_or_foreign_measures_stay_hidden(
    hall: Office, client: Clients, freeze: Any
) -> None:
    row = supervise_unit(
        site_id=hall.site.id, unit_id=hall.units["land"].id, kind=SupervisionKind.URGE,
        **MEASURE, by=hall.clerk, now=TEN,
    )  # fmt: skip
    db.session.commit()
    freeze(TEN)
    assert client(hall.land_handler).get(f"/supervision/{row.id}/feedback").status_code == 200
    assert client(hall.build_head).get(f"/supervision/{row.id}/feedback").status_code == 404
