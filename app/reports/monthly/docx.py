"""月度通报 as a text to be finished by hand: the numbers filled in, gaps for words marked.

Its look is that of GB/T 9704: margins, 2号小标宋 title, 3号仿宋 text, 28 pt from line to line. The
fonts are named, not embedded: the office's own machines have them. The number of the document is
the office's to give, so there is a gap for it.
"""

import io

import docx
from docx.document import Document

from app.domain.indicators import CATALOGUE, GROUPS, Value, shown
from app.reports.ledger_xlsx import writable
from app.reports.monthly import words
from app.reports.monthly.docx_parts import (
    add_page_number,
    add_table,
    gap,
    heading,
    lay_out,
    line,
    mark,
    new_page,
    subheading,
    title,
)
from app.reports.monthly.figures import UNIT_COLUMNS, Monthly

TITLE = "关于{month}月份“办不成事”反映窗口事项办理情况的通报"
DEMANDS = (
    "（一）压实办理责任。", "（二）严守办理时限。", "（三）提升办理质量。",
)  # fmt: skip


def monthly_docx(month: Monthly) -> bytes:
    """Return the document."""
    paper = docx.Document()
    lay_out(paper)
    add_page_number(paper)
    _head(paper, month)
    _overview(paper, month)
    _problems(paper, month)
    _demands(paper, month)
    _units(paper, month)
    _analysis(paper, month)
    properties = paper.core_properties
    properties.author = writable(month.office)
    properties.title = TITLE.format(month=month.period.start.month)
    properties.created = properties.modified = month.period.now.replace(tzinfo=None)
    properties.comments = properties.last_modified_by = ""
    target = io.BytesIO()
    paper.save(target)
    return target.getvalue()


def _head(paper: Document, month: Monthly) -> None:
    gap(paper, "发文字号", centred=True)
    title(paper, TITLE.format(month=month.period.start.month))
    line(paper, "各窗口（科室）：", indent=False)
    line(paper, f"现将{month.month_word}“办不成事”反映窗口事项办理情况通报如下。")


def _overview(paper: Document, month: Monthly) -> None:
    heading(paper, "一、总体情况")
    subheading(paper, "（一）接待受理情况")
    line(paper, words.opening(month))
    for sentence in words.makeup(month):
        line(paper, sentence)
    for number, (name, keys) in zip("二三四", words.THEMES, strict=True):
        subheading(paper, f"（{number}）{name}")
        line(paper, words.theme(month, keys))
    subheading(paper, "（五）督办带班情况")
    line(paper, words.supervised(month))
    line(paper, "各窗口（科室）办理情况见附件1。")


def _problems(paper: Document, month: Monthly) -> None:
    heading(paper, "二、存在问题")
    found = words.problem_heads(month)
    if not found:
        line(paper, "本月未发现超时限、差评、督办和不当退回的事项。")
    for number, (name, rows) in zip("一二三四", found, strict=False):
        subheading(paper, f"（{number}）{name}")
        for row in rows:
            line(paper, words.problem_line(row))
    gap(paper, "对存在问题的分析")


def _demands(paper: Document, month: Monthly) -> None:
    heading(paper, "三、工作要求")
    for demand in DEMANDS:
        mark(line(paper, demand), "具体要求")
    line(paper, "附件：1.各窗口（科室）办理情况表")
    line(paper, "　　　2.月度分析报告")
    paper.add_paragraph()
    if month.office:
        line(paper, month.office, right=True)
    else:
        gap(paper, "落款", right=True)
    now = month.period.now
    line(paper, f"{now.year}年{now.month}月{now.day}日", right=True)


def _units(paper: Document, month: Monthly) -> None:
    new_page(paper, "附件1")
    title(paper, "各窗口（科室）办理情况表")
    if not month.units:
        line(paper, "本月各窗口（科室）均无办理事项。")
        return
    heads = ["名次", "窗口（科室）", *(CATALOGUE[key].name for key in UNIT_COLUMNS)]
    rows = []
    for unit in month.units:
        cells = [
            "—" if key not in unit.values else _cell(key, unit.values[key]) for key in UNIT_COLUMNS
        ]
        rows.append([str(unit.rank or "—"), unit.name, *cells])
    add_table(paper, heads, rows, widths=(8, 28, *[15] * len(UNIT_COLUMNS)))
    line(paper, "按主办统计，按按时办结率排名，数值相同的名次并列；“—”为无此类事项。", small=True)


def _cell(key: str, value: Value) -> str:
    of = "" if not value.d else f"\n{value.n}/{value.d}"
    return f"{shown(CATALOGUE[key], value)}{of}"


def _analysis(paper: Document, month: Monthly) -> None:
    new_page(paper, "附件2")
    title(paper, f"{month.month_word}分析报告")
    parts = (
        ("一、受理类别", "类别", month.categories),
        ("二、来源", "来源", month.sources),
        ("三、事项", "事项", month.items),
        ("四、原因（办结事项）", "原因", month.causes),
    )
    for name, head, rows in parts:
        heading(paper, name)
        _counts(paper, head, rows)
    heading(paper, "五、窗口（科室）")
    accepted = [(unit.name, int(unit.values["accept_cnt"].n)) for unit in month.units
                if "accept_cnt" in unit.values]  # fmt: skip
    _counts(paper, "窗口（科室）", [row for row in accepted if row[1]])
    heading(paper, "六、各项指标")
    _indicators(paper, month)
    heading(paper, "七、共性问题")
    _items(paper, month.common_items, "共性问题及成因")
    heading(paper, "八、典型案例")
    _items(paper, month.typical_items, "典型案例，隐去个人信息")
    heading(paper, "九、建议")
    gap(paper, "建议")
    heading(paper, "十、下月措施")
    gap(paper, "下月措施")


def _counts(paper: Document, head: str, rows: list[tuple[str, int]]) -> None:
    if not rows:
        line(paper, "本月无。")
        return
    total = sum(n for _name, n in rows)
    cells = [[name, str(n), f"{100 * n / total:.2f}%"] for name, n in rows]
    add_table(paper, [head, "件数", "占比"], cells, widths=(96, 30, 30))


def _indicators(paper: Document, month: Monthly) -> None:
    rows = []
    for _theme, group in GROUPS:
        for d in group:
            now, before = month.values[d.id], month.before[d.id]
            pair = "—" if now.d is None else f"{now.n}/{now.d}"
            rows.append([d.name, pair, shown(d, now), shown(d, before),
                         words.change_cell(d.id, now, before)])  # fmt: skip
    add_table(
        paper, ["指标", "分子/分母", "本月", "上月", "增减"], rows, widths=(44, 28, 28, 28, 28)
    )


def _items(paper: Document, items: list[str], wanted: str) -> None:
    if items:
        line(paper, f"本月列入的事项：{'、'.join(items)}。")
    gap(paper, wanted)
