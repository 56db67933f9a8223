"""Looking through the interface: the same door as the pages, masked as their lists."""

from collections.abc import Callable
from typing import Any

import pytest

from app.actions import handling
from app.domain.api_tokens import ApiScope
from app.domain.states import Category, ComplaintAbout, ConductType, State
from app.extensions import db
from tests.api.caller import Caller
from tests.factories import NAME, PHONE, SIGNED, SUBMITTED, Office

Call = Callable[..., Caller]


def test_lists_and_single_rows_answer_as_described(office: Office, caller: Call) -> None:
    case_id = office.case_in(State.HANDLING).id
    db.session.commit()
    asking = caller(office.clerk)
    assert asking.get("/cases").json["count"] == 1
    case = asking.get(f"/cases/{case_id}").json
    assert (case["state"], case["ledger_no"], case["version"] > 1) == (
        "handling",
        "2026-0001",
        True,
    )
    assert "supervise" in case["moves"]
    slip_id = case["slip_ids"][0]
    slip = asking.get(f"/slips/{slip_id}").json
    assert (slip["case_id"], slip["unit"], slip["no"]) == (case_id, "不动产登记窗口", "0001")
    assert asking.get("/slips").json["result"] == [slip]
    names = [unit["name"] for unit in asking.get("/units?is_active=true").json["result"]]
    assert names == ["不动产登记窗口", "工程建设科", "税务窗口"]
    figures = {row["id"]: row for row in asking.get("/figures?period=2026-10").json["figures"]}
    assert figures["accept_cnt"]["n"] == 1
    assert figures["accept_cnt"]["d"] is None


def test_name_and_phone_are_masked_for_everybody(office: Office, caller: Call) -> None:
    said = f"我是{NAME}，电话{PHONE}，一直没有办成。"
    case = office.case_in(State.HANDLING, narrative=said, demand=said, item_name=f"{NAME}的备案")
    key = case.id
    db.session.commit()
    for person in (office.officer, office.clerk, office.land_head, office.leader):
        asking = caller(person)
        pages = [str(asking.get(path).json) for path in ("/cases", f"/cases/{key}", "/slips")]
        told = asking.get(f"/cases/{key}").json
        assert (told["reporter"], told["phone"]) == ("郁*篱", "160****0006")
        assert not [text for text in pages if NAME in text or PHONE in text]


@pytest.mark.parametrize("who", ["build_head", "tax_handler"])
def test_foreign_case_and_slip_are_not_there(office: Office, caller: Call, who: str) -> None:
    case = office.case_in(State.HANDLING)
    key, slip = case.id, case.slips[0].id
    db.session.commit()
    asking = caller(getattr(office, who))
    answers = [asking.get(f"/cases/{key}"), asking.get(f"/slips/{slip}"),
               asking.post(f"/cases/{key}/moves/resolve", {"version": 1}),
               asking.get("/cases/999999"), asking.get(f"/cases/{2**70}")]  # fmt: skip
    assert {a.status_code for a in answers} == {404}
    assert len({a.text for a in answers}) == 1
    assert asking.get("/cases").json["count"] == asking.get("/slips").json["count"] == 0


def test_confidential_case_keeps_its_reporter_from_the_unit(office: Office, caller: Call) -> None:
    said = f"我是{NAME}，电话{PHONE}，一直没有办成。"
    facts = {"narrative": said, "item_name": f"{NAME}的备案", "apply_no": PHONE, "demand": said}
    key = office.case_in(State.HANDLING, is_confidential=True, **facts).id
    db.session.commit()
    for path in ("/cases", f"/cases/{key}", "/slips"):
        told = str(caller(office.land_head).get(path).json)
        assert NAME not in told, path
        assert PHONE not in told, path
    assert caller(office.land_handler).get(f"/cases/{key}").status_code == 404
    head = caller(office.land_head).get(f"/cases/{key}").json
    assert (head["reporter"], head["phone"]) == ("（保密）", "")
    assert caller(office.land_head).get(f"/cases?q={NAME}").json["count"] == 0


def test_complaint_about_the_section_is_kept_from_it(office: Office, caller: Call) -> None:
    facts = {"category": Category.CONDUCT, "conduct_type": ConductType.SLOW,
             "complaint_about": ComplaintAbout.SECTION, "item_kind": None, "apply_mode": None,
             "stuck_stage": None}  # fmt: skip
    key = office.draft(**facts).id
    db.session.commit()
    assert caller(office.clerk).get(f"/cases/{key}").status_code == 404
    assert caller(office.officer).get(f"/cases/{key}").status_code == 200


