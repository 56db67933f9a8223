"""月度通报 as files: numbers as counted, words at nought and one, nobody's data, the look."""

import re
import zipfile
from io import BytesIO
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from docx.shared import Pt
from lxml import etree
from sqlalchemy import select

from app.domain.indicators import CATALOGUE, GROUPS, Value, shown
from app.domain.states import Category, ComplaintAbout, ConductType, EvalLevel
from app.extensions import db
from app.models import Case, Site, Unit
from app.reports.indicators import values
from app.reports.monthly import words
from app.reports.monthly.docx import monthly_docx
from app.reports.monthly.figures import Monthly, gather, month_named
from app.reports.monthly.xlsx import monthly_xlsx
from app.reports.scope import Scope
from tests.busy import NOW, Busy
from tests.factories import Office, at, make_office

LATER = at("2026-11-20 17:00")


def month_of(name: str, now: Any = NOW) -> Monthly:
    return gather(site=db.session.get_one(Site, 1), period=month_named(name, now=now))


def document(month: Monthly) -> Any:
    return docx.Document(BytesIO(monthly_docx(month)))


def book(month: Monthly) -> Any:
    return openpyxl.load_workbook(BytesIO(monthly_xlsx(month)))


def text_of(document: Any) -> str:
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def cells_of(book: Any) -> list[Any]:
    return [c.value for sheet in book for row in sheet.iter_rows() for c in row if c.value]


def check_numbers(month: Monthly) -> None:
    """Compare both files with the indicators themselves, one by one."""
    counted = values(CATALOGUE, period=month.period, scope=Scope(1))
    assert month.values == counted
    before = values(CATALOGUE, period=month.period.shifted(-1), scope=Scope(1))
    table = next(t for t in document(month).tables if t.rows[0].cells[0].text == "指标")
    rows = {row.cells[0].text: [c.text for c in row.cells] for row in table.rows[1:]}
    sheet = book(month)["汇总"]
    written = {row[1].value.split("（")[0]: row for row in sheet.iter_rows(min_row=4, max_col=7)
               if row[1].value}  # fmt: skip
    for definition in (d for _theme, group in GROUPS for d in group):
        value = counted[definition.id]
        pair = "—" if value.d is None else f"{value.n}/{value.d}"
        told = [pair, shown(definition, value), shown(definition, before[definition.id])]
        assert rows[definition.name][1:4] == told
        _theme, _name, n, d, now, *_rest = (c.value for c in written[definition.name])
        assert (n, d) == (value.n, "—" if value.d is None else value.d)
        if value.exact is None:
            assert now == "—"
        else:
            assert now == pytest.approx(float(value.exact / definition.divisor))


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", ["2026-09", "2026-10", "2026-05"])
def test_numbers_are_the_indicators(busy: Busy, name: str) -> None:
    check_numbers(month_of(name))


def test_units_are_ranked_and_problems_named(busy: Busy) -> None:
    month = month_of("2026-10")
    ranks = [unit.rank for unit in month.units]
    assert [r for r in ranks if r] == sorted(r for r in ranks if r)
    assert None not in ranks[: len([r for r in ranks if r])]
    kinds = {p.kind for p in month.problems}
    assert {"超时限", "差评"} <= kinds
    assert sum(p.kind == "超时限" for p in month.problems) == month.values["overdue_rate"].n


HOSTILE = "李白桦要求平邑宏远商贸有限公司（电话16000000021）退还押金"


@pytest.fixture
def office(session: object) -> Office:
    return make_office()


