"""Indicators of single cases, worked out by hand from the sentences of domain/2.3."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from app.actions import closing, dispatch, evaluation, group, handling, intake, returns
from app.actions.office import set_rule
from app.domain.indicators import CATALOGUE, Value, shown
from app.domain.states import (
    ContactMode,
    EvalChannel,
    EvalLevel,
    LimitClass,
    ResultType,
    SolvedLevel,
    Verdict,
)
from app.models import Case
from app.reports.indicators import by_unit, count_rows, listings, values
from app.reports.period import Period, between, named
from app.reports.scope import Scope
from tests.factories import DUE_1, MONDAY, Office, at, make_office

LATER = at("2027-01-20 10:00")
FAR = LimitClass.THREE_DAYS
NOUGHT = (0, 0)


@pytest.fixture
def office(session: object) -> Office:
    return make_office()


def start(office: Office, day: str = MONDAY, **dispatched: Any) -> Case:
    """Register at 9:00, submit at 9:10, hand over at 9:30."""
    case = office.draft(now=at(f"{day} 09:00"))
    office.submit(case, now=at(f"{day} 09:10"))
    return office.dispatch(case, now=at(f"{day} 09:30"), **dispatched)


def call(office: Office, case: Case, when: str) -> None:
    handling.contact(case, contacted_at=at(when), mode=ContactMode.PHONE, note="已联系",
                     by=office.head_of(case), now=at(when))  # fmt: skip


def close(office: Office, case: Case, when: str, signed: str, **facts: Any) -> None:
    office.resolve(case, now=at(when), **facts)
    office.confirm(case, now=at(signed))


def rate(office: Office, case: Case, level: EvalLevel, when: str,
         solved: SolvedLevel = SolvedLevel.SOLVED) -> None:  # fmt: skip
    evaluation.evaluate(case, level=level, solved=solved, channel=EvalChannel.CALL,
                        by=office.officer, now=at(when))  # fmt: skip


def give_back(office: Office, case: Case, when: str) -> None:
    returns.request_return(case, reason="非我单位职责", suggest_unit_id=office.units["build"].id,
                           by=office.head_of(case), now=at(when))  # fmt: skip


# -- the stories ---------------------------------------------------------------------------------


def extended_over_the_holiday(office: Office) -> None:
    """Signed, called and finished at the very last moment; extended, granted after the due time."""
    case = start(office, "2026-09-30", limit=FAR)  # due 10-10, a worked Saturday
    office.sign(case, now=at("2026-09-30 11:30"))
    call(office, case, "2026-09-30 17:00")
    office.extend(case, 3, asked=at("2026-10-09 10:00"), granted=at("2026-10-10 18:00"))
    close(office, case, "2026-10-14 17:00", "2026-10-15 10:00")


def rated_in_the_third_month(office: Office) -> None:
    case = start(office, "2026-09-30", limit=FAR)
    office.sign(case, now=at("2026-09-30 11:31"))
    close(office, case, "2026-10-30 15:00", "2026-10-30 16:00")
    rate(office, case, EvalLevel.FAIR, "2026-11-03 10:00")


def extension_asked_late(office: Office) -> None:
    case = office.sign(start(office, limit=FAR))  # due 10-15 17:00
    office.extend(case, 2, asked=at("2026-10-15 17:01"), granted=at("2026-10-16 09:00"))
    close(office, case, "2026-10-19 10:00", "2026-10-19 11:00")


def reassigned(office: Office) -> None:
    """The first unit called in time and gave it back; the second called too late."""
    case = office.sign(start(office))
    call(office, case, f"{MONDAY} 10:00")
    give_back(office, case, f"{MONDAY} 11:00")
    returns.reassign(case, lead_unit_id=office.units["build"].id, by=office.clerk,
                     now=at(f"{MONDAY} 14:10"))  # fmt: skip
    office.sign(case, now=at(f"{MONDAY} 16:10"))
    call(office, case, "2026-10-13 09:00")
    close(office, case, "2026-10-13 17:00", "2026-10-14 09:00")


def return_refused(office: Office) -> None:
    case = office.sign(start(office))
    give_back(office, case, f"{MONDAY} 11:00")
    returns.refuse_return(case, reason="属你单位职责", by=office.clerk, now=at(f"{MONDAY} 14:00"))


def three_units(office: Office) -> None:
    """One 协办 at once, another the day after; the second signs a minute late, the third never."""
    case = office.sign(start(office, co=("build",)))
    handling.sign_co(case, by=office.build_head, now=at(f"{MONDAY} 11:31"))
    dispatch.add_co_unit(case, unit_id=office.units["tax"].id, content="请协助", by=office.clerk,
                         now=at("2026-10-13 10:00"))  # fmt: skip


def redone(office: Office) -> None:
    """Rated badly in October, justified, redone in November at the last moment, then all right."""
    case = office.sign(start(office))
    close(office, case, f"{MONDAY} 10:30", f"{MONDAY} 15:00")
    rate(office, case, EvalLevel.VERY_BAD, "2026-10-13 09:00", SolvedLevel.UNSOLVED)
    office.verify(case, now=at("2026-10-28 10:00"))  # five working days: 11-04
    close(office, case, "2026-11-04 17:00", "2026-11-05 09:00", is_achieved=False,
          result_type=ResultType.UNFOUNDED)  # fmt: skip
    rate(office, case, EvalLevel.FAIR, "2026-11-05 10:00")


def rated_by_mistake(office: Office) -> Case:
    case = office.sign(start(office))
    close(office, case, f"{MONDAY} 10:30", f"{MONDAY} 15:00")
    rate(office, case, EvalLevel.BAD, "2026-10-13 09:00", SolvedLevel.UNSOLVED)
    office.verify(case, Verdict.MISTAKEN, now=at("2026-10-13 10:00"))
    return case


def mistake_approved(office: Office) -> None:
    evaluation.approve_verdict(rated_by_mistake(office), agreed=True, opinion="同意",
                               by=office.leader, now=at("2026-10-13 11:00"))  # fmt: skip


def withdrawn(office: Office) -> None:
    case = office.sign(start(office))
    closing.withdraw(case, reason="已自行办好", proof="来电", by=office.officer,
                     now=at("2026-10-13 09:00"))  # fmt: skip


def merged(office: Office) -> None:
    one, other = (
        office.submit(office.draft(item_name=name), now=at(f"{MONDAY} 09:10"))
        for name in ("一件事", "另一件事")
    )
    dispatch.merge(one, target_id=other.id, reason="同一事项", by=office.clerk,
                   now=at(f"{MONDAY} 09:30"))  # fmt: skip


def before_the_group(office: Office) -> Case:
    """Extended to 10-19, not finished: the clock brings it before the group."""
    case = office.sign(start(office, limit=FAR))
    office.extend(case, 2, asked=at("2026-10-14 10:00"), granted=at("2026-10-14 11:00"))
    group.escalate(case, by=office.system, now=at("2026-10-20 09:00"))
    return case


def decided_by_the_group(office: Office) -> None:
    case = before_the_group(office)
    office.decide(case, met=at("2026-10-22 10:00"), due=at("2026-10-30 17:00"))
    group.confirm_decision(case, by=office.chief, now=at("2026-10-22 11:30"))
    close(office, case, "2026-10-29 10:00", "2026-10-29 11:00")


def given_to_another_unit_by_the_group(office: Office) -> None:
    """The first unit called two days late; the group's unit on the day of its slip."""
    case = office.sign(start(office, limit=FAR))
    call(office, case, "2026-10-14 10:00")
    group.escalate(case, by=office.leader, now=at("2026-10-14 11:00"), reason="涉及多家单位")
    office.decide(case, met=at("2026-10-22 10:00"), due=at("2026-10-30 17:00"),
                  lead_unit_id=office.units["tax"].id)  # fmt: skip
    group.confirm_decision(case, by=office.chief, now=at("2026-10-22 11:30"))
    office.sign(case, now=at("2026-10-22 14:30"))
    call(office, case, "2026-10-22 17:00")


