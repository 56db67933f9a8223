"""A page costs the same statements with two dozen cases and with twenty thousand."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from app.domain.states import State
from app.extensions import db
from tests.client import OfficeClient
from tests.crowd import crowd
from tests.factories import Office, at
from tests.views.lists import rows

MANY = 20_000
PAGES = (
    "/", "/cases/list/", "/cases/list/?quick=all", "/cases/list/?quick=month",
    "/cases/list/?quick=overdue", "/cases/list/?quick=all&q=慢病", "/cases/list/?quick=all&q=0006",
    "/cases/list/?quick=all&figure=on_time", "/in-handling/list/", "/slips/list/",
    "/evaluations/list/?quick=all",
)  # fmt: skip
MOST = 32  # statements of one page; the home page has the most


def costs(
    client: Callable[..., OfficeClient], people: list[Any], count_statements: Callable[[], Any]
) -> dict[tuple[str, str], int]:
    """Return how many statements each page takes each person, the second time it is opened."""
    found = {}
    for person in people:
        browser = client(person)
        for url in PAGES:
            browser.get(url)
            with count_statements() as statements:
                assert browser.get(url).status_code == 200
            found[person.username, url] = len(statements)
    return found


# The statements are counted above the driver: one database tells it all.
@pytest.mark.sqlite_only
def test_pages_cost_the_same_statements_at_24_and_at_20_000_cases(
    hall: Office,
    client: Callable[..., OfficeClient],
    count_statements: Callable[[], Any],
    freeze: Callable[[dt.datetime], None],
) -> None:
    for state in (State.TO_DISPATCH, State.HANDLING, State.TO_CONFIRM, State.ARCHIVED) * 6:
        hall.case_in(state)
    db.session.commit()
    people = [hall.clerk, hall.land_head]
    freeze(at("2026-10-13 17:30"))
    few = costs(client, people, count_statements)
    assert max(few.values()) <= MOST, few
    crowd(hall, MANY)
    db.session.commit()
    assert costs(client, people, count_statements) == few
    page = client(hall.clerk).page("/cases/list/?quick=all")
    assert len(rows(page)) == 25
    assert f"共 {MANY + 24} 条" in page.text_content()
