"""The demo office: every indicator of each month and unit equals the slow count."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import scoped_session

from app.demo.data import moment, read_json
from app.models import Site, Unit
from app.reports.period import named
from tests.reports.compare import assert_all_equal


# The SQL is tried on both databases by random cases (tests/reports); here it is the story.
@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", ["2026-09", "2026-10", "2026-11", "2026-Q4", "2026"])
def test_demo_figures_equal_the_slow_count(office: scoped_session[Any], name: str) -> None:
    now = moment(read_json("sample_cases.json")["now"])
    site = office.scalars(select(Site)).one()
    units = list(office.scalars(select(Unit.id).order_by(Unit.id)))
    counted = assert_all_equal(site.id, named(name, now=now), [None, *units])
    assert sum(bool(n) for n, _d in counted.values()) > 12
