"""What the tests of the screens read off a page, and how they send its form."""

import re
from typing import Any

# Names that are the same in every language, and D-/R-numbers of the decision register.
LATIN = {"English", "SQLite", "PostgreSQL", "NO"}
_WORD = re.compile(r"[A-Za-z]{2,}")


def english_words(page: Any) -> set[str]:
    """Return the English words a person can read on the page, their own name apart."""
    for name in page.xpath("//*[contains(@class, 'who-name')]"):
        name.text = ""
    texts = page.xpath("//body//text()[not(ancestor::script or ancestor::style)]")
    texts += page.xpath("//body//@title | //body//@aria-label | //body//@placeholder")
    return {word for text in texts for word in _WORD.findall(text)} - LATIN


def send(browser: Any, url: str, **fields: Any) -> Any:
    """Open `url`, fill its form and send it; a list stands for several ticks, None for nothing."""
    form = browser.page(url).xpath("//main//form[@method='post']")[0]
    data: dict[str, Any] = {}
    for name, value in form.form_values():
        data.setdefault(name, []).append(value)
    data |= fields
    kept = {name: value for name, value in data.items() if value is not None}
    return browser.post(form.action or url, data=kept)


def text_of(page: Any) -> str:
    """Return the text of the main part, white space single."""
    return " ".join(page.xpath("//main")[0].text_content().split())


def errors_of(page: Any) -> dict[str, str]:
    """Return the sentence beside each wrong field, by the field's name."""
    return {
        error.get("id").removesuffix("-error"): error.text_content().strip()
        for error in page.xpath("//p[@class='field-error']")
    }