def handed_over_twice(office: Office) -> None:
    """To a wrong unit, taken back, and to the right one a day later: the first was in time."""
    case = start(office)
    dispatch.void_slips(case, reason="单位有误", by=office.clerk, now=at(f"{MONDAY} 10:00"))
    office.dispatch(case, lead="tax", now=at("2026-10-13 09:30"))


def over_the_new_year(office: Office) -> None:
    case = office.sign(start(office, "2026-12-31"), now=at("2026-12-31 10:00"))
    close(office, case, "2027-01-04 10:00", "2027-01-04 11:00")


def on_the_spot(office: Office) -> None:
    case = office.draft(now=at(f"{MONDAY} 09:00"))
    intake.resolve_on_spot(
        case, lead_unit_id=office.units["land"].id, unit_person="郁东篱",
        result_type=ResultType.SOLVED, handling_note="当场补录", reply_text="已办妥",
        by=office.officer, now=at(f"{MONDAY} 09:30"),
    )  # fmt: skip
    office.confirm(case, now=at(f"{MONDAY} 10:00"))


Story = Callable[[Office], object]
# story, period or “unit of October”, then each indicator with n and d as worked out by hand
WORKED: tuple[tuple[Story, str, str], ...] = (
    (extended_over_the_holiday, "2026-09", "accept_cnt 1, same_day_rate 1/1, sign_rate 1/1, "
     "response_rate 1/1, ext_rate 1/1, ext_avg 3/1, escal_rate 0/1, ontime_rate 0/0"),
    # 9-30 from 9:30 390 minutes, five days of 420, 10-14 420; six working days after 9-30
    (extended_over_the_holiday, "2026-10", "accept_cnt 0, finish_rate 1/1, ontime_rate 1/1, "
     "overdue_rate 0/1, ontime_noext_rate 0/1, achieved_rate 1/1, avg_hours 2910/1, "
     "total_days 6/1, ext_rate 0/0, callback_rate 0/1, eval_rate 0/1"),
    (rated_in_the_third_month, "2026-09", "accept_cnt 1, sign_rate 0/1, response_rate 0/1"),
    (rated_in_the_third_month, "2026-10", "finish_rate 1/1, ontime_rate 0/1, overdue_rate 1/1, "
     "achieved_rate 1/1, eval_rate 1/1, satisfy_rate 1/1, bad_rate 0/1, callback_rate 0/0"),
    (rated_in_the_third_month, "2026-11", "accept_cnt 0, eval_rate 0/0, satisfy_rate 0/0"),
    (rated_in_the_third_month, "2026-Q4", "accept_cnt 0, satisfy_rate 1/1, ontime_rate 0/1"),
    (extension_asked_late, "2026-10", "ontime_rate 0/1, finish_rate 1/1, ontime_noext_rate 0/1, "
     "ext_rate 1/1, ext_avg 2/1, ext_expired_cnt 0"),
    (reassigned, "2026-10", "accept_cnt 1, same_day_rate 2/2, sign_rate 2/2, return_rate 1/2, "
     "reassign_rate 1/2, bad_return_rate 0/1, response_rate 0/1, ontime_rate 1/1, "
     "avg_hours 590/1, ext_rate 0/1"),
    (reassigned, "land", "accept_cnt 0, sign_rate 1/1, return_rate 1/1, reassign_rate 1/1, "
     "bad_return_rate 0/1, ontime_rate 0/0"),
    (reassigned, "build", "accept_cnt 1, sign_rate 1/1, return_rate 0/1, bad_return_rate 0/0, "
     "ontime_rate 1/1"),
    (return_refused, "land", "return_rate 1/1, reassign_rate 0/1, bad_return_rate 1/1"),
    (three_units, "2026-10", "sign_rate 1/3, same_day_rate 2/2, return_rate 0/3"),
    (three_units, "land", "sign_rate 1/1, return_rate 0/1, accept_cnt 1"),
    (three_units, "build", "sign_rate 0/0, accept_cnt 0"),
    (redone, "2026-10", "accept_cnt 1, ontime_rate 1/1, finish_rate 1/1, achieved_rate 0/0, "
     "redo_rate 0/0, bad_rate 0/0, bad_fix_rate 0/0, avg_hours 60/1, total_days 0/1"),
    (redone, "2026-11", "ontime_rate 0/0, achieved_rate 0/1, redo_rate 1/1, bad_rate 1/1, "
     "satisfy_rate 1/1, solved_rate 1/1, eval_rate 1/1, bad_fix_rate 1/1, callback_rate 1/1, "
     "avg_hours 0/0, total_days 0/0"),
    (rated_by_mistake, "2026-10", "bad_rate 1/1, satisfy_rate 0/1, eval_rate 1/1"),
    (mistake_approved, "2026-10", "bad_rate 0/0, satisfy_rate 0/0, solved_rate 0/0, "
     "eval_rate 1/1, callback_rate 1/1, bad_fix_rate 0/0, achieved_rate 1/1"),
    (withdrawn, "2026-10", "accept_cnt 0, sign_rate 0/0, same_day_rate 0/0, ext_rate 0/0, "
     "ontime_rate 0/0, response_rate 0/0, return_rate 0/0, consult_cnt 1"),
    (merged, "2026-10", "accept_cnt 1, consult_cnt 2"),
    (before_the_group, "2026-10", "ontime_rate 0/0, overdue_rate 0/0, ontime_noext_rate 0/1, "
     "ext_expired_cnt 1, escal_rate 1/1"),
    (decided_by_the_group, "2026-10", "ontime_rate 1/1, ontime_noext_rate 0/1, escal_rate 1/1, "
     "ext_expired_cnt 1, same_day_rate 1/1"),
    (given_to_another_unit_by_the_group, "2026-10", "response_rate 1/1, sign_rate 2/2, "
     "same_day_rate 1/1, ext_expired_cnt 0, escal_rate 1/1"),
    (given_to_another_unit_by_the_group, "tax", "accept_cnt 1, response_rate 1/1, sign_rate 1/1"),
    (handed_over_twice, "2026-10", "same_day_rate 1/2, accept_cnt 1"),
    (over_the_new_year, "2026", "accept_cnt 1, ontime_rate 0/0, ext_rate 0/1"),
    (over_the_new_year, "2027-01", "accept_cnt 0, ontime_rate 1/1, achieved_rate 1/1"),
    (on_the_spot, "2026-10", "accept_cnt 1, ontime_rate 1/1, sign_rate 0/0, ext_rate 0/0, "
     "response_rate 0/0, same_day_rate 0/0, avg_hours 0/0, total_days 0/1, achieved_rate 1/1"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("story", "where", "expected"),
    WORKED,
    ids=lambda part: getattr(part, "__name__", str(part)[:9]),
)
def test_worked_by_hand(office: Office, story: Story, where: str, expected: str) -> None:
    story(office)
    wanted = dict(part.split(" ") for part in expected.split(", "))
    unit = office.units.get(where)
    period = named("2026-10" if unit else where, now=LATER)
    found = values(wanted, period=period, scope=Scope(office.site.id, unit.id if unit else None))
    assert {key: text(value) for key, value in found.items()} == wanted
    if unit:
        row = by_unit(wanted, period=period, scope=Scope(office.site.id)).get(unit.id, {})
        assert {key: text(value) for key, value in row.items() if text(value) not in EMPTY} == {
            key: pair for key, pair in wanted.items() if pair not in EMPTY
        }


EMPTY = ("0", "0/0")


def text(value: Value) -> str:
    return str(value.n) if value.d is None else f"{value.n}/{value.d}"


def test_due_at_the_very_end_of_a_period_belongs_to_the_next(office: Office) -> None:
    start(office)
    noon, scope = DUE_1 - dt.timedelta(days=2), Scope()
    before, after = Period(noon, DUE_1, LATER), Period(DUE_1, DUE_1 + dt.timedelta(1), LATER)
    found = [values(["ontime_rate"], period=p, scope=scope)["ontime_rate"] for p in (before, after)]
    assert [(value.n, value.d) for value in found] == [NOUGHT, (0, 1)]


def test_any_days_are_both_included(office: Office) -> None:
    start(office)
    day = at(MONDAY).date()
    for first, last, number in ((day, day, 1), (day - dt.timedelta(9), day - dt.timedelta(1), 0)):
        period = between(last, first, now=LATER)  # in either order
        assert named(period.name, now=LATER) == period
        assert values(["accept_cnt"], period=period, scope=Scope())["accept_cnt"].n == number


def test_partly_solved_weighs_what_the_office_sets(office: Office) -> None:
    for solved in (SolvedLevel.SOLVED, SolvedLevel.PARTLY, SolvedLevel.UNSOLVED):
        case = office.sign(start(office))
        close(office, case, f"{MONDAY} 10:30", f"{MONDAY} 15:00")
        rate(office, case, EvalLevel.FAIR, "2026-10-13 09:00", solved)
    period, key = named("2026-10", now=LATER), "solved_rate"
    for rule, n, printed, rows in (("", 1, "33.33%", 1), ("half", 1.5, "50.00%", 2)):
        set_rule(name="partly_solved", text=rule, by=office.sys_admin, now=LATER)
        value = values([key], period=period, scope=Scope())[key]
        assert (value.n, value.d, str(value.n)) == (n, 3, str(n))
        assert shown(CATALOGUE[key], value) == printed
        (listing,) = listings(key, "n", period=period, scope=Scope())
        assert count_rows(listing) == rows
        by = by_unit([key], period=period, scope=Scope())[office.units["land"].id]
        assert by[key] == value
