"""What the tests of the lists and of the home page read off a page."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

# Names that are the same in every language.
LATIN = {"English", "NO", "JD", "BY"}
_WORD = re.compile(r"[A-Za-z]{2,}")
WORKERS = (
    "officer", "clerk", "leader", "leader2", "chief", "m1", "land_handler", "land_head",
    "build_head", "viewer",
)  # fmt: skip
ADMINS = ("sys_admin", "sec_admin", "auditor")


def latin_words(page: Any) -> set[str]:
    """Return the English words a person can read on a Chinese page."""
    texts = page.xpath("//body//text()[not(ancestor::script or ancestor::style)]")
    texts += page.xpath("//body//@title | //body//@aria-label | //body//@placeholder")
    return {word for text in texts for word in _WORD.findall(text)} - LATIN


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def total(page: Any) -> int:
    """Return how many rows a list says it has; an empty one says so in words."""
    words = page.xpath("//*[@class='total']/text()")
    return number(words[0]) if words else 0


def rows(page: Any) -> list[Any]:
    return page.xpath("//table[contains(@class, 'office-table')]/tbody/tr")


def column(page: Any, name: str) -> list[str]:
    """Return the texts of one column of the list."""
    cells = page.xpath(f"//td[contains(concat(' ', @class, ' '), ' cell-{name} ')]")
    return [" ".join(cell.text_content().split()) for cell in cells]


def ledger_numbers(page: Any) -> set[str]:
    return set(column(page, "ledger_no"))


def tabs(page: Any) -> dict[str, str]:
    """Return quick key → address of the tabs shown."""
    found = page.xpath("//nav[@class='tabs']/a/@href")
    return {parse_qs(urlsplit(href).query)["quick"][0]: href for href in found}


def notes(page: Any) -> list[str]:
    """Return the messages at the head of the page."""
    alerts = page.xpath("//main//div[contains(@class, 'alert')]")
    return [" ".join(alert.text_content().split()).removeprefix("×").strip() for alert in alerts]
