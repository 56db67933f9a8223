"""The journey of 系统管理员: sixty units with three bad rows, corrected, then all at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from app.domain.import_kinds import ImportKind
from tests.browser.hands import Hands
from tests.sheets import filled


def sixty() -> list[dict[str, Any]]:
    return [
        {"name": f"导入窗口{n:02d}", "unit_kind": "进驻窗口", "phone": "16000000000"}
        for n in range(1, 61)
    ]


@pytest.fixture
def admin(come_in: Callable[..., Hands]) -> Hands:
    found = come_in("fangzhiyuan", "sys-admin")
    found.latin |= {"WPS", "Excel", "xlsx", "csv", "UTF", "GBK"}  # kinds of files
    return found


def send(admin: Hands, path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_bytes(filled(ImportKind.UNITS, rows, title="单位"))
    admin.go("/imports/")
    card = admin.page.locator("#units")
    card.get_by_label("填好的文件").set_input_files(path)
    admin.press("上传并校验", card)


def test_sixty_units_with_three_bad_rows(admin: Hands, tmp_path: Path) -> None:
    admin.go("/imports/")
    admin.look("import-start")
    with admin.page.expect_download() as template:
        admin.page.locator("#units").get_by_role("link", name="下载模板").click()
    assert template.value.suggested_filename == "窗口（科室）导入模板.xlsx"

    rows = sixty()
    rows[7]["unit_kind"], rows[20]["name"], rows[50]["phone"] = "窗户", None, "电话"
    send(admin, tmp_path / "单位.xlsx", rows)
    admin.sees("有3行错误，不能导入。")
    bad = admin.page.locator(".import-table tr.is-red")
    expect(bad).to_have_count(3)
    for row, words in zip(
        bad.all(),
        (("9", "单位类型", "窗户", "只能填"), ("22", "窗口（科室）名称", "（空）", "必填项未填"),
         ("52", "电话", "电话", "不是电话号码")),
        strict=True,
    ):  # fmt: skip
        for word in ("单位", *words):
            expect(row).to_contain_text(word)
    expect(admin.page.get_by_role("button", name="确认导入")).to_have_count(0)
    admin.page.get_by_role("link", name="错误 3").click()
    admin.look("import-bad")
    admin.go("/units/list/?q=导入窗口")
    admin.sees("暂无窗口（科室）。")

    send(admin, tmp_path / "单位.xlsx", sixty())
    admin.sees("校验全部通过，尚未写入任何内容。")
    admin.look("import-good")
    admin.press("确认导入60行", yes="现在导入：新增60行，更新0行？")
    admin.sees("已全部导入。")
    admin.look("import-done")
    admin.go("/units/list/?q=导入窗口")
    admin.sees("共 60 条")
