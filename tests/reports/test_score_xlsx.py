"""量化考核表 as openpyxl reads it: values, types, widths, print set-up, remarks."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from app.actions.scoring import correct_score, exclude, freeze
from app.domain.states import ScoreKind, SupervisionKind
from app.extensions import db
from app.reports.period import named
from app.reports.score_paper import score_pages
from app.reports.score_sheets import sheet_of
from app.reports.score_xlsx import score_xlsx
from tests.factories import Office, make_office
from tests.scores import AFTER, DAY, OCTOBER, late_case, measure, switch_on

K = ScoreKind
NAUGHTY = '=HYPERLINK("http://x","点")'
# The workbook is the same whatever database it is read from.
pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def office(session: object) -> Office:
    """Return an office whose October is frozen, one thing left out and two numbers corrected."""
    office = make_office()
    office.units["tax"].name = "+税务窗口"
    switch_on(office)
    late_case(office)
    late_case(office, "tax")
    row = measure(office, SupervisionKind.NOTICE, "tax")
    exclude(
        site_id=1, month=DAY, kind=K.NOTICE, record_id=row.id, counted=sheet(office).units,
        reason=NAUGHTY, by=office.clerk, now=AFTER,
    )  # fmt: skip
    now = sheet(office)
    stored = freeze(
        site_id=1, month=DAY, scheme=now.scheme, counted=now.units, by=office.clerk, now=AFTER
    )
    for seen, new in (("-2", "-0.5"), ("-0.5", "-1.25")):
        correct_score(
            stored, unit_id=office.units["land"].id, kind=K.RED, seen=Decimal(seen),
            new=Decimal(new), reason="@复核", by=office.clerk2, now=AFTER,
        )  # fmt: skip
    db.session.flush()
    return office


def sheet(office: Office) -> Any:
    return sheet_of(office.site, period=named(OCTOBER, now=AFTER))


def test_workbook_holds_the_sheet_as_values(office: Office) -> None:
    book = load_workbook(BytesIO(score_xlsx(sheet(office), now=AFTER)))
    assert book.sheetnames == ["量化考核表", "剔除与更正"]
    page = book["量化考核表"]
    assert page["A1"].value == "第1政务服务中心2026年10月量化考核表"
    assert "2026-11-02 09:30由甲clerk定稿" in page["A2"].value
    assert [page.cell(3, column).value for column in (1, 2, 3, 5, 19, 21)] == [
        "名次", "窗口（科室）", "红牌\n（-2/次）", "未当日签收\n（-0.5/次）",
        "办成典型案例\n（+2/次，每月最多5）", "总分",
    ]  # fmt: skip
    assert [page.cell(4, column).value for column in (3, 4)] == ["次数", "分值"]
    shown = [[cell.value for cell in row] for row in page["A5:U7"]]
    noughts = [0] * 16
    assert shown == [
        [1, "工程建设科", 0, 0, *noughts, 100],
        [2, "不动产登记窗口", 1, -1.25, *noughts, 98.75],
        [3, "'+税务窗口", 1, -2, *noughts, 98],
    ]
    types = {cell.data_type for row in page.iter_rows() for cell in row if cell.value is not None}
    assert types == {"s", "n"}
    assert page["A8"].value == "考核结果运用："
    assert page["A10"].value.startswith("督办考核科（签字）：")


def test_remarks_name_what_was_left_out_and_every_old_number(office: Office) -> None:
    page = load_workbook(BytesIO(score_xlsx(sheet(office), now=AFTER)))["剔除与更正"]
    texts = [[cell.value for cell in row] for row in page.iter_rows()]
    assert texts[1] == ["'+税务窗口", "督办 （未涉及事项）", "已剔除", f"'{NAUGHTY}", "甲clerk",
                        "2026-11-02 09:30"]  # fmt: skip
    assert [row[2:4] for row in texts[4:]] == [
        ["由-2改为-0.5", "'@复核"],
        ["由-0.5改为-1.25", "'@复核"],
    ]
    assert {cell.data_type for row in page.iter_rows() for cell in row if cell.value} == {"s"}
    assert all(cell.hyperlink is None for row in page.iter_rows() for cell in row)


def test_pages_are_a4_across_with_the_head_on_each(office: Office) -> None:
    book = load_workbook(BytesIO(score_xlsx(sheet(office), now=AFTER)))
    page = book["量化考核表"]
    setup = page.page_setup
    assert (setup.paperSize, setup.orientation, setup.fitToHeight) == (9, "landscape", 0)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert setup.fitToWidth in (None, 1)  # one page wide is what a missing number says
    assert (page.freeze_panes, page.print_title_rows) == ("A5", "$1:$4")
    assert page.column_dimensions["B"].width > page.column_dimensions["A"].width


def test_paper_is_cut_into_sheets(office: Office) -> None:
    pages = score_pages(sheet(office))
    assert [(len(p.lines), len(p.remarks), p.is_signed) for p in pages] == [
        (3, 0, True), (0, 3, False)
    ]  # fmt: skip
    for number in range(30):
        office.add_unit(f"more{number}", f"窗口{number}")
    db.session.flush()
    live = sheet_of(office.site, period=named("2026-11", now=AFTER))
    assert [(len(p.lines), p.is_signed) for p in score_pages(live)] == [
        (14, False), (14, False), (5, True)
    ]  # fmt: skip
