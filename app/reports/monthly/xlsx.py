"""月度通报 as a workbook: values, not formulas, and charts that the office may take elsewhere."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from app.domain.indicators import CATALOGUE, GROUPS, NOTHING, Definition, Kind, Value
from app.reports.ledger_xlsx import plain
from app.reports.monthly.figures import MONTHS, TREND, UNIT_COLUMNS, Monthly
from app.reports.monthly.words import change_cell, until

FONT = "宋体"
# Told apart by the lightness too, for print in grey and for colour-blind eyes.
BLUE, ORANGE, GREY = "#0B5394", "#E69F00", "#7F7F7F"
MARKERS = ("circle", "square", "triangle", "diamond")
COLOURS = (BLUE, ORANGE, GREY, "#000000")
LINE = 16  # points: the height of a line of text
CHART = {"width": 640, "height": 320}
TALL = {"width": 640, "height": 560}
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


class Book:
    """The workbook with its looks, a sheet at a time."""

    def __init__(self, target: io.BytesIO, month: Monthly) -> None:
        self.month = month
        self.book: Any = xlsxwriter.Workbook(target, OPTIONS)
        about = {"title": month.file_name, "author": month.office}
        self.book.set_properties(about | {"created": month.period.now.replace(tzinfo=None)})
        plain = {"font_name": FONT, "font_size": 11, "border": 1, "valign": "vcenter"}
        self.looks = {
            "title": self.book.add_format(
                {"font_name": FONT, "font_size": 16, "bold": True, "align": "center"}
            ),
            "note": self.book.add_format({"font_name": FONT, "font_size": 10}),
            "head": self.book.add_format(
                plain | {"bold": True, "align": "center", "text_wrap": True}
            ),
            "text": self.book.add_format(plain | {"text_wrap": True}),
            "count": self.book.add_format(plain | {"num_format": "0"}),
            "rate": self.book.add_format(plain | {"num_format": "0.00%"}),
            "number": self.book.add_format(plain | {"num_format": "0.00"}),
            "none": self.book.add_format(plain | {"align": "right"}),
        }

    def sheet(
        self, name: str, title: str, widths: Sequence[float], heads: list[str], *,
        one_page: bool = False,
    ) -> Any:  # fmt: skip
        """Return a sheet with its title, note and head; the rows begin in the fourth line."""
        sheet = self.book.add_worksheet(name)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 1 if one_page else 0)
        sheet.set_margins(0.7, 0.7, 0.7, 0.7)
        sheet.set_footer("&C第&P页，共&N页")
        sheet.repeat_rows(0, 2)
        sheet.freeze_panes(3, 0)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        last = max(1, len(widths) - 1)
        whose = self.month.office or "全部服务场所"
        sheet.merge_range(0, 0, 0, last, f"{self.month.month_word}{title}", self.looks["title"])
        note = f"单位：{whose}{until(self.month)}"
        sheet.merge_range(1, 0, 1, last, note, self.looks["note"])
        for column, text in enumerate(heads):
            sheet.write_string(2, column, text, self.looks["head"])
        return sheet

    def value(
        self, sheet: Any, row: int, column: int, definition: Definition, value: Value
    ) -> None:
        """Write what an indicator is worth as a number, or a dash."""
        exact = value.exact
        if exact is None:
            sheet.write_string(row, column, NOTHING, self.looks["none"])
        elif definition.kind is Kind.COUNT:
            sheet.write_number(row, column, value.n, self.looks["count"])
        elif definition.kind is Kind.RATE:
            sheet.write_number(row, column, float(exact), self.looks["rate"])
        else:
            sheet.write_number(row, column, float(exact / definition.divisor), self.looks["number"])

    def whole(self, sheet: Any, row: int, column: int, n: int | float | None) -> None:
        """Write n or d, or a dash where there is none."""
        if n is None:
            sheet.write_string(row, column, NOTHING, self.looks["none"])
        else:
            sheet.write_number(row, column, n, self.looks["count" if n == int(n) else "number"])

    def empty(self, sheet: Any, row: int, column: int) -> None:
        """Leave a cell of a chart empty: a text would be drawn as nought."""
        sheet.write_blank(row, column, None, self.looks["none"])

    def text(self, sheet: Any, row: int, column: int, text: str) -> None:
        """Write a text as a text, whatever it begins with."""
        sheet.write_string(row, column, plain(text), self.looks["text"])


def monthly_xlsx(month: Monthly) -> bytes:
    """Return the workbook."""
    target = io.BytesIO()
    book = Book(target, month)
    _summary(book)
    _units(book)
    _makeup(book)
    _trend(book)
    _problems(book)
    book.book.close()
    return target.getvalue()


CHART_AT = {"object_position": 3}
CHARTED = ("finish_rate", "ontime_rate", "ontime_noext_rate")  # they follow one another
GRID = {"major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}}


def _summary(book: Book) -> None:
    month = book.month
    heads = ["类别", "指标", "分子", "分母", "本月", "上月", "增减", "说明"]
    sheet = book.sheet(
        "汇总", "“办不成事”反映窗口办理情况汇总", (10, 28, 9, 9, 11, 11, 16, 64), heads,
        one_page=True,
    )  # fmt: skip
    row, shown_rates = 3, []
    for theme, group in GROUPS:
        for definition in group:
            now, before = month.values[definition.id], month.before[definition.id]
            for column, text in ((0, theme), (1, _with_unit(definition))):
                book.text(sheet, row, column, text)
            book.whole(sheet, row, 2, now.n)
            book.whole(sheet, row, 3, now.d)
            book.value(sheet, row, 4, definition, now)
            book.value(sheet, row, 5, definition, before)
            book.text(sheet, row, 6, change_cell(definition.id, now, before))
            about = definition.n + (f" ÷ {definition.d}" if definition.d else "")
            book.text(sheet, row, 7, about)
            sheet.set_row(row, LINE * (1 + len(about) // 31))
            if definition.id in CHARTED:
                shown_rates.append(row)
            row += 1
    chart = _chart(book, "column", "办结、按时办结、首限办结率", "指标", "比率")
    first, last = shown_rates[0], shown_rates[-1]
    both = ((4, "本月", BLUE, month.values), (5, "上月", ORANGE, month.before))
    for column, name, colour, found in both:
        chart.add_series({
            "name": name, "categories": ["汇总", first, 1, last, 1],
            "values": ["汇总", first, column, last, column], **_filled(colour),
            "data_labels": {"value": True, "num_format": "0.00%", "custom": [
                {"delete": found[key].exact is None} for key in CHARTED]},
        })  # fmt: skip
    chart.set_y_axis({"name": "比率", "min": 0, "max": 1, "num_format": "0%", **GRID})
    sheet.insert_chart(row + 1, 0, chart, CHART_AT)


def _with_unit(definition: Definition) -> str:
    return f"{definition.name}（{definition.unit}）" if definition.unit else definition.name


def _chart(book: Book, kind: str, title: str, across: str, up: str) -> Any:
    chart = book.book.add_chart({"type": kind})
    chart.set_title({"name": title, "name_font": {"name": FONT, "size": 12}})
    chart.set_x_axis({"name": across})
    chart.set_y_axis({"name": up})
    chart.set_legend({"position": "bottom"})
    chart.set_size(CHART)
    return chart


def _filled(colour: str) -> dict[str, Any]:
    """Return the look of bars: the second kind is hatched, so that grey print tells them apart."""
    if colour == BLUE:
        return {"fill": {"color": colour}, "border": {"color": colour}}
    pattern = {"pattern": "wide_upward_diagonal", "fg_color": colour, "bg_color": "#FFFFFF"}
    return {"pattern": pattern, "border": {"color": colour}}


def _units(book: Book) -> None:
    month = book.month
    heads = ["名次", "窗口（科室）"]
    for key in UNIT_COLUMNS:
        name = CATALOGUE[key].name
        heads += [name] if CATALOGUE[key].kind is Kind.COUNT else [name, "分子", "分母"]
    widths = (6, 24, *[5.5 if head in ("分子", "分母") else 9 for head in heads[2:]])
    sheet = book.sheet("窗口（科室）", "各窗口（科室）办理情况", widths, heads)
    sheet.set_landscape()
    sheet.freeze_panes(3, 2)
    for row, unit in enumerate(month.units, start=3):
        book.whole(sheet, row, 0, unit.rank)
        book.text(sheet, row, 1, unit.name)
        column = 2
        for key in UNIT_COLUMNS:
            definition = CATALOGUE[key]
            value = unit.values.get(key) or Value(0, None if definition.kind is Kind.COUNT else 0)
            book.value(sheet, row, column, definition, value)
            column += 1
            if definition.kind is not Kind.COUNT:
                book.whole(sheet, row, column, value.n)
                book.whole(sheet, row, column + 1, value.d)
                column += 2
    last = 2 + len(month.units)
    if not month.units:
        book.text(sheet, 3, 1, "本月各窗口（科室）均无办理事项")
        return
    sheet.set_h_pagebreaks([last + 2])
    # The ranked ones come first; who had nothing due has no bar.
    charted = 2 + sum(unit.rank is not None for unit in month.units)
    if charted >= 3:
        _chart_units(book, sheet, charted, heads.index("按时办结率"), last + 2)


def _chart_units(book: Book, sheet: Any, charted: int, rate: int, row: int) -> None:
    """Draw the units' bars under their table."""
    chart = _chart(book, "bar", "各窗口（科室）按时办结率", "按时办结率", "窗口（科室）")
    chart.add_series({
        "name": "按时办结率", "categories": ["窗口（科室）", 3, 1, charted, 1],
        "values": ["窗口（科室）", 3, rate, charted, rate], **_filled(BLUE),
        "data_labels": {"value": True, "num_format": "0.00%"},
    })  # fmt: skip
    chart.set_x_axis({"name": "按时办结率", "min": 0, "max": 1, "num_format": "0%", **GRID})
    chart.set_y_axis({"name": "窗口（科室）", "reverse": True})
    chart.set_legend({"none": True})
    chart.set_size(TALL)
    sheet.insert_chart(row, 1, chart, CHART_AT)


