"""`flask --app run report ledger`: a year, a site, a unit, a past day; whole files or none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask

from app.domain.states import State
from app.extensions import db
from tests.factories import NAME, NARRATIVE, Office, at, make_office

pytestmark = pytest.mark.sqlite_only  # the tables of a past day have tests on both


@pytest.fixture
def office(session: Any, freeze: Callable[..., None]) -> Office:
    """Return two sites with cases; the second one handles nothing."""
    freeze(at("2026-10-20 10:00"))
    office, other = make_office(1), make_office(2)
    office.case_in(State.ARCHIVED)
    office.case_in(State.HANDLING)
    other.case_in(State.TO_DISPATCH)
    db.session.commit()
    return office


@pytest.fixture
def run(app: Flask, office: Office, tmp_path: Path) -> Callable[..., Any]:
    """Return a function that runs the command and opens what it wrote."""
    db.session.remove()

    def call(*words: str, code: int = 0) -> Any:
        target = tmp_path / "ledger.xlsx"
        command = ["report", "ledger", "--year", "2026", "--output", str(target), *words]
        result = app.test_cli_runner().invoke(args=command)
        assert result.exit_code == code, result.output
        assert [path.name for path in tmp_path.glob(".*")] == []
        return openpyxl.load_workbook(target).active if code == 0 else result.output

    return call


def rows(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]


def test_a_year_of_all_sites_masked(run: Callable[..., Any]) -> None:
    sheet = run()
    assert sheet.title == "2026年问题台账"
    assert [row[1] for row in rows(sheet)] == ["2026-0001", "2026-0002", "2026-0001"]
    assert {row[4] for row in rows(sheet)} == {"郁*篱"}
    assert {row[8] for row in rows(sheet)} == {NARRATIVE}
    assert [row[21] for row in rows(sheet)][2] == "第2政务服务中心"


def test_a_site_a_unit_and_full_names(run: Callable[..., Any]) -> None:
    sheet = run("--site", "第1政务服务中心", "--unit", "不动产登记窗口", "--full")
    assert [row[4] for row in rows(sheet)] == [NAME, NAME]
    assert sheet["A1"].value == "第1政务服务中心“办不成事”反映窗口2026年问题台账"
    assert str(sheet["A2"].value).startswith("单位：县审批服务局")
    assert rows(run("--site", "1", "--unit", "税务窗口")) == []


def test_a_past_day_is_asked_for(run: Callable[..., Any]) -> None:
    sheet = run("--now", "2026-10-12T10:00", "--site", "1")
    assert [row[15] for row in rows(sheet)] == [None, None]  # nothing was finished by then
    assert "2026年10月12日" in sheet["A2"].value
    assert rows(run("--now", "2026-10-01T00:00")) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--site", "没有的中心"), "没有服务场所“没有的中心”。"),
        (("--unit", "没有的窗口"), "没有窗口（科室）“没有的窗口”。"),
        (("--now", "昨天"), "时间应写作2026-10-31T17:00"),
    ],
)
def test_what_cannot_be_done_is_said_in_chinese(
    run: Callable[..., Any], words: tuple[str, ...], sentence: str
) -> None:
    assert sentence in run(*words, code=2)


def test_a_folder_that_is_not_there_leaves_nothing(app: Flask, office: Office) -> None:
    command = ["report", "ledger", "--year", "2026", "--output", "/nowhere/x.xlsx"]
    result = app.test_cli_runner().invoke(args=command)
    assert (result.exit_code, result.output.startswith("不能写入 /nowhere/x.xlsx")) == (2, True)
