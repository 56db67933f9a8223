"""The generated pages of docs/ say what the program's tables say."""

import pytest

from app.cli_docs import PAGES
from config import ROOT


@pytest.mark.parametrize("name", sorted(PAGES))
def test_generated_page_equals_its_table(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), "run: flask --app run docs write"
