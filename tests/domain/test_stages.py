"""The stages a clock crosses: each row worked out from the plan and domain/2.2, to the second."""

import datetime as dt
from typing import Any

import pytest

from app.domain.notice_kinds import STAGES, NoticeKind
from app.domain.rules import Rules
from app.domain.stages import Clocks, Crossing, crossed, crossings, next_look, sent_at
from app.domain.states import DueBasis, LimitClass, State
from app.domain.workdays import WorkCalendar
from app.official import default_calendar
from tests.domain.moments import at, rows
from tests.domain.test_local_days import SITE

CALENDAR = default_calendar()
RULES = Rules()
UNIT = 7
CLASSES = {"0": LimitClass.IMMEDIATE, "1": LimitClass.ONE_DAY, "3": LimitClass.THREE_DAYS}
K = NoticeKind


def stages(
    calendar: WorkCalendar = CALENDAR, rules: Rules = RULES, **values: Any
) -> dict[NoticeKind, dt.datetime]:
    """Return the instant of each stage; none is crossed twice."""
    found = crossings(Clocks(lead_unit_id=UNIT, **values), calendar, rules)
    assert found == sorted(found)
    assert len({each.kind for each in found}) == len(found)
    return {each.kind: each.at for each in found}


def expected(**cells: str) -> dict[NoticeKind, dt.datetime]:
    """Return the cells that are filled in."""
    return {NoticeKind(name): at(cell) for name, cell in cells.items() if cell}


# Submitted, reminder half an hour before it is late, late.
DISPATCH = """
2026-10-12 周一 09:10 | 2026-10-12 周一 16:30 | 2026-10-12 周一 17:00:01
2026-10-12 周一 07:30 | 2026-10-12 周一 16:30 | 2026-10-12 周一 17:00:01 # 上班前收到，当日转
2026-10-12 周一 12:15 | 2026-10-12 周一 16:30 | 2026-10-12 周一 17:00:01
2026-10-12 周一 16:20 | 2026-10-12 周一 16:30 | 2026-10-12 周一 17:00:01
2026-10-12 周一 16:30 |                       | 2026-10-12 周一 17:00:01 # 刚刚收到，不必提醒
2026-10-12 周一 16:31 | 2026-10-13 周二 11:30 | 2026-10-13 周二 12:00:01 # D-02 顺延
2026-10-16 周五 20:00 | 2026-10-19 周一 11:30 | 2026-10-19 周一 12:00:01
2026-10-11 周日 10:00 | 2026-10-12 周一 11:30 | 2026-10-12 周一 12:00:01
2026-09-18 周五 18:00 | 2026-09-20 周日 11:30 | 2026-09-20 周日 12:00:01 # 调休上班
2026-09-30 周三 16:45 | 2026-10-08 周四 11:30 | 2026-10-08 周四 12:00:01
2026-10-09 周五 17:00 | 2026-10-10 周六 11:30 | 2026-10-10 周六 12:00:01
2026-02-13 周五 16:50 | 2026-02-14 周六 11:30 | 2026-02-14 周六 12:00:01
2026-02-14 周六 16:50 | 2026-02-24 周二 11:30 | 2026-02-24 周二 12:00:01
"""


@pytest.mark.parametrize(("submitted", "soon", "late"), rows(DISPATCH))
def test_dispatch(submitted: str, soon: str, late: str) -> None:
    due = at(late) - dt.timedelta(seconds=1)
    found = stages(state=State.TO_DISPATCH, submitted_at=at(submitted), dispatch_due_at=due)
    assert found == expected(dispatch_soon=soon, dispatch_late=late)


# Issued, class, unsigned from: business hours, so lunch, nights and days off do not count.
UNSIGNED = """
2026-10-12 周一 09:30 | 1 | 2026-10-12 周一 10:30
2026-10-12 周一 09:30 | 3 | 2026-10-12 周一 11:30
2026-10-12 周一 11:00 | 1 | 2026-10-12 周一 12:00
2026-10-12 周一 11:30 | 1 | 2026-10-12 周一 13:30
2026-10-12 周一 11:30 | 3 | 2026-10-12 周一 14:30
2026-10-12 周一 16:30 | 1 | 2026-10-13 周二 09:30
2026-10-12 周一 16:30 | 3 | 2026-10-13 周二 10:30
2026-10-16 周五 16:30 | 1 | 2026-10-19 周一 09:30
2026-10-17 周六 10:00 | 1 | 2026-10-19 周一 10:00
2026-09-30 周三 16:00 | 3 | 2026-10-08 周四 10:00
2026-10-09 周五 16:30 | 1 | 2026-10-10 周六 09:30
2026-09-19 周六 10:00 | 1 | 2026-09-20 周日 10:00
2026-02-14 周六 16:00 | 3 | 2026-02-24 周二 10:00
2026-10-12 周一 09:30 | 0 |                       # 立即办理的，交办即提醒
"""


