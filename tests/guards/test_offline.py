"""Nothing is loaded from outside: no page, style or script names another host."""

import re
from pathlib import Path

import pytest

from config import ROOT

FOLDERS = (ROOT / "app" / "templates", ROOT / "app" / "static")
KINDS = (".html", ".css", ".js", ".svg", ".xml")
LOADED = re.compile(
    r"""(?:src|href|action|srcset|poster)\s*=\s*["']?\s*(?:https?:)?//"""
    r"""|url\(\s*["']?(?:https?:)?//|@import\s+["'](?:https?:)?//"""
    r"""|(?:fetch|open|importScripts)\(\s*["'`](?:https?:)?//""",
    re.I,
)
INLINE = re.compile(r"""<script(?![^>]*\bnonce=)(?![^>]*\bsrc=)[^>]*>|\son\w+\s*=\s*["']""", re.I)
FILES = [path for folder in FOLDERS for path in folder.rglob("*") if path.suffix in KINDS]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_file_names_no_other_host(path: Path) -> None:
    assert not LOADED.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if path.suffix == ".html"],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_template_has_no_script_without_nonce(path: Path) -> None:
    assert not INLINE.search(path.read_text(encoding="utf-8"))
