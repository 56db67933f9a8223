"""Charts: every value and label in print, colours that no eye confuses with the paper, links."""

import re
from typing import Any

import pytest
from lxml import html

from app.views.charts import STYLE, Point, bars, columns

# Viénot, Brettel and Mollon 1999, on linear light: what two kinds of colour-blind people see.
SEEN_BY = {
    "everybody": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.11238, 0.88762, 0), (0.11238, 0.88762, 0), (0.00401, -0.00401, 1)),
    "deuteranopia": ((0.29275, 0.70725, 0), (0.29275, 0.70725, 0), (-0.02234, 0.02234, 1)),
    "a grey printer": ((0.2126, 0.7152, 0.0722),) * 3,
}
LEAST_CONTRAST = 3.0  # WCAG 1.4.11, of a shape against what is behind it
HOSTILE = '<script>alert("x")</script>&'


def linear(colour: str) -> list[float]:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def luminance(colour: str, seen: Any) -> float:
    light = linear(colour)
    r, g, b = (sum(w * part for w, part in zip(row, light, strict=True)) for row in seen)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("who", SEEN_BY)
def test_bars_stand_out_for_every_eye(who: str) -> None:
    for colour in STYLE.colors:
        contrast = 1.05 / (luminance(colour, SEEN_BY[who]) + 0.05)
        assert contrast >= LEAST_CONTRAST, (who, contrast)


def test_one_series_so_that_no_colour_has_a_meaning() -> None:
    assert len(STYLE.colors) == 1


def points(number: int, label: str = "第{}窗口") -> list[Point]:
    return [
        Point(label.format(n), float(n), f"{n}.00%", f"/statistics/rows?unit={n}&part=n")
        for n in range(1, number + 1)
    ]


def drawn(chart: str) -> Any:
    tree = html.fragment_fromstring(chart)
    assert not tree.xpath("//*[local-name()='script']")
    assert not tree.xpath("//*[local-name()='style'][contains(., '@import')]")
    return tree


@pytest.mark.parametrize("draw", [bars, columns])
@pytest.mark.parametrize("number", [0, 1, 12, 60])
def test_every_value_is_printed_and_leads_to_its_rows(draw: Any, number: int) -> None:
    found = points(number)
    tree = drawn(draw(found, whole=100, empty="没有数据"))
    words = tree.xpath("string(.)")
    assert all(point.text in words and point.label in words for point in found)
    links = {a.get("{http://www.w3.org/1999/xlink}href") or a.get("xlink:href") or a.get("href")
             for a in tree.xpath(".//*[local-name()='a']")}  # fmt: skip
    assert links == {point.href for point in found}
    assert number or "没有数据" in words


def test_sixty_units_have_a_line_each() -> None:
    few, many = (float(drawn(bars(points(n))).get("viewbox").split()[3]) for n in (6, 60))
    assert many - few >= 54 * 24


def test_nothing_to_show_is_no_bar_of_nought() -> None:
    tree = drawn(columns([Point("9月", None, "—"), Point("10月", 0.0, "0.00%", "/x")], whole=100))
    assert len(tree.xpath(".//*[local-name()='rect' and contains(@class, 'rect')]")) == 1


def test_a_label_is_text_whatever_it_says() -> None:
    tree = drawn(bars([Point(HOSTILE, 1.0, HOSTILE, "/x")]))
    assert re.search("alert", tree.xpath("string(.)"))


def test_a_long_name_ends_in_dots_and_within_the_picture() -> None:
    name = "沂蒙革命老区县域政务服务中心综合受理第一窗口"
    words = drawn(bars([Point(name, 1.0, "100.00%（12/12）")])).xpath("string(.)")
    assert f"{name[:11]}…　100.00%（12/12）" in words