@pytest.mark.parametrize(("issued", "limit", "unsigned"), rows(UNSIGNED))
def test_unsigned(issued: str, limit: str, unsigned: str) -> None:
    for state in (State.TO_SIGN, State.HANDLING):
        found = stages(state=state, limit_class=CLASSES[limit], unsigned_since=(at(issued),))
        assert found == expected(unsigned=unsigned)


def test_each_slip_is_left_unsigned_at_its_own_time() -> None:
    since = (at("2026-10-12 周一 09:30"), at("2026-10-12 周一 14:00"), at("2026-10-12 周一 14:00"))
    clocks = Clocks(State.HANDLING, limit_class=LimitClass.ONE_DAY, unsigned_since=since)
    found = crossings(clocks, CALENDAR, RULES)
    assert [each.at for each in found] == [
        at("2026-10-12 周一 10:30"), at("2026-10-12 周一 15:00"),
    ]  # fmt: skip


# Issued, missing from the end of working day 1.
EXPLANATION = """
2026-10-12 周一 09:30 | 2026-10-13 周二 17:00:01
2026-10-16 周五 18:00 | 2026-10-19 周一 17:00:01
2026-09-30 周三 10:00 | 2026-10-08 周四 17:00:01
2026-10-09 周五 10:00 | 2026-10-10 周六 17:00:01
"""


@pytest.mark.parametrize(("issued", "missing"), rows(EXPLANATION))
def test_explanation(issued: str, missing: str) -> None:
    values = {"state": State.HANDLING, "dispatched_at": at(issued)}
    assert stages(lacks_explanation=True, **values) == expected(explanation_missing=missing)
    assert stages(lacks_explanation=False, **values) == {}


# Class, issued, due; yellow, one working day overdue, five.
LIMITS = """
0 | 2026-10-12 周一 09:30 | 2026-10-12 周一 17:00 | 2026-10-12 周一 16:00 | 2026-10-13 周二 17:00:01 | 2026-10-19 周一 17:00:01
0 | 2026-10-12 周一 16:00 | 2026-10-12 周一 17:00 | 2026-10-12 周一 16:00 | 2026-10-13 周二 17:00:01 | 2026-10-19 周一 17:00:01
0 | 2026-10-12 周一 16:20 | 2026-10-13 周二 12:00 | 2026-10-13 周二 11:00 | 2026-10-14 周三 12:00:01 | 2026-10-20 周二 12:00:01
0 | 2026-10-16 周五 16:20 | 2026-10-19 周一 12:00 | 2026-10-19 周一 11:00 | 2026-10-20 周二 12:00:01 | 2026-10-26 周一 12:00:01
1 | 2026-10-12 周一 09:30 | 2026-10-13 周二 17:00 | 2026-10-13 周二 14:00 | 2026-10-14 周三 17:00:01 | 2026-10-20 周二 17:00:01
1 | 2026-09-18 周五 10:00 | 2026-09-20 周日 17:00 | 2026-09-20 周日 14:00 | 2026-09-21 周一 17:00:01 | 2026-09-28 周一 17:00:01
1 | 2026-09-30 周三 10:00 | 2026-10-08 周四 17:00 | 2026-10-08 周四 14:00 | 2026-10-09 周五 17:00:01 | 2026-10-14 周三 17:00:01
1 | 2026-10-09 周五 10:00 | 2026-10-10 周六 17:00 | 2026-10-10 周六 14:00 | 2026-10-12 周一 17:00:01 | 2026-10-16 周五 17:00:01
3 | 2026-10-12 周一 09:30 | 2026-10-15 周四 17:00 | 2026-10-14 周三 16:30 | 2026-10-16 周五 17:00:01 | 2026-10-22 周四 17:00:01
3 | 2026-11-18 周三 09:50 | 2026-11-23 周一 17:00 | 2026-11-20 周五 16:30 | 2026-11-24 周二 17:00:01 | 2026-11-30 周一 17:00:01
3 | 2026-09-28 周一 10:00 | 2026-10-08 周四 17:00 | 2026-09-30 周三 16:30 | 2026-10-09 周五 17:00:01 | 2026-10-14 周三 17:00:01
3 | 2026-09-17 周四 10:00 | 2026-09-21 周一 17:00 | 2026-09-20 周日 16:30 | 2026-09-22 周二 17:00:01 | 2026-09-29 周二 17:00:01
3 | 2026-02-11 周三 10:00 | 2026-02-14 周六 17:00 | 2026-02-13 周五 16:30 | 2026-02-24 周二 17:00:01 | 2026-02-28 周六 17:00:01
"""  # noqa: E501 (a table)


