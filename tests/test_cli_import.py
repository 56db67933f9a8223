"""`flask import`: the same verdicts as the page, all or nothing."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.domain.import_kinds import ImportKind
from app.extensions import db
from app.models import Unit
from tests.factories import Office, make_office
from tests.sheets import filled

pytestmark = pytest.mark.sqlite_only  # what it writes is tried on both through the page


@pytest.fixture
def office(session: Any) -> Office:
    office = make_office()
    db.session.commit()
    return office


def units() -> int:
    db.session.rollback()
    return int(db.session.scalar(select(func.count()).select_from(Unit)))


def run(app: Flask, tmp_path: Path, rows: list[dict[str, Any]], *options: str) -> Any:
    path = tmp_path / "单位.xlsx"
    path.write_bytes(filled(ImportKind.UNITS, rows))
    return app.test_cli_runner().invoke(args=["import", "units", str(path), *options])


def test_command_checks_then_writes(app: Flask, office: Office, tmp_path: Path) -> None:
    before, by = units(), f"--by={office.sys_admin.username}"
    good = [{"name": f"窗口{n}", "unit_kind": "进驻窗口"} for n in range(3)]
    tried = run(app, tmp_path, good, by, "--dry-run")
    assert (tried.exit_code, units()) == (0, before)
    assert (
        tried.output == "窗口（科室）：新增3行，更新0行，不变0行，错误0行。\n没有写入任何内容。\n"
    )
    bad = run(app, tmp_path, [*good, {"name": "坏", "unit_kind": "窗户"}], by)
    assert (bad.exit_code, units()) == (1, before)
    assert "表 第5行 B列“单位类型” 窗户：只能填：" in bad.output
    done = run(app, tmp_path, good, by)
    assert (done.exit_code, units()) == (0, before + 3)
    assert done.output.endswith("已全部导入。\n")


def test_command_knows_the_roles(app: Flask, office: Office, tmp_path: Path) -> None:
    before = units()
    rows = [{"name": "窗口", "unit_kind": "进驻窗口"}]
    for by, words in ((office.clerk.username, "角色"), ("nobody", "没有用户名为“nobody”")):
        refused = run(app, tmp_path, rows, f"--by={by}")
        assert (refused.exit_code, units()) == (1, before)
        assert words in refused.output
