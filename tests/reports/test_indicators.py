"""Every indicator equals the slow count, over random histories; each number opens its rows."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from app.domain.indicators import CATALOGUE, Kind, shown
from app.extensions import db
from app.models import Case, Evaluation, Result, Slip
from app.reports.half_days import duty_half_days
from app.reports.indicators import by_month, by_unit, count_rows, listings, rows_of, values
from app.reports.measures import MEASURES
from app.reports.period import last_months, named
from app.reports.rankings import GROUPINGS, frequencies
from app.reports.scope import Scope
from tests.factories import Office, at, make_office
from tests.reports.compare import assert_all_equal
from tests.reports.histories import NOW, Histories
from tests.reports.slow import SLOW
from tests.reports.slow_records import Office as SlowOffice
from tests.reports.slow_records import all_cases

PERIODS = ("2026-09", "2026-10", "2026-11", "2026-Q4", "2026", "2026-10-05..2026-11-09")
NOWS = (NOW, at("2026-10-15 16:00"), at("2027-01-10 10:00"))
CASES = 120
MANY = {"sqlite": (14, 150), "postgresql": (6, 40)}  # offices, and cases in each


@pytest.fixture
def office(session: object) -> Office:
    return make_office()


def test_every_indicator_is_defined_measured_and_counted_slowly() -> None:
    assert set(CATALOGUE) == set(MEASURES) | {"duty_rate"} == set(SLOW)


def test_indicators_equal_the_slow_count(office: Office, backend_name: str) -> None:
    """Two sites, 2,000 cases and more of every state; the first database tried has them all."""
    sites = [office, make_office(2)]
    examples, cases = MANY[backend_name]
    tried: list[int] = []
    met: dict[str, set[str]] = {"n": set(), "d": set(), "miss": set()}

    @settings(max_examples=examples, derandomize=True, deadline=None, database=None)
    @given(seed=st.integers(0, 2**32), name=st.sampled_from(PERIODS), now=st.sampled_from(NOWS))
    def compare(seed: int, name: str, now: dt.datetime) -> None:
        with db.session.begin_nested() as whole:
            histories = Histories(sites, seed)
            histories.fill(cases)
            site, units = histories.site, [None, histories.dice.choice(histories.units)]
            counted = assert_all_equal(site, named(name, now=now), units)
            whole.rollback()
        tried.append(cases)
        for key, (n, d) in counted.items():
            met["n"] |= {key} if n else set()
            met["d"] |= {key} if d else set()
            met["miss"] |= {key} if d is not None and d != n else set()

    compare()
    assert sum(tried) >= examples * cases
    # No indicator that could not have failed: each counted some, and left some out.
    rates = {key for key, d in CATALOGUE.items() if d.kind is not Kind.COUNT}
    assert met == {"n": set(CATALOGUE), "d": rates, "miss": rates}


def test_every_number_opens_exactly_its_rows(office: Office) -> None:
    Histories(office, 99).fill(CASES)
    period, scope = named("2026-10", now=NOW), Scope(office.site.id)
    slow = SlowOffice(all_cases(), office.site.id, None, period)
    for key, value in values(CATALOGUE, period=period, scope=scope).items():
        if key == "duty_rate":
            continue
        for part, number in (("n", value.n), ("d", value.d), ("miss", value.missed)):
            if number is None or (CATALOGUE[key].kind is Kind.AVERAGE and part != "d"):
                continue
            found = listings(key, part, period=period, scope=scope)
            assert sum(map(count_rows, found)) == number, (key, part)
        good = SLOW[key](slow)
        wanted = good.all if CATALOGUE[key].kind is Kind.AVERAGE else good.good
        rows = [
            row
            for listing in listings(key, "n", period=period, scope=scope)
            for row in db.session.scalars(rows_of(listing, most=10_000))
        ]
        assert sorted(r.id for r in rows) == sorted(r.id for r in wanted), key


def test_months_add_up_to_their_quarter(office: Office) -> None:
    Histories(office, 7).fill(CASES)
    scope = Scope(office.site.id)
    months = last_months(named("2026-Q4", now=NOW), 3)
    series = by_month(CATALOGUE, periods=months, scope=scope)
    single = [values(CATALOGUE, period=month, scope=scope) for month in months]
    whole = values(CATALOGUE, period=named("2026-Q4", now=NOW), scope=scope)
    for key, found in series.items():
        assert found == [month[key] for month in single], key
        assert sum(value.n for value in found) == whole[key].n, key


def test_half_days_open_from_their_number(office: Office) -> None:
    Histories(office, 3).fill(4)
    period, scope = named("2026-10", now=NOW), Scope(office.site.id)
    found = duty_half_days(period, scope)
    value = values(["duty_rate"], period=period, scope=scope)["duty_rate"]
    assert (value.n, value.d) == (sum(bool(h.visits) for _s, h in found), len(found))
    assert value.n


def test_another_site_is_another_count(office: Office) -> None:
    other = make_office(2)
    Histories(office, 1).fill(30)
    Histories(other, 2).fill(30)
    period = named("2026", now=NOW)
    whole = values(CATALOGUE, period=period, scope=Scope())
    parts = [values(CATALOGUE, period=period, scope=Scope(n)) for n in (1, 2)]
    for key, value in whole.items():
        assert value.n == parts[0][key].n + parts[1][key].n, key
        assert parts[0][key].n != value.n or not parts[1][key].n


def ask_everything(office: Office) -> None:
    """Ask for all that the pages of figures show."""
    period, scope = named("2026-10", now=NOW), Scope(office.site.id, None, office.officer)
    values(CATALOGUE, period=period, scope=scope)
    by_unit(CATALOGUE, period=period, scope=scope)
    by_month(CATALOGUE, periods=last_months(period, 12), scope=scope)
    for name in GROUPINGS:
        frequencies(name, period=period, scope=scope)


def copy_cases(many: int) -> None:
    """Write so many more cases with a slip, a result and a rating each, as the last ones are."""
    for model, own in ((Case, {}), (Slip, {"slip_no"}), (Result, {}), (Evaluation, {})):
        last = db.session.scalars(select(model).order_by(model.id.desc()).limit(1)).one()
        row = {c.key: getattr(last, c.key) for c in model.__mapper__.column_attrs}
        if model is Case:
            first = last.id + 1
        rows = []
        for n in range(many):
            row_n = row | {"id": last.id + 1 + n} | dict.fromkeys(own, 100_000 + n)
            rows.append(row_n | ({"ledger_no": None} if model is Case else {"case_id": first + n}))
        db.session.execute(insert(model), rows)
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ANALYZE"))  # as the server does by itself, a minute later
    db.session.expire_all()


def test_as_many_statements_at_5000_cases_as_at_24(
    app: Flask, office: Office, count_statements: Callable[[], Any]
) -> None:
    Histories(office, 5).fill(24)
    sent = []
    for more in (0, 5000):
        if more:
            copy_cases(more)
        ask_everything(office)  # the calendar is read once a process
        with count_statements() as statements:
            ask_everything(office)
        sent.append(len(statements))
    assert sent[0] == sent[1] <= 3 * len(CATALOGUE)


def test_what_is_not_due_yet_is_neither_in_time_nor_late(office: Office) -> None:
    case = office.dispatch(office.submit(office.draft()))
    period = named("2026-10", now=at("2026-10-13 16:59"))
    ids = ("ontime_rate", "overdue_rate", "finish_rate", "ontime_noext_rate")
    before = values(ids, period=period, scope=Scope())
    assert {value.d for value in before.values()} == {0}
    later = period.asked_at(case.first_due_at + dt.timedelta(seconds=1))
    after = values(ids, period=later, scope=Scope())
    assert [after[key].n for key in ids] == [0, 1, 0, 0]
    assert shown(CATALOGUE["ontime_rate"], before["ontime_rate"]) == "—"