@pytest.mark.parametrize(("limit", "issued", "due", "yellow", "draft", "advice"), rows(LIMITS))
def test_first_limit(
    limit: str, issued: str, due: str, yellow: str, draft: str, advice: str
) -> None:
    values = work(due, DueBasis.LIMIT, limit_class=CLASSES[limit], due_from_at=at(issued))
    found = stages(**values)
    assert found == expected(
        yellow=yellow, red=f"{due}:01", measure_drafted=draft, interview_advised=advice
    )
    assert_red_is_past_due(values, at(due))


def work(due: str, basis: DueBasis, **values: Any) -> dict[str, Any]:
    return {"state": State.HANDLING, "due_at": at(due), "due_basis": basis} | values


def assert_red_is_past_due(values: dict[str, Any], due: dt.datetime) -> None:
    found = crossings(Clocks(lead_unit_id=UNIT, **values), CALENDAR, RULES)
    assert NoticeKind.RED not in crossed(found, due)
    assert NoticeKind.RED in crossed(found, due + dt.timedelta(seconds=1))


# Told of the due time at, due; reminder, yellow.
EXTENDED = """
2026-10-14 周三 10:00 | 2026-10-20 周二 17:00 | 2026-10-16 周五 16:30 | 2026-10-19 周一 16:30
2026-10-19 周一 10:00 | 2026-10-20 周二 17:00 |                       | 2026-10-19 周一 16:30 # 晚批
2026-09-24 周四 10:00 | 2026-10-09 周五 17:00 | 2026-09-30 周三 16:30 | 2026-10-08 周四 16:30
2026-09-28 周一 10:00 | 2026-10-12 周一 17:00 | 2026-10-09 周五 16:30 | 2026-10-10 周六 16:30
2026-02-09 周一 10:00 | 2026-02-24 周二 17:00 | 2026-02-13 周五 16:30 | 2026-02-14 周六 16:30
2026-10-13 周二 10:00 | 2026-10-19 周一 09:30 | 2026-10-15 周四 09:30 | 2026-10-16 周五 09:30
2026-10-13 周二 10:00 | 2026-10-19 周一 09:00 | 2026-10-14 周三 16:30 | 2026-10-15 周四 16:30
2026-10-13 周二 10:00 | 2026-10-20 周二 12:30 | 2026-10-16 周五 11:30 | 2026-10-19 周一 11:30
2026-10-13 周二 10:00 | 2026-10-20 周二 20:00 | 2026-10-16 周五 16:30 | 2026-10-19 周一 16:30
2026-10-13 周二 10:00 | 2026-10-18 周日 10:00 | 2026-10-15 周四 10:00 | 2026-10-16 周五 10:00
"""


@pytest.mark.parametrize(("told", "due", "reminder", "yellow"), rows(EXTENDED))
@pytest.mark.parametrize("basis", [DueBasis.EXTENSION, DueBasis.GROUP, DueBasis.REDO])
def test_extended_limit(basis: DueBasis, told: str, due: str, reminder: str, yellow: str) -> None:
    state = State.REDO if basis is DueBasis.REDO else State.HANDLING
    start = at("2026-02-02 周一 09:30")
    values = work(due, basis, due_from_at=start, due_computed_at=at(told)) | {"state": state}
    found = stages(limit_class=LimitClass.THREE_DAYS, **values)
    warned = expected(reminder=reminder, yellow=yellow)
    past = at(due) + dt.timedelta(seconds=1)
    if basis is DueBasis.EXTENSION:  # D-38: to the group, never red
        assert found == warned | {NoticeKind.GROUP_REVIEW: past}
        return
    ladder = (NoticeKind.MEASURE_DRAFTED, NoticeKind.INTERVIEW_ADVISED)
    assert {k: v for k, v in found.items() if k not in ladder} == warned | {K.RED: past}


