"""量化考核 as arithmetic: a table of cases, and what holds for any rules and any numbers."""

from decimal import Decimal as D
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.scoring import (
    EXAMPLE,
    Change,
    Rule,
    Scheme,
    UnitScore,
    corrected,
    ranked,
    read_points,
    score,
    shown,
    signed,
)
from app.domain.states import ScoreKind as K
from app.domain.words import word

POINTS = st.decimals(-50, 50, places=2)
CAPS = st.none() | st.decimals(D("0.25"), 30, places=2)
RULES = st.builds(Rule, st.sampled_from(K), POINTS, CAPS, is_on=st.just(True))


@pytest.mark.parametrize(
    ("points", "cap", "n", "worth"),
    [("-2", None, 0, "0"), ("-2", None, 3, "-6"), ("-0.5", None, 7, "-3.5"),
     ("-0.25", None, 3, "-0.75"), ("2", "5", 2, "4"), ("2", "5", 3, "5"), ("2", "5", 40, "5"),
     ("-3", "10", 3, "-9"), ("-3", "10", 4, "-10"), ("0.1", None, 3, "0.3"),
     ("-10", "2.5", 1, "-2.5")],
)  # fmt: skip
def test_worth_of_a_month(points: str, cap: str | None, n: int, worth: str) -> None:
    assert Rule(K.RED, D(points), D(cap) if cap else None).worth(n) == D(worth)


def on(*kinds: K) -> Scheme:
    rules = tuple(Rule(r.kind, r.points, r.cap, r.kind in kinds) for r in EXAMPLE.rules)
    return Scheme(EXAMPLE.base, rules)


def line(scheme: Scheme, unit_id: int = 1, sort_order: int = 0, **counts: int) -> UnitScore:
    records = {K[kind]: tuple(range(n)) for kind, n in counts.items()}
    return score(scheme, unit_id=unit_id, name="窗口", sort_order=sort_order, records=records)


@pytest.mark.parametrize(
    ("counts", "total"),
    [({}, "100"), ({"RED": 1}, "98"), ({"UNSIGNED": 3}, "98.5"), ({"TYPICAL": 9}, "105"),
     ({"RED": 2, "BAD_RATING": 1, "BAD_FIX": 1, "TYPICAL": 1}, "92"),
     ({"CIRCULAR": 10}, "0"), ({"CIRCULAR": 11}, "0"), ({"CIRCULAR": 11, "TYPICAL": 3}, "0")],
)  # fmt: skip
def test_total_of_the_example_switched_on(counts: dict[str, int], total: str) -> None:
    assert line(on(*K), **counts).total == D(total)


def test_example_is_the_spec_and_off() -> None:
    found = {word(r.kind): (shown(r.points), r.cap) for r in EXAMPLE.rules}
    assert found == {
        "红牌": ("-2", None), "未当日签收": ("-0.5", None), "不当退回": ("-1", None),
        "差评属实": ("-3", None), "差评整改不到位": ("-3", None), "督办": ("-1", None),
        "约谈": ("-5", None), "通报": ("-10", None), "办成典型案例": ("2", D(5)),
    }  # fmt: skip
    assert (EXAMPLE.base, EXAMPLE.active) == (100, ())


def test_rules_that_are_off_count_nothing_and_have_no_column() -> None:
    found = line(on(K.RED), RED=1, CIRCULAR=5)
    assert [cell.kind for cell in found.cells] == [K.RED]
    assert found.total == 98


def test_without_a_floor_a_total_may_be_negative() -> None:
    scheme = Scheme(D(10), (Rule(K.CIRCULAR, D(-20), is_on=True),), is_floored=False)
    assert line(scheme, CIRCULAR=1).total == -10