def test_nobody_can_be_told_from_the_files(office: Office) -> None:
    facts = (
        {"item_name": HOSTILE, "reporter_name": "李白桦", "phone": "16000000021",
         "company_name": "平邑宏远商贸有限公司"},
        {"item_name": "李白桦态度恶劣", "category": Category.CONDUCT,
         "conduct_type": ConductType.SLOW, "occurred_at": at("2026-10-09 10:00"),
         "involved_person": "李白桦", "complaint_about": ComplaintAbout.UNIT},
        {"item_name": "涉密的事", "category": Category.CONDUCT, "is_confidential": True,
         "conduct_type": ConductType.SLOW, "occurred_at": at("2026-10-09 10:00"),
         "complaint_about": ComplaintAbout.UNIT},
    )  # fmt: skip
    for values_ in facts:
        case = office.sign(office.dispatch(office.submit(office.draft(**values_))))
        office.resolve(case, now=at("2026-10-14 10:00"))
        office.confirm(case, now=at("2026-10-14 11:00"))
        office.rate(case, EvalLevel.BAD, now=at("2026-10-14 12:00"))
        case.is_common_issue = case.is_typical = True
    db.session.flush()
    month = month_of("2026-10", LATER)
    assert len(month.problems) == 6
    written = text_of(document(month)) + "\n".join(map(str, cells_of(book(month))))
    for secret in ("李白桦", "宏远", "16000000021", "涉密的事"):
        assert secret not in written
    assert "保密事项" in written
    assert "作风问题反映" in written


def test_names_numbers_and_words_of_reporters_stay_out(busy: Busy) -> None:
    month = month_of("2026-10")
    written = text_of(document(month)) + "\n".join(map(str, cells_of(book(month))))
    for case in db.session.scalars(select(Case)):
        for secret in (case.reporter_name, case.company_name, case.phone, case.narrative):
            assert not secret or secret not in written


def test_empty_month_is_said_in_words(office: Office) -> None:
    month = month_of("2026-08", LATER)
    written = text_of(document(month))
    for sentence in (
        "未受理反映事项（上月0件，与上月持平）",
        "按时办结率为“—”（本月无应办结事项）",
        "满意率为“—”（本月无有效评价）",
        "未开展督办、约谈、通报",
        "本月各窗口（科室）均无办理事项。",
        "本月未发现超时限、差评、督办和不当退回的事项。",
    ):
        assert sentence in written
    assert "100.00%" not in written
    check_numbers(month)


def test_one_case_and_the_change_from_last_month(office: Office) -> None:
    office.submit(office.draft())
    month = month_of("2026-10", LATER)
    assert "受理反映事项1件（上月0件，增加1件）" in words.opening(month)
    assert words.change(Value(1), Value(3)) == "上月3件，减少2件"
    assert "受理反映事项" in words.opening(month_of("2026-11", LATER))
    assert "数据截至2026年11月20日17时" in words.opening(month_of("2026-11", LATER))


FONTS = {
    "一、总体情况": "黑体", "二、存在问题": "黑体", "三、工作要求": "黑体",
    "（一）接待受理情况": "楷体_GB2312", "各窗口（科室）：": "仿宋_GB2312",
}  # fmt: skip


def test_document_has_the_look_of_the_standard(office: Office) -> None:
    paper = document(month_of("2026-10", LATER))
    section = paper.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    margins = (section.top_margin, section.left_margin, section.right_margin, section.bottom_margin)
    assert [round(m.mm) for m in margins] == [37, 28, 26, 35]
    found = {p.text: p for p in paper.paragraphs}
    title = found["关于10月份“办不成事”反映窗口事项办理情况的通报"].runs[0]
    assert (font_of(title), title.font.size, bool(title.bold)) == ("方正小标宋简体", Pt(22), False)
    for text, font in FONTS.items():
        run = found[text].runs[0]
        assert (font_of(run), run.font.size) == (font, Pt(16))
        assert found[text].paragraph_format.line_spacing == Pt(28)
    assert all(font_of(run) for p in paper.paragraphs for run in p.runs)
    assert "— " in section.footer.paragraphs[0].text
    assert "PAGE" in section.footer._element.xml
    assert "平政管办发" not in text_of(paper)
    assert "（此处填写发文字号）" in found


def font_of(run: Any) -> str:
    return str(run._element.rPr.rFonts.get(qn("w:eastAsia")))


