"""The demo office: what 量化考核 counts, beside the slow count and as its story tells."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import scoped_session

from app.demo.data import moment, read_json
from app.domain.states import ScoreKind
from app.models import Site, Unit
from app.reports.period import named
from app.reports.score_counts import TALLIES, count
from tests.reports.slow_scores import slow_count

# The SQL is tried on both databases by random cases (tests/reports); here it is the story.
pytestmark = pytest.mark.sqlite_only


def test_demo_month_by_month(office: scoped_session[Any]) -> None:
    now = moment(read_json("sample_cases.json")["now"])
    site = office.scalars(select(Site)).one()
    for month in ("2026-09", "2026-10", "2026-11"):
        period = named(month, now=now)
        found = count(TALLIES, site_id=site.id, period=period)
        assert found == slow_count(site.id, period), month


def test_october_by_hand(office: scoped_session[Any]) -> None:
    now = moment(read_json("sample_cases.json")["now"])
    site = office.scalars(select(Site)).one()
    names = {unit.id: unit.name for unit in office.scalars(select(Unit))}
    found = count(TALLIES, site_id=site.id, period=named("2026-10", now=now))
    shown = {
        kind: {names[unit]: len(keys) for unit, keys in units.items()}
        for kind, units in found.items()
        if units
    }
    assert shown == {
        ScoreKind.RED: {"公积金窗口": 1},
        ScoreKind.BAD_RATING: {"公积金窗口": 1},
        ScoreKind.NOTICE: {"公积金窗口": 1},
        ScoreKind.INTERVIEW: {"公积金窗口": 1},
        ScoreKind.TYPICAL: {"工程建设科": 1, "司法公证窗口": 1},
    }
