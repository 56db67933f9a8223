"""Every text of the screens has its Chinese, with the same placeholders."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask_appbuilder
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from config import ROOT

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
CHINESE = re.compile(r"[㐀-鿿]")
KEYWORDS = {
    "_": None,
    "_l": None,
    "__": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
}
# Words that are the same in both languages.
SAME = {"IP", "OK", "%(n)s", "%(n)s/%(d)s"}


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as source:
        return read_po(source, locale="zh")


@pytest.fixture(scope="module")
def ours() -> Catalog:
    """Return the project's Chinese catalogue."""
    return catalogue(ROOT / "translations" / "zh" / "LC_MESSAGES" / "messages.po")


def texts_of(
    folder: Path, methods: list[tuple[str, str]], options: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield each message id in the code and templates of `folder`, with its place."""
    found = extract_from_dir(folder, methods, options, keywords=KEYWORDS)
    for file, line, message, _comments, _context in found:
        yield message if isinstance(message, str) else message[0], f"{file}:{line}"


def texts_in_code() -> Iterator[tuple[str, str]]:
    """Yield the project's own, found as `make strings` finds them."""
    with (ROOT / "babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config)
    methods = [(pattern.removeprefix("app/"), method) for pattern, method in methods]
    return texts_of(ROOT / "app", methods, options)


def test_catalogue_holds_every_text_of_the_code(ours: Catalog) -> None:
    missing = {text: place for text, place in texts_in_code() if not ours.get(text)}
    assert not missing, "\n".join(f"{place}  {text}" for text, place in missing.items())


def test_catalogue_has_no_empty_and_no_doubtful_entry(ours: Catalog) -> None:
    bad = [message.id for message in ours if message.id and (not message.string or message.fuzzy)]
    assert not bad
    assert not ours.fuzzy, "`pybabel compile` leaves it out: every page would be English"


def test_catalogue_is_chinese_with_the_same_placeholders(ours: Catalog) -> None:
    def differs(message: Message) -> bool:
        pairs = zip(_texts(message.id), _texts(message.string), strict=False)
        return any(
            sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(chinese))
            for english, chinese in pairs
        )

    entries = [message for message in ours if message.id]
    assert not [message.id for message in entries if differs(message)]
    assert not [
        message.id
        for message in entries
        if message.id not in SAME
        and not all(CHINESE.search(text) for text in _texts(message.string))
    ]


def test_texts_of_the_framework_all_have_chinese(ours: Catalog) -> None:
    package = Path(flask_appbuilder.__file__).parent
    theirs = catalogue(package / "translations" / "zh" / "LC_MESSAGES" / "messages.po")
    missing = {
        text: place
        for text, place in texts_of(package, [("**.py", "python"), ("**.html", "jinja2")], {})
        if not ours.get(text) and not ((found := theirs.get(text)) and found.string)
    }
    assert not missing, "\n".join(f"{place}  {text}" for text, place in missing.items())


def _texts(value: str | tuple[str, ...] | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