# Due of the leading group at any time of day; the steps after it.
STEPS = """
2026-10-19 周一 09:30 | 2026-10-20 周二 09:30:01 | 2026-10-26 周一 09:30:01
2026-10-18 周日 10:00 | 2026-10-19 周一 10:00:01 | 2026-10-23 周五 10:00:01
2026-09-30 周三 20:00 | 2026-10-08 周四 17:00:01 | 2026-10-13 周二 17:00:01
"""


@pytest.mark.parametrize(("due", "draft", "advice"), rows(STEPS))
def test_steps_after_red(due: str, draft: str, advice: str) -> None:
    values = work(due, DueBasis.GROUP, due_from_at=at("2026-09-01 周二 09:30"))
    found = stages(**values)
    assert found[NoticeKind.MEASURE_DRAFTED] == at(draft)
    assert found[NoticeKind.INTERVIEW_ADVISED] == at(advice)


def test_extension_asked_in_time_stays_red_but_climbs_no_ladder() -> None:
    """D-11: the clock runs while the leader has not decided; the unit is not supervised for it."""
    values = work("2026-10-13 周二 17:00", DueBasis.LIMIT, due_from_at=at("2026-10-12 周一 09:30"))
    found = stages(limit_class=LimitClass.ONE_DAY, is_extension_waiting=True, **values)
    assert set(found) == {NoticeKind.YELLOW, NoticeKind.RED}


# Site with half days and closures (test_local_days): class, issued, due, yellow.
LOCAL = """
1 | 2026-11-02 周一 10:00 | 2026-11-03 周二 12:00 | 2026-11-02 周一 16:30 # 3小时前正是上班时
0 | 2026-11-04 周三 16:30 | 2026-11-05 周四 17:00 | 2026-11-05 周四 16:00
1 | 2026-11-09 周一 10:00 | 2026-11-11 周三 17:00 | 2026-11-11 周三 14:00
3 | 2026-11-05 周四 14:00 | 2026-11-11 周三 17:00 | 2026-11-09 周一 16:30
1 | 2026-09-28 周一 10:00 | 2026-09-29 周二 18:00 | 2026-09-29 周二 15:00
"""


@pytest.mark.parametrize(("limit", "issued", "due", "yellow"), rows(LOCAL))
def test_yellow_on_local_days(limit: str, issued: str, due: str, yellow: str) -> None:
    values = work(due, DueBasis.LIMIT, limit_class=CLASSES[limit], due_from_at=at(issued))
    assert stages(SITE, **values)[NoticeKind.YELLOW] == at(yellow)


def test_half_day_ends_the_time_for_the_explanation_and_the_next_step() -> None:
    issued = at("2026-11-02 周一 10:00")
    values = work("2026-11-02 周一 17:00", DueBasis.LIMIT, due_from_at=issued, dispatched_at=issued)
    found = stages(SITE, lacks_explanation=True, **values)
    assert found[NoticeKind.EXPLANATION_MISSING] == at("2026-11-03 周二 12:00:01")
    assert found[NoticeKind.MEASURE_DRAFTED] == at("2026-11-03 周二 12:00:01")


# Put before the group, told on the morning after the third working day.
GROUP = """
2026-10-12 周一 10:00 | 2026-10-16 周五 09:00
2026-10-12 周一 17:00:01 | 2026-10-16 周五 09:00
2026-09-29 周二 10:00 | 2026-10-10 周六 09:00
2026-10-17 周六 10:00 | 2026-10-22 周四 09:00
"""


@pytest.mark.parametrize(("escalated", "told"), rows(GROUP))
def test_group_waiting(escalated: str, told: str) -> None:
    found = stages(state=State.GROUP_REVIEW, escalated_at=at(escalated))
    assert found == expected(group_waiting=told)


