"""The timeline of each case reads like the file's course."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import scoped_session

from app.domain.states import Action, Role
from app.models import Case, CaseEvent
from app.models.roles import ROLE_NAMES
from tests.demo.courses import COURSES, LEDGER

# What the tables hold is compared on both databases by test_replay; these are its words.
pytestmark = pytest.mark.sqlite_only
CaseOf = Callable[[str], Case]


def told(session: scoped_session[Any], case: Case) -> list[CaseEvent]:
    query = select(CaseEvent).where(CaseEvent.case_id == case.id)
    return list(session.scalars(query.order_by(CaseEvent.at, CaseEvent.id)))


def test_every_case_has_its_course() -> None:
    assert set(COURSES) == set(LEDGER)


@pytest.mark.parametrize("name", COURSES)
def test_timeline_tells_the_course_in_its_order(
    name: str, case_of: CaseOf, office: scoped_session[Any]
) -> None:
    events = told(office, case_of(LEDGER[name]))
    lines = [f"{e.at:%m-%d} {e.label} {e.summary} {e.reason}" for e in events]
    position = 0
    for date, words in COURSES[name]:
        found = [
            n for n, line in enumerate(lines[position:], position)
            if line.startswith(date) and words in line
        ]  # fmt: skip
        assert found, f"{date} {words!r} is not told behind\n" + "\n".join(lines[:position])
        position = found[0]


def test_escalation_is_the_systems_and_its_end_the_heads(
    case_of: CaseOf, office: scoped_session[Any]
) -> None:
    by = {e.action: e.by for e in told(office, case_of("2026-0101"))}
    assert by[Action.ESCALATE].username == "system"
    assert by[Action.RECORD_DECISION].roles[0].name == ROLE_NAMES[Role.SUPERVISOR]
    assert by[Action.CONFIRM_DECISION].name == "邵延平"


def test_confidential_case_is_handled_by_the_units_head_alone(
    case_of: CaseOf, office: scoped_session[Any]
) -> None:
    case = case_of("2026-0102")
    people = {e.by.name for e in told(office, case) if e.by_unit_id == case.lead_unit_id}
    assert case.is_confidential
    assert people == {"康明月"}


def test_leaders_sign_on_their_own_days(office: scoped_session[Any]) -> None:
    by_weekday = dict(enumerate(("程立群", "杜春晖", "韩雪松", "孟凡林", "于晓棠", "程立群")))
    signed = office.scalars(select(CaseEvent).where(CaseEvent.action == Action.CONFIRM)).all()
    assert len(signed) == 21
    assert {(e.at.date(), e.by.name) for e in signed} == {
        (e.at.date(), by_weekday[e.at.weekday()]) for e in signed
    }


def test_ratings_are_entered_by_the_desk_and_read_by_the_unit(
    office: scoped_session[Any],
) -> None:
    for case in office.scalars(select(Case)):
        for rating in case.evaluations:
            assert rating.entered_by.name in ("赵小满", "林佳禾")
            assert rating.unit_read_at > rating.evaluated_at
            assert rating.unit_read_by.unit_id == case.lead_unit_id


def test_case_of_the_leaders_round_is_registered_by_him(case_of: CaseOf) -> None:
    assert case_of("2026-0121").registered_by.name == "程立群"


def test_marks_are_those_of_the_courses(office: scoped_session[Any]) -> None:
    cases = office.scalars(select(Case).where(Case.ledger_no.is_not(None))).all()
    assert {c.ledger_no for c in cases if c.is_typical} == {"2026-0101", "2026-0113"}
    assert {c.ledger_no for c in cases if c.is_common_issue} == {"2026-0101", "2026-0104"}
    assert {c.ledger_no for c in cases if c.is_confidential} == {"2026-0102"}
    assert {c.ledger_no for c in cases if c.is_anonymous} == {"2026-0119"}
