"""The demo office asked for a past day answers what the same office answered on that day."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.demo.courses import case_steps
from app.demo.data import moment
from app.demo.desk import consultation_steps, rejection_steps
from app.demo.office import open_office
from app.demo.replay import replay
from app.demo.rosters import roster_steps, visit_steps
from app.domain.indicators import CATALOGUE
from app.reports.indicators import by_unit, values
from app.reports.past import as_of
from app.reports.period import named
from app.reports.rankings import GROUPINGS, frequencies
from app.reports.scope import Scope
from tests.databases import Backend
from tests.demo.conftest import as_demo

DAYS = ("09-22 14:45", "10-14 18:00", "10-22 16:00", "10-31 23:59", "11-11 11:11", "11-20 17:00")
PERIODS = ("2026-10", "2026")


# Every overwritten fact is tried on both databases in tests/reports; here it is the story.
pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def demo(backend: Backend) -> Iterator[Backend]:
    settings = backend.app.config["SETTINGS"]
    as_demo(backend.app)
    with backend.app.app_context():
        yield backend
    backend.app.config["SETTINGS"] = settings


def figures(day: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in PERIODS:
        period = named(name, now=moment(day))
        found[name] = values(CATALOGUE, period=period, scope=Scope())
    found["units"] = by_unit(CATALOGUE, period=period, scope=Scope())
    for grouping in GROUPINGS:
        found[grouping] = frequencies(grouping, period=period, scope=Scope())
    return found


def test_past_day_is_the_office_of_that_day(demo: Backend, tmp_path: Path) -> None:
    office = open_office(tmp_path / "accounts.csv")
    end = moment(DAYS[-1])
    steps = [
        *roster_steps(office), *case_steps(office), *rejection_steps(office),
        *consultation_steps(office, end.date()), *visit_steps(office),
    ]  # fmt: skip
    told, before = {}, None
    for day in DAYS:
        replay([s for s in steps if before is None or s.at > before], until=moment(day))
        told[day], before = figures(day), moment(day)
    for day in DAYS:
        with as_of(moment(day)):
            asked = figures(day)
        assert asked == told[day], day
    assert len({str(each) for each in told.values()}) == len(DAYS)  # every day had news
    assert figures(DAYS[-1]) == told[DAYS[-1]]  # and nothing of the past stays behind
