"""Eight people at once: nobody's filter and nobody's row gets into another's request."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.fab.test_lists import titles

ROUNDS = 12


def test_lists_and_filters_of_eight_threads_do_not_mix(browser: Any) -> None:
    """Each asks for its own words; FAB's shared filters mixed 5 of 240."""

    def ask(number: int) -> list[str]:
        client = browser("anna" if number % 2 == 0 else "bert")
        wanted = f"书{number:05}"
        found = []
        for _ in range(ROUNDS):
            page = client.page(f"/bookview/list/?_flt_0_title={wanted}")
            found += [title for title in titles(page) if title != wanted]
            found += [] if titles(page) else ["nothing"]
        return found

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [[]] * 8


def test_adds_from_related_lists_of_eight_threads_do_not_mix(browser: Any, office: Any) -> None:
    from app.extensions import db
    from tests.fab.office import Book

    def add(number: int) -> None:
        client = browser("anna")
        shelf = number % 2 + 1
        for turn in range(4):
            url = f"/bookview/add?_flt_0_shelf={shelf}"
            title = f"架{shelf}-{number}-{turn}"
            form = "//form[contains(@class,'office-form')]"
            assert client.submit(url, form, title=title).status_code == 302

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))
    with office.app_context():
        made = db.session.query(Book).filter(Book.title.startswith("架")).all()
        assert len(made) == 32
        assert [book.title for book in made if book.title[1] != str(book.shelf_id)] == []
