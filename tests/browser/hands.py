"""What a person does with a page: by role and label, as it stands in Chinese, at both sizes."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from config import ROOT

PICTURES = ROOT / "build" / "screenshots"
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
TOO_WIDE = "() => document.documentElement.scrollWidth - window.innerWidth"
WORDS = """() => [[...document.querySelectorAll("main code")]
  .reduce((text, e) => text.replace(e.innerText, ""), document.body.innerText),
  ...[...document.querySelectorAll("body *")]
  .flatMap((e) => ["placeholder", "aria-label", "title", "data-confirm"].map((name) =>
    e.getAttribute(name)))].filter(Boolean).join("\\n")"""
# The switch of language, numbers of papers, the key that saves, the database's own name, kinds
# of files.
LATIN = {"English", "NO", "JD", "BY", "Ctrl", "SQLite", "PDF", "JPG", "PNG", "Word", "docx",
         "Excel", "xlsx", "MB", "KB"}  # fmt: skip


class Hands:
    """One person before one window of the browser."""

    pictures: Counter[str] = Counter()  # by role, through all its tests

    def __init__(self, page: Page, who: str, usernames: Iterable[str] = ()) -> None:
        self.page = page
        self.who = who
        self.latin = LATIN | set(usernames)

    def go(self, path: str) -> None:
        """Open an address of the office."""
        self.page.goto(path)

    def status(self, path: str) -> int:
        """Return what the server answers to this person at an address.

        Asked by the page itself: it knows that the office's clock is not the wall's, where a bare
        request takes the cookie for outlived.
        """
        return self.page.evaluate("path => fetch(path).then(answer => answer.status)", path)

    def field(self, label: str, inside: Locator | None = None) -> Locator:
        """Return the input under a label, whether it is marked as required or not."""
        words = re.compile(rf"^\s*{re.escape(label)}[*\s]*(必填)?$")
        return (inside or self.page).get_by_label(words).filter(visible=True)

    def fill(self, **labelled: str) -> None:
        """Type into the fields under these labels."""
        for label, text in labelled.items():
            self.field(label).fill(text)

    def tick(self, group: str, *options: str) -> None:
        """Tick these of a group of radio buttons or check boxes."""
        box = self.page.get_by_role("radiogroup", name=group, exact=True).or_(
            self.page.get_by_role("group", name=group, exact=True)
        )
        for option in options:
            box.get_by_label(option, exact=True).check()

    def choose(self, label: str, option: str) -> None:
        """Choose one of a list."""
        self.field(label).select_option(label=option)

    def button(self, name: str, inside: Locator | None = None) -> Locator:
        """Return the button, or the link that looks like one."""
        place = inside or self.page.get_by_role("main")
        exactly: dict[str, Any] = {"name": re.compile(rf"^\s*{re.escape(name)}( Ctrl\+S)?\s*$")}
        return place.get_by_role("button", **exactly).or_(place.get_by_role("link", **exactly))

    def press(self, name: str, inside: Locator | None = None, *, yes: str = "") -> None:
        """Press a button or follow a link; `yes` is what is asked first and agreed to."""
        self.button(name, inside).first.click()
        if yes:
            asked = self.page.get_by_role("alertdialog")
            expect(asked).to_contain_text(yes)
            asked.get_by_role("button", name="确定").click()
        self.page.wait_for_load_state()

    def open_count(self, label: str, n: int | None = None) -> None:
        """Follow a number of the home page to the list behind it."""
        shown = r"\d+" if n is None else n
        self.page.get_by_role("link", name=re.compile(rf"^{shown}\s*{label}")).click()

    def row(self, text: str) -> Locator:
        """Return the row of a list, or the line of the home page, that holds a text."""
        page = self.page.get_by_role("main")
        return page.get_by_role("row").or_(page.get_by_role("listitem")).filter(has_text=text)

    def open_row(self, text: str) -> None:
        """Open the case behind a row."""
        self.row(text).get_by_role("link").first.click()

    def reads(self, *texts: str | re.Pattern[str]) -> None:
        """Expect the sentence that answers a move."""
        for text in texts:
            expect(self.page.get_by_role("status").first).to_contain_text(text)

    def refused(self, *texts: str) -> None:
        """Expect the page to say why not."""
        for text in texts:
            expect(self.page.get_by_role("main")).to_contain_text(text)
        expect(self.page.get_by_role("alert").first).to_be_visible()

    def sees(self, *texts: str) -> None:
        """Expect texts on the page, in its own part."""
        for text in texts:
            expect(self.page.get_by_role("main")).to_contain_text(text)

    def sees_on_paper(self, *texts: str) -> None:
        """Expect texts on a page for the printer."""
        for text in texts:
            expect(self.page.locator("body")).to_contain_text(text)

    def misses(self, *texts: str) -> None:
        """Expect texts nowhere on the page."""
        for text in texts:
            expect(self.page.locator("body")).not_to_contain_text(text)

    def offered(self, *names: str) -> None:
        """Expect these buttons."""
        for name in names:
            expect(self.button(name).first).to_be_visible()

    def not_offered(self, *names: str) -> None:
        """Expect none of these buttons."""
        for name in names:
            expect(self.button(name)).to_have_count(0)

    def look(self, name: str) -> None:
        """Keep a picture at both sizes; nothing is cut off and no English word shows."""
        own = self.page.viewport_size or DESK
        other, suffix = (PHONE, "-phone") if own == DESK else (DESK, "-desk")
        number = self.look_at_paper(name)
        expect(self.page.get_by_role("heading", level=1)).to_have_count(1)
        assert self.page.evaluate(TOO_WIDE) <= 0, f"{name} is cut off"
        self.page.set_viewport_size(other)
        keep_picture(self.page, f"{self.who}-{number:02}-{name}{suffix}")
        assert self.page.evaluate(TOO_WIDE) <= 0, f"{name}{suffix} is cut off"
        self.page.set_viewport_size(own)

    def look_at_paper(self, name: str) -> int:
        """Keep a picture of what is as wide as its paper; return its number."""
        self.pictures[self.who] += 1
        keep_picture(self.page, f"{self.who}-{self.pictures[self.who]:02}-{name}")
        # Less the number by which an error is found in the log.
        words = re.sub(r"编号 [0-9A-F]{8}\b", "", self.page.evaluate(WORDS))
        assert not set(re.findall(r"[A-Za-z]{2,}", words)) - self.latin, name
        return self.pictures[self.who]


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page under build/screenshots/, its bars at the foot."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    own = page.viewport_size or DESK
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": own["width"], "height": max(height, own["height"])})
    page.evaluate("window.scrollTo(0, 0)")
    page.screenshot(path=Path(PICTURES, f"{name}.png"))
    page.set_viewport_size(own)
