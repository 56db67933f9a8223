"""The parts of an official document in docx: fonts for both scripts, margins, lines, tables."""

from collections.abc import Sequence
from typing import Any

from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from app.reports.ledger_xlsx import writable

# 9704: 天头37mm, 订口28mm, 版心156×225mm.
TOP, LEFT, RIGHT, BOTTOM = 37, 28, 26, 35
TITLE, BODY, HEAD, SUBHEAD = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
LATIN = "Times New Roman"
SIZE_2, SIZE_3, SIZE_4, SIZE_5 = 22, 16, 14, 10.5
PITCH, TABLE_PITCH, TITLE_PITCH = 28, 14, 32
INDENT = 2 * SIZE_3


def lay_out(paper: Document) -> None:
    """Set A4, the margins and the usual text."""
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(TOP), Mm(BOTTOM)
    section.left_margin, section.right_margin = Mm(LEFT), Mm(RIGHT)
    section.footer_distance = Mm(BOTTOM - 7 - 5)
    style: Any = paper.styles["Normal"]
    style.font.size = Pt(SIZE_3)
    _name_fonts(style.element.get_or_add_rPr(), BODY, LATIN)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "zh-CN")
    language.set(qn("w:eastAsia"), "zh-CN")
    style.element.get_or_add_rPr().append(language)


def _name_fonts(properties: Any, east: str, latin: str) -> None:
    """Name the font of each script: without w:eastAsia Chinese is shown in whatever there is."""
    fonts = properties.get_or_add_rFonts()
    for attribute, name in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", east)):
        fonts.set(qn(f"w:{attribute}"), name)
    for attribute in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{attribute}"), None)


def _write(paragraph: Paragraph, text: str, *, font: str = BODY, size: float = SIZE_3) -> Run:
    run = paragraph.add_run(writable(text))
    run.font.size, run.bold = Pt(size), False
    _name_fonts(run._element.get_or_add_rPr(), font, LATIN)
    return run


def _pitch(paragraph: Paragraph, points: float) -> None:
    form = paragraph.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(points)
    form.space_before = form.space_after = Pt(0)


def title(paper: Document, text: str) -> Paragraph:
    """Add a title: 2号小标宋, in the middle, with a line below."""
    found = paper.add_paragraph()
    _write(found, text, font=TITLE, size=SIZE_2)
    found.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _pitch(found, TITLE_PITCH)
    found.paragraph_format.space_after = Pt(PITCH)
    return found


def line(
    paper: Document, text: str, *, indent: bool = True, right: bool = False, small: bool = False
) -> Paragraph:
    """Add a paragraph of text; `right` is where an issuer stands, `small` a note to a table."""
    found = paper.add_paragraph()
    _write(found, text, size=SIZE_5 if small else SIZE_3)
    _pitch(found, TABLE_PITCH if small else PITCH)
    if right:
        found.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        found.paragraph_format.right_indent = Pt(INDENT)
    elif indent and not small:
        found.paragraph_format.first_line_indent = Pt(INDENT)
    return found


def heading(paper: Document, text: str) -> Paragraph:
    """Add 一、… in 黑体."""
    return _heading(paper, text, HEAD)


def subheading(paper: Document, text: str) -> Paragraph:
    """Add （一）… in 楷体."""
    return _heading(paper, text, SUBHEAD)


def _heading(paper: Document, text: str, font: str) -> Paragraph:
    found = paper.add_paragraph()
    _write(found, text, font=font)
    _pitch(found, PITCH)
    found.paragraph_format.first_line_indent = Pt(INDENT)
    found.paragraph_format.keep_with_next = True
    return found


def mark(paragraph: Paragraph, what: str) -> None:
    """Add a gap for somebody's words, in sight."""
    _write(paragraph, f"（此处填写{what}）").font.highlight_color = WD_COLOR_INDEX.YELLOW


def gap(paper: Document, what: str, *, centred: bool = False, right: bool = False) -> None:
    """Add a paragraph that is nothing but a gap for words."""
    found = line(paper, "", indent=not centred, right=right)
    if centred:
        found.alignment = WD_ALIGN_PARAGRAPH.CENTER
    mark(found, what)


def new_page(paper: Document, name: str) -> None:
    """Begin an annex: 附件1 in 黑体 at the top left."""
    found = paper.add_paragraph()
    found.paragraph_format.page_break_before = True
    _write(found, name, font=HEAD)
    _pitch(found, PITCH)


def add_table(
    paper: Document, heads: Sequence[str], rows: Sequence[Sequence[str]], *, widths: Sequence[int]
) -> None:
    """Add a table whose head comes again on every page; widths in millimetres."""
    table = paper.add_table(rows=1, cols=len(heads), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    _narrow_margins(table)
    _fill(table.rows[0], heads, widths, font=HEAD)
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    for row in rows:
        _fill(table.add_row(), row, widths)
    after = paper.add_paragraph()
    _pitch(after, TABLE_PITCH)


def _narrow_margins(table: Any) -> None:
    """Leave half a millimetre beside the text of a cell, so that 100.00% stays on one line."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "28")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties = table._tbl.tblPr
    properties.insert_element_before(margins, "w:tblLook")


def _fill(row: Any, texts: Sequence[str], widths: Sequence[int], font: str = BODY) -> None:
    whole = OxmlElement("w:cantSplit")
    row._tr.get_or_add_trPr().append(whole)
    for cell, text, width in zip(row.cells, texts, widths, strict=True):
        cell.width = Mm(width)
        paragraph = cell.paragraphs[0]
        _write(paragraph, text, font=font, size=SIZE_5)
        _pitch(paragraph, TABLE_PITCH)
        is_word = text and not text[0].isdigit() and text[0] not in "—+-" and font == BODY
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if is_word else WD_ALIGN_PARAGRAPH.CENTER


def add_page_number(paper: Document) -> None:
    """Number the pages — 1 —: odd ones at the right, even ones at the left (9704)."""
    paper.settings.odd_and_even_pages_header_footer = True
    section = paper.sections[0]
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        footer.is_linked_to_previous = False
        found = footer.paragraphs[0]
        found.alignment = side
        # One character in from the edge.
        found.paragraph_format.left_indent = found.paragraph_format.right_indent = Pt(SIZE_4)
        _number(found, "— ")
        for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
            _field(_number(found, ""), kind, text)
        _number(found, " —")


def _number(paragraph: Paragraph, text: str) -> Run:
    run = _write(paragraph, text, font="宋体", size=SIZE_4)
    _name_fonts(run._element.get_or_add_rPr(), "宋体", "宋体")
    return run


def _field(run: Run, kind: str, text: str) -> None:
    if kind:
        part = OxmlElement("w:fldChar")
        part.set(qn("w:fldCharType"), kind)
    else:
        part = OxmlElement("w:instrText")
        part.text = text
    run._element.append(part)