def _makeup(book: Book) -> None:
    month = book.month
    sheet = book.sheet("类别来源原因", "受理类别、来源、事项、原因", (12, 44, 10, 10),
                       ["分组", "名称", "件数", "占比"], one_page=True)  # fmt: skip
    groups = (("受理类别", month.categories), ("来源", month.sources), ("事项", month.items),
              ("原因", month.causes))  # fmt: skip
    row, placed = 3, []
    for name, found in groups:
        total, first = sum(n for _fact, n in found), row
        for fact, n in found:
            book.text(sheet, row, 0, name)
            book.text(sheet, row, 1, fact)
            book.whole(sheet, row, 2, n)
            sheet.write_number(row, 3, n / total, book.looks["rate"])
            row += 1
        if not found:
            book.text(sheet, row, 0, name)
            book.text(sheet, row, 1, "本月无")
            row += 1
            continue
        placed.append((name, first, row - 1))
    row += 1
    for name, first, last in placed:
        if name == "事项":
            continue
        chart = _chart(book, "bar", f"按{name}分", "件数", name)
        chart.add_series({
            "name": "件数", "categories": ["类别来源原因", first, 1, last, 1],
            "values": ["类别来源原因", first, 2, last, 2], **_filled(BLUE),
            "data_labels": {"value": True},
        })  # fmt: skip
        chart.set_x_axis({"name": "件数", "num_format": "0", "min": 0, **GRID})
        chart.set_y_axis({"name": name, "reverse": True})
        chart.set_legend({"none": True})
        sheet.insert_chart(row, 0, chart, CHART_AT)
        row += 18