def test_viewer_gets_the_columns_of_the_list_alone(office: Office, caller: Call) -> None:
    key = office.case_in(State.HANDLING).id
    db.session.commit()
    told = caller(office.viewer).get(f"/cases/{key}").json
    assert "narrative" not in told
    assert told["reporter"] == "郁*篱"


def test_unit_counts_its_own_figures_only(office: Office, caller: Call) -> None:
    office.case_in(State.HANDLING)
    db.session.commit()
    build, land = office.units["build"].id, office.units["land"].id
    asking = caller(office.build_head)
    assert asking.get("/figures").json["unit_id"] == build
    assert asking.get(f"/figures?unit_id={land}").status_code == 404
    found = {row["id"]: row["n"] for row in asking.get("/figures").json["figures"]}
    assert (found["accept_cnt"], found["duty_rate"]) == (0, None)


def test_void_slip_no_longer_leads_to_the_case(office: Office, caller: Call) -> None:
    case = office.case_in(State.TO_SIGN)
    from app.actions import dispatch

    dispatch.void_slips(case, reason="交错单位，重新交办", by=office.clerk, now=SIGNED)
    db.session.commit()
    slip = caller(office.land_head).get("/slips").json["result"][0]
    assert (slip["is_void"], slip["case_id"], slip["content"]) == (True, None, None)


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=x", "page_size=101", "page=1&page=2", "state=lost", "order=phone", "colour=1",
     "registered_from=2026-13-01", "registered_to=2026-1-1", "q=", "site_id=-1",
     "lead_unit_id=99999999999999999999", "page=%EF%BC%91"],
)  # fmt: skip
def test_bad_arguments_are_refused_by_name(office: Office, caller: Call, query: str) -> None:
    answer = caller(office.clerk).get(f"/cases?{query}")
    assert (answer.status_code, answer.json["code"]) == (400, "argument_invalid")
    assert answer.json["field"] == query.partition("=")[0]


@pytest.mark.parametrize("query", ["period=2026-13", "from=2026-10-01", "period=2026&to=2026-10-01",
                                   "from=2026-10-02&to=2026-10-01"])  # fmt: skip
def test_unclear_periods_are_refused(office: Office, caller: Call, query: str) -> None:
    expected = 400 if query == "period=2026-13" else 422
    assert caller(office.clerk).get(f"/figures?{query}").status_code == expected


def test_filters_and_order(office: Office, caller: Call) -> None:
    first = office.case_in(State.HANDLING).id
    second = office.draft(item_name="施工许可", now=SUBMITTED).id
    db.session.commit()
    asking = caller(office.clerk)

    def keys(query: str) -> list[Any]:
        return [row["id"] for row in asking.get(f"/cases?{query}").json["result"]]

    assert keys("state=handling") == [first]
    assert keys("q=施工许可") == [second]
    assert keys("order=registered_at") == [first, second]
    assert keys("page_size=1&page=2&order=registered_at") == [second]
    assert keys("registered_from=2026-10-13") == []
    land = office.units["land"].id
    assert keys(f"lead_unit_id={land}") == [first]


def test_a_page_of_cases_costs_few_statements(office: Office, caller: Call, api_app: Any) -> None:
    from sqlalchemy import event

    for n in range(6):
        office.submit(office.draft(item_name=f"事项{n}"))
    db.session.commit()
    asking = caller(office.clerk, ApiScope.CASES_READ)
    asking.get("/cases")  # the first use of a token is written down
    sent: list[str] = []
    with api_app.app_context():
        engine = db.engine
    event.listen(
        engine, "before_cursor_execute", lambda c, cu, statement, *_r: sent.append(statement)
    )
    asking.get("/cases")
    assert len(sent) <= 16, sent


def test_handler_sees_the_case_he_signed(office: Office, caller: Call) -> None:
    case = office.case_in(State.TO_SIGN)
    handling.sign(case, by=office.land_handler, now=SIGNED)
    key = case.id
    db.session.commit()
    assert caller(office.land_handler).get(f"/cases/{key}").json["state"] == "handling"
