"""Workbooks and documents as an office program prints them: LibreOffice opens what WPS would."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.reports.score_xlsx import score_xlsx
from config import ROOT
from tests.factories import Office
from tests.reports.test_score_xlsx import office as scored  # noqa: F401 (a fixture)
from tests.reports.test_score_xlsx import sheet
from tests.scores import AFTER

pytestmark = pytest.mark.sqlite_only
NOW = "2026-11-23T10:00:00+08:00"
Pages = list[str]


def tool(*command: object) -> str:
    done = subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, text=True, timeout=180
    )
    return done.stdout


@pytest.fixture
def printed(tmp_path: Path) -> Callable[[Path], Pages]:
    """Return a function that prints a file with LibreOffice: the text of each page of A4."""

    def print_file(file: Path) -> Pages:
        profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
        tool("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, file)
        paper = file.with_suffix(".pdf")
        assert "(A4)" in tool("pdfinfo", paper)
        text = tool("pdftotext", "-layout", paper, "-")
        return [page for page in text.split("\f") if page.strip()]

    return print_file


@pytest.fixture
def report(prepared: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that has a report of the demo office written by command."""
    instance = tmp_path / "instance"
    shutil.copytree(prepared, instance)
    settings = {"BANJIE_ENV": "demo", "BANJIE_INSTANCE_DIR": str(instance)}

    def write(name: str, *arguments: str) -> Path:
        file = tmp_path / name
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "run", "report", *arguments,
             "--now", NOW, "--output", str(file)],
            check=True, cwd=ROOT, env=os.environ | settings, capture_output=True, timeout=180,
        )  # fmt: skip
        return file

    return write


def test_yearly_ledger_prints_one_page_wide_with_its_head_on_each(
    report: Callable[..., Path], printed: Callable[[Path], Pages]
) -> None:
    pages = printed(report("ledger.xlsx", "ledger", "--year", "2026"))
    for page in pages:
        flat = "".join(page.split())
        assert "2026年问题台账" in flat
        for head in ("序号", "台账编号", "联系电话", "应办结时间", "带班领导", "备注"):
            assert head in flat, head
    assert "2026-0124" in "".join(pages)


def test_monthly_report_prints_as_a_document_and_as_charts(
    report: Callable[..., Path], printed: Callable[[Path], Pages]
) -> None:
    text = "".join("".join(printed(report("m.docx", "monthly", "--month", "2026-10"))).split())
    for words in (
        "关于10月份“办不成事”反映窗口事项办理情况的通报", "一、总体情况", "二、存在问题",
        "三、工作要求", "各窗口（科室）办理情况表", "—1—",
    ):  # fmt: skip
        assert words in text, words
    sheets = "".join("".join(printed(report("m.xlsx", "monthly", "--month", "2026-10"))).split())
    for words in ("按时办结率", "受理量按月走势", "各窗口（科室）办理情况"):
        assert words in sheets, words


def test_score_sheet_prints_with_its_remarks(
    scored: Office,  # noqa: F811 (the fixture)
    printed: Callable[[Path], Pages],
    tmp_path: Path,
) -> None:
    source = tmp_path / "sheet.xlsx"
    source.write_bytes(score_xlsx(sheet(scored), now=AFTER))
    pages = printed(source)
    assert len(pages) == 2
    for word in ("名次", "差评整改不到位", "办成典型案例", "98.75", "考核结果运用"):
        assert word in pages[0], word
    assert "由-0.5改为-1.25" in pages[1]
