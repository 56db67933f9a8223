"""What 量化考核 counts equals the slow count; each fault falls into one month and on one unit."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.actions import closing, corrections, evaluation, group, returns
from app.domain.states import (
    Action,
    EvalLevel,
    RequestStatus,
    ScoreKind,
    State,
    SuperviseGround,
    SupervisionKind,
    Verdict,
)
from app.extensions import db
from app.models import Case, CaseEvent, Result, ReturnRequest, Slip, Supervision
from app.reports.period import named
from app.reports.score_counts import TALLIES, count, less
from tests.factories import MONDAY, RATED, VERIFIED, Office, at, make_office
from tests.reports.histories import NOW, Histories
from tests.reports.slow_scores import slow_count

K = ScoreKind
OCTOBER = "2026-10"


@pytest.fixture
def office(session: object) -> Office:
    return make_office()


def counted(office: Office, month: str = OCTOBER, now: Any = NOW) -> dict[K, dict[str, int]]:
    """Return how often each kind counts, by the short name of the unit; noughts left out."""
    names = {unit.id: key for key, unit in office.units.items()}
    found = count(TALLIES, site_id=office.site.id, period=named(month, now=now))
    return {
        kind: {names[unit]: len(keys) for unit, keys in units.items()}
        for kind, units in found.items()
        if units
    }


def more_history(histories: Histories) -> None:
    """Give random cases what only 量化考核 looks at."""
    dice = random.Random(histories.dice.random())
    for row in db.session.scalars(select(ReturnRequest)):
        row.decided_at = histories.perhaps(histories.moment(), 0.9)
    for row in db.session.scalars(select(Slip).where(Slip.is_void)):
        row.voided_at = histories.moment(row.issued_at)
    for row in db.session.scalars(select(Result)):
        row.unit_id = dice.choice(histories.units)
    for case in db.session.scalars(select(Case)):
        case.is_typical = dice.random() < 0.4
        for summary in ("列为典型案例", "列为共性问题", "列为典型案例、共性问题"):
            if dice.random() < 0.4:
                db.session.add(
                    CaseEvent(
                        case=case, action=Action.MARK_TYPICAL, new_state=State.ARCHIVED,
                        at=histories.moment(), by_id=histories.by, summary=summary,
                    )
                )  # fmt: skip
    db.session.flush()
    db.session.expire_all()


@pytest.mark.parametrize("seed", range(3))
def test_counts_equal_the_slow_count(office: Office, seed: int) -> None:
    histories = Histories(office, seed)
    histories.fill(150)
    more_history(histories)
    met = set()
    for month in ("2026-09", OCTOBER, "2026-11"):
        period = named(month, now=NOW)
        found = count(TALLIES, site_id=office.site.id, period=period)
        assert found == slow_count(office.site.id, period), month
        met |= {kind for kind, units in found.items() if units}
    assert met == set(K)


def test_no_record_counts_in_two_months_or_for_two_units(office: Office) -> None:
    histories = Histories(office, 11)
    histories.fill(150)
    more_history(histories)
    periods = [named(f"2026-{n:02d}", now=NOW) for n in range(8, 13)]
    for kind in K:
        keys = [
            key
            for period in periods
            for found in count([kind], site_id=office.site.id, period=period)[kind].values()
            for key in found
        ]
        assert len(keys) == len(set(keys)), kind


def test_one_statement_a_kind(
    app: Flask, office: Office, count_statements: Callable[[], Any]
) -> None:
    Histories(office, 5).fill(60)
    count(TALLIES, site_id=office.site.id, period=named(OCTOBER, now=NOW))  # the calendar
    for kind in K:
        with count_statements() as statements:
            count([kind], site_id=office.site.id, period=named(OCTOBER, now=NOW))
        beside = 1 if kind is K.UNSIGNED else 0  # whether the calendar is the one in mind
        assert len(statements) == 1 + beside, kind


def test_red_needs_the_due_time_past(office: Office) -> None:
    office.sign(office.dispatch(office.submit(office.draft())))
    assert counted(office, now=at("2026-10-13 17:00")) == {}
    assert counted(office, now=at("2026-10-13 17:01")) == {K.RED: {"land": 1}}


def test_finished_late_is_red_in_the_month_it_fell_due(office: Office) -> None:
    case = office.sign(office.dispatch(office.submit(office.draft())))
    office.confirm(office.resolve(case, now=at("2026-11-03 10:00")), now=at("2026-11-03 11:00"))
    assert counted(office) == {K.RED: {"land": 1}}
    assert counted(office, "2026-11") == {}


def test_withdrawn_and_merged_count_nothing(office: Office) -> None:
    case = office.dispatch(office.submit(office.draft()))
    assert counted(office) == {K.RED: {"land": 1}, K.UNSIGNED: {"land": 1}}
    closing.withdraw(case, reason="已自行办好", proof="来电", by=office.officer, now=NOW)
    assert counted(office) == {}


@pytest.mark.parametrize(
    ("issued", "signed", "months"),
    [("2026-10-12 09:30", "2026-10-12 17:00", {}),
     ("2026-10-12 09:30", "2026-10-12 17:01", {OCTOBER: 1}),
     ("2026-10-12 17:00", "2026-10-13 16:00", {}),  # at closing: the next working day
     ("2026-10-30 16:59", "2026-10-30 17:00", {}),
     ("2026-10-30 17:30", "2026-11-02 17:30", {"2026-11": 1}),  # Friday evening: Monday
     ("2026-09-30 17:30", "2026-10-08 17:00", {}),  # over the National Day holiday
     ("2026-09-30 17:30", "2026-10-08 17:30", {OCTOBER: 1})],
)  # fmt: skip
def test_unsigned_at_the_close_of_its_day(
    office: Office, issued: str, signed: str, months: dict[str, int]
) -> None:
    case = office.dispatch(office.submit(office.draft()))
    slip = case.slips[0]
    slip.issued_at, slip.signed_at = at(issued), at(signed)
    db.session.flush()
    for month in ("2026-09", OCTOBER, "2026-11"):
        found = counted(office, month).get(K.UNSIGNED, {})
        assert found.get("land", 0) == months.get(month, 0), month


def returned(office: Office, case: Case, now: str) -> None:
    returns.request_return(
        case, reason="不属本窗口", suggest_unit_id=office.units["build"].id,
        by=office.head_of(case), now=at(now),
    )  # fmt: skip


def test_unsigned_slip_voided_that_day_is_nobodys(office: Office) -> None:
    case = office.dispatch(office.submit(office.draft()))
    returned(office, case, f"{MONDAY} 10:00")
    assert counted(office)[K.UNSIGNED] == {"land": 1}
    returns.reassign(
        case, lead_unit_id=office.units["build"].id, by=office.clerk, now=at(f"{MONDAY} 11:00")
    )
    assert counted(office)[K.UNSIGNED] == {"build": 1}


def test_refused_return_counts_when_it_is_ruled(office: Office) -> None:
    case = office.dispatch(office.submit(office.draft()))
    returned(office, case, f"{MONDAY} 10:00")
    assert K.BAD_RETURN not in counted(office)
    returns.refuse_return(case, reason="属本窗口职责", by=office.clerk, now=at("2026-11-02 09:10"))
    assert K.BAD_RETURN not in counted(office)
    assert counted(office, "2026-11")[K.BAD_RETURN] == {"land": 1}
    assert case.return_requests[0].status is RequestStatus.REFUSED


def rated_badly(office: Office) -> Case:
    case = office.case_in(State.TO_EVALUATE)
    return office.rate(case, EvalLevel.BAD)


def test_bad_rating_counts_once_it_is_verified(office: Office) -> None:
    case = rated_badly(office)
    assert counted(office) == {}
    office.verify(case)
    soon = counted(office, now=at("2026-10-14 09:00"))
    assert soon == {K.BAD_RATING: {"land": 1}}


def test_mistaken_rating_counts_nothing(office: Office) -> None:
    case = office.verify(rated_badly(office), Verdict.MISTAKEN)
    assert counted(office) == {}
    evaluation.approve_verdict(
        case, agreed=True, opinion="同意", by=office.leader, now=at("2026-10-13 11:00")
    )
    assert counted(office) == {}


def test_rectified_too_late_counts_beside_the_rating(office: Office) -> None:
    case = office.verify(rated_badly(office))
    due = case.evaluations[0].redo_due_at
    assert counted(office, now=due) == {K.BAD_RATING: {"land": 1}}
    assert counted(office) == {K.BAD_RATING: {"land": 1}, K.BAD_FIX: {"land": 1}}
    office.resolve(case, now=at("2026-10-19 10:00"))
    assert counted(office) == {K.BAD_RATING: {"land": 1}}


def test_rectified_in_time_and_rated_bad_again(office: Office) -> None:
    case = office.verify(rated_badly(office))
    office.resolve(case, now=at("2026-10-14 10:00"))
    office.confirm(case, now=at("2026-10-14 15:00"))
    office.rate(case, EvalLevel.VERY_BAD, now=at("2026-10-15 09:00"))
    assert counted(office) == {K.BAD_RATING: {"land": 1}}
    evaluation.decide_after_redo(
        case, to_group=False, opinion="属实", by=office.leader, now=at("2026-11-02 09:30")
    )
    assert counted(office) == {K.BAD_RATING: {"land": 1}}
    assert counted(office, "2026-11") == {K.BAD_RATING: {"land": 1}, K.BAD_FIX: {"land": 1}}


def test_what_a_unit_did_stays_its_own_when_the_group_names_another(office: Office) -> None:
    case = office.sign(office.dispatch(office.submit(office.draft())))
    office.confirm(office.resolve(case, now=at("2026-10-14 10:00")), now=at("2026-10-14 15:00"))
    office.rate(case, EvalLevel.BAD, now=at("2026-10-15 09:00"))
    office.verify(case, now=at("2026-10-15 10:00"))
    office.confirm(office.resolve(case, now=at("2026-10-15 11:00")), now=at("2026-10-15 15:00"))
    office.rate(case, EvalLevel.BAD, now=at("2026-10-16 09:00"))
    evaluation.decide_after_redo(
        case, to_group=True, opinion="属实", by=office.leader, now=at("2026-10-16 10:00")
    )
    tally = {K.RED: {"land": 1}, K.BAD_RATING: {"land": 2}, K.BAD_FIX: {"land": 1}}
    assert counted(office, now=at("2026-10-17 09:00")) == tally
    office.decide(
        case, met=at("2026-10-19 09:00"), due=at("2026-10-23 17:00"),
        lead_unit_id=office.units["build"].id,
    )  # fmt: skip
    group.confirm_decision(case, by=office.chief, now=at("2026-10-19 11:00"))
    assert case.lead_unit_id == office.units["build"].id
    assert counted(office, now=at("2026-10-19 12:00")) == tally


@pytest.mark.parametrize(
    ("kind", "column"),
    [(SupervisionKind.URGE, None), (SupervisionKind.NOTICE, K.NOTICE),
     (SupervisionKind.INTERVIEW, K.INTERVIEW), (SupervisionKind.CIRCULAR, K.CIRCULAR),
     (SupervisionKind.TRANSFER, None)],
)  # fmt: skip
def test_measures_by_their_day(office: Office, kind: SupervisionKind, column: K | None) -> None:
    for issued in ("2026-10-01 00:00", "2026-10-31 23:59:59", "2026-11-01 00:00"):
        row = Supervision(
            site_id=office.site.id, kind=kind, unit_id=office.units["tax"].id,
            ground=SuperviseGround.SLOW, requirement="请办理", issued_at=at(issued),
            issued_by_id=office.clerk.id,
        )  # fmt: skip
        db.session.add(row)
    db.session.flush()
    assert counted(office) == ({column: {"tax": 2}} if column else {})


def test_typical_case_counts_once_while_it_is_marked(office: Office) -> None:
    case = office.rate(office.case_in(State.TO_EVALUATE))
    marks = {"by": office.clerk}
    corrections.mark_typical(case, is_typical=False, is_common_issue=True, now=RATED, **marks)
    assert counted(office) == {}
    corrections.mark_typical(case, is_typical=True, is_common_issue=True, now=VERIFIED, **marks)
    assert counted(office) == {K.TYPICAL: {"land": 1}}
    later = at("2026-11-02 10:00")
    corrections.mark_typical(case, is_typical=True, is_common_issue=False, now=later, **marks)
    assert (counted(office), counted(office, "2026-11")) == ({K.TYPICAL: {"land": 1}}, {})
    corrections.mark_typical(case, is_typical=False, is_common_issue=False, now=later, **marks)
    assert counted(office) == {}


def test_paper_case_without_its_times_counts_nothing(office: Office) -> None:
    case = office.dispatch(office.submit(office.draft()))
    case.is_backfilled = True
    db.session.flush()
    assert counted(office) == {}
    case.slips[0].signed_at = at("2026-10-13 09:00")
    case.first_finished_at = at("2026-10-14 09:00")
    db.session.flush()
    assert counted(office) == {K.RED: {"land": 1}, K.UNSIGNED: {"land": 1}}


def test_other_sites_are_other_sheets(office: Office) -> None:
    other = make_office(2)
    other.dispatch(other.submit(other.draft()))
    assert counted(office) == {}
    assert counted(other) == {K.RED: {"land": 1}, K.UNSIGNED: {"land": 1}}


def test_excluded_records_are_left_out() -> None:
    found = {K.RED: {1: (5, 6), 2: (7,)}, K.NOTICE: {1: (5,)}}
    assert less(found, [(K.RED, 5), (K.RED, 7)]) == {K.RED: {1: (6,)}, K.NOTICE: {1: (5,)}}
