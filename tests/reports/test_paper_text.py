"""What a cell of a printed form holds: never smaller than 五号, the rest on the 附页."""

import pytest

from app.reports.paper_text import BIGGEST, CONTINUED, SMALLEST, fit, lines_needed

CELL = {"width_mm": 124.0, "height_mm": 62.0}
SENTENCE = "扩建厂房属限额以下工程未办施工许可，竣工备案无法受理。"  # 26 characters


def test_short_text_stands_at_xiaosi() -> None:
    fitted = fit(f"  {SENTENCE}\n", **CELL)
    assert (fitted.text, fitted.points, fitted.is_continued) == (SENTENCE, BIGGEST, False)


def test_longer_text_shrinks_once_and_is_whole() -> None:
    text = SENTENCE * 11
    fitted = fit(text, **CELL)
    assert (fitted.text, fitted.points, fitted.is_continued) == (text, SMALLEST, False)


def test_text_that_does_not_fit_is_continued_never_shrunk() -> None:
    fitted = fit(SENTENCE * 40, **CELL)
    assert fitted.points == SMALLEST
    assert fitted.is_continued
    assert fitted.text.endswith(CONTINUED)
    assert (SENTENCE * 40).startswith(fitted.text.removesuffix(CONTINUED))


@pytest.mark.parametrize(
    ("text", "lines"), [("", 1), ("一二三四", 2), ("一二三\n四", 2), ("abcd", 1)]
)
def test_half_width_counts_half(text: str, lines: int) -> None:
    assert lines_needed(text, 3) == lines
