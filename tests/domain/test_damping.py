"""Refusals are written once a minute; none is lost from the count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.damping import Damper, Refused

ONE = Refused("甲", "cases", "5", "not_found")


def test_same_refusal_is_written_once_a_minute_with_the_count_of_the_rest() -> None:
    damper = Damper()
    assert damper.take(ONE, 0) == ONE
    assert [damper.take(ONE, n) for n in range(1, 60)] == [None] * 59
    assert damper.due(59) == []
    assert damper.due(60) == [(ONE, 59, None)]
    assert damper.take(ONE, 61) == ONE


def test_another_object_another_reason_and_another_person_are_written_at_once() -> None:
    damper = Damper()
    for other in (ONE._replace(which="6"), ONE._replace(why="stale"), ONE._replace(who="乙"), ONE):
        assert damper.take(other, 0) == other


def test_hammering_over_many_objects_becomes_one_line() -> None:
    damper = Damper(most_kinds=30)
    written = [damper.take(ONE._replace(which=str(n)), n / 1000) for n in range(1000)]
    found = [each for each in written if each]
    assert len(found) == 31
    assert found[-1] == Refused("甲", "", "", "many")
    assert sum(count for _key, count, _tale in damper.due(61)) == 1000 - 31


@pytest.mark.parametrize("most", [1, 50])
def test_memory_is_bounded_whoever_asks(most: int) -> None:
    damper = Damper(most_held=most)
    for n in range(10_000):
        damper.take(ONE._replace(who=str(n)), 0)
    assert len(damper._windows) <= most + 1


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 30)), max_size=300))
def test_every_refusal_is_written_or_counted(asked: list[tuple[int, int]]) -> None:
    damper, at, told = Damper(seconds=10, most_kinds=5), 0, 0
    for which, pause in asked:
        at += pause
        told += sum(count for _key, count, _tale in damper.due(at))
        told += damper.take(ONE._replace(which=str(which)), at) is not None
    told += sum(count for _key, count, _tale in damper.due(at + 10))
    assert told == len(asked)
