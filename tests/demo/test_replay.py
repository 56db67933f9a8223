"""After the replay every field of every case equals the file."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import scoped_session

from app.demo.data import FOLDER
from app.domain.states import LimitClass, NumberKind, RequestStatus, State
from app.domain.states import ResultStatus as Status
from app.models import Case, CaseEvent, Counter, Slip
from tests.demo.record import as_record

FILE = FOLDER / "sample_cases.json"
RECORDS = json.loads(FILE.read_text(encoding="utf-8"))["cases"]
DIGEST = "086de09589919d0441060b236b9e05958492e6806f884d6d5cd031bd4cb2fe85"
OPEN = {"2026-0122": State.HANDLING, "2026-0123": State.HANDLING, "2026-0124": State.TO_DISPATCH}


def test_file_is_the_one_that_was_handed_over() -> None:
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == DIGEST


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])
def test_case_equals_the_file(record: dict[str, Any], case_of: Callable[[str], Case]) -> None:
    wanted = {name: value for name, value in record.items() if name not in ("id", "course")}
    assert as_record(case_of(record["ledger_no"])) == wanted


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])
def test_case_ends_where_its_course_ends(
    record: dict[str, Any], case_of: Callable[[str], Case]
) -> None:
    withdrawn = State.WITHDRAWN if record["withdrawn_at"] else State.ARCHIVED
    assert case_of(record["ledger_no"]).state is OPEN.get(record["ledger_no"], withdrawn)


def test_nothing_else_has_a_number(office: scoped_session[Any]) -> None:
    assert office.scalar(select(func.count(Case.ledger_no))) == len(RECORDS)
    wanted = sorted(int(slip["no"]) for record in RECORDS for slip in record["slips"])
    assert list(office.scalars(select(Slip.slip_no).order_by(Slip.slip_no))) == wanted
    assert wanted == list(range(131, 164))


def test_series_go_on_behind_the_last_number(office: scoped_session[Any]) -> None:
    rows = office.execute(select(Counter.series, Counter.last_no).where(Counter.period == "2026"))
    assert dict(rows.all()) == {
        NumberKind.LEDGER: 124,
        NumberKind.SLIP: 163,
        NumberKind.REJECTION: 25,
        NumberKind.SUPERVISION: 7,
    }


def test_every_event_is_a_move_of_somebody_in_order_of_time(office: scoped_session[Any]) -> None:
    events = office.scalars(select(CaseEvent).order_by(CaseEvent.id)).all()
    assert [e.at for e in events] == sorted(e.at for e in events)
    assert all(e.by_id for e in events)
    for case in office.scalars(select(Case)):
        own = [e for e in events if e.case_id == case.id]
        assert len(own) == case.event_count
        assert [e.old_state for e in own[1:]] == [e.new_state for e in own[:-1]]
        assert own[-1].new_state is case.state


def test_pending_and_withdrawn_stay_what_they_are(case_of: Callable[[str], Case]) -> None:
    pending = case_of("2026-0122")
    assert pending.is_extension_pending
    assert [e.status for e in pending.extensions] == [RequestStatus.PENDING]
    assert case_of("2026-0120").finished_at is None
    assert case_of("2026-0119").eval_level is None


def test_both_rounds_of_the_redone_case_count_as_not_achieved(
    case_of: Callable[[str], Case],
) -> None:
    case = case_of("2026-0111")
    assert [r.is_achieved for r in case.results] == [False, False]
    assert [r.status for r in case.results] == [Status.CONFIRMED, Status.CONFIRMED]
    assert case.round_no == 2


def test_returned_case_has_its_own_clock_and_keeps_the_void_slip(
    case_of: Callable[[str], Case],
) -> None:
    case = case_of("2026-0110")
    old, new = sorted(case.slips, key=lambda s: s.slip_no)
    assert (old.is_void, old.void_reason, new.is_void) == (True, "改派", False)
    assert case.due_from_at == new.issued_at
    assert case.limit_class is LimitClass.ONE_DAY