def test_workbook_has_charts_and_prints_on_a4(busy: Busy) -> None:
    found = book(month_of("2026-10"))
    assert found.sheetnames == ["汇总", "窗口（科室）", "类别来源原因", "近12个月", "存在问题"]
    assert all(sheet.page_setup.paperSize == 9 for sheet in found)
    assert all(sheet.sheet_properties.pageSetUpPr.fitToPage for sheet in found)
    assert all(sheet.page_setup.fitToWidth in (None, 1) for sheet in found)  # 1 unless said
    charts = [chart for sheet in found for chart in sheet._charts]
    assert len(charts) >= 6
    for chart in charts:
        assert chart.title
        assert chart.x_axis.title
        assert chart.y_axis.title
    formulas = [v for v in cells_of(found) if isinstance(v, str) and v.startswith("=")]
    assert formulas == []


TYPED = (
    "=HYPERLINK(\"http://evil.example\",\"点\")", "@SUM(1+1)|cmd", "+1-1", "\tTAB=1",
    "<script>alert(1)</script>", "</w:t></w:r><w:fldSimple w:instr=\"DATE\"/>",
    "甲\u202e乙\u2066丙\ufffe丁", "{ INCLUDETEXT \"C:\\\\x\" }", "]]>&#0;&xxe;",
    "办\x01成\x07事\x1f", "http://evil.example/x",
)  # fmt: skip
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def parts_of(content: bytes) -> dict[str, Any]:
    """Return every XML part of a file, each one read whole."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]
        return {name: etree.fromstring(archive.read(name)) for name in names}


def live_parts(content: bytes) -> list[str]:
    """Return what a reader of the file would work out or fetch: fields, formulas, links."""
    found = []
    for name, root in parts_of(content).items():
        for node in root.iter():
            tag = etree.QName(node).localname
            if node.get("TargetMode") == "External":
                found.append(f"{name}: {node.get('Target')}")
            if tag in ("instrText", "fldSimple", "altChunk", "hyperlink", "oleObject", "ddeLink"):
                found.append(f"{tag} {''.join(node.itertext())}{node.get(qn('w:instr')) or ''}")
            # The charts name their own cells in <c:f>, the sheets have formulas in <f>.
            if tag == "f" and "/worksheets/" in name:
                found.append(f"{name}: {node.text}")
    return sorted(found)


@pytest.mark.sqlite_only
def test_nothing_typed_lives_in_the_files(office: Office) -> None:
    """HTML, formulas, fields, control and bidi signs: the files open, all of it is text."""
    plain = [live_parts(made(month_of("2026-10", LATER))) for made in (monthly_docx, monthly_xlsx)]
    for unit, text in zip(db.session.scalars(select(Unit)), TYPED, strict=False):
        unit.name = f"{text}{unit.id}"
    office.site.name = office.site.office_name = TYPED[5]
    for text in TYPED:
        case = office.sign(office.dispatch(office.submit(office.draft(item_name=text))))
        office.resolve(case, now=at("2026-10-14 10:00"))
        office.confirm(case, now=at("2026-10-14 11:00"))
        office.rate(case, EvalLevel.BAD, now=at("2026-10-14 12:00"))
        case.is_common_issue = case.is_typical = True
    db.session.flush()
    month = month_of("2026-10", LATER)
    assert len(month.problems) >= len(TYPED)
    files = monthly_docx(month), monthly_xlsx(month)
    assert [live_parts(content) for content in files] == plain
    cells = [c for sheet in book(month) for row in sheet.iter_rows() for c in row]
    assert {c.data_type for c in cells if isinstance(c.value, str)} == {"s"}
    assert not [c.value for c in cells if str(c.value or "").startswith(("=", "+", "@", "\t"))]
    assert not [c for c in cells if c.hyperlink]
    written = text_of(document(month)) + "\n".join(str(c.value) for c in cells)
    assert not UNWRITABLE.search(written)
    for seen in ("<script>alert(1)</script>", "]]>&#0;&xxe;", "办成事", "http://evil.example/x"):
        assert written.count(seen) > 1, seen