def test_after_the_end() -> None:
    until = at("2026-10-19 周一 17:00")
    second = dt.timedelta(seconds=1)
    assert stages(state=State.TO_EVALUATE, eval_until=until) == {K.EVALUATION_OVER: until + second}
    assert stages(state=State.TO_EVALUATE, verify_due_at=until) == {K.VERIFY_LATE: until + second}


@pytest.mark.parametrize("state", sorted(State))
def test_a_clock_that_stands_still_crosses_nothing(state: State) -> None:
    """Every time of a case is set, yet only the clock of its state runs."""
    moment = at("2026-10-12 周一 09:30")
    found = stages(
        state=state, limit_class=LimitClass.THREE_DAYS, due_basis=DueBasis.LIMIT,
        submitted_at=moment, dispatch_due_at=moment, dispatched_at=moment, due_from_at=moment,
        due_at=moment, due_computed_at=moment, escalated_at=moment, eval_until=moment,
        verify_due_at=moment, unsigned_since=(moment,), lacks_explanation=True,
    )  # fmt: skip
    working = {
        K.UNSIGNED, K.EXPLANATION_MISSING, K.YELLOW, K.RED, K.MEASURE_DRAFTED,
        K.INTERVIEW_ADVISED,
    }  # fmt: skip
    assert set(found) <= STAGES
    assert set(found) == {
        State.TO_DISPATCH: {K.DISPATCH_LATE},
        State.TO_SIGN: working, State.HANDLING: working, State.REDO: working,
        State.GROUP_REVIEW: {K.GROUP_WAITING},
        State.TO_EVALUATE: {K.EVALUATION_OVER, K.VERIFY_LATE},
    }.get(state, set())  # fmt: skip


def test_warning_overtaken_by_what_it_warned_of_is_not_told() -> None:
    kinds = (K.REMINDER, K.YELLOW, K.UNSIGNED, K.RED, K.MEASURE_DRAFTED)
    moments = [at(f"2026-10-{12 + n} 周{'一二三四五'[n]} 10:00") for n in range(5)]
    found = [Crossing(moment, kind) for moment, kind in zip(moments, kinds, strict=True)]
    assert crossed(found, moments[0]) == [K.REMINDER]
    assert crossed(found, moments[1]) == [K.YELLOW]
    assert crossed(found, moments[4]) == [K.UNSIGNED, K.RED, K.MEASURE_DRAFTED]
    assert next_look(found, moments[1]) == moments[2]
    assert next_look(found, moments[4]) is None


# A message about a stage, the next time it may leave.
SENT = """
2026-10-12 周一 09:00 | 2026-10-12 周一 09:00
2026-10-12 周一 11:59:59 | 2026-10-12 周一 11:59:59
2026-10-12 周一 12:00 | 2026-10-12 周一 13:00
2026-10-12 周一 08:15 | 2026-10-12 周一 09:00
2026-10-12 周一 17:00:01 | 2026-10-13 周二 09:00
2026-10-16 周五 17:00:01 | 2026-10-19 周一 09:00
2026-09-30 周三 17:00:01 | 2026-10-08 周四 09:00
2026-10-09 周五 17:00:01 | 2026-10-10 周六 09:00
2026-09-19 周六 03:00 | 2026-09-20 周日 09:00
2026-02-14 周六 17:00:01 | 2026-02-24 周二 09:00
"""


@pytest.mark.parametrize(("told", "leaves"), rows(SENT))
def test_message_leaves_in_office_hours(told: str, leaves: str) -> None:
    assert sent_at(CALENDAR, at(told)) == at(leaves)


def test_every_arming_of_a_clock_has_its_own_key() -> None:
    base = {"state": State.HANDLING, "lead_unit_id": 1, "due_at": at("2026-10-13 周二 17:00")}
    changes = (
        {}, {"round_no": 2}, {"lead_unit_id": 2}, {"due_at": at("2026-10-14 周三 17:00")},
        {"dispatch_due_at": at("2026-10-13 周二 17:00")},
        {"dispatched_at": at("2026-10-13 周二 17:00")},
        {"escalated_at": at("2026-10-13 周二 17:00")},
    )  # fmt: skip
    keys = {Clocks(**base | change).key for change in changes}
    assert len(keys) == len(changes)
    same = Clocks(**base, unsigned_since=(at("2026-10-13 周二 17:00"),), lacks_explanation=True)
    assert same.key in keys
