"""Charts as SVG, drawn here and put into the page: no script, no colour that carries a meaning.

Every chart has one series with its values printed, so that it reads in black and white as well.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from markupsafe import Markup
from pygal import Bar, HorizontalBar, PluginImportFixer
from pygal.etree import etree
from pygal.style import Style

# For maps that are not used here, pygal puts a finder of an old kind behind every import of the
# process, which warns (Python 3.11) whenever a module is looked for in vain.
sys.meta_path[:] = [f for f in sys.meta_path if not isinstance(f, PluginImportFixer)]

# Named, never loaded: whatever the machine has of them.
FONTS = '"Noto Sans CJK SC","Microsoft YaHei","PingFang SC","SimHei",sans-serif'
WIDTH = 620
BAR = 30  # height of a horizontal bar with its gap
FRAME = 50  # axis and margins of a horizontal chart
LOW = 220  # height of a chart over months
HEADROOM = 1.15  # for the values on top of the columns
MARGIN = 8
CHARACTER = 8  # pygal leaves room for half the width of a Chinese character
LATIN = 0x2E80
LONGEST_LABEL = 12
STYLE = Style(
    background="transparent",
    plot_background="transparent",
    font_family=FONTS,
    label_font_family=FONTS,
    major_label_font_family=FONTS,
    value_font_family=FONTS,
    value_label_font_family=FONTS,
    label_font_size=13,
    major_label_font_size=13,
    value_font_size=11,
    no_data_font_size=16,
    no_data_font_family=FONTS,
    colors=("#1f5f99",),
    guide_stroke_color="#b8c2cc",  # values stand on these lines
    major_guide_stroke_color="#b8c2cc",
    opacity="1",
    opacity_hover=".8",
    transition="0s",
)
PLAIN: dict[str, Any] = {
    "style": STYLE,
    "width": WIDTH,
    "js": (),
    "disable_xml_declaration": True,
    "show_legend": False,
    "margin": MARGIN,
}


@dataclass(frozen=True)
class Point:
    """One value of a chart: None is nothing to show; `text` is what is printed beside it."""

    label: str
    value: float | None
    text: str
    href: str = ""


def bars(points: Sequence[Point], *, whole: float | None = None, empty: str = "") -> Markup:
    """Return horizontal bars, the first on top, each named with its value; `whole` is 100 %."""
    names = [f"{_short(point.label)}　{point.text}" for point in points]
    chart = HorizontalBar(
        **PLAIN,
        height=FRAME + BAR * max(1, len(points)),
        margin_left=MARGIN + CHARACTER * max(map(_width, names), default=0),
        range=(0, _top(points, whole)),
        y_labels=_scale(points, whole),
        no_data_text=empty,
    )
    chart.x_labels = names[::-1]
    return _drawn(chart, points[::-1])


def columns(points: Sequence[Point], *, whole: float | None = None, empty: str = "") -> Markup:
    """Return one column a month with its value on top; a month without a value has none."""
    chart = Bar(
        **PLAIN,
        height=LOW,
        range=(0, _top(points, whole) * HEADROOM),
        y_labels=_scale(points, whole),
        print_values=True,
        print_values_position="top",
        no_data_text=empty,
    )
    chart.x_labels = [point.label for point in points]
    return _drawn(chart, points)


def _top(points: Sequence[Point], whole: float | None) -> float:
    return whole or ceil(max((point.value or 0 for point in points), default=0)) or 1


def _scale(points: Sequence[Point], whole: float | None) -> list[float]:
    """Return the few lines of the scale: halves of a whole, else nought and the highest."""
    top = _top(points, whole)
    return [0, top / 2, top] if whole else [0, top]


def _width(text: str) -> float:
    """Return the width of a text in Chinese characters; pygal takes all for Latin ones."""
    return sum(1.0 if ord(sign) > LATIN else 0.55 for sign in text)


def _drawn(chart: Any, points: Sequence[Point]) -> Markup:
    values = [_value(point) for point in points]
    chart.add("", values if any(p.value is not None for p in points) else [])
    tree = chart.render_tree()
    _take_out_scripts(tree)
    tree.set("role", "img")
    # What pygal writes is escaped by it; labels come from the office's own lists.
    return Markup(etree.tostring(tree, encoding="unicode"))  # noqa: S704 # nosec B704


def _value(point: Point) -> Any:
    if point.value is None:
        return None
    link = {"href": point.href, "target": "_self"} if point.href else None
    text = point.text
    value = {"value": point.value, "formatter": lambda _value: text}
    return value | ({"xlink": link} if link else {})


def _take_out_scripts(tree: Any) -> None:
    """Remove the scripts pygal always writes: the page's policy would refuse them anyway."""
    for parent in tree.iter():
        for child in list(parent):
            if str(child.tag).rpartition("}")[2] == "script":
                parent.remove(child)


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"
