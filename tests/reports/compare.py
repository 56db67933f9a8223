"""Every indicator beside its slow count, in all units and in each."""

from collections.abc import Iterable
from typing import Any

from app.domain.indicators import CATALOGUE, Kind, Value
from app.reports.indicators import by_unit, values
from app.reports.period import Period
from app.reports.scope import Scope
from tests.reports.slow import SLOW
from tests.reports.slow_records import Counted, all_cases
from tests.reports.slow_records import Office as SlowOffice


def expected(key: str, counted: Counted) -> tuple[int, int | None]:
    definition = CATALOGUE[key]
    if definition.kind is Kind.COUNT:
        return len(counted.good), None
    if definition.kind is Kind.AVERAGE:
        return counted.total, len(counted.all)
    return len(counted.good), len(counted.all)


def pair(value: Value) -> tuple[int, int | None]:
    return value.n, value.d


def assert_all_equal(site_id: int, period: Period, units: Iterable[int | None]) -> dict[str, Any]:
    """Compare every indicator with the slow count; return what was counted in all units."""
    whole: dict[str, Any] = {}
    cases = all_cases()
    per_unit = by_unit(CATALOGUE, period=period, scope=Scope(site_id))
    for unit_id in units:
        slow = SlowOffice(cases, site_id, unit_id, period)
        fast = values(CATALOGUE, period=period, scope=Scope(site_id, unit_id))
        wanted = {
            key: expected(key, count(slow))
            for key, count in SLOW.items()
            if unit_id is None or CATALOGUE[key].by_unit
        }
        assert {key: pair(value) for key, value in fast.items()} == wanted, (period.name, unit_id)
        if unit_id is None:
            whole = wanted
            continue
        grouped = {key: pair(value) for key, value in per_unit.get(unit_id, {}).items()}
        assert grouped == {key: wanted[key] for key in grouped}
        assert not any(any(filter(None, wanted[key])) for key in set(wanted) - set(grouped))
    return whole
