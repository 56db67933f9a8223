"""docs/access-matrix.md says what the running application answers, and SCREENS says no more."""

from collections.abc import Iterator

import pytest

from tests.walk.made import PEOPLE, ROLELESS, STRANGER, Made, made_office
from tests.walk.matrix import BROKEN, LOG_IN, OPEN, PAGE, REFUSED, Line, allowed, ask, page


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with made_office("sqlite", tmp_path_factory.mktemp("matrix")) as offices:
        yield offices


@pytest.fixture(scope="module")
def lines(made: Made) -> list[Line]:
    return ask(made)


def test_page_equals_the_running_application(made: Made, lines: list[Line]) -> None:
    written = PAGE.read_text(encoding="utf-8").splitlines()
    assert written == page(made.backend.app, lines).splitlines(), "run: make matrix"


def test_nothing_breaks(lines: list[Line]) -> None:
    assert not [line.place.title for line in lines if BROKEN in "".join(line.cells)]


@pytest.mark.parametrize("key", PEOPLE)
def test_no_door_opens_to_a_role_that_the_table_does_not_name(lines: list[Line], key: str) -> None:
    open_doors = [
        f"{line.place.method} {line.place.title}"
        for line in guarded(lines)
        if PEOPLE[key] not in allowed(line.place) and OPEN in line.of(key)
    ]
    assert not open_doors


@pytest.mark.parametrize("key", PEOPLE)
def test_every_page_opens_to_the_roles_that_the_table_names(lines: list[Line], key: str) -> None:
    shut = [
        line.place.title
        for line in guarded(lines)
        if line.place.method == "GET" and not line.place.rule.arguments
        if PEOPLE[key] in allowed(line.place) and line.of(key)[0] in (REFUSED, LOG_IN)
    ]
    assert not shut


@pytest.mark.parametrize("key", [ROLELESS, STRANGER])
def test_no_guarded_door_opens_without_a_role(lines: list[Line], key: str) -> None:
    open_doors = [line.place.title for line in guarded(lines) if OPEN in line.of(key)]
    assert set(open_doors) <= {"/"}  # leads to the log-in, or says that a role is missing


def test_no_object_of_another_office_is_within_reach(lines: list[Line]) -> None:
    reached = [
        f"{line.place.method} {line.place.title} {key}"
        for line in lines
        for key in PEOPLE
        if line.place.has_object and line.of(key)[-1:] == OPEN and line.place.of_an_office
    ]
    assert not reached


def guarded(lines: list[Line]) -> list[Line]:
    """Return the places that need a permission."""
    return [line for line in lines if allowed(line.place)]
