"""No hostile input anywhere: no 500, no leak, nothing changed where a change was refused.

BANJIE_WALK_SEED names another walk; BANJIE_WALK_STEPS adds so many random steps (`make walk`).
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.walk.made import Made, made_office
from tests.walk.walker import Walk

SEED = int(os.environ.get("BANJIE_WALK_SEED", "20261013"))
# What a broken upload leaves behind is closed by the collector: nobody reads it to its end.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
STEPS = int(os.environ.get("BANJIE_WALK_STEPS", "0"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with made_office("sqlite", tmp_path_factory.mktemp("walk")) as offices:
        yield offices


def report(walk: Walk, capsys: pytest.CaptureFixture[str], backend: str) -> None:
    """Print what was walked, and fail with what was found."""
    with capsys.disabled():
        print("\n" + walk.summary(f"{backend}, seed {SEED}"))
    assert not walk.faults, "\n".join(f"{key}\n    {how}" for key, how in walk.faults.items())


def test_every_address_bears_hostile_input_from_everybody(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    walk = Walk(made, random.Random(SEED))
    walk.everywhere()
    walk.through_forms(80)
    for _step in range(STEPS):
        walk.anywhere()
    asked = {(place.method, place.endpoint, place.rule.rule) for place in walk.places}
    assert asked <= walk.reached
    assert walk.counts["forms"] > 120
    report(walk, capsys, "sqlite")


@pytest.mark.skipif(not STEPS, reason="part of make walk")
def test_postgresql_bears_it_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with made_office("postgresql", tmp_path) as offices:
        walk = Walk(offices, random.Random(SEED))
        for _step in range(STEPS // 4):
            walk.anywhere()
        report(walk, capsys, "postgresql")


def test_walker_finds_what_is_wrong(tmp_path: Path) -> None:
    """A page that fails, one that leaks, one that does not escape, one that changes by GET."""
    with made_office("sqlite", tmp_path) as offices:
        _break(offices)
        for browser in offices.browsers.values():
            browser.asks_deeds = False  # what is wrong is the walker's to find
        walk = Walk(offices, random.Random(SEED))
        for place in [each for each in walk.places if each.endpoint.startswith("wrong_")]:
            walk.ask("land_handler", "GET", place.rule.rule, place)
        kinds = {fault.partition(" | ")[0].split(" ")[0] for fault in walk.faults}
    assert kinds == {"500", "leak", "phone", "unescaped", "refused", "a"}


def _break(offices: Made) -> None:
    """Give the application the pages that must be found."""
    from flask import Response

    from app.extensions import db
    from app.models import Unit

    app, words = offices.backend.app, offices.stories["other"].words
    hostile = offices.stories["own"].words["item_name"]
    app._got_first_request = False

    def change() -> str:
        db.session.get_one(Unit, 1).location = "别处"
        db.session.commit()
        return ""

    def answer(text: str) -> Response:
        return Response(text, headers={"X-Hk": "1"})

    app.add_url_rule("/wrong/1", "wrong_1", lambda: 1 // 0)
    app.add_url_rule("/wrong/2", "wrong_2", lambda: answer(words["item_name"]))
    app.add_url_rule("/wrong/3", "wrong_3", lambda: answer(words["phone"]))
    app.add_url_rule("/wrong/4", "wrong_4", lambda: answer(hostile))
    app.add_url_rule("/wrong/5", "wrong_5", change)