def _trend(book: Book) -> None:
    heads = ["月份"]
    for key in TREND:
        name = CATALOGUE[key].name
        heads += [name] if CATALOGUE[key].kind is Kind.COUNT else [name, "分子", "分母"]
    name = f"近{MONTHS}个月"
    sheet = book.sheet(name, f"（含）前{MONTHS}个月走势", (12, *[10] * (len(heads) - 1)), heads,
                       one_page=True)  # fmt: skip
    for row, (period, found) in enumerate(book.month.trend, start=3):
        book.text(sheet, row, 0, f"{period.start.year}年{period.start.month}月")
        column = 1
        for key in TREND:
            if found[key].exact is None:
                book.empty(sheet, row, column)
            else:
                book.value(sheet, row, column, CATALOGUE[key], found[key])
            column += 1
            if found[key].d is not None:
                book.whole(sheet, row, column, found[key].n)
                book.whole(sheet, row, column + 1, found[key].d)
                column += 2
    last = 2 + MONTHS
    sheet.write_string(last + 1, 0, "空白为当月无此类事项。", book.looks["note"])
    _chart_trend(book, sheet, name, heads)


def _chart_trend(book: Book, sheet: Any, name: str, heads: list[str]) -> None:
    """Draw the counts and the rates of the months under their table."""
    last = 2 + MONTHS
    counts = _chart(book, "column", "受理量按月走势", "月份", "件数")
    counts.add_series({
        "name": "受理量", "categories": [name, 3, 0, last, 0], "values": [name, 3, 1, last, 1],
        **_filled(BLUE), "data_labels": {"value": True},
    })  # fmt: skip
    counts.set_y_axis({"name": "件数", "num_format": "0", "min": 0, **GRID})
    counts.set_legend({"none": True})
    sheet.insert_chart(last + 3, 0, counts, CHART_AT)
    rates = _chart(book, "line", "按时办结率、办成率、满意率按月走势", "月份", "比率")
    for key, colour, marker in zip(TREND[1:], COLOURS, MARKERS, strict=False):
        column = heads.index(CATALOGUE[key].name)
        rates.add_series({
            "name": CATALOGUE[key].name, "categories": [name, 3, 0, last, 0],
            "values": [name, 3, column, last, column],
            "line": {"color": colour, "width": 2},
            "marker": {"type": marker, "size": 8, "fill": {"color": colour},
                       "border": {"color": colour}},
        })  # fmt: skip
    rates.set_y_axis({"name": "比率", "min": 0, "max": 1, "num_format": "0%", **GRID})
    rates.show_blanks_as("gap")
    sheet.insert_chart(last + 21, 0, rates, CHART_AT)


def _problems(book: Book) -> None:
    sheet = book.sheet("存在问题", "存在问题清单", (10, 24, 34, 54),
                       ["类型", "窗口（科室）", "事项", "事由"])  # fmt: skip
    sheet.set_landscape()
    for row, problem in enumerate(book.month.problems, start=3):
        cells = (problem.kind, problem.unit, problem.item, problem.ground)
        for column, text in enumerate(cells):
            book.text(sheet, row, column, text)
    if not book.month.problems:
        book.text(sheet, 3, 0, "本月无")
