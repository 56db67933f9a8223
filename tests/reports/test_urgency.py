"""The database's yellow, red and overdue are those of `standing`, at every hour tried."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.actions.calendars import calendar_of
from app.actions.office import load_rules
from app.domain.deadlines import Card, yellow_from
from app.domain.rules import Rules
from app.extensions import db
from app.models import Case
from app.official import default_calendar
from app.reports.standing import standing
from app.reports.urgency import OPEN, is_overdue, is_red, is_yellow, next_due, yellow_spans
from tests.busy import NOW, Busy
from tests.factories import at

SITE = 1
CALENDAR = default_calendar()
HOURS = (-80, -30, -5, -2, 0, 1, 2, 2.5, 17, 24, 48, 72, 200)  # 2: exactly due


def test_cards_in_sql_equal_those_of_each_case(busy: Busy) -> None:
    met = set()
    for hours in HOURS:
        now = NOW + dt.timedelta(hours=hours)
        wanted = cards_one_by_one(busy, now)
        assert cards_by_query(busy, now) == wanted, now
        met |= {key for key, names in wanted.items() if names}
    assert met == {"yellow", "red", "overdue"}


def cards_one_by_one(busy: Busy, now: dt.datetime) -> dict[str, set[str]]:
    calendar, rules = calendar_of(SITE), load_rules()
    wanted: dict[str, set[str]] = {"yellow": set(), "red": set(), "overdue": set()}
    for name in busy.cases:
        case = busy.case(name)
        stand = standing(case, calendar=calendar, rules=rules, now=now)
        if case.state in OPEN:
            wanted["yellow"] |= {name} if stand.card is Card.YELLOW else set()
            wanted["red"] |= {name} if stand.card is Card.RED else set()
            wanted["overdue"] |= {name} if stand.is_overdue else set()
    return wanted


def cards_by_query(busy: Busy, now: dt.datetime) -> dict[str, set[str]]:
    calendars, rules = {SITE: calendar_of(SITE)}, load_rules()
    conditions = {
        "yellow": is_yellow(calendars, rules, now),
        "red": is_red(calendars, rules, now),
        "overdue": is_overdue(now),
    }
    return {
        key: busy.names(db.session.execute(select(Case.id).where(condition)).scalars())
        for key, condition in conditions.items()
    }


@pytest.mark.parametrize(("days", "extended"), [(0, False), (1, False), (3, False), (1, True)])
@pytest.mark.parametrize("text", ["2026-09-30 16:30", "2026-10-10 09:10", "2026-11-07 11:00"])
def test_yellow_spans_hold_exactly_the_dues_that_warn(days: int, extended: bool, text: str) -> None:
    now = at(text)
    spans = yellow_spans(CALENDAR, days, now, Rules(), extended=extended)
    for minutes in range(0, 16 * 24 * 60, 7):
        due = now + dt.timedelta(minutes=minutes)
        start = yellow_from(CALENDAR, days, due, extended=extended, issued_at=now)
        held = any(first <= due <= last for first, last in spans)
        assert held == (start <= now), due


def test_work_is_sorted_by_the_next_instant_to_keep(busy: Busy) -> None:
    def key_of(name: str) -> dt.datetime | None:
        value = db.session.execute(select(next_due()).where(Case.id == busy.cases[name]))
        return value.scalar_one()

    assert key_of("to_dispatch") == busy.case("to_dispatch").dispatch_due_at
    assert key_of("handling") == busy.case("handling").due_at
    assert key_of("bad") == busy.case("bad").verify_due_at
    assert key_of("to_evaluate") == busy.case("to_evaluate").eval_until
    assert key_of("archived") is None