def test_equal_totals_share_a_place_and_stand_in_official_order() -> None:
    scheme = on(K.RED)
    lines = [line(scheme, 4, 1, RED=1), line(scheme, 3, 2), line(scheme, 2, 1), line(scheme, 1, 9)]
    lines.append(line(scheme, 5, 0, RED=2))
    assert [(place, u.unit_id) for place, u in ranked(lines)] == [
        (1, 2), (1, 3), (1, 1), (4, 4), (5, 5)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "points", "total"),
    [([], "-10", "90"), ([(K.CIRCULAR, "0")], "0", "100"), ([(None, "95")], "-10", "95"),
     ([(None, "95"), (K.CIRCULAR, "-5")], "-5", "100"),
     ([(K.CIRCULAR, "-5"), (None, "50")], "-5", "50"),
     ([(K.CIRCULAR, "-5"), (K.CIRCULAR, "-7.5")], "-7.5", "92.5")],
)  # fmt: skip
def test_corrections_in_their_order(changes: list[Any], points: str, total: str) -> None:
    made = [Change(kind, D(new)) for kind, new in changes]
    found, after = corrected(on(K.CIRCULAR), {K.CIRCULAR: D(-10)}, made)
    assert (found[K.CIRCULAR], after) == (D(points), D(total))


def test_floor_is_taken_last() -> None:
    scheme = Scheme(D(5), (Rule(K.CIRCULAR, D(-10), is_on=True),))
    found = corrected(scheme, {K.CIRCULAR: D(-10)}, [Change(K.CIRCULAR, D(-4))])
    assert found[1] == 1


@pytest.mark.parametrize(
    ("typed", "points"),
    [("-0.5", "-0.5"), ("－０．５", "-0.5"), ("−2", "-2"), ("+5", "5"), (" 1000 ", "1000"),
     ("0.25", "0.25")],
)  # fmt: skip
def test_points_as_typed(typed: str, points: str) -> None:
    assert read_points(typed) == D(points)


@pytest.mark.parametrize("typed", ["", "两分", "1.234", "1001", "-1000.01", "nan", "1e2", "1,5"])
def test_what_is_no_points(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_points(typed)


@pytest.mark.parametrize(
    ("points", "plain", "with_sign"),
    [("97.50", "97.5", "+97.5"), ("-2", "-2", "-2"), ("0.00", "0", "0"), ("100", "100", "+100"),
     ("-0.00", "0", "0"), ("0.05", "0.05", "+0.05")],
)  # fmt: skip
def test_points_as_shown(points: str, plain: str, with_sign: str) -> None:
    assert (shown(D(points)), signed(D(points))) == (plain, with_sign)


@given(RULES, st.integers(0, 500))
def test_cap_bounds_and_never_turns_the_sign(rule: Rule, n: int) -> None:
    worth = rule.worth(n)
    assert rule.cap is None or abs(worth) <= rule.cap
    assert worth * rule.points >= 0
    assert worth in {rule.points * n, rule.cap, -(rule.cap or 0)}


@given(st.lists(RULES, max_size=9, unique_by=lambda r: r.kind), st.data())
def test_total_is_exact_in_hundredths(rules: list[Rule], data: st.DataObject) -> None:
    scheme = Scheme(D(100), tuple(rules), is_floored=data.draw(st.booleans()))
    counts = {r.kind: tuple(range(data.draw(st.integers(0, 60)))) for r in rules}
    found = score(scheme, unit_id=1, name="", sort_order=0, records=counts)
    whole = 10000 + sum(
        max(-int((r.cap or 10**6) * 100), min(int((r.cap or 10**6) * 100),
            int(r.points * 100) * len(counts[r.kind])))
        for r in rules
    )  # fmt: skip
    assert int(found.total * 100) == (max(whole, 0) if scheme.is_floored else whole)
    unchanged = corrected(scheme, {c.kind: c.points for c in found.cells}, [])
    assert unchanged == ({c.kind: c.points for c in found.cells}, found.total)


@given(st.lists(st.integers(0, 6), max_size=30))
def test_places_follow_the_totals(reds: list[int]) -> None:
    placed = ranked(line(on(K.RED), n, RED=red) for n, red in enumerate(reds))
    for (one, higher), (two, lower) in pairwise(placed):
        assert higher.total >= lower.total
        assert (one == two) == (higher.total == lower.total)
    for place, unit in placed:
        assert place == 1 + sum(other.total > unit.total for _place, other in placed)
