"""docs/settings.md lists every setting with the default and the reason that config.py has."""

from dataclasses import fields
from enum import Enum

from config import ROOT, Settings


def rows() -> list[str]:
    """Return the table's rows as the page must have them."""
    return [
        f"| `BANJIE_{item.name.upper()}` | {shown(item.default)} | {item.metadata['reason']} |"
        for item in fields(Settings)
    ]


def shown(default: object) -> str:
    """Return a default as a person would type it; nothing for empty."""
    value = default.value if isinstance(default, Enum) else default
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text}`" if text else ""


def test_settings_page_matches_config() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in page if line.startswith("| `BANJIE_")] == rows()
