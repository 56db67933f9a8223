"""What the tests of the screens read off a page, and how they send its form."""

import re
from typing import Any

from tests.factories import Office

# Names that are the same in every language, and D-/R-numbers of the decision register.
# Kinds of files have no other names.
LATIN = {"English", "SQLite", "PostgreSQL", "NO", "PDF", "JPG", "PNG", "Word", "docx", "Excel",
         "xlsx", "MB", "KB", "csv", "WPS", "UTF", "GBK"}  # fmt: skip
_WORD = re.compile(r"[A-Za-z]{2,}")


def english_words(page: Any, office: Office) -> set[str]:
    """Return the English words a person can read on the page, the invented names apart."""
    # What stands as code is a path or a command, to be typed as it is.
    texts = page.xpath("//body//text()[not(ancestor::script or ancestor::style or ancestor::code)]")
    texts += page.xpath("//body//@title | //body//@aria-label | //body//@placeholder")
    names = " ".join(f"{a.username} {a.name}" for a in office.people.values())
    return (
        {word for text in texts for word in _WORD.findall(text)} - LATIN - set(_WORD.findall(names))
    )


def send(browser: Any, url: str, **fields: Any) -> Any:
    """Open `url`, fill its form and send it; a list stands for several ticks, None for nothing."""
    forms = browser.page(url).xpath("//main//form[@method='post']")
    form = max(forms, key=lambda each: len(each.inputs))  # the others are single buttons
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
