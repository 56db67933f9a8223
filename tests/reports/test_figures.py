"""The five figures equal a slow count, case by case, of what domain/2.3 says in words."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.actions.visibility import visible, visible_cases, visible_slips
from app.domain.states import EvalLevel, ResultStatus, SlipKind, State, Verdict
from app.extensions import db
from app.models import Account, Case, Evaluation, Result, Slip
from app.reports import figures
from app.reports.figures import COHORTS, Figure, Period, month_of
from tests.busy import NOW, Busy
from tests.factories import at

MONTHS = ("2026-09-15 10:00", "2026-10-13 15:00", "2026-10-31 16:00", "2026-11-10 10:00")
Count = tuple[list[int], list[int]]  # what counts as good, and all that was looked at


def inside(moment: dt.datetime | None, period: Period) -> bool:
    return moment is not None and period.start <= moment < period.end


def kept(case: Case) -> bool:
    return case.state not in (State.WITHDRAWN, State.MERGED)


def accepted(cases: list[Case], period: Period) -> Count:
    rows = [
        c.id for c in cases
        if kept(c) and c.ledger_no and not c.is_ledger_void and inside(c.registered_at, period)
    ]  # fmt: skip
    return rows, rows


def same_day(cases: list[Case], period: Period) -> Count:
    slips = [
        (slip.id, slip.issued_at <= case.dispatch_due_at)
        for case in cases
        if kept(case) and inside(case.dispatch_due_at, period)
        for slip in case.slips
        if any(s.slip_kind is SlipKind.LEAD and s.issued_at == slip.issued_at for s in case.slips)
    ]
    return [key for key, good in slips if good], [key for key, _good in slips]


def on_time(cases: list[Case], period: Period) -> Count:
    good, all_ = [], []
    for case in filter(kept, cases):
        finished = case.first_finished_at
        if finished is None and case.round_no == 1 and case.state is State.TO_CONFIRM:
            finished = case.finished_at
        if not inside(case.first_due_at, period):
            continue
        if finished is None and (
            case.state is State.GROUP_REVIEW or case.first_due_at >= period.now
        ):
            continue
        all_.append(case.id)
        if finished and finished <= case.first_due_at and not case.is_extended_late:
            good.append(case.id)
    return good, all_


def last_result(case: Case) -> Result | None:
    signed = [r for r in case.results if r.status is ResultStatus.CONFIRMED]
    return max(signed, key=lambda r: r.id, default=None)


def closed(cases: list[Case], period: Period) -> list[tuple[Case, Result]]:
    pairs = [(c, last_result(c)) for c in cases if kept(c)]
    return [(c, r) for c, r in pairs if r is not None and inside(r.submitted_at, period)]


def achieved(cases: list[Case], period: Period) -> Count:
    pairs = closed(cases, period)
    return [c.id for c, r in pairs if r.is_achieved], [c.id for c, _r in pairs]


def is_valid(rating: Evaluation) -> bool:
    unreal = rating.verdict in (Verdict.MISTAKEN, Verdict.UNREASONABLE)
    return not (unreal and rating.approved_at)


def satisfied(cases: list[Case], period: Period) -> Count:
    content = (EvalLevel.VERY_GOOD, EvalLevel.GOOD, EvalLevel.FAIR)
    good, all_ = [], []
    for case, _result in closed(cases, period):
        valid = sorted((e for e in case.evaluations if is_valid(e)), key=lambda e: e.round_no)
        if valid:
            all_.append(case.id)
            good += [case.id] if valid[-1].eval_level in content else []
    return good, all_


SLOW: dict[str, Callable[[list[Case], Period], Count]] = {
    "accepted": accepted, "same_day": same_day, "on_time": on_time, "achieved": achieved,
    "satisfied": satisfied,
}  # fmt: skip


def scope_of(key: str, person: Account) -> object:
    return visible_slips(person) if COHORTS[key].rows is Slip else visible_cases(person)


def test_slow_count_knows_every_figure() -> None:
    assert set(SLOW) == set(COHORTS)


@pytest.mark.parametrize("key", COHORTS)
def test_figure_equals_the_slow_count(busy: Busy, key: str) -> None:
    clerk = busy.person("officer")
    cases = list(db.session.execute(visible(clerk)).scalars())
    met: set[int] = set()
    for text in MONTHS:
        period = month_of(at(text))
        good, all_ = SLOW[key](cases, period)
        figure = figures.count(key, period=period, scope=scope_of(key, clerk))
        assert figure == (
            Figure(key, len(all_)) if key == "accepted" else Figure(key, len(good), len(all_))
        )
        met |= set(all_)
    assert met


@pytest.mark.parametrize("key", COHORTS)
def test_list_behind_a_figure_holds_exactly_what_it_counted(busy: Busy, key: str) -> None:
    officer, period = busy.person("officer"), month_of(NOW)
    cases = list(db.session.execute(visible(officer)).scalars())
    good, all_ = SLOW[key](cases, period)
    table = COHORTS[key].rows

    def listed(name: str) -> list[int]:
        query = select(table.id).where(scope_of(key, officer), figures.counted(name, period=period))
        return sorted(db.session.execute(query).scalars())

    assert listed(key) == sorted(all_)
    assert listed(f"{key}-hit") == sorted(good)
    assert listed(f"{key}-miss") == sorted(set(all_) - set(good))


def test_special_cases_count_as_the_rules_say(busy: Busy) -> None:
    officer, period = busy.person("officer"), month_of(NOW)

    def names(name: str) -> set[str]:
        query = select(Case.id).where(visible_cases(officer), figures.counted(name, period=period))
        return busy.names(db.session.execute(query).scalars())

    assert {"withdrawn", "merged", "draft", "rejected"} & names("accepted") == set()
    # A redo has a due time of its own: the first finish stands for timeliness.
    assert {"redo", "redone"} <= names("on_time-hit")
    assert {"late", "late_done"} <= names("on_time-miss")
    assert "handling" not in names("on_time")  # not due before the afternoon is over
    assert "waits_long" not in names("on_time")  # the group deliberates: no due time
    # The latest valid rating of each case; an approved 不合理 leaves, one still to approve stays.
    assert {"redone", "archived"} <= names("satisfied-hit")
    assert {"redo", "bad", "ruled"} <= names("satisfied-miss")
    assert "approved" not in names("satisfied")
    assert "to_evaluate" not in names("satisfied")


def test_unit_figure_counts_its_own_cases(busy: Busy) -> None:
    head, period = busy.person("tax_head"), month_of(NOW)
    own = visible_cases(head) & (Case.lead_unit_id == head.unit_id)
    assert figures.count("on_time", period=period, scope=own).d == 0


def test_figures_are_one_statement_each(busy: Busy, count_statements_of: Callable) -> None:
    officer, period = busy.person("officer"), month_of(NOW)
    scopes = {key: scope_of(key, officer) for key in COHORTS}
    for key, scope in scopes.items():
        with count_statements_of(busy.app) as statements:
            figures.count(key, period=period, scope=scope)
        assert len([s for s in statements if "SELECT" in s]) == 1, key


def test_nothing_to_count_is_a_dash_and_never_a_hundred_percent() -> None:
    assert Figure("satisfied", 0, 0).rate == "—"
    assert Figure("satisfied", 3, 3).rate == "100.00%"
    assert Figure("satisfied", 2, 3).rate == "66.67%"


def test_month_ends_where_the_next_begins() -> None:
    december = month_of(at("2026-12-31 16:59"))
    assert (december.start, december.end) == (at("2026-12-01 00:00"), at("2027-01-01 00:00"))
    assert month_of(at("2026-02-28 10:00")).end == at("2026-03-01 00:00")
